import { describe, expect, test } from 'vitest'
import { dueMonitor, incidentsOf, newOwner, stateOf } from '../support/engine.ts'
import { freshService } from '../support/service.ts'
import { startSites } from '../support/sites.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const owner = await newOwner(service)
const { engine, database } = service.services

const { down, site: at } = await startSites()

async function found(monitorId: number, region: string, status: 'up' | 'down', secondsAgo = 0): Promise<void> {
  const row = {
    monitor_id: monitorId,
    region,
    status,
    error_message: status === 'up' ? null : `seen from ${region}`,
    checked_at: new Date(service.clock.now().getTime() - secondsAgo * 1000),
  }
  await database.db
    .insertInto('region_results')
    .values(row)
    .onConflict((conflict) => conflict.columns(['monitor_id', 'region']).doUpdateSet(row))
    .execute()
}

describe('several regions', () => {
  test('down needs most of them, fewer are degraded, and who has been silent has no vote', async () => {
    const id = await dueMonitor(service, owner, at('/regions', { regions: ['local', 'weur', 'oc'] }))
    down.add('/regions')
    await found(id, 'weur', 'up')
    await found(id, 'oc', 'up')
    await engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'degraded' })
    expect(await incidentsOf(service, id)).toEqual([])

    service.clock.advance(60_000)
    await found(id, 'weur', 'down')
    await found(id, 'oc', 'up')
    await engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down' })
    expect(await incidentsOf(service, id)).toHaveLength(1)

    service.clock.advance(60_000)
    down.delete('/regions')
    await found(id, 'weur', 'down', 121)
    await found(id, 'oc', 'down', 121)
    await engine.runDue()
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'up' })
    expect(await incidentsOf(service, id)).toMatchObject([{ auto_resolved: true }])
  })
})
