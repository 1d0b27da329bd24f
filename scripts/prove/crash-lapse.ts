import type { Database } from '@owlery/server/db/connect.ts'

/**
 * A day of this service in a minute: intervals are at least 30 seconds, leases up to two minutes and pauses up to two
 * hours, and all of them are tried here some hundred times. So what has waited for `patienceMs` has waited long enough.
 * Only the times in the rows are moved; what is to happen then is the service's. Nothing that is lost comes back by it.
 */
export async function letTimePass(database: Database, patienceMs: number): Promise<void> {
  const since = (seconds: number) => `now() + interval '${seconds} seconds' - interval '${patienceMs} milliseconds'`
  const soon = `now() + interval '${patienceMs} milliseconds'`
  const statements = [
    // Leases of 60, 30 and 30 seconds, which are as old as that.
    `UPDATE monitor_states SET claimed_until = now() WHERE claimed_until > now() AND claimed_until <= ${since(60)}`,
    `UPDATE webhook_queues SET claimed_until = now() WHERE claimed_until > now() AND claimed_until <= ${since(30)}`,
    `UPDATE incident_deliveries SET sending_since = sending_since - interval '1 minute'
      WHERE status = 'pending' AND sending_since <= ${since(0)} AND sending_since > now() - interval '1 minute'`,
    // Jobs whose worker is gone: the queue gives them back when they expire.
    `UPDATE jobs.job SET state = 'retry', start_after = now() WHERE state = 'active' AND started_on <= ${since(0)}
      AND name IN ('uptime.event', 'alert.send', 'mail.send')`,
    `UPDATE jobs.job SET start_after = now() WHERE state IN ('created', 'retry') AND start_after > ${soon}
      AND name IN ('uptime.event', 'alert.send', 'mail.send')`,
    `UPDATE incident_deliveries SET due_at = now() WHERE status = 'pending' AND due_at > ${soon}`,
    // Mails to one address come as one, once a minute.
    `UPDATE incident_deliveries SET grouped_at = grouped_at - interval '1 minute'
      WHERE grouped_at > now() - interval '1 minute' AND grouped_at <= ${since(0)}`,
    `UPDATE webhook_deliveries SET next_attempt_at = now() WHERE status IN ('pending', 'failed') AND next_attempt_at > ${soon}`,
    `UPDATE webhook_queues SET due_at = least(due_at, now()), away_until = NULL WHERE away_until > ${soon} OR due_at > ${soon}`,
  ]
  for (const statement of statements) await database.executeSql(statement)
}

/** What has still to be sent or planned. */
export async function countWaiting(database: Database): Promise<number> {
  const { rows } = await database.executeSql(`
    SELECT (SELECT count(*) FROM incident_deliveries WHERE status = 'pending')
      + (SELECT count(*) FROM webhook_deliveries WHERE status IN ('pending', 'failed'))
      + (SELECT count(*) FROM jobs.job WHERE name = 'uptime.event' AND state IN ('created', 'retry', 'active')) AS waiting`)
  return Number(rows[0]?.['waiting'])
}
