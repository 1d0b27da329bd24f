import { choosePlans } from '@owlery/server/platform/plans.store.ts'
import { describe, expect, it } from 'vitest'
import { codeOf, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const service = await freshService({ env: { DEFAULT_PLAN: 'free' } })
const registered = await service.client().platform.auth.register({
  email: 'ada@example.com',
  password: 'violet umbrellas at noon',
  organizationName: 'Engines',
})
const mine = service.client(registered.token)

describe('plans', () => {
  it('begin with the one that the operator has set', async () => {
    expect(registered.organization.plan).toBe('free')
    expect((await mine.platform.me.get()).quota).toMatchObject({
      plan: 'free',
      monitorLimit: 25,
      monitorsRemaining: 25,
      minIntervalSec: 300,
      checksPerMonthLimit: 50_000,
    })
    expect(await codeOf(mine.uptime.monitors.create(website({ intervalSec: 60 })))).toBe('PLAN_INTERVAL_TOO_LOW')
  })

  it('are chosen per organization, and say whom they did not find', async () => {
    const { db } = service.services.database
    const unknown = await choosePlans(db, [
      { slug: 'engines', plan: 'pro' },
      { slug: 'nobody', plan: 'free' },
    ])
    expect(unknown).toEqual(['nobody'])
    expect((await mine.platform.me.get()).quota).toMatchObject({ plan: 'pro', monitorLimit: 500, minIntervalSec: 30 })
    expect(await codeOf(mine.uptime.monitors.create(website({ intervalSec: 60 })))).toBe('ok')
  })
})
