export type Counts = { readonly up: number; readonly degraded: number; readonly down: number }

/** With fewer checks than this a target is not judged: one failure would decide it. */
export const fewestChecksToJudge = 20

export function total({ up, degraded, down }: Counts): number {
  return up + degraded + down
}

export function sumOf(all: Iterable<Counts>): Counts {
  let [up, degraded, down] = [0, 0, 0]
  for (const one of all) {
    up += one.up
    degraded += one.degraded
    down += one.down
  }
  return { up, degraded, down }
}

/** In percent with three decimals, rounded down, so that 100 means all of them. Null without checks. */
export function uptimePercent(counts: Counts): number | null {
  const checks = total(counts)
  if (checks === 0) return null
  return Math.floor(((counts.up + counts.degraded) * 100_000) / checks) / 1000
}

export type SloState = 'no_data' | 'building' | 'ok' | 'breached'

/** `targetBp` is in tenths of a percent. Compared as whole numbers: the shown percentage has been rounded. */
export function sloState(counts: Counts, targetBp: number): SloState {
  const checks = total(counts)
  if (checks === 0) return 'no_data'
  if (checks < fewestChecksToJudge) return 'building'
  return (counts.up + counts.degraded) * 1000 >= targetBp * checks ? 'ok' : 'breached'
}
