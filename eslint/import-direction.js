/**
 * Who may import what: the rooms of the repository and the one direction between them. A rule of our own, because a
 * pattern on the text of an import cannot tell which room `../..` leads to.
 */
import { isBuiltin } from 'node:module'
import path from 'node:path'

const direction = 'Imports in engine/ go one way: core ← layers ← protocols, measures ← scenarios.'
const lower = 'Move what both need to a lower room, or take it as an argument.'
const labTools =
  'It has the types Host, Protocol, Message, Command, Data, Address, Random, Storage and Millis, and Pacemaker, ' +
  'Requests and sha256; the rest is yours to write.'

// Rooms with a list of all that they may import. A path that ends with / is a folder, * stands for one name, and own/
// for the room itself.
const closed = [
  { room: 'engine/core/', may: ['engine/core/', '@noble/hashes', 'cborg'] },
  { room: 'engine/layers/', may: ['engine/core/', 'engine/layers/'] },
  { room: 'engine/protocols/', may: ['engine/core/', 'engine/layers/', 'engine/protocols/'] },
  { room: 'engine/measures/', may: ['engine/core/', 'engine/measures/'] },
  {
    room: 'engine/scenarios/',
    may: ['engine/core/', 'engine/layers/', 'engine/protocols/', 'engine/measures/', 'engine/scenarios/'],
  },
  { room: 'engine/subject/', may: ['engine/core/', 'engine/subject/'] },
  { room: 'engine/lab.ts', may: ['engine/core/', 'engine/layers/', '@noble/hashes'] },
  { room: 'engine/index.ts', may: ['engine/'] },
  { room: 'labs/*/', may: ['own/', '@peerlab/engine/lab'] },
  { room: 'solutions/*/', may: ['own/', '@peerlab/engine/lab'] },
  { room: 'tests/course/wrong-answers/*/', may: ['own/', '@peerlab/engine/lab'] },
]

const publicOnly = "Import it from '@peerlab/engine'; what is missing there is exported in engine/index.ts."
const dataOnly = 'A contract returns its findings as plain data, and a *.test.ts file makes tests of them.'

/** Rooms that may import all but this. */
const open = [
  {
    room: 'tests/contracts/',
    but: /\.test\.ts$/,
    not: /^(?:vitest|jest|@jest\/globals|mocha|chai|ava|tap|uvu|@playwright\/test|node:test)(?:\/|$)/,
    instead: `A contract imports no test runner. ${dataOnly}`,
  },
  {
    room: 'tests/contracts/',
    but: /\.test\.ts$/,
    not: /^node:/,
    instead: 'A contract runs in browsers too: take what you need as an argument, and use node: in the caller.',
  },
  { room: 'tests/engine/', not: /^@peerlab\/engine\/./, instead: "Import internals by their path: '../../engine/…'." },
  { room: 'tests/', but: /^tests\/engine\//, not: /^(?:@peerlab\/)?engine\/./, instead: publicOnly },
  { room: 'cli/', not: /^(?:@peerlab\/)?engine\/./, instead: publicOnly },
  { room: 'slides/', not: /^(?:@peerlab\/)?engine\/./, instead: publicOnly },
]

export const importDirection = {
  meta: { type: 'problem', schema: [], docs: { description: 'imports between rooms go one way' } },
  create(context) {
    const file = path.relative(context.cwd, context.physicalFilename).replaceAll(path.sep, '/')
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return
      const message = complaint(file, targetOf(file, source.value), source.value)
      if (message !== undefined) context.report({ node: source, message })
    }
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
      TSExternalModuleReference: (node) => check(node.expression),
    }
  },
}

/** What is wrong with this import in this file, and what to do instead; undefined = nothing. */
function complaint(file, target, written) {
  for (const { room, but, not, instead } of open) {
    if (!file.startsWith(room) || but?.test(file) || !not.test(target)) continue
    return `'${written}' is not for ${room}. ${instead}`
  }
  const { room, may } = closed.find((candidate) => held(file, candidate.room) !== undefined) ?? {}
  if (room === undefined) return file.startsWith('engine/') ? noRoom(file) : undefined
  if (may.some((allowed) => isIn(target, allowed === 'own/' ? held(file, room) : allowed))) return undefined
  if (!file.startsWith('engine/')) {
    return `A lab file imports from '@peerlab/engine/lab' and its own folder, not '${written}'. ${labTools}`
  }
  return `${room} may not import '${written}', only ${may.join(', ')}. ${adviceInEngine(target)}`
}

function adviceInEngine(target) {
  if (target.startsWith('node:')) return 'The engine runs in browsers too: take the value as an argument from cli/.'
  if (target.startsWith('@peerlab/engine')) return 'Inside the engine, import the file itself, by its relative path.'
  if (target.startsWith('engine/')) return `${direction} ${lower}`
  return `The engine needs no more packages and knows nothing of slides, commands, labs and tests. ${lower}`
}

function noRoom(file) {
  return (
    `${file} is in no room of the engine. Put it in core, layers, protocols, measures, scenarios or subject, ` +
    'or add its room to eslint/import-direction.js.'
  )
}

// The room's own path where it holds the file: labs/03-gossip/ for labs/*/.
function held(file, room) {
  const pattern = room.endsWith('/') ? `^${room.replace('*', '[^/]+')}` : `^${room.replace('.', '\\.')}$`
  return new RegExp(pattern).exec(file)?.[0]
}

function isIn(target, allowed) {
  return target === allowed || target.startsWith(allowed.endsWith('/') ? allowed : `${allowed}/`)
}

/** What an import leads to: a path in the repository, a package, or `node:…`. */
function targetOf(file, written) {
  if (written.startsWith('.')) return path.posix.join(path.posix.dirname(file), written)
  return isBuiltin(written) && !written.startsWith('node:') ? `node:${written}` : written
}
