import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { emit } from '@owlery/server/uptime/events.ts'
import { describe, expect, test, vi } from 'vitest'
import { createCast } from '../support/actors.ts'
import { openIncident } from '../support/incidents.ts'
import { pathsOf, website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'
import { createPage, subscriber } from '../support/status-pages.ts'
import { wake } from '../support/wake.ts'

const service = await freshService()
const cast = await createCast(service)
const { monitors, statusPages } = service.client(cast.owner.session).uptime
const visitors = service.client().uptime.publicStatusPages
const { db } = service.services.database
const ours = cast.owner.organizationId
await service.startJobs()
const slow = { timeout: 30_000, interval: 50 }

/** Mails as they lie in the outbox, unfolded, with soft line ends taken out. */
function mails(to: string): string[] {
  const folder = join(service.dataDir, 'outbox')
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(folder, name), 'utf8'))
  return texts
    .filter((text) => text.includes(`To: ${to}\n`))
    .map((text) =>
      text
        .replaceAll(/\n[ \t]+/g, ' ')
        .replaceAll(/=\n/g, '')
        .replaceAll('=3D', '='),
    )
}

async function mailsTo(address: string, count: number): Promise<string[]> {
  await vi.waitFor(async () => {
    await wake(service, ['status-page.subscribe', 'uptime.event', 'mail.send'])
    expect(mails(address)).toHaveLength(count)
  }, slow)
  return mails(address)
}

const tokenIn = (mail: string | undefined, path: string) =>
  new RegExp(`${path}\\?token=([\\w-]{43})`).exec(mail ?? '')?.[1] ?? ''

async function shown() {
  const { id } = await monitors.create(website())
  const page = await createPage(service, ours, {
    title: 'Acme “status”',
    components: [{ monitorId: id, name: 'Shop' }],
  })
  return { monitorId: id, page }
}

async function requests(which = ''): Promise<number> {
  const { rows } = await service.services.database.executeSql(
    `SELECT id FROM jobs.job WHERE name = 'status-page.subscribe' ${which}`,
    [],
  )
  return rows.length
}

/** Until everybody who asked for mail has been heard. */
const heard = () =>
  vi.waitFor(async () => {
    const waiting = await requests(`AND state < 'completed'`)
    if (waiting > 0) await wake(service, ['status-page.subscribe'])
    expect(waiting).toBe(0)
  }, slow)

const subscribers = async (pageId: number) =>
  (await statusPages.listSubscribers(pageId)).map(({ email, confirmedAt }) => [email, confirmedAt !== null])

async function happen(type: 'incident.opened' | 'incident.resolved', incidentId: number, monitorId: number) {
  await db.transaction().execute((tx) =>
    emit(service.services.queue, tx, {
      id: `incident.${incidentId}.${type.slice(9)}`,
      type,
      organizationId: ours,
      monitorId,
      incidentId,
      at: service.clock.now().toISOString(),
      data: {},
    }),
  )
}

