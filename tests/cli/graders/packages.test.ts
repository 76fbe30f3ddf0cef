/** What is in the packages for platforms, and what must never be. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { classroom50Files } from '../../../cli/export/platforms/classroom50.ts'
import { graderPackage } from '../../../cli/export/platforms/grader-lock.ts'
import { gradescopeFiles } from '../../../cli/export/platforms/gradescope.ts'
import { textFile, type PackageFiles } from '../../../cli/export/platforms/package-files.ts'
import { prairielearnFiles } from '../../../cli/export/platforms/prairielearn.ts'
import { OutputFolder, zipOf } from '../../../cli/export/platforms/write-package.ts'
import { findManifest, solutionsFolder } from '../../../cli/labs/manifest.ts'
import { projectRoot } from '../../../cli/project.ts'
import { peerlab } from '../support/peerlab.ts'
import { modesIn } from './platforms.ts'

const lab = findManifest('03-gossip')
const key = new TextEncoder().encode('0123456789abcdef0123456789abcdef')

const packages: readonly (readonly [string, PackageFiles])[] = [
  ['Gradescope', gradescopeFiles(lab, key)],
  ['Classroom 50', classroom50Files(lab)],
  ['PrairieLearn', prairielearnFiles(lab, key, 'example/peerlab:1')],
]

function textOf(files: PackageFiles, path: string): string {
  return new TextDecoder().decode(files.get(path)!.data)
}

const holding = (files: PackageFiles, data: Uint8Array): string[] =>
  [...files].filter(([, file]) => Buffer.from(file.data).includes(data)).map(([path]) => path)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab packages '))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(packages)('the package for %s', (_platform, files) => {
  it('has no slides, solutions, wrong answers, tests, other labs or installed packages', () => {
    const unwanted =
      /peerlab\/(?:solutions|slides)\/|peerlab\/labs\/(?!03-gossip\/)|wrong-answers|\.test\.ts$|node_modules|\/\./
    expect([...files.keys()].filter((path) => unwanted.test(path))).toEqual([])
    const solution = readFileSync(join(solutionsFolder, lab.id, 'gossip.ts'))
    expect(holding(files, solution)).toEqual([])
  })

  it('has the grader, its lock and the manifest of the lab', () => {
    const paths = [...files.keys()]
    for (const file of ['cli/bin/peerlab.js', 'engine/lab.ts', 'package-lock.json', 'labs/03-gossip/manifest.json']) {
      expect(paths.filter((path) => path.endsWith(`peerlab/${file}`))).toHaveLength(1)
    }
  })
})

describe('the key', () => {
  it('is in the place that only the grader reads, and nowhere else', () => {
    const [[, gradescope], [, classroom50], [, prairielearn]] = packages as [
      (typeof packages)[0],
      (typeof packages)[0],
      (typeof packages)[0],
    ]
    expect(holding(gradescope, key)).toEqual(['key'])
    expect(holding(prairielearn, key)).toEqual(['question/tests/key'])
    expect(holding(classroom50, key)).toEqual([])
  })

  it('is asked for by the scripts where there is one, and only there', () => {
    const asks = (files: PackageFiles, path: string): boolean => textOf(files, path).includes('--key')
    for (const given of [key, undefined]) {
      expect(asks(gradescopeFiles(lab, given), 'run_autograder')).toBe(given !== undefined)
      expect(asks(prairielearnFiles(lab, given, 'a'), 'question/info.json')).toBe(given !== undefined)
    }
  })

  it('is refused for Classroom 50, and nothing is written', async () => {
    const file = join(folder, 'key')
    writeFileSync(file, key)
    const args = ['export', 'classroom50', '03-gossip', '--out', join(folder, 'c50'), '--key', file]
    const { code, stderr } = await peerlab(args)
    expect(code).toBe(2)
    expect(stderr).toContain('would not stay secret')
    expect(existsSync(join(folder, 'c50'))).toBe(false)
  })
})

describe('what students get', () => {
  const workspace = (): string => join(folder, 'workspace')
  beforeAll(() => {
    mkdirSync(workspace())
    cpSync(join(projectRoot, 'labs'), join(workspace(), 'labs'), { recursive: true })
    // An instructor has solved the lab in this folder.
    cpSync(join(solutionsFolder, lab.id, 'gossip.ts'), join(workspace(), 'labs', lab.id, 'gossip.ts'))
  })

  it.each([
    ['classroom50', 'template', ['README.md', 'gossip.ts'], 'template/gossip.ts'],
    ['prairielearn', 'question/initial', ['gossip.ts'], 'question/initial/gossip.ts'],
  ])('from %s is the starter, also where the lab is solved', async (platform, place, names, file) => {
    const out = join(folder, platform)
    const { code, stderr } = await peerlab(['export', platform, 'gossip', '--out', out], {
      env: { PEERLAB_WORKSPACE: workspace() },
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readdirSync(join(out, place)).sort()).toEqual(names)
    const starter = readFileSync(join(projectRoot, 'labs', lab.id, '.starter', 'gossip.ts'), 'utf8')
    expect(readFileSync(join(out, file), 'utf8')).toBe(starter)
  })
})

describe('the lock of a grader', () => {
  const { 'package.json': manifest, 'package-lock.json': lock } = graderPackage() as {
    'package.json': object
    'package-lock.json': { packages: { [location: string]: { version?: string; integrity?: string } } }
  }
  const project = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as typeof lock

  it('has the versions and checksums of the project, and nothing that only slides or tests need', () => {
    const locations = Object.keys(lock.packages).filter((location) => location !== '')
    for (const location of locations) expect(lock.packages[location]).toEqual(project.packages[location])
    expect(locations).toContain('node_modules/esbuild')
    expect(locations).toContain('node_modules/node')
    expect(locations.filter((location) => /slidev|\/vue$|vitest|eslint|playwright|^slides/.test(location))).toEqual([])
  })

  it('is what npm ci takes, and npm ci says what it lacks', () => {
    const place = join(folder, 'lock')
    for (const [room, name] of [
      ['engine', 'engine'],
      ['cli', 'cli'],
    ] as const) {
      mkdirSync(join(place, room), { recursive: true })
      cpSync(join(projectRoot, name, 'package.json'), join(place, room, 'package.json'))
    }
    const attempt = (): string => {
      writeFileSync(join(place, 'package.json'), JSON.stringify(manifest))
      writeFileSync(join(place, 'package-lock.json'), JSON.stringify(lock))
      return execFileSync('npm', ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit'], {
        cwd: place,
        encoding: 'utf8',
        stdio: 'pipe',
        shell: process.platform === 'win32',
      })
    }
    expect(attempt()).toMatch(/added \d+ packages/)
    Reflect.deleteProperty(lock.packages, 'node_modules/commander')
    expect(attempt).toThrow(/commander/)
  })
})

describe('what is written', () => {
  it('is a zip with the scripts at its root, which are executable', () => {
    const modes = modesIn(zipOf(gradescopeFiles(lab, undefined)))
    expect([modes.get('setup.sh'), modes.get('run_autograder')]).toEqual([0o755, 0o755])
    expect(modes.get('peerlab/package.json')).toBe(0o644)
  })

  it("has room in the 10 MB that Classroom 50's runner fetches", () => {
    expect(zipOf(classroom50Files(lab)).length).toBeLessThan(10 * 2 ** 20)
  })

  it('is the same zip for the same project', () => {
    expect(Buffer.from(zipOf(gradescopeFiles(lab, key))).equals(zipOf(gradescopeFiles(lab, key)))).toBe(true)
  })

  it('is a whole folder, or nothing', () => {
    const files = new Map([
      ['a', textFile('file')],
      ['a/b', textFile('a file where a folder is needed')],
    ])
    const place = join(folder, 'whole')
    mkdirSync(place)
    expect(() => new OutputFolder(join(place, 'out')).write(files)).toThrow(/could not be written/)
    expect(readdirSync(place)).toEqual([])
    files.delete('a/b')
    new OutputFolder(join(place, 'out')).write(files)
    expect(readdirSync(place)).toEqual(['out'])
  })

  it.each(['gradescope', 'classroom50', 'prairielearn'])(
    'by export %s never takes the place of a folder',
    async (name) => {
      const place = join(folder, `full ${name}`)
      mkdirSync(place)
      writeFileSync(join(place, 'mine'), '')
      const { code, stderr } = await peerlab(['export', name, '03-gossip', '--out', place])
      expect(code).toBe(2)
      expect(stderr).toMatch(/^Error: .+\n.*--out.*\n$/)
      expect(readdirSync(place)).toEqual(['mine'])
    },
  )

  it('needs a lab that is graded, and a name of an image that is one', async () => {
    for (const [args, says] of [
      [['gradescope', '00-hello'], /is not graded/],
      [['gradescope', '03-gosip'], /Did you mean "03-gossip"/],
      [['prairielearn', '03-gossip', '--image', 'a b'], /no name of an image/],
    ] as const) {
      const { code, stderr } = await peerlab(['export', ...args], { cwd: folder })
      expect(code).toBe(2)
      expect(stderr).toMatch(says)
    }
  })
})
