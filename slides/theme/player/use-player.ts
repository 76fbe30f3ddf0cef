import { findScenario, type RunSpec, type Scenario } from '@peerlab/engine'
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { branchAt, type PlayerState } from './player-state.ts'
import { bytesOf, Recording } from './recording.ts'
import { RunClient, Superseded } from './run-client.ts'
import { useClock } from './use-clock.ts'

/** A drag of a slider makes many specs; only the last of this many ms is run. */
const settleTime = 60

/** A hidden slide keeps a run of up to so many bytes. */
const largeRun = 4 * 2 ** 20

export type Player = ReturnType<typeof usePlayer>

/**
 * One run on a slide: what is run, and what is seen of it. The whole run is made at once in a worker; playing it is only
 * looking at it, so the playhead may go anywhere at any time.
 *
 * @param initial the spec that the slide asks for
 * @param isActive whether the slide is shown: a hidden one uses no processor
 * @param clock where the playhead stands; two players with one clock show two variants side by side
 */
export function usePlayer(initial: RunSpec, isActive: Ref<boolean>, clock = useClock(isActive)) {
  const client = new RunClient()
  const spec = shallowRef<RunSpec>(initial)
  const recording = shallowRef<Recording>()
  const { playhead, isPlaying } = clock
  const problem = ref<string>()
  const eventsSoFar = ref<number>()
  const scenario = computed<Scenario>(() => findScenario(spec.value.scenario))
  /** What the recording is of. */
  const made = shallowRef<RunSpec>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const leave = clock.join({
    end: computed(() => recording.value?.data.end ?? 0),
    isWorking: computed(() => eventsSoFar.value !== undefined),
  })

  async function make(): Promise<void> {
    const wanted = spec.value
    try {
      const data = await client.run(wanted, (events) => (eventsSoFar.value = events))
      if (wanted !== spec.value) return
      recording.value = new Recording(data)
      made.value = wanted
      problem.value = undefined
      clock.seek(playhead.value)
    } catch (error) {
      if (error instanceof Superseded) return
      problem.value = error instanceof Error ? error.message : String(error)
      isPlaying.value = false
    } finally {
      eventsSoFar.value = undefined
    }
  }

  /** Shows another run. The old one stays on the slide until the new one is there. */
  function show(next: RunSpec, delay = settleTime): void {
    spec.value = next
    clearTimeout(timer)
    if (isActive.value) timer = setTimeout(() => void make(), delay)
  }

  function setParameter(name: string, value: unknown): void {
    // Other parameters, other history: what was done to the old run says nothing of the new one.
    const { actions: _, ...rest } = spec.value
    clock.seek(0)
    show({
      ...rest,
      parameters: { ...spec.value.parameters, [name]: value },
      ...(initial.actions === undefined ? {} : { actions: initial.actions }),
    })
  }

  function setSeed(seed: number): void {
    clock.seek(0)
    show({ ...spec.value, seed })
  }

  /** Does something at the playhead. What came later in the old run is another branch, and is gone. */
  function perform(action: string, values: { readonly [name: string]: unknown }): void {
    show(branchAt(spec.value, playhead.value, action, values), 0)
    isPlaying.value = true
  }

  function step(direction: -1 | 1): void {
    isPlaying.value = false
    if (recording.value !== undefined) clock.seek(recording.value.neighborEvent(playhead.value, direction))
  }

  /** A deck keeps its slides, and their runs with them. A large one is made again when its slide comes back: it is the same. */
  function forgetIfLarge(): void {
    if (recording.value === undefined || bytesOf(recording.value.data) < largeRun) return
    recording.value = undefined
    made.value = undefined
  }

  /** The student saved the file: the same run with the new code. */
  function reloadLab(lab: string): void {
    if (spec.value.lab !== lab) return
    made.value = undefined
    client.dispose()
    if (isActive.value) void make()
  }
  import.meta.hot?.on('peerlab:lab-changed', reloadLab)

  watch(
    isActive,
    (active) => {
      if (active && made.value !== spec.value) void make()
      if (!active) {
        clearTimeout(timer)
        client.dispose()
        forgetIfLarge()
      }
    },
    { immediate: true },
  )

  onScopeDispose(() => {
    clearTimeout(timer)
    client.dispose()
    leave()
    import.meta.hot?.off('peerlab:lab-changed', reloadLab)
  })

  return {
    ...clock,
    isActive,
    scenario,
    spec,
    recording,
    /** Whether the recording is of the spec: not while another run is computed, nor where it cannot be made. */
    isCurrent: computed(() => made.value === spec.value),
    problem,
    eventsSoFar,
    client,
    show,
    setParameter,
    setSeed,
    perform,
    step,
    retry: () => void make(),
    state: computed((): PlayerState => ({
      spec: spec.value,
      playhead: playhead.value,
      isPlaying: isPlaying.value,
      speed: clock.speed.value,
    })),
  }
}
