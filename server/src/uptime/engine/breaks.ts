export type BreakKind = 'pause' | 'clock'

export type Breaks = {
  note(kind: BreakKind, at: Date): void
  /** Until when a silent heartbeat is not held against anybody; nothing if it is. */
  patientUntil(
    heartbeat: { readonly interval_sec: number; readonly heartbeat_grace_sec: number },
    now: Date,
  ): Date | undefined
}

const leastPatienceSec = 30

/**
 * While this process, its database or its clock was away, heartbeats found nobody who heard them. After it comes back,
 * what was missed may still come; after the clock was set, no deadline from before means anything.
 */
export function createBreaks(): Breaks {
  const lastAt = new Map<BreakKind, number>()
  return {
    note: (kind, at) => {
      // What the old clock noted may lie in the future of the new one.
      if (kind === 'clock') lastAt.clear()
      lastAt.set(kind, at.getTime())
    },
    patientUntil: ({ interval_sec, heartbeat_grace_sec }, now) => {
      const grace = Math.max(leastPatienceSec, heartbeat_grace_sec)
      const afterPause = (lastAt.get('pause') ?? Number.NEGATIVE_INFINITY) + grace * 1000
      const afterClock = (lastAt.get('clock') ?? Number.NEGATIVE_INFINITY) + (interval_sec + grace) * 1000
      const until = Math.max(afterPause, afterClock)
      return until > now.getTime() ? new Date(until) : undefined
    },
  }
}
