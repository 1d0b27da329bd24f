/** A timer that fires as seldom as this has been held up by something. */
const beatMs = 100
const mostLateMs = 1000
const mostJumpMs = 5000

export type Pulse = {
  start(): void
  stop(): void
  /** Notices a break now, for whoever is about to act on the time and may have been held up together with the timer. */
  look(): void
  /** Whether this process stood still for a while since that moment of `performance.now()`. */
  stoodStillSince(moment: number): boolean
}

/**
 * Notices that the process was stopped, starved or blocked, or that the clock was set: whatever was timed meanwhile says
 * nothing. Asked from a callback that the pause held up, it does not depend on having beaten since.
 */
export function createPulse(onBreak: (kind: 'pause' | 'clock') => void): Pulse {
  let timer: NodeJS.Timeout | undefined
  let lastBeat = performance.now()
  let lastClock = Date.now()
  let lastPauseEnd = Number.NEGATIVE_INFINITY
  const beat = () => {
    const moment = performance.now()
    const clock = Date.now()
    const jump = Math.abs(clock - lastClock - (moment - lastBeat))
    const isPause = moment - lastBeat > mostLateMs
    if (isPause) lastPauseEnd = moment
    lastBeat = moment
    lastClock = clock
    if (jump > mostJumpMs) onBreak('clock')
    else if (isPause) onBreak('pause')
  }
  const look = () => {
    if (timer !== undefined) beat()
  }
  return {
    start: () => {
      if (timer !== undefined) return
      lastBeat = performance.now()
      lastClock = Date.now()
      timer = setInterval(beat, beatMs)
      timer.unref()
    },
    stop: () => {
      clearInterval(timer)
      timer = undefined
    },
    look,
    stoodStillSince: (moment) => {
      look()
      return lastPauseEnd >= moment
    },
  }
}
