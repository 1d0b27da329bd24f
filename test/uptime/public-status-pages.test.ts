import { describe, expect, test } from 'vitest'
import { createCast } from '../support/actors.ts'
import { openIncident } from '../support/incidents.ts'
import { codeOf, pathsOf, website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'
import { createPage, freshSlug } from '../support/status-pages.ts'

const service = await freshService({ now: new Date('2026-05-13T18:30:00Z') })
const cast = await createCast(service)
const { monitors, statusPages, maintenanceWindows, incidents } = service.client(cast.owner.session).uptime
const visitors = service.client().uptime.publicStatusPages
const { db } = service.services.database
const ours = cast.owner.organizationId
const data = (slug: string) => `${origin}/api/v1/status-pages/public/${slug}`

type Counts = {
  readonly up: number
  readonly degraded?: number
  readonly down?: number
  readonly inMaintenance?: number
}

async function rollup(grain: 'hourly' | 'daily', monitorId: number, startsAt: string, counts: Counts, meanMs = 0) {
  const responses = meanMs === 0 ? 0 : counts.up
  await db
    .insertInto(`check_rollups_${grain}`)
    .values({
      organization_id: ours,
      monitor_id: monitorId,
      starts_at: new Date(startsAt),
      up: counts.up,
      degraded: counts.degraded ?? 0,
      down: counts.down ?? 0,
      in_maintenance: counts.inMaintenance ?? 0,
      response_count: responses,
      response_sum_ms: responses * meanMs,
      response_min_ms: null,
      response_max_ms: null,
      histogram: [],
    })
    .execute()
}

const setStatus = (monitorId: number, status: 'up' | 'degraded' | 'down' | null) =>
  db.updateTable('monitor_states').set({ last_status: status }).where('monitor_id', '=', monitorId).execute()

async function shownMonitor(name = 'Shop') {
  const { id } = await monitors.create(
    website({
      name: `inside ${freshSlug()}`,
      url: 'https://1.1.1.1/secret-path',
      headers: { authorization: 'secret-header' },
      alertEmail: 'oncall-secret@example.com',
    }),
  )
  const page = await createPage(service, ours, { components: [{ monitorId: id, name, group: 'Web' }] })
  return { id, page }
}

describe('what a page shows', () => {
  test('is its monitors with their figures, and nothing of what is inside', async () => {
    const { id, page } = await shownMonitor()
    await setStatus(id, 'up')
    await rollup('daily', id, '2026-05-13T00:00:00Z', { up: 2999, down: 1, inMaintenance: 500 })
    await rollup('daily', id, '2026-05-01T00:00:00Z', { up: 90, degraded: 10 })
    await rollup('daily', id, '2026-03-01T00:00:00Z', { up: 50, down: 50 })
    await rollup('daily', id, '2026-02-12T00:00:00Z', { up: 0, down: 1000 })
    await rollup('hourly', id, '2026-05-13T18:00:00Z', { up: 30 }, 120)
    await rollup('hourly', id, '2026-05-12T19:00:00Z', { up: 58, down: 2 }, 80)
    await rollup('hourly', id, '2026-05-12T18:00:00Z', { up: 0, down: 60 })
    const answer = await visitors.get(page.slug).withResponse()
    const [shown] = answer.data.monitors
    expect(shown).toMatchObject({ id, name: 'Shop', group: 'Web', lastStatus: 'up' })
    expect(shown?.uptime24h).toBe(Math.floor((88 / 90) * 100_000) / 1000)
    expect(shown?.uptime30d).toBe(99.967)
    expect(shown?.uptime90d).toBe(Math.floor((3149 / 3200) * 100_000) / 1000)
    expect(shown?.daily).toHaveLength(90)
    expect(shown?.daily[0]).toEqual({ date: '2026-02-13', uptimePct: null })
    expect(shown?.daily.at(-1)).toEqual({ date: '2026-05-13', uptimePct: 99.966 })
    expect(shown?.daily.find(({ date }) => date === '2026-05-01')?.uptimePct).toBe(100)
    expect(shown?.responseHourly).toHaveLength(24)
    expect([shown?.responseHourly[0], shown?.responseHourly[1], shown?.responseHourly[23]]).toEqual([80, null, 120])
    expect(JSON.stringify(answer.data)).not.toMatch(/secret|inside|organization/i)
    expect(answer.response.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.response.headers.get('cache-control')).toBe('public, max-age=15')
  })

  test('has no figure where nothing was checked', async () => {
    const { page } = await shownMonitor()
    const {
      monitors: [shown],
    } = await visitors.get(page.slug)
    expect(shown).toMatchObject({ lastStatus: null, uptime24h: null, uptime30d: null, uptime90d: null })
    expect(new Set(shown?.daily.map(({ uptimePct }) => uptimePct))).toEqual(new Set([null]))
  })

  test.each([
    [['up', 'up'], 'up'],
    [['up', null], 'unknown'],
    [['degraded', null], 'degraded'],
    [['degraded', 'down'], 'down'],
    [[], 'unknown'],
  ] as const)('%j are together %s', async (statuses, overall) => {
    const components: { monitorId: number }[] = []
    for (const status of statuses) {
      const { id } = await monitors.create(website())
      await setStatus(id, status)
      components.push({ monitorId: id })
    }
    const { slug } = await createPage(service, ours, { components })
    expect((await visitors.get(slug)).overallStatus).toBe(overall)
  })

  test('tells of incidents by the public name, with what was written and without why', async () => {
    const { id, page } = await shownMonitor()
    const incident = await openIncident(service, ours, { monitorId: id })
    const { name } = await monitors.get(id)
    await db
      .updateTable('incidents')
      .set({ title: `${name} is down`, monitor_name: name, error_message: 'secret error' })
      .where('id', '=', incident)
      .execute()
    await service.services.queue.start()
    await incidents.createUpdate(incident, { status: 'identified', body: 'A **disk**.' })
    await incidents.putPostmortem(incident, { postmortem: 'It was full.' })
    const shown = await visitors.get(page.slug)
    expect(shown.incidents).toEqual([
      {
        id: incident,
        title: 'Shop is down',
        status: 'identified',
        severity: expect.any(String),
        monitorId: id,
        startedAt: expect.any(String),
        resolvedAt: null,
        updates: [{ status: 'identified', body: 'A **disk**.', createdAt: service.clock.now().toISOString() }],
        postmortem: 'It was full.',
        postmortemPublishedAt: service.clock.now().toISOString(),
      },
    ])
    expect(JSON.stringify(shown)).not.toContain('secret')
    const other = await shownMonitor()
    expect((await visitors.get(other.page.slug)).incidents).toEqual([])
  })

  test('tells of what is still open, however much came and went since', async () => {
    const { id, page } = await shownMonitor()
    const other = await shownMonitor()
    await statusPages.createComponent(page.id, { monitorId: other.id })
    const open = await openIncident(service, ours, { monitorId: id })
    const brief = Array.from({ length: 50 }, () => ({
      organization_id: ours,
      monitor_id: other.id,
      cause: 'down' as const,
      monitor_name: 'Flapping',
      title: 'Flapping is down',
      severity: 'major' as const,
      status: 'resolved' as const,
      started_at: service.clock.now(),
      resolved_at: service.clock.now(),
    }))
    await db.insertInto('incidents').values(brief).execute()
    const { incidents: shown } = await visitors.get(page.slug)
    expect(shown).toHaveLength(50)
    expect(shown.filter(({ resolvedAt }) => resolvedAt === null).map((one) => one.id)).toEqual([open])
    expect(shown.map((one) => one.id)).toEqual(shown.map((one) => one.id).toSorted((one, next) => next - one))
  })

  test('tells of maintenance now and to come, of its own monitors', async () => {
    const { id, page } = await shownMonitor()
    const other = await shownMonitor()
    const at = (hours: number) => new Date(service.clock.now().getTime() + hours * 3_600_000).toISOString()
    const { id: whole } = await maintenanceWindows.create({ title: 'All', startsAt: at(5), endsAt: at(6) })
    const { id: own } = await maintenanceWindows.create({
      title: 'Own',
      startsAt: at(-1),
      endsAt: at(1),
      monitorIds: [id, other.id],
    })
    await maintenanceWindows.create({ title: 'Others', startsAt: at(1), endsAt: at(2), monitorIds: [other.id] })
    const { maintenance } = await visitors.get(page.slug)
    expect(maintenance).toEqual([
      { id: own, title: 'Own', status: 'active', startsAt: at(-1), endsAt: at(1), monitorIds: [id] },
      { id: whole, title: 'All', status: 'scheduled', startsAt: at(5), endsAt: at(6), monitorIds: [id] },
    ])
    await maintenanceWindows.delete(whole)
    await maintenanceWindows.delete(own)
  })
})

describe('who may see it', () => {
  test('nobody sees a page that is not public or not there', async () => {
    const { page } = await shownMonitor()
    await statusPages.update(page.id, { isPublic: false, customDomain: `${page.slug}.example` })
    expect(await codeOf(visitors.get(page.slug))).toBe('NOT_FOUND')
    expect(await codeOf(visitors.getFeed(page.slug))).toBe('NOT_FOUND')
    expect(await codeOf(visitors.getByHost(`${page.slug}.example`))).toBe('NOT_FOUND')
    expect(await codeOf(visitors.subscribe(page.slug, { email: 'ada@example.com' }))).toBe('NOT_FOUND')
    expect(await codeOf(visitors.unlock(page.slug, { password: 'x' }))).toBe('NOT_FOUND')
    expect(await codeOf(visitors.get('was-never-there'))).toBe('NOT_FOUND')
  })

  test('a host leads to its page', async () => {
    const { page } = await shownMonitor()
    const customDomain = `${page.slug}.example`
    await statusPages.update(page.id, { customDomain })
    expect(await visitors.getByHost(customDomain.toUpperCase())).toEqual(await visitors.get(page.slug))
    expect(await codeOf(visitors.getByHost('other.example'))).toBe('NOT_FOUND')
  })

  test('a list of addresses hides it from everybody else, and from caches', async () => {
    const { page } = await shownMonitor()
    await statusPages.update(page.id, { ipAllowlist: ['192.0.2.0/24'] })
    expect(await codeOf(visitors.get(page.slug))).toBe('NOT_FOUND')
    await statusPages.update(page.id, { ipAllowlist: ['192.0.2.0/24', '127.0.0.1'] })
    const { response } = await visitors.get(page.slug).withResponse()
    expect(response.headers.get('cache-control')).toBe('private, no-store')
  })

  test('a password opens it for twelve hours, until it changes', async () => {
    const { page } = await shownMonitor()
    await statusPages.setPassword(page.id, { password: 'open sesame' })
    expect(await codeOf(visitors.get(page.slug))).toBe('STATUS_PAGE_PASSWORD_REQUIRED')
    expect(await codeOf(visitors.getFeed(page.slug))).toBe('STATUS_PAGE_PASSWORD_REQUIRED')
    expect(await codeOf(visitors.unlock(page.slug, { password: 'sesame' }))).toBe('STATUS_PAGE_PASSWORD_INVALID')
    const { data: unlocked, response } = await visitors.unlock(page.slug, { password: 'open sesame' }).withResponse()
    expect(unlocked).toMatchObject({ ok: true, expiresIn: 43_200 })
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toContain(`status_page_${page.id}=${unlocked.token}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax`)

    const withToken = (token: string) => ({ headers: { 'x-status-page-token': token } })
    const read = await visitors.get(page.slug, withToken(unlocked.token)).withResponse()
    expect(read.response.headers.get('cache-control')).toBe('private, no-store')
    const byCookie = await service.fetch(data(page.slug), { headers: { cookie: `a=b; ${cookie.split(';')[0]}` } })
    expect(byCookie.status).toBe(200)

    const other = await shownMonitor()
    await statusPages.setPassword(other.page.id, { password: 'open sesame' })
    const [until, mac = ''] = unlocked.token.split('.')
    const broken = [`${Number(until) + 1}.${mac}`, `${until}.${mac.slice(1)}x`, `${until}.`, '']
    for (const token of broken) {
      expect(await codeOf(visitors.get(page.slug, withToken(token)))).toBe('STATUS_PAGE_PASSWORD_REQUIRED')
    }
    expect(await codeOf(visitors.get(other.page.slug, withToken(unlocked.token)))).toBe('STATUS_PAGE_PASSWORD_REQUIRED')

    const before = service.clock.now()
    service.clock.set(new Date(before.getTime() + 43_200_000 - 1000))
    expect(await codeOf(visitors.get(page.slug, withToken(unlocked.token)))).toBe('ok')
    service.clock.set(new Date(before.getTime() + 43_200_000))
    expect(await codeOf(visitors.get(page.slug, withToken(unlocked.token)))).toBe('STATUS_PAGE_PASSWORD_REQUIRED')
    service.clock.set(before)
    await statusPages.setPassword(page.id, { password: 'open sesame' })
    expect(await codeOf(visitors.get(page.slug, withToken(unlocked.token)))).toBe('STATUS_PAGE_PASSWORD_REQUIRED')
  })
})

describe('the feed', () => {
  test('is Atom, keeps what people wrote as text, and costs nothing while it is the same', async () => {
    const { id, page } = await shownMonitor()
    await statusPages.update(page.id, { title: 'A & <B>' })
    const incident = await openIncident(service, ours, { monitorId: id })
    await db
      .insertInto('incident_updates')
      .values({
        incident_id: incident,
        status: 'monitoring',
        body: '<script>x</script> & \u0001 **done**',
        created_at: service.clock.now(),
      })
      .execute()
    const answer = await service.fetch(`${data(page.slug)}/feed.xml`)
    expect(answer.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
    const xml = await answer.text()
    expect(xml).toContain('<title>A &amp; &lt;B&gt;</title>')
    expect(xml).toContain(`<id>${origin}/status/${page.slug}#incident-${incident}</id>`)
    expect(xml).toContain('&amp;lt;script&amp;gt;x&amp;lt;/script&amp;gt;')
    expect(xml).toContain('&lt;strong&gt;done&lt;/strong&gt;')
    expect(xml).not.toContain('<script')
    expect(xml).not.toContain('\u0001')
    const headers = { 'if-none-match': answer.headers.get('etag') ?? '' }
    expect((await service.fetch(`${data(page.slug)}/feed.xml`, { headers })).status).toBe(304)
    // Readers fetch an entry anew when its time moves.
    service.clock.advance(60_000)
    await incidents.putPostmortem(incident, { postmortem: 'What we learned.' })
    const later = await (await service.fetch(`${data(page.slug)}/feed.xml`)).text()
    expect(later).toContain('What we learned.')
    expect(later.match(/<updated>([^<]+)<\/updated>/g)).toEqual(
      Array(2).fill(`<updated>${service.clock.now().toISOString()}</updated>`),
    )
  })
})

test('a link that was never sent confirms nothing', async () => {
  const { page } = await shownMonitor()
  expect(await pathsOf(visitors.confirmSubscription(page.slug, { token: 'x' }))).toEqual(['token'])
})
