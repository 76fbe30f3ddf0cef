import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../project.ts'

/** An entry of package-lock.json, as far as it matters here. */
interface Locked {
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Names
  readonly optionalDependencies?: Names
  readonly peerDependencies?: Names
}

type Names = { readonly [name: string]: string }

interface Lock {
  readonly lockfileVersion: number
  readonly packages: { readonly [location: string]: Locked }
}

const workspaces = ['engine', 'cli']

/**
 * The package.json and the lock of a grader: the project without slides and without what only tests need. The lock has
 * the same versions and the same checksums as the project's own, so a grader runs what the tests ran.
 */
export function graderPackage(): { readonly 'package.json': object; readonly 'package-lock.json': object } {
  const project = readJson('package.json') as { [field: string]: Names } & { devDependencies: Names }
  const lock = readJson('package-lock.json') as Lock
  const { name, version, license, type, engines, allowScripts } = project
  // Where a platform has Node already, `npm ci --omit=dev` leaves this one out.
  const devDependencies = { node: project.devDependencies['node']! }
  const head = { name, version, private: true, license, type, engines, workspaces, devDependencies, allowScripts }
  const reached = new Set<string>()
  for (const workspace of workspaces) reach(lock, workspace, reached)
  reach(lock, locationOf(lock, '', 'node')!, reached)
  for (const [location, { resolved }] of Object.entries(lock.packages)) {
    if (resolved !== undefined && workspaces.includes(resolved)) reached.add(location)
  }
  return {
    'package.json': head,
    'package-lock.json': {
      name,
      version,
      lockfileVersion: lock.lockfileVersion,
      requires: true,
      packages: {
        '': { name, version, license, workspaces, devDependencies, engines },
        ...Object.fromEntries(Object.entries(lock.packages).filter(([location]) => reached.has(location))),
      },
    },
  }
}

function reach(lock: Lock, location: string, reached: Set<string>): void {
  if (reached.has(location)) return
  reached.add(location)
  const { link, resolved, dependencies, optionalDependencies, peerDependencies } = lock.packages[location]!
  if (link === true) return reach(lock, resolved!, reached)
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
    const found = locationOf(lock, location, name)
    // An optional or a peer dependency may be missing; of the others the lock has all.
    if (found !== undefined) reach(lock, found, reached)
    else if (dependencies?.[name] !== undefined) {
      throw new Error(`package-lock.json lacks ${name}, which ${location} needs: run npm install`)
    }
  }
}

/** Where Node finds a package from this place: there, or in a folder above. */
function locationOf({ packages }: Lock, from: string, name: string): string | undefined {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/')))) {
    const location = `${place === '' ? '' : `${place}/`}node_modules/${name}`
    if (packages[location] !== undefined) return location
    if (place === '') return undefined
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(projectRoot, file), 'utf8'))
}
