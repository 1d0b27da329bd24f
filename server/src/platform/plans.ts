import type { Plan } from '@owlery/spec'

/** What a plan allows; `null` is no limit. Months are calendar months in UTC. */
export type PlanLimits = {
  readonly monitors: number | null
  readonly checksPerMonth: number | null
  readonly minIntervalSec: number
  readonly logsBytesPerMonth: number | null
}

const gibibyte = 1024 ** 3

export const planLimits: Readonly<Record<Plan, PlanLimits>> = {
  'self-hosted': { monitors: null, checksPerMonth: null, minIntervalSec: 30, logsBytesPerMonth: null },
  free: { monitors: 25, checksPerMonth: 50_000, minIntervalSec: 300, logsBytesPerMonth: gibibyte },
  startup: { monitors: 100, checksPerMonth: 1_000_000, minIntervalSec: 60, logsBytesPerMonth: 10 * gibibyte },
  pro: { monitors: 500, checksPerMonth: 10_000_000, minIntervalSec: 30, logsBytesPerMonth: 100 * gibibyte },
}

export type Usage = { readonly monitors: number; readonly checks: number; readonly logsBytes: number }

export function quotaOf(organizationId: number, plan: Plan, used: Usage, now: Date) {
  const limits = planLimits[plan]
  return {
    orgId: organizationId,
    plan,
    monitorLimit: limits.monitors,
    monitorsUsed: used.monitors,
    monitorsRemaining: remaining(limits.monitors, used.monitors),
    checksPerMonthLimit: limits.checksPerMonth,
    checksUsed: used.checks,
    checksRemaining: remaining(limits.checksPerMonth, used.checks),
    minIntervalSec: limits.minIntervalSec,
    logsBytesPerMonthLimit: limits.logsBytesPerMonth,
    logsBytesUsed: used.logsBytes,
    logsBytesRemaining: remaining(limits.logsBytesPerMonth, used.logsBytes),
    periodStart: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth())).toISOString(),
    periodEnd: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString(),
  }
}

function remaining(limit: number | null, used: number): number | null {
  return limit === null ? null : Math.max(0, limit - used)
}
