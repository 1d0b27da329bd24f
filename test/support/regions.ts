import type { MonitorCreate } from '@owlery/client'
import { createToken, type Person } from './actors.ts'
import { dueMonitor, newOwner } from './engine.ts'
import type { Service } from './service.ts'

export type Region = 'weur' | 'enam' | 'apac' | 'oc' | 'sam' | 'afr'
type Found = { readonly status: 'up' | 'degraded' | 'down'; readonly ageMs?: number }

/** An agent in a region, as the service sees one: it claims and reports, and what it found is up to the test. */
export async function startAgent(service: Service, person: Person, region: Region, name: string = region) {
  const { token, id: tokenId } = await createToken(service, person, { scopes: ['regions:work'] })
  const { id, key } = await service.client(token).uptime.regions.startAgent({ region, name, version: '1.0.0' })
  const { regions } = service.client().uptime
  const claim = async (limit = 100) => (await regions.claim({ key, limit })).checks
  type Check = Awaited<ReturnType<typeof claim>>[number]
  const report = async (checks: readonly Pick<Check, 'monitorId' | 'leaseUntil'>[], found: Found) => {
    const results = checks.map(({ monitorId, leaseUntil }) => ({
      monitorId,
      leaseUntil,
      ageMs: found.ageMs ?? 100,
      status: found.status,
      responseTimeMs: 80,
      statusCode: found.status === 'down' ? 500 : 200,
      errorMessage: found.status === 'up' ? null : `seen from ${region}`,
    }))
    return (await regions.report({ key, results })).results.map(({ outcome }) => outcome)
  }
  const giveBack = (checks: readonly Pick<Check, 'monitorId' | 'leaseUntil'>[], afterMs: number) =>
    regions.report({
      key,
      results: [],
      givenBack: checks.map(({ monitorId, leaseUntil }) => ({ monitorId, leaseUntil, afterMs })),
    })
  return { id, key, token, tokenId, claim, report, giveBack }
}

/** What is to be checked from elsewhere is due now. */
export async function makeRegionsDue(service: Service, monitorId: number): Promise<void> {
  const { db } = service.services.database
  const due = { next_check_at: service.clock.now(), claimed_until: null }
  await db.updateTable('region_checks').set(due).where('monitor_id', '=', monitorId).execute()
}

export function regionChecksOf(service: Service, monitorId: number) {
  return service.services.database.db
    .selectFrom('region_checks')
    .select(['region', 'next_check_at', 'claimed_until', 'claimed_by'])
    .where('monitor_id', '=', monitorId)
    .orderBy('region')
    .execute()
}

/** A monitor that is due here and everywhere else, of an organization with nothing beside it. */
export async function aloneIn(
  service: Service,
  url: string,
  regions: readonly Region[],
  more: Partial<MonitorCreate> = {},
): Promise<{ readonly person: Person; readonly id: number }> {
  const person = await newOwner(service)
  const id = await dueMonitor(service, person, { url, type: 'http', intervalSec: 60, regions: [...regions], ...more })
  await makeRegionsDue(service, id)
  return { person, id }
}
