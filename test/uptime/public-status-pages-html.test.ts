import { describe, expect, test } from 'vitest'
import { createCast } from '../support/actors.ts'
import { codeOf, website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'
import { createPage } from '../support/status-pages.ts'

const service = await freshService()
const cast = await createCast(service)
const { statusPages } = service.client(cast.owner.session).uptime
const visitors = service.client().uptime.publicStatusPages
const ours = cast.owner.organizationId

test('a page is kept by caches for as long as its data, and loads nothing that its policy does not name', async () => {
  const page = await createPage(service, ours, { logoUrl: 'https://cdn.acme.example/logo.svg', accentColor: '#123456' })
  const answer = await service.fetch(`${origin}/status/${page.slug}`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=15')
  const policy = answer.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("img-src 'self' data: https://cdn.acme.example;")
  expect(policy).not.toMatch(/unsafe|\*/)
  const html = await answer.text()
  expect(html).toContain('<img src="https://cdn.acme.example/logo.svg" alt="">')
  expect(html).toContain('--accent: #123456')
  const headers = { 'if-none-match': answer.headers.get('etag') ?? '' }
  const again = await service.fetch(`${origin}/status/${page.slug}`, { headers })
  expect([again.status, again.headers.get('content-security-policy')]).toEqual([304, policy])
  await statusPages.update(page.id, { title: 'Changed' })
  expect((await service.fetch(`${origin}/status/${page.slug}`, { headers })).status).toBe(200)
})

describe('what somebody works on', () => {
  const { monitors, maintenanceWindows } = service.client(cast.owner.session).uptime
  const inHours = (hours: number) => new Date(service.clock.now().getTime() + hours * 3_600_000).toISOString()
  const shown = async (slug: string) => (await service.fetch(`${origin}/status/${slug}`)).text()

  async function failing() {
    const { id } = await monitors.create(website())
    const { db } = service.services.database
    await db.updateTable('monitor_states').set({ last_status: 'down' }).where('monitor_id', '=', id).execute()
    return id
  }

  test('is in maintenance rather than down, and the others are what the page is headed by', async () => {
    const [worked, broken] = [await failing(), await failing()]
    const page = await createPage(service, ours, { components: [{ monitorId: worked }] })
    expect(await shown(page.slug)).toContain('Some systems are down')
    const times = { startsAt: inHours(-1), endsAt: inHours(1) }
    await maintenanceWindows.create({ title: 'A new disk', monitorIds: [worked], ...times })
    const html = await shown(page.slug)
    expect(html).toContain('Maintenance is in progress')
    expect(html).toContain('<span class="state maintained">In maintenance</span>')
    expect(html).not.toMatch(/>Down<|are down/)
    // As data it stays what it is: the window stands beside it.
    expect(await visitors.get(page.slug)).toMatchObject({ overallStatus: 'down', maintenance: [{ status: 'active' }] })
    await statusPages.createComponent(page.id, { monitorId: broken })
    expect(await shown(page.slug)).toContain('Some systems are down')
  })

  test('is as it was before the window begins', async () => {
    const worked = await failing()
    const page = await createPage(service, ours, { components: [{ monitorId: worked }] })
    const times = { startsAt: inHours(1), endsAt: inHours(2) }
    await maintenanceWindows.create({ title: 'A new disk', monitorIds: [worked], ...times })
    expect(await shown(page.slug)).toContain('Some systems are down')
  })
})

test('of many groups only those that are not well are unfolded', async () => {
  const { monitors } = service.client(cast.owner.session).uptime
  const ids: number[] = []
  for (let count = 0; count < 13; count++) ids.push((await monitors.create(website())).id)
  const { db } = service.services.database
  await db.updateTable('monitor_states').set({ last_status: 'up' }).where('monitor_id', 'in', ids).execute()
  const groupOf = (index: number) => (index < 6 ? 'Well' : 'Ill')
  const page = await createPage(service, ours, {
    components: ids.map((monitorId, index) => ({ monitorId, group: groupOf(index) })),
  })
  const groups = async () => {
    const html = await (await service.fetch(`${origin}/status/${page.slug}`)).text()
    return [...html.matchAll(/<details class="group"( open)?><summary><h2>(\w+)/g)].map(([, open, title]) => [
      title,
      !!open,
    ])
  }
  expect(await groups()).toEqual([
    ['Well', false],
    ['Ill', false],
  ])
  await db
    .updateTable('monitor_states')
    .set({ last_status: 'degraded' })
    .where('monitor_id', '=', ids[9] ?? 0)
    .execute()
  expect(await groups()).toEqual([
    ['Well', false],
    ['Ill', true],
  ])
})

test('branding can be hidden', async () => {
  const page = await createPage(service, ours, { hideBranding: true })
  expect(await (await service.fetch(`${origin}/status/${page.slug}`)).text()).not.toContain('Owlery')
})

test('a page for some addresses is not there for others, as a page that never was', async () => {
  const page = await createPage(service, ours, { ipAllowlist: ['192.0.2.0/24'] })
  const hidden = await service.fetch(`${origin}/status/${page.slug}`)
  const missing = await service.fetch(`${origin}/status/never-was`)
  expect([hidden.status, missing.status]).toEqual([404, 404])
  expect(await hidden.text()).toBe(await missing.text())
})

test('the host decides what stands at the root', async () => {
  const page = await createPage(service, ours, { customDomain: 'status.acme.example', title: 'At the root' })
  const at = (host: string, more = {}) => service.fetch(`${origin}/`, { headers: { host, ...more } })
  const first = await at('Status.acme.example:8443')
  expect(await first.text()).toContain('<h1>At the root</h1>')
  const held = { 'if-none-match': first.headers.get('etag') ?? '' }
  expect((await at('status.acme.example', held)).status).toBe(304)
  expect((await at('owlery.test')).status).toBe(404)
  await statusPages.update(page.id, { isPublic: false })
  expect((await at('status.acme.example')).status).toBe(404)
})

test('a locked page shows its name and a form to visitors, and its data to nobody', async () => {
  const page = await createPage(service, ours, { customDomain: 'locked.acme.example', title: 'Locked' })
  await statusPages.setPassword(page.id, { password: 'open sesame' })
  const answer = await service.fetch(`${origin}/status/${page.slug}`)
  expect(answer.headers.get('cache-control')).toBe('private, no-store')
  const html = await answer.text()
  expect(html).toContain('<h1>Locked</h1>')
  expect(html).toContain('type="password"')
  expect(html).not.toContain('class="bars"')
  expect(await codeOf(visitors.getByHost('locked.acme.example'))).toBe('STATUS_PAGE_PASSWORD_REQUIRED')
  expect(await codeOf(visitors.subscribe(page.slug, { email: 'ada@example.com' }))).toBe(
    'STATUS_PAGE_PASSWORD_REQUIRED',
  )
})

describe('from another site', () => {
  const headers = { origin: 'https://app.example' }
  const data = (slug: string) => `${origin}/api/v1/status-pages/public/${slug}`
  const allowed = ({ headers: answered }: Response) => answered.get('access-control-allow-origin')

  test('a script reads every answer, what went wrong too, and what it has already', async () => {
    const { slug } = await createPage(service, ours, { customDomain: 'shared.acme.example' })
    const locked = await createPage(service, ours)
    await statusPages.setPassword(locked.id, { password: 'open sesame' })
    for (const url of [data(slug), data('by-host/shared.acme.example'), `${data(slug)}/feed.xml`]) {
      const first = await service.fetch(url, { headers })
      expect([first.status, allowed(first)]).toEqual([200, '*'])
      expect(first.headers.get('access-control-allow-credentials')).toBeNull()
      expect(first.headers.get('access-control-expose-headers')).toContain('ETag')
      const again = await service.fetch(url, {
        headers: { ...headers, 'if-none-match': first.headers.get('etag') ?? '' },
      })
      expect([again.status, allowed(again), await again.text()]).toEqual([304, '*', ''])
    }
    for (const [url, status] of [
      [data(locked.slug), 401],
      [`${data(locked.slug)}/feed.xml`, 401],
      [data('nowhere'), 404],
      [data('by-host/nowhere.example'), 404],
      [`${data('nowhere')}/feed.xml`, 404],
    ] as const) {
      const answer = await service.fetch(url, { headers })
      expect([answer.status, allowed(answer)], url).toEqual([status, '*'])
    }
  })

  test('it may send the token of a locked page, but neither guess passwords nor subscribe people', async () => {
    const { slug } = await createPage(service, ours)
    const preflight = (url: string, method: string) =>
      service.send(url, { method: 'OPTIONS', headers: { ...headers, 'access-control-request-method': method } })
    const reading = await preflight(data(slug), 'GET')
    expect(allowed(reading)).toBe('*')
    expect(reading.headers.get('access-control-allow-headers')).toContain('X-Status-Page-Token')
    for (const path of ['unlock', 'subscribe']) {
      expect(allowed(await preflight(`${data(slug)}/${path}`, 'POST')), path).toBeNull()
    }
  })

  test('a change is a new answer', async () => {
    const { id, slug } = await createPage(service, ours)
    const first = await service.fetch(data(slug))
    await statusPages.update(id, { title: 'Changed' })
    const second = await service.fetch(data(slug), { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })
    expect([second.status, await second.json()]).toMatchObject([200, { title: 'Changed' }])
  })
})

test('whoever changes a page meanwhile is noticed', async () => {
  const page = await createPage(service, ours)
  const old = { headers: { 'if-match': '"1"' } }
  await statusPages.update(page.id, { title: 'Changed' })
  const component = page.components[0]?.id ?? 0
  const calls = [
    () => statusPages.delete(page.id, old),
    () => statusPages.setPassword(page.id, { password: 'open sesame' }, old),
    () => statusPages.createComponent(page.id, { monitorId: 1 }, old),
    () => statusPages.deleteComponent(page.id, component, old),
  ]
  for (const call of calls) expect(await codeOf(call())).toBe('PRECONDITION_FAILED')
  expect(await statusPages.get(page.id)).toEqual({ ...page, title: 'Changed' })
})
