import type { Log } from '../../log.ts'

export type Outage = { begin(err: unknown): void; end(): void }

/** Something that keeps failing is said once, and once more when it is over, whoever notices. */
export function createOutage(
  log: Log,
  texts: { readonly begins: string; readonly ends: string },
  onEnd: () => void = () => undefined,
): Outage {
  let isOn = false
  return {
    begin: (err) => {
      if (!isOn) log.warn({ err }, texts.begins)
      isOn = true
    },
    end: () => {
      if (!isOn) return
      isOn = false
      log.info(texts.ends)
      onEnd()
    },
  }
}

export type Blindness = { begin(reason: string): void; end(): void }

const usualQuietMs = 60_000

/**
 * Of checks that fail here: said once for each reason. One that fails beside many that work is not over with the next
 * success, or it would be said again and again; it is when it has not come back for longer than a check is put off.
 */
export function createBlindness(log: Log, quietMs = usualQuietMs): Blindness {
  const lastAt = new Map<string, number>()
  return {
    begin: (reason) => {
      if (!lastAt.has(reason)) log.warn({ reason }, 'checks fail here, not at their targets')
      lastAt.set(reason, performance.now())
    },
    end: () => {
      for (const [reason, at] of lastAt) {
        if (performance.now() - at < quietMs) continue
        lastAt.delete(reason)
        log.info({ reason }, 'checks reach their targets again')
      }
    },
  }
}
