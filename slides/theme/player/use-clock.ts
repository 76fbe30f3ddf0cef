import { computed, onScopeDispose, ref, shallowReactive, watch, type Ref } from 'vue'
import { paceOf } from './player-state.ts'

export type Clock = ReturnType<typeof useClock>

/** A run that is shown by a clock. */
interface Member {
  readonly end: Readonly<Ref<number>>
  /** Its end is not known yet. */
  readonly isWorking: Readonly<Ref<boolean>>
}

/** The playhead: where it stands, and whether and how fast it moves. Frames are asked for only while a shown one plays. */
export function useClock(isActive: Ref<boolean>) {
  const playhead = ref(0)
  const isPlaying = ref(false)
  const speed = ref(1)
  const members = shallowReactive(new Set<Member>())
  const end = computed(() => Math.max(0, ...Array.from(members, (member) => member.end.value)))
  let frame = 0

  function join(member: Member): () => void {
    members.add(member)
    return () => void members.delete(member)
  }

  function seek(time: number): void {
    playhead.value = Math.min(Math.max(time, 0), end.value)
  }

  function togglePlay(): void {
    if (!isPlaying.value && playhead.value >= end.value) playhead.value = 0
    isPlaying.value = !isPlaying.value
  }

  function move(before: number): void {
    frame = requestAnimationFrame((now) => {
      // A tab that was hidden must not leap.
      const passed = Math.min(now - before, 100)
      const next = playhead.value + passed * paceOf(end.value) * speed.value
      const isComplete = Array.from(members).every(({ isWorking }) => !isWorking.value)
      if (next >= end.value && isComplete) isPlaying.value = false
      seek(next)
      if (isPlaying.value && isActive.value) move(now)
    })
  }

  watch([isPlaying, isActive], ([plays, active]) => {
    cancelAnimationFrame(frame)
    if (!active) isPlaying.value = false
    else if (plays) move(performance.now())
  })
  onScopeDispose(() => cancelAnimationFrame(frame))

  return { playhead, isPlaying, speed, end, join, seek, togglePlay }
}
