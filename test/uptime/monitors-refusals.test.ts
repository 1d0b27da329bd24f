import { choosePlans } from '@owlery/server/platform/plans.store.ts'
import { describe, expect, it } from 'vitest'
import { createCast, createOrganization, createPerson } from '../support/actors.ts'
import { codeOf, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

/** What neither the network nor the plan lets a monitor do, however well it is described. */

const service = await freshService()
const cast = await createCast(service)
const { monitors } = service.client(cast.member.session).uptime
const { db } = service.services.database

describe('addresses', () => {
  it.each([
    ['https', 'https://127.0.0.1/'],
    ['http', 'http://169.254.169.254/latest/meta-data'],
    ['https', 'https://2130706433/'],
    ['keyword', 'http://[::ffff:10.0.0.1]/'],
    ['tcp', 'localhost:5432'],
    ['ssl', '10.0.0.1'],
    ['ping', '192.168.1.1'],
    ['dns', 'db.internal'],
    ['smtp', '[::1]:25'],
  ] as const)('refuses the %s target %s', async (type, url) => {
    expect(await codeOf(monitors.create(website({ type, url, keyword: 'k' })))).toBe('MONITOR_TARGET_UNSAFE')
  })

  it.each(['alertWebhookUrl', 'alertSlackUrl', 'alertDiscordUrl', 'alertMsteamsUrl'])('checks %s', async (field) => {
    const cases: [string, string][] = [
      ['http://192.168.0.1/', 'ALERT_URL_BLOCKED'],
      ['http://localhost/', 'ALERT_URL_BLOCKED'],
      ['ftp://1.1.1.1/', 'ALERT_URL_INVALID'],
      ['no address', 'ALERT_URL_INVALID'],
    ]
    for (const [url, code] of cases) {
      const outcome = await monitors.create(website({ [field]: url })).result()
      expect(!outcome.ok && outcome.error.code, url).toBe(code)
      expect(!outcome.ok && outcome.error.message).toContain(field)
    }
    // What does not resolve may do so by the time it is called, and is judged again then.
    expect(await codeOf(monitors.create(website({ [field]: 'https://no-such-name.example.com/' })))).toBe('ok')
  })

  it('checks them again when they change', async () => {
    const { id } = await monitors.create(website())
    expect(await codeOf(monitors.update(id, { url: 'https://10.1.2.3/' }))).toBe('MONITOR_TARGET_UNSAFE')
    expect(await codeOf(monitors.update(id, { alertSlackUrl: 'http://[::1]/' }))).toBe('ALERT_URL_BLOCKED')
    expect(await codeOf(monitors.update(id, { alertMsteamsUrl: 'mailto:a@b.example' }))).toBe('ALERT_URL_INVALID')
    expect(await monitors.get(id)).toMatchObject({ url: 'https://1.1.1.1/', hasAlertSlack: false })
  })
})

describe('the plan', () => {
  async function onPlan(plan: 'free' | 'startup') {
    const organizationId = await createOrganization(service)
    await db.updateTable('organizations').set({ plan }).where('id', '=', organizationId).execute()
    const person = await createPerson(service, organizationId, 'owner')
    return service.client(person.session)
  }

  it('sets the least interval', async () => {
    const { uptime } = await onPlan('free')
    expect(await codeOf(uptime.monitors.create(website({ intervalSec: 60 })))).toBe('PLAN_INTERVAL_TOO_LOW')
    const { id } = await uptime.monitors.create(website({ intervalSec: 300 }))
    const outcome = await uptime.monitors.update(id, { intervalSec: 60 }).result()
    expect(!outcome.ok && outcome.error.code).toBe('PLAN_INTERVAL_TOO_LOW')
    expect(!outcome.ok && outcome.error.message).toContain('300')
    expect(await codeOf(uptime.monitors.bulkUpdate({ ids: [id], patch: { intervalSec: 30 } }))).toBe(
      'PLAN_INTERVAL_TOO_LOW',
    )
  })

  it('sets how many there can be, exactly, however many come at once', async () => {
    const { uptime, platform } = await onPlan('free')
    const calls = Array.from({ length: 40 }, () => uptime.monitors.create(website({ intervalSec: 300 })))
    const codes = await Promise.all(calls.map(codeOf))
    expect(codes.filter((code) => code === 'ok')).toHaveLength(25)
    expect(codes.filter((code) => code === 'PLAN_LIMIT_MONITORS')).toHaveLength(15)
    const { quota } = await platform.me.get()
    expect(quota).toMatchObject({ monitorLimit: 25, monitorsUsed: 25, monitorsRemaining: 0 })
    const [one] = await uptime.monitors.list({ limit: 1 })
    await uptime.monitors.delete(one?.id ?? 0)
    expect((await platform.me.get()).quota.monitorsUsed).toBe(24)
    const two = [website({ intervalSec: 300 }), website({ intervalSec: 300 })]
    expect(await codeOf(uptime.monitors.bulkCreate({ monitors: two }))).toBe('PLAN_LIMIT_MONITORS')
    expect(await codeOf(uptime.monitors.create(website({ intervalSec: 300 })))).toBe('ok')
  })
})

describe('of one in a batch', () => {
  it.each([
    [{ alertSlackUrl: 'https://10.0.0.1/' }, 'ALERT_URL_BLOCKED'],
    [{ alertSlackUrl: 'ftp://1.1.1.1/' }, 'ALERT_URL_INVALID'],
    [{ url: 'http://[::1]/' }, 'MONITOR_TARGET_UNSAFE'],
  ])('%j refuses all of it', async (wrong, code) => {
    const { organization, token } = await service.client().platform.auth.register({
      email: `${code.toLowerCase()}@example.com`,
      password: 'violet umbrellas at noon',
    })
    expect(organization.plan).toBe('self-hosted')
    const { uptime } = service.client(token)
    expect(await codeOf(uptime.monitors.bulkCreate({ monitors: [website(), website(wrong)] }))).toBe(code)
    expect(await uptime.monitors.list()).toEqual([])
    const { id } = await uptime.monitors.create(website())
    expect(await codeOf(uptime.monitors.bulkUpdate({ ids: [id], patch: wrong }))).toBe(code)
  })

  it('refuses a hasty one by the plan', async () => {
    const { organization, token } = await service.client().platform.auth.register({
      email: 'hasty@example.com',
      password: 'violet umbrellas at noon',
    })
    await choosePlans(service.services.database.db, [{ slug: organization.slug, plan: 'free' }])
    const { uptime } = service.client(token)
    const monitors = [website({ intervalSec: 300 }), website({ intervalSec: 30 })]
    expect(await codeOf(uptime.monitors.bulkCreate({ monitors }))).toBe('PLAN_INTERVAL_TOO_LOW')
    expect(await uptime.monitors.list()).toEqual([])
  })
})
