import { computed, onScopeDispose, ref, shallowReactive, watch, type Ref } from 'vue'
import { paceOf } from './player-state.ts'

export type Clock = ReturnType<typeof useClock>

/** A run that is shown by a clock. */
interface Member {
  readonly end: Readonly<Ref<number>>
  /** Its end is not known yet. */
  readonly isWorking: Readonly<Ref<boolean>>
}

/** Numbers that change more often than this, in real ms, cannot be read. */
const readingTime = 100

/** The playhead: where it stands, and whether and how fast it moves. Frames are asked for only while a shown one plays. */
export function useClock(isActive: Ref<boolean>) {
  /** Where the playhead stands, in every frame: for what moves. */
  const playhead = ref(0)
  /** Where it stood a moment ago: for what is read. Up to date whenever the playhead stands still. */
  const readout = ref(0)
  const isPlaying = ref(false)
  const speed = ref(1)
  const members = shallowReactive(new Set<Member>())
  const end = computed(() => Math.max(0, ...Array.from(members, (member) => member.end.value)))
  let frame = 0
  let lastRead = 0

  function join(member: Member): () => void {
    members.add(member)
    return () => void members.delete(member)
  }

  function seek(time: number): void {
    playhead.value = Math.min(Math.max(time, 0), end.value)
    readout.value = playhead.value
  }

  function togglePlay(): void {
    if (!isPlaying.value && playhead.value >= end.value) seek(0)
    isPlaying.value = !isPlaying.value
  }

  function move(before: number): void {
    frame = requestAnimationFrame((now) => {
      // A tab that was hidden must not leap.
      const passed = Math.min(now - before, 100)
      const next = playhead.value + passed * paceOf(end.value) * speed.value
      const isComplete = Array.from(members).every(({ isWorking }) => !isWorking.value)
      if (next >= end.value && isComplete) isPlaying.value = false
      playhead.value = Math.min(next, end.value)
      if (now - lastRead >= readingTime || !isPlaying.value) {
        readout.value = playhead.value
        lastRead = now
      }
      if (isPlaying.value && isActive.value) move(now)
    })
  }

  watch([isPlaying, isActive], ([plays, active]) => {
    cancelAnimationFrame(frame)
    if (!active) isPlaying.value = false
    else if (plays) move(performance.now())
    readout.value = playhead.value
  })
  onScopeDispose(() => cancelAnimationFrame(frame))

  return { playhead, readout, isPlaying, speed, end, join, seek, togglePlay }
}