describe('subscribing', () => {
  test('takes a link from a mail, and answers the same to everybody', async () => {
    const { page } = await shown()
    const answers = new Set<string>()
    const ask = async (email: string) => {
      const before = await requests()
      const body = JSON.stringify({ email })
      const url = `${origin}/api/v1/status-pages/public/${page.slug}/subscribe`
      const headers = { 'content-type': 'application/json' }
      const answer = await service.fetch(url, { method: 'POST', headers, body })
      answers.add(`${answer.status} ${await answer.text()}`)
      // Whatever the address, no more is done before the answer, so its time tells nothing either.
      expect(await requests()).toBe(before + 1)
      await heard()
    }
    const email = `ada-${page.slug}@example.com`
    await ask(email)
    await ask(email.toUpperCase())
    expect(await subscribers(page.id)).toEqual([[email, false]])
    const [mail] = await mailsTo(email, 1)
    const token = tokenIn(mail, 'subscribe/confirm')
    const other = await shown()
    expect(await pathsOf(visitors.confirmSubscription(other.page.slug, { token }))).toEqual(['token'])
    for (let time = 0; time < 2; time++) {
      expect(await visitors.confirmSubscription(page.slug, { token })).toHaveProperty('message')
    }
    expect(await subscribers(page.id)).toEqual([[email, true]])
    await ask(email)
    expect(answers.size).toBe(1)
    expect(mails(email)).toHaveLength(1)
    const row = await db.selectFrom('status_page_subscribers').selectAll().where('email', '=', email).execute()
    expect(JSON.stringify(row)).not.toContain(token)
  })

  test('a link is good for two days; later one asks anew', async () => {
    const { page } = await shown()
    const email = `late-${page.slug}@example.com`
    await visitors.subscribe(page.slug, { email })
    const [mail] = await mailsTo(email, 1)
    const token = tokenIn(mail, 'subscribe/confirm')
    service.clock.advance(48 * 3_600_000)
    expect(await pathsOf(visitors.confirmSubscription(page.slug, { token }))).toEqual(['token'])
    await visitors.subscribe(page.slug, { email })
    const fresh = (await mailsTo(email, 2))
      .map((one) => tokenIn(one, 'subscribe/confirm'))
      .filter((one) => one !== token)
    await visitors.confirmSubscription(page.slug, { token: fresh[0] ?? '' })
    expect(await subscribers(page.id)).toEqual([[email, true]])
  })

  test('a browser gets a page', async () => {
    const { page } = await shown()
    const { token } = await subscriber(service, page.id)
    const url = `${origin}/api/v1/status-pages/public/unsubscribe?token=${token}`
    const answer = await service.fetch(url, { headers: { accept: 'text/html,*/*;q=0.8' } })
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await answer.text()).toContain('You will get no more mail.')
    const stale = await service.fetch(`${origin}/api/v1/status-pages/public/${page.slug}/subscribe/confirm?token=x`, {
      headers: { accept: 'text/html,*/*;q=0.8' },
    })
    expect([stale.status, stale.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8'])
    const html = await stale.text()
    expect(html).toContain('This link is not valid any more; subscribe again')
    expect(html).toContain(`href="/status/${page.slug}"`)
  })
})

describe('mail about an incident', () => {
  test('goes to those who confirmed, once, with a way out of it', async () => {
    const { monitorId, page } = await shown()
    const reader = await subscriber(service, page.id)
    const unconfirmed = await subscriber(service, page.id, { isConfirmed: false })
    const elsewhere = await subscriber(service, (await shown()).page.id)
    // Who comes after it happened sees the page as it is by then.
    service.clock.advance(60_000)
    const late = await subscriber(service, page.id)
    service.clock.advance(-60_000)
    const { name } = await monitors.get(monitorId)
    const incident = await openIncident(service, ours, { monitorId, monitorName: name })
    service.clock.advance(1000)
    await happen('incident.opened', incident, monitorId)
    await happen('incident.opened', incident, monitorId)
    const [opened] = await mailsTo(reader.email, 1)
    expect(opened).toContain('Shop is down')
    expect(opened).not.toContain(name)
    const url = `${origin}/api/v1/status-pages/public/unsubscribe?token=${reader.token}`
    expect(opened).toContain(`List-Unsubscribe: <${url}>`)
    expect(opened).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')

    await service.client(cast.owner.session).uptime.incidents.createUpdate(incident, {
      status: 'identified',
      body: 'A disk is full.',
    })
    expect((await mailsTo(reader.email, 2)).some((mail) => mail.includes('A disk is full.'))).toBe(true)
    await happen('incident.resolved', incident, monitorId)
    expect((await mailsTo(reader.email, 3)).some((mail) => mail.includes('Resolved: Shop is down'))).toBe(true)
    expect([unconfirmed, elsewhere, late].flatMap(({ email }) => mails(email))).toEqual([])

    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    for (let time = 0; time < 2; time++) {
      const body = 'List-Unsubscribe=One-Click'
      expect((await service.fetch(url, { method: 'POST', headers: form, body })).status).toBe(200)
    }
    expect((await subscribers(page.id)).map(([email]) => email)).toEqual([late.email, unconfirmed.email])
  }, 60_000)

  test('says nothing of missed targets, of what another incident explains, and of hidden pages', async () => {
    const { monitorId, page } = await shown()
    const hidden = await createPage(service, ours, { isPublic: false, components: [{ monitorId }] })
    const readers = [await subscriber(service, page.id), await subscriber(service, hidden.id)]
    service.clock.advance(1000)
    const parent = await openIncident(service, ours, { monitorId: null })
    const slo = await openIncident(service, ours, { monitorId, cause: 'slo' })
    const child = await openIncident(service, ours, { monitorId, suppressedById: parent })
    await happen('incident.opened', slo, monitorId)
    await happen('incident.opened', child, monitorId)
    await db.updateTable('incidents').set({ resolved_at: service.clock.now() }).where('id', '=', child).execute()
    const told = await openIncident(service, ours, { monitorId })
    await happen('incident.opened', told, monitorId)
    await mailsTo(readers[0]?.email ?? '', 1)
    expect(mails(readers[1]?.email ?? '')).toEqual([])
  }, 60_000)
})
