import type { Clock } from '@owlery/server/clock.ts'

export type SettableClock = Clock & { set(time: Date): void; advance(milliseconds: number): void }

export function settableClock(start: Date): SettableClock {
  let time = start.getTime()
  return {
    now: () => new Date(time),
    set: (next) => {
      time = next.getTime()
    },
    advance: (milliseconds) => {
      time += milliseconds
    },
  }
}
