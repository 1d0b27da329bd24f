import { announceReleased, type Ground } from './announce.ts'
import { changeSuppression, readEnds } from './incidents.store.ts'
import { type LockedMonitor, readParents } from './locked.store.ts'
import { suppressionAfter } from './suppression.ts'

type StillFailing = { readonly monitor: LockedMonitor; readonly checkedAt: Date }

/**
 * An incident is suppressed for as long as what its monitor depends on is down. Where that is well again and the monitor
 * is not, there was more to it: those who were spared its alert are told after all.
 */
export async function releaseSuppressed(ground: Ground, failing: readonly StillFailing[]): Promise<void> {
  const { tx } = ground
  const suppressed = failing.flatMap(({ monitor, checkedAt }) =>
    monitor.suppressed_by_id === null ? [] : [{ monitor, checkedAt, suppressedById: monitor.suppressed_by_id }],
  )
  if (suppressed.length === 0) return
  const parents = await readParents(
    tx,
    suppressed.map(({ monitor }) => monitor.monitor_id),
  )
  const ends = await readEnds(
    tx,
    suppressed.map(({ suppressedById }) => suppressedById),
  )
  const changes = suppressed.flatMap(({ monitor, checkedAt, suppressedById }) => {
    const { monitor_id: monitorId, interval_sec: intervalSec, alert_threshold: alertThreshold } = monitor
    const now = suppressionAfter(
      { suppressedById, checkedAt, intervalSec, alertThreshold },
      parents.get(monitorId) ?? [],
      ends.get(suppressedById) ?? null,
    )
    return now === suppressedById ? [] : [{ monitorId, suppressedById: now }]
  })
  const released = await changeSuppression(tx, changes)
  for (const { monitor } of suppressed) {
    const incident = released.get(monitor.monitor_id)
    if (incident !== undefined) await announceReleased(ground, incident, monitor)
  }
}
