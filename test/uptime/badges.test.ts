import { expect, test } from 'vitest'
import { createCast } from '../support/actors.ts'
import { website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)
const { db } = service.services.database
const { monitors } = service.client(cast.owner.session).uptime
let counter = 0

type Page = { readonly is_public?: boolean; readonly password_hash?: string; readonly ip_allowlist?: string[] }

async function shown(page: Page = {}): Promise<number> {
  const { id } = await monitors.create(website())
  const { id: pageId } = await db
    .insertInto('status_pages')
    .values({ organization_id: cast.owner.organizationId, slug: `badge-${++counter}`, title: 'Badges', ...page })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('status_page_components')
    .values({ status_page_id: pageId, monitor_id: id, position: 0 })
    .execute()
  return id
}

const badge = (id: number | string, headers: Record<string, string> = {}) =>
  service.send(`${origin}/api/v1/badge/monitors/${id}.svg`, { headers })

test('says how the monitor is', async () => {
  const id = await shown()
  const colors = new Set<string | undefined>()
  for (const status of [null, 'up', 'degraded', 'down'] as const) {
    await db.updateTable('monitor_states').set({ last_status: status }).where('monitor_id', '=', id).execute()
    const answer = await badge(id)
    expect(answer.status).toBe(200)
    const svg = await answer.text()
    expect(svg).toContain(`<title>uptime: ${status ?? 'unknown'}</title>`)
    colors.add(/x="\d+" width="\d+" height="20" fill="(#\w+)"/.exec(svg)?.[1])
  }
  await monitors.update(id, { paused: true })
  expect(await (await badge(id)).text()).toContain('<title>uptime: paused</title>')
  expect(colors.size).toBe(4)
})

test('is small, and several can be taken in as markup', async () => {
  const id = await shown()
  const shapes = new Set<string | undefined>()
  for (const status of ['up', 'degraded', 'down'] as const) {
    await db.updateTable('monitor_states').set({ last_status: status }).where('monitor_id', '=', id).execute()
    const svg = await (await badge(id)).text()
    expect(svg.length).toBeLessThan(2000)
    expect(svg).not.toMatch(/<script|<image|href=|\son\w+=/)
    shapes.add(/clip-path="url\(#([^)]+)\)"/.exec(svg)?.[1])
  }
  // One of another width with the same name would cut it off.
  expect(shapes.size).toBe(3)
})

test('can stand on other sites, for a minute, and costs nothing while it is the same', async () => {
  const id = await shown()
  const first = await badge(id, { origin: 'https://blog.example' })
  expect(first.headers.get('content-type')).toBe('image/svg+xml')
  expect(first.headers.get('cache-control')).toBe('public, max-age=60')
  expect(first.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  const etag = first.headers.get('etag') ?? ''
  const second = await badge(id, { 'if-none-match': etag })
  expect(second.status).toBe(304)
  expect(await second.text()).toBe('')
  // Browsers put the headers of a 304 on the image they have.
  expect(second.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  await db.updateTable('monitor_states').set({ last_status: 'down' }).where('monitor_id', '=', id).execute()
  expect((await badge(id, { 'if-none-match': etag })).status).toBe(200)
})

test.each([
  ['on no page', async () => (await monitors.create(website())).id],
  ['on a private page', () => shown({ is_public: false })],
  ['on a page with a password', () => shown({ password_hash: 'set' })],
  ['on a page for some addresses', () => shown({ ip_allowlist: ['192.0.2.0/24'] })],
  ['nowhere', async () => 2147483647],
])('tells nothing of a monitor %s', async (_, make) => {
  const id = await make()
  if (id < 2147483647) {
    await db.updateTable('monitor_states').set({ last_status: 'down' }).where('monitor_id', '=', id).execute()
  }
  const answer = await badge(id)
  expect(answer.status).toBe(404)
  expect(answer.headers.get('content-type')).toBe('image/svg+xml')
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  expect(await answer.text()).toContain('<title>uptime: unknown</title>')
})

test.each(['x', '0', '-1', '1e3', '99999999999', '1.svg'])('%s.svg is a faulty request', async (id) => {
  const answer = await badge(id)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path: 'id' }] })
})

test('only the image is there', async () => {
  const id = await shown()
  for (const path of [`${id}`, `${id}.png`, '.svg', `${id}.svg.gz`]) {
    const answer = await service.send(`${origin}/api/v1/badge/monitors/${path}`)
    expect(answer.status, path).toBe(404)
    expect(await answer.json(), path).toMatchObject({ code: 'NOT_FOUND' })
  }
})
