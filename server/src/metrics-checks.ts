import type { MonitorStatus, MonitorType } from '@owlery/spec'
import { Counter, Histogram, type Registry } from 'prom-client'

/** Why a claimed check was given back without a result. */
export type PutOffReason = 'host_busy' | 'quota_spent' | 'probe_error' | 'process_stood_still' | 'heartbeat_grace'

export type CheckMetrics = {
  claimed(count: number): void
  begun(lateSeconds: number): void
  made(type: MonitorType, outcome: MonitorStatus | 'probe_error'): void
  putOff(reason: PutOffReason, count: number): void
  recorded(results: number, seconds: number): void
  incident(change: 'opened' | 'resolved', cause: 'check' | 'slo'): void
}

export function createCheckMetrics(registers: Registry[]): CheckMetrics {
  const claims = new Counter({
    name: 'owlery_check_claims_total',
    help: 'Due monitors that this process has claimed, whatever came of it.',
    registers,
  })
  const lateness = new Histogram({
    name: 'owlery_check_lateness_seconds',
    help: 'Time from when a check was due to when it began.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300],
    registers,
  })
  const checks = new Counter({
    name: 'owlery_checks_total',
    help: 'Checks made, by type of the monitor and by what was found; probe_error says nothing about the target.',
    labelNames: ['type', 'outcome'],
    registers,
  })
  const putOffs = new Counter({
    name: 'owlery_checks_put_off_total',
    help: 'Claimed checks that were given back without a result, by reason; they are due again later.',
    labelNames: ['reason'],
    registers,
  })
  const batchSize = new Histogram({
    name: 'owlery_check_batch_results',
    help: 'Results that were written in one transaction.',
    buckets: [1, 5, 20, 50, 100, 200, 500],
    registers,
  })
  const batchDuration = new Histogram({
    name: 'owlery_check_batch_duration_seconds',
    help: 'Time that such a transaction took, with all that follows from the results.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const incidents = new Counter({
    name: 'owlery_incidents_total',
    help: 'Incidents that checks opened and resolved; the cause is a failing check or a missed uptime target.',
    labelNames: ['change', 'cause'],
    registers,
  })
  return {
    claimed: (count) => claims.inc(count),
    begun: (lateSeconds) => lateness.observe(lateSeconds),
    made: (type, outcome) => checks.inc({ type, outcome }),
    putOff: (reason, count) => putOffs.inc({ reason }, count),
    recorded: (results, seconds) => {
      batchSize.observe(results)
      batchDuration.observe(seconds)
    },
    incident: (change, cause) => incidents.inc({ change, cause }),
  }
}
