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
