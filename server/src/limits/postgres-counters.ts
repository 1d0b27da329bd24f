import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Rule } from './rule.ts'
import type { SharedCounters, Spending, Total } from './shared-counters.ts'

const pruneEveryMs = 60_000
const pruneBatch = 1000
const mostPruneBatches = 50

export function createPostgresCounters(db: Kysely<Tables>): SharedCounters {
  let prunedAt = performance.now()
  let pruning = Promise.resolve()
  return {
    name: 'postgres',
    add: async (spendings) => {
      const totals = new Map<string, Total>()
      for (const [rule, ofRule] of byRule(spendings)) {
        const { rows } = await spend(db, rule, ofRule)
        for (const { key, used, age_ms } of rows) totals.set(key, { used, ageMs: Math.max(0, age_ms) })
      }
      if (performance.now() - prunedAt > pruneEveryMs) {
        prunedAt = performance.now()
        // What could not be removed now is removed the next time.
        pruning = prune(db).catch(() => undefined)
      }
      return spendings.map(({ key }) => totals.get(key) ?? { used: 0, ageMs: 0 })
    },
    probe: async () => {
      await sql`SELECT 1`.execute(db)
    },
    // The connections are the database's own.
    close: () => pruning,
  }
}

type SpentRow = { readonly key: string; readonly used: number; readonly age_ms: number }

function spend(db: Kysely<Tables>, rule: Rule, spendings: readonly Spending[]) {
  const keys = spendings.map(({ key }) => key)
  const passed = spendings.map((spending) => spending.passed)
  const asked = spendings.map((spending) => spending.asked)
  const { points } = rule
  // The row keeps the answer as it was given, so what of it was refused is taken off by whoever comes next.
  const kept = sql`(kept.used - LEAST(kept.asked, ceil(GREATEST(0, kept.used - ${points}::float8))))`
  const spent =
    rule.kind === 'window'
      ? sql`
        used = CASE WHEN kept.expires_at > now() THEN ${kept} ELSE 0 END + excluded.used,
        since = CASE WHEN kept.expires_at > now() THEN kept.since ELSE excluded.since END,
        expires_at = CASE WHEN kept.expires_at > now() THEN kept.expires_at ELSE excluded.expires_at END`
      : sql`
        used = excluded.used + GREATEST(0, ${kept}
          - GREATEST(0, extract(epoch FROM now() - kept.since)::float8) * ${(points * 1000) / rule.ms}::float8),
        since = GREATEST(kept.since, now()),
        expires_at = excluded.expires_at`
  const end = sql`now() + make_interval(secs => ${rule.ms / 1000}::float8)`
  // A bucket's end moves with every request; rounded, it leaves the index alone for a minute at a time.
  const expiry = rule.kind === 'window' ? end : sql`date_trunc('minute', ${end}) + interval '1 minute'`
  // In the order of the keys, so that two processes never wait for each other's rows.
  return sql<SpentRow>`
    INSERT INTO rate_limits AS kept (key, used, asked, since, expires_at)
    SELECT spending.key, passed + asked, asked, now(), ${expiry}
    FROM unnest(${keys}::text[], ${passed}::float8[], ${asked}::float8[]) AS spending (key, passed, asked)
    ORDER BY spending.key
    ON CONFLICT (key) DO UPDATE SET asked = excluded.asked, ${spent}
    RETURNING key, used, extract(epoch FROM now() - since)::float8 * 1000 AS age_ms`.execute(db)
}

function byRule(spendings: readonly Spending[]): Map<Rule, Spending[]> {
  const groups = new Map<Rule, Spending[]>()
  for (const spending of spendings) {
    const group = groups.get(spending.rule)
    if (group === undefined) groups.set(spending.rule, [spending])
    else group.push(spending)
  }
  return groups
}

async function prune(db: Kysely<Tables>): Promise<void> {
  for (let round = 0; round < mostPruneBatches; round++) {
    const { numAffectedRows } = await sql`
      DELETE FROM rate_limits WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM rate_limits WHERE expires_at < now() LIMIT ${pruneBatch} FOR UPDATE SKIP LOCKED
      ))`.execute(db)
    if (Number(numAffectedRows ?? 0n) < pruneBatch) return
  }
}
