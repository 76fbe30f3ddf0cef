/** The platforms' own layouts, in a temporary folder, with an npm that takes its packages from this project. */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { projectRoot } from '../../../cli/project.ts'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder for one test, and what is needed in it. */
export class Workbench {
  readonly folder = mkdtempSync(join(tmpdir(), 'peerlab-graders-'))
  /** With an npm that notes how it was called, and the Node that runs the tests. */
  readonly #path: string

  constructor() {
    const bin = join(this.folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'npm'), npm(join(this.folder, 'npm.log')))
    writeFileSync(join(bin, 'node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`)
    for (const each of ['npm', 'node']) chmodSync(join(bin, each), 0o755)
    this.#path = [bin, process.env['PATH']].join(delimiter)
  }

  /** A PATH with nothing but some programs of the system, and an apt-get that brings this npm. */
  withoutNpm(programs: readonly string[]): string {
    const bin = join(this.folder, 'bare')
    mkdirSync(bin)
    for (const program of programs) {
      symlinkSync(execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim(), join(bin, program))
    }
    const brought = `ln -s "${join(this.folder, 'bin', 'npm')}" "${bin}/npm"`
    writeFileSync(join(bin, 'apt-get'), `#!/bin/sh\nif [ "$1" = install ]; then ${brought}; fi\n`, { mode: 0o755 })
    return bin
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Runs a program to its end. */
  run(program: string, args: readonly string[], env: { readonly [name: string]: string }, cwd: string): Promise<Ended> {
    return new Promise((resolve) => {
      execFile(program, args, { cwd, env: { PATH: this.#path, ...env } }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
      })
    })
  }
}

/** What `unzip` would make of it: the modes are what Unix reads out of the central directory. */
export function unzipTo(zip: Uint8Array, folder: string): void {
  const modes = modesIn(zip)
  for (const [path, data] of Object.entries(unzipSync(zip))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), data, { mode: modes.get(path)! })
  }
}

/** APPNOTE.TXT 4.3.12: the header of each file in the central directory. */
export function modesIn(zip: Uint8Array): Map<string, number> {
  const bytes = Buffer.from(zip)
  const modes = new Map<string, number>()
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  let at = bytes.readUInt32LE(end + 16)
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    const name = bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28))
    modes.set(name, (bytes.readUInt32LE(at + 38) >>> 16) & 0o777)
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return modes
}

/** The packages are this project's; the workspaces are the package's own. */
function npm(log: string): string {
  return `#!/bin/sh
set -eu
echo "$*" >> "${log}"
[ "$1" = ci ] || exit 0
test -f package-lock.json
mkdir -p node_modules/@peerlab
for each in "${join(projectRoot, 'node_modules')}"/*; do
  case "$each" in
    */@peerlab) ;;
    *) ln -s "$each" node_modules/ ;;
  esac
done
ln -s ../../engine node_modules/@peerlab/engine
ln -s ../../cli node_modules/@peerlab/cli
`
}
