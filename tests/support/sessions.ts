import { Session, type Recorded } from '@peerlab/engine'
import { horizon, ScriptedRun, type Input, type Script } from './scripts.ts'

export type ScriptSession = Session<ScriptedRun, Input>

/** A session of a script's network; its inputs come from whoever performs them, or from a recording. */
export function sessionOf(script: Script, recorded: readonly Recorded<Input>[] = []): ScriptSession {
  return new Session({
    create: () => new ScriptedRun(script),
    apply: (run: ScriptedRun, input: Input) => run.apply(input),
    recorded,
  })
}

/** A session in which somebody performed the whole script, each input at its time, and then let it run. */
export function performed(script: Script): ScriptSession {
  const session = sessionOf(script)
  for (const { time, input } of script.inputs) {
    session.run({ until: time })
    session.perform(input)
  }
  session.run({ until: horizon })
  return session
}
