import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { expedite } from './engine/locked.store.ts'
import { consensusOf } from './engine/transitions.ts'
import { monitorsInMaintenance } from './maintenance-windows.store.ts'
import type { RegionAgent } from './regions.agents.store.ts'
import {
  type HeldCheck,
  lockHeldChecks,
  type RegionResult,
  scheduleNext,
  writeRegionChecks,
} from './regions.results.store.ts'
import { readAllVotes } from './regions.votes.store.ts'

export type Outcome = 'accepted' | 'not_held' | 'too_late'

/** Stores what an agent found. Says what became of each result, in their order. */
export async function recordRegionResults(
  tx: Kysely<Tables>,
  agent: RegionAgent,
  results: readonly RegionResult[],
  now: Date,
): Promise<Outcome[]> {
  const held = await lockHeldChecks(tx, agent, results, now)
  const taken = new Set<number>()
  const accepted: RegionResult[] = []
  const outcomes = results.map((result): Outcome => {
    const check = held.get(result.monitorId)
    if (check === undefined || taken.has(result.monitorId)) return 'not_held'
    taken.add(result.monitorId)
    if (now.getTime() - result.checkedAt.getTime() >= 2 * check.interval_sec * 1000) return 'too_late'
    accepted.push(result)
    return 'accepted'
  })
  if (taken.size > 0) await scheduleNext(tx, agent, [...taken], now)
  if (accepted.length === 0) return outcomes
  const ids = accepted.map(({ monitorId }) => monitorId)
  // They may have waited long for this report, so only their own moment counts.
  const spans = accepted.map(({ monitorId, checkedAt }) => ({ monitorId, from: checkedAt, to: checkedAt }))
  await writeRegionChecks(tx, agent, accepted, await monitorsInMaintenance(tx, spans))
  await lookAgain(tx, ids, held, now)
  return outcomes
}

/**
 * A verdict is only ever reached when the local check is recorded: its threshold counts local checks, and there is one
 * place that opens and resolves incidents. But nobody should wait an interval for what the votes already say, so where
 * they no longer say what the monitor is said to be, the local check is due now. That happens once for a change of
 * verdict, however many regions go on reporting the same.
 */
async function lookAgain(
  tx: Kysely<Tables>,
  ids: readonly number[],
  held: ReadonlyMap<number, HeldCheck>,
  now: Date,
): Promise<void> {
  const votes = await readAllVotes(tx, ids, now)
  const changed = ids.filter((id) => {
    const [first, ...others] = (votes.get(id) ?? []).map((status) => ({ status, errorMessage: null }))
    const said = held.get(id)?.last_status ?? null
    return first !== undefined && said !== null && consensusOf(first, others).status !== said
  })
  await expedite(tx, changed, now)
}
