import { describe, expect, test } from 'vitest'
import { createCast } from '../support/actors.ts'
import { auditOf, codeOf, pathsOf, sendJson, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'
import { createPage, freshSlug, subscriber } from '../support/status-pages.ts'

const service = await freshService()
const cast = await createCast(service)
const { monitors, statusPages } = service.client(cast.owner.session).uptime
const ours = cast.owner.organizationId

const monitor = async () => (await monitors.create(website())).id

describe('creating', () => {
  test('takes what is left out from the defaults, and keeps everything that is sent', async () => {
    const slug = freshSlug()
    const bare = await statusPages.create({ slug, title: 'Acme' })
    expect(bare).toEqual({
      id: expect.any(Number),
      organizationId: ours,
      slug,
      title: 'Acme',
      description: null,
      isPublic: true,
      customDomain: null,
      logoUrl: null,
      accentColor: null,
      footerLinks: [],
      customCss: null,
      hideBranding: false,
      ipAllowlist: [],
      hasPassword: false,
      components: [],
      createdAt: service.clock.now().toISOString(),
    })
    const [first, second] = [await monitor(), await monitor()]
    const dressed = {
      slug: freshSlug(),
      title: 'Dressed',
      description: 'All of *it*.',
      isPublic: false,
      customDomain: 'status.dressed.example',
      logoUrl: 'https://example.com/logo.svg',
      accentColor: '#1a7f37',
      footerLinks: [{ label: 'Imprint', url: 'https://example.com/' }],
      customCss: '.card { border-radius: 0 }',
      hideBranding: true,
      ipAllowlist: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'],
    }
    const components = [{ monitorId: second, name: 'Shop', group: 'Web' }, { monitorId: first }]
    const made = await statusPages.create({ ...dressed, components })
    expect(made).toMatchObject(dressed)
    const name = (await monitors.get(first)).name
    expect(made.components).toEqual([
      { id: expect.any(Number), monitorId: second, name: 'Shop', group: 'Web', position: 0 },
      { id: expect.any(Number), monitorId: first, name, group: null, position: 1 },
    ])
    expect(await statusPages.get(made.id)).toEqual(made)
    expect((await statusPages.list({ limit: 1 }))[0]).toEqual(made)
    expect(await auditOf(service, `status_page:${made.id}`)).toMatchObject([
      { action: 'CREATE_STATUS_PAGE', meta: { slug: dressed.slug } },
    ])
  })

  test('refuses a slug and a domain that are in use, also by others', async () => {
    const { slug } = await createPage(service, cast.stranger.organizationId, { customDomain: 'taken.example' })
    expect(await codeOf(statusPages.create({ slug, title: 'x' }))).toBe('STATUS_PAGE_SLUG_TAKEN')
    const again = { slug: freshSlug(), title: 'x', customDomain: 'taken.example' }
    expect(await codeOf(statusPages.create(again))).toBe('STATUS_PAGE_DOMAIN_TAKEN')
    const { id } = await createPage(service, ours)
    expect(await codeOf(statusPages.update(id, { slug }))).toBe('STATUS_PAGE_SLUG_TAKEN')
    expect(await codeOf(statusPages.update(id, { customDomain: 'taken.example' }))).toBe('STATUS_PAGE_DOMAIN_TAKEN')
  })

  test('refuses a monitor twice, and does not know the monitors of others', async () => {
    const one = await monitor()
    const twice = { slug: freshSlug(), title: 'x', components: [{ monitorId: one }, { monitorId: one }] }
    expect(await pathsOf(statusPages.create(twice))).toEqual(['components.1.monitorId'])
    const { id: foreign } = await service.client(cast.stranger.session).uptime.monitors.create(website())
    for (const monitorId of [foreign, 2147483647]) {
      const call = statusPages.create({ slug: freshSlug(), title: 'x', components: [{ monitorId }] })
      expect(await codeOf(call)).toBe('NOT_FOUND')
    }
  })

  test.each([
    ['slug', { slug: 'by-host' }],
    ['ipAllowlist.1', { ipAllowlist: ['192.0.2.1', '192.0.2.0/33'] }],
    ['customCss', { customCss: '@import url(https://evil.example/x.css);' }],
  ])('refuses an unfit %s', async (path, more) => {
    expect(await pathsOf(statusPages.create({ slug: freshSlug(), title: 'x', ...more }))).toEqual([path])
  })

  test.each([
    { slug: 'ab' },
    { slug: 'A-b' },
    { slug: 'a--b' },
    { logoUrl: 'javascript:alert(1)' },
    { logoUrl: 'https://x.example/"onerror=' },
    { accentColor: 'red' },
    { footerLinks: [{ label: 'x', url: 'ftp://x.example' }] },
    { customDomain: 'localhost' },
    { passwordHash: 'x' },
  ])('refuses %j', async (more) => {
    const body = { slug: freshSlug(), title: 'x', ...more }
    const { status, json } = await sendJson(service, cast.owner, 'POST', '/api/v1/status-pages', body)
    expect(status).toBe(400)
    expect(json).toMatchObject({ code: 'VALIDATION_FAILED' })
  })
})

describe('changing', () => {
  test('changes what is sent, says what changed, and moves the version', async () => {
    const page = await createPage(service, ours)
    const before = await statusPages.get(page.id).withResponse()
    const etag = before.response.headers.get('etag') ?? ''
    const changed = await statusPages.update(page.id, { title: 'New', description: 'Text' })
    expect(changed).toEqual({ ...page, title: 'New', description: 'Text' })
    const late = statusPages.update(page.id, { title: 'Late' }, { headers: { 'if-match': etag } })
    expect(await codeOf(late)).toBe('PRECONDITION_FAILED')
    const rows = await auditOf(service, `status_page:${page.id}`)
    expect(rows.at(-1)).toMatchObject({
      action: 'UPDATE_STATUS_PAGE',
      meta: { changedFields: ['description', 'title'], diff: { title: { from: 'Acme', to: 'New' } } },
    })
    expect(await pathsOf(statusPages.update(page.id, {}))).toEqual([''])
  })

  test('replaces the components as a whole and keeps the ids of those that stay', async () => {
    const page = await createPage(service, ours)
    const [stays] = page.components
    const added = await monitor()
    const components = [{ monitorId: added }, { monitorId: stays?.monitorId ?? 0, name: 'Renamed' }]
    const changed = await statusPages.update(page.id, { components })
    expect(changed.components.map(({ monitorId }) => monitorId)).toEqual([added, stays?.monitorId])
    expect(changed.components[1]).toMatchObject({ id: stays?.id, name: 'Renamed', position: 1 })
    expect((await statusPages.update(page.id, { components: [] })).components).toEqual([])
  })

  test('components come and go one by one', async () => {
    const page = await createPage(service, ours)
    const monitorId = await monitor()
    const added = await statusPages.createComponent(page.id, { monitorId, name: 'Shop' })
    expect(added).toMatchObject({ monitorId, name: 'Shop', group: null, position: 1 })
    expect(await pathsOf(statusPages.createComponent(page.id, { monitorId }))).toEqual(['monitorId'])
    const { id: foreign } = await service.client(cast.stranger.session).uptime.monitors.create(website())
    expect(await codeOf(statusPages.createComponent(page.id, { monitorId: foreign }))).toBe('NOT_FOUND')
    await statusPages.deleteComponent(page.id, added.id)
    expect(await codeOf(statusPages.deleteComponent(page.id, added.id))).toBe('NOT_FOUND')
    expect((await statusPages.get(page.id)).components).toEqual(page.components)
    await monitors.delete(page.components[0]?.monitorId ?? 0)
    expect((await statusPages.get(page.id)).components).toEqual([])
  })

  test('is for admins, reading for everybody in the organization', async () => {
    const page = await createPage(service, ours)
    const member = service.client(cast.member.session).uptime.statusPages
    expect(await codeOf(member.update(page.id, { title: 'x' }))).toBe('ROLE_INSUFFICIENT')
    expect(await service.client(cast.viewer.session).uptime.statusPages.get(page.id)).toEqual(page)
  })
})

describe('the password', () => {
  test('is set and cleared, is never shown, and leaves no trace in the log', async () => {
    const page = await createPage(service, ours)
    expect(await statusPages.setPassword(page.id, { password: 'open sesame' })).toEqual({ hasPassword: true })
    expect(await statusPages.get(page.id)).toEqual({ ...page, hasPassword: true })
    const { db } = service.services.database
    const stored = await db.selectFrom('status_pages').selectAll().where('id', '=', page.id).executeTakeFirstOrThrow()
    expect(stored.password_hash).toMatch(/^\$argon2id\$/)
    expect(await statusPages.setPassword(page.id, { password: '' })).toEqual({ hasPassword: false })
    await statusPages.setPassword(page.id, { password: 'another one' })
    expect(await statusPages.setPassword(page.id, { password: null })).toEqual({ hasPassword: false })
    expect(await pathsOf(statusPages.setPassword(page.id, { password: 'short' }))).toEqual(['password'])
    const rows = await auditOf(service, `status_page:${page.id}`)
    expect(rows.map(({ action }) => action)).toEqual([
      'CREATE_STATUS_PAGE',
      'SET_STATUS_PAGE_PASSWORD',
      'CLEAR_STATUS_PAGE_PASSWORD',
      'SET_STATUS_PAGE_PASSWORD',
      'CLEAR_STATUS_PAGE_PASSWORD',
    ])
    expect(JSON.stringify(rows) + service.logged.join()).not.toMatch(/sesame|another one|argon2/)
  })
})

describe('subscribers', () => {
  test('are listed page by page, and removed', async () => {
    const page = await createPage(service, ours)
    const other = await createPage(service, ours)
    const people = [await subscriber(service, page.id), await subscriber(service, page.id, { isConfirmed: false })]
    await subscriber(service, other.id)
    const listed = await statusPages.listSubscribers(page.id)
    expect(listed.map(({ email }) => email)).toEqual(people.map(({ email }) => email).reverse())
    expect(listed.map(({ confirmedAt }) => confirmedAt)).toEqual([null, service.clock.now().toISOString()])
    const seen: string[] = []
    for await (const { email } of statusPages.listSubscribers(page.id, { limit: 1 })) seen.push(email)
    expect(seen).toHaveLength(2)
    await statusPages.deleteSubscriber(page.id, people[0]?.id ?? 0)
    expect(await codeOf(statusPages.deleteSubscriber(page.id, people[0]?.id ?? 0))).toBe('NOT_FOUND')
    expect(await codeOf(statusPages.deleteSubscriber(other.id, people[1]?.id ?? 0))).toBe('NOT_FOUND')
    expect(await statusPages.listSubscribers(page.id)).toHaveLength(1)
    const member = service.client(cast.member.session).uptime.statusPages
    expect(await codeOf(member.listSubscribers(page.id))).toBe('ROLE_INSUFFICIENT')
  })

  test('go with their page', async () => {
    const page = await createPage(service, ours)
    const { id } = await subscriber(service, page.id)
    await statusPages.delete(page.id)
    const { db } = service.services.database
    expect(await db.selectFrom('status_page_subscribers').select('id').where('id', '=', id).execute()).toEqual([])
    expect((await auditOf(service, `status_page:${page.id}`)).at(-1)).toMatchObject({
      action: 'DELETE_STATUS_PAGE',
      meta: { snapshot: { slug: page.slug, title: 'Acme' } },
    })
  })
})
