#!/usr/bin/env node
/**
 * Starts the command. Plain JavaScript that Node 14.18 understands, because the running Node may be old: then the one
 * that `npm ci` has put into node_modules takes over. All else is TypeScript, which tsx loads as it is.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const requiredMajor = 26
const couldNotRun = 3
const launcher = fileURLToPath(import.meta.url)
const root = new URL('../../', import.meta.url)
const rootPath = fileURLToPath(root)
const nodePackage = fileURLToPath(new URL('node_modules/node/', root))
const ownNode = `${nodePackage}bin/node${process.platform === 'win32' ? '.exe' : ''}`

if (Number.parseInt(process.versions.node, 10) >= requiredMajor) await runHere()
else if (existsSync(ownNode)) runWith(ownNode)
else if (existsSync(nodePackage)) {
  // npm was told to run no scripts: then another "npm ci" changes nothing.
  refuse(
    `Peerlab needs Node ${requiredMajor}, which an install script brings, and that was blocked.`,
    'npm rebuild node esbuild --ignore-scripts=false',
  )
} else refuse(`Peerlab needs Node ${requiredMajor}, which comes with its packages, and they are not installed.`)

async function runHere() {
  endWithLauncher()
  try {
    nodeModule.enableCompileCache()
    // The doctor must run where tsx, which is built on esbuild, does not; Node reads its files without help.
    if (!process.argv.includes('doctor')) await registerTsx()
    const { main } = await import('../main.ts')
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    if (process.env['PEERLAB_DEBUG'] === '1') throw error
    refuse(`Peerlab could not start: ${String(error && error.message).split('\n')[0]}`)
  }
}

async function registerTsx() {
  const { register } = await import('tsx/esm/api')
  // Named, because tsx would otherwise read the settings of whatever project the current folder belongs to.
  register({ tsconfig: fileURLToPath(new URL('tsconfig.json', root)) })
}

function runWith(node) {
  const child = spawn(node, [launcher, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) {
    process.on(signal, () => {
      // On Windows Ctrl-C reaches the child by itself, and sending a signal would end it at once.
      if (process.platform !== 'win32' || signal !== 'SIGINT') child.kill(signal)
    })
  }
  child.on('error', (error) => refuse(`Peerlab's own Node (${node}) does not start: ${error.message}`))
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeAllListeners(each)
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, signal)
  })
}

/** Where a launcher with an older Node has started this one: if it is killed, this one must not stay behind. */
function endWithLauncher() {
  process.once('disconnect', () => process.exit())
  process.channel?.unref()
}

function refuse(what, fix = 'npm ci') {
  console.error(`Error: ${what}\nRun "${fix}" in ${rootPath} and try again.`)
  process.exitCode = couldNotRun
}
