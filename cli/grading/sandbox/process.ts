/**
 * The process in which the code under judgement runs: it makes realms, lends them its ear and its mouth, and touches
 * nothing of what comes out of them but text. Started with `--permission`; nothing that it says is trusted.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, createContext, Script } from 'node:vm'
import { LineChannel } from './line-channel.ts'
import { ownRealms, realmOf, together } from './realms.ts'

/** In the realm, `realm.ts`. */
type Handle = (what: string, text: string, thrown?: unknown) => unknown

const [folder = '', input = '', output = ''] = process.argv.slice(2)
const script = (name: string): Script => new Script(readFileSync(join(folder, name), 'utf8'), { filename: name })
const realmScript = script('realm.js')
const labScript = script('lab.js')
const broken = '{"ok":false,"error":{"name":"Error","message":"the code broke what answers for it"}}'

const done = '{"ok":true,"effects":[]}'

let realms = new Map<number, Handle>()
let salt = 0
let areTogether = false

const channel = new LineChannel({ input: Number(input), output: Number(output) })
for (let line = channel.read(); line !== undefined; line = channel.read()) if (!channel.write(answer(line))) break

/** A line is what to do, the node that it is for, and the rest: `deliver 7 [7,{"kind":"start","now":0}]`. */
function answer(line: string): string {
  const afterWhat = line.indexOf(' ')
  const afterNode = line.indexOf(' ', afterWhat + 1)
  const what = line.slice(0, afterWhat)
  const node = Number(line.slice(afterWhat + 1, afterNode))
  const text = line.slice(afterNode + 1)
  if (what === 'begin') {
    realms = new Map()
    salt = node
    areTogether = text === together
    return done
  }
  const number = areTogether ? ownRealms : realmOf(node, salt)
  // A node that crashes forgets all; where it has a realm of its own, the variables of the module as well.
  if (what === 'remove' && number < ownRealms) {
    realms.delete(number)
    return done
  }
  let handle = realms.get(number)
  if (handle === undefined) {
    const made = makeRealm()
    if (made.trouble !== undefined) return made.trouble
    realms.set(number, (handle = made.handle))
  }
  return textOf(() => handle(what, text))
}

function makeRealm(): { readonly handle: Handle; readonly trouble: string | undefined } {
  const context = createContext(constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
    // Of a promise nobody waits for nothing ever runs.
    microtaskMode: 'afterEvaluate',
  })
  const handle = realmScript.runInContext(context) as Handle
  let said: string
  try {
    labScript.runInContext(context)
    said = textOf(() => handle('loaded', ''))
  } catch (error) {
    said = textOf(() => handle('threw', '', error))
  }
  return { handle, trouble: said.startsWith('{"ok":true') ? undefined : said }
}

/** Whatever is thrown in a realm is a thing of that realm: it is not looked at here. */
function textOf(ask: () => unknown): string {
  try {
    const said = ask()
    return typeof said === 'string' && !said.includes('\n') ? said : broken
  } catch {
    return broken
  }
}
