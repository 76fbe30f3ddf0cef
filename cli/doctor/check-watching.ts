import { mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemFailureIn } from '../system-failure.ts'
import type { Finding } from './finding.ts'

const check = 'file-watching'

/**
 * Whether a saved file is noticed, in a folder beside the labs: network drives and folders that a virtual machine shares
 * report nothing, while the system's own temporary folder does.
 */
export async function checkWatching(workspace: string, startWatching = watch, patience = 2000): Promise<Finding> {
  const parent = join(workspace, '.peerlab')
  let folder: string | undefined
  try {
    mkdirSync(parent, { recursive: true })
    folder = mkdtempSync(join(parent, 'doctor-'))
    if (await isNoticed(folder, startWatching, patience)) return { check, message: 'A saved file is noticed at once.' }
    return {
      check,
      message: `A file that changed in ${workspace} was not noticed within ${patience / 1000} seconds.`,
      fix: 'Move Peerlab to a folder on a disk of this computer: shared and network folders report no changes.',
    }
  } catch (error) {
    return explain(error instanceof Error ? error.message : String(error), parent)
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

function isNoticed(folder: string, startWatching: typeof watch, patience: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const file = join(folder, 'saved.txt')
    writeFileSync(file, 'before')
    const watcher = startWatching(folder)
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      watcher.close()
      settle()
    }
    const timer = setTimeout(() => end(() => resolve(false)), patience)
    watcher.on('change', () => end(() => resolve(true)))
    watcher.on('error', (error) => end(() => reject(error)))
    writeFileSync(file, 'after')
  })
}

function explain(message: string, folder: string): Finding {
  const system = systemFailureIn(message)
  if (system !== undefined) return { check, message: system.message, fix: system.wayOut }
  return { check, message: `Files cannot be watched: ${message}`, fix: `Make sure that you may write to ${folder}` }
}
