import { serve } from '@hono/node-server'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { createCast } from '../support/actors.ts'
import { accessibilityFaults } from '../support/axe.ts'
import { openBrowser, openPage } from '../support/browser.ts'
import { leastContrast } from '../support/contrast.ts'
import { freshService } from '../support/service.ts'
import { lifelikePage } from '../support/status-page-data.ts'
import { createPage, subscriber } from '../support/status-pages.ts'

/** The page as its visitors meet it, in a real browser over a real socket. */

const service = await freshService({ env: { PUBLIC_URL: 'http://127.0.0.1' } })
const cast = await createCast(service)
const ours = cast.owner.organizationId
const { statusPages } = service.client(cast.owner.session).uptime
const lifelike = await lifelikePage(service, ours)
await service.startJobs()

const browser = await openBrowser()
const listening = Promise.withResolvers<number>()
const server = serve({ fetch: service.app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
  listening.resolve(port),
)
const base = `http://127.0.0.1:${await listening.promise}`

afterAll(async () => {
  await browser.close()
  await new Promise((resolve) => server.close(resolve))
})

const addressOf = (slug: string) => `${base}/status/${slug}`

const widths = [1280, 800, 360]
const schemes = ['light', 'dark'] as const

/** The page at every width, for people to look at too where they name a folder for its pictures. */
async function expectFits(page: Page, name: string): Promise<void> {
  const folder = process.env.OWLERY_SCREENSHOTS
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  }
}

describe('a page with some months behind it', () => {
  test.each(schemes)('reads well in the %s', async (colorScheme) => {
    const { page, complaints, requested } = await openPage(browser, { colorScheme })
    await page.goto(addressOf(lifelike.page.slug))
    await expectFits(page, `status-${colorScheme}`)
    await page.locator('summary').first().click()
    await expectFits(page, `status-open-${colorScheme}`)
    expect(await leastContrast(page)).toBeGreaterThanOrEqual(4.5)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      expect(await accessibilityFaults(page)).toEqual([])
    }
    expect(requested.filter((url) => !url.startsWith(base))).toEqual([])
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('can be heard: landmarks, headings without gaps, names for everything', async () => {
    const { page } = await openPage(browser)
    await page.goto(addressOf(lifelike.page.slug))
    expect(await page.evaluate('document.documentElement.lang')).toBe('en')
    expect(await page.title()).toBe('Acme status')
    for (const role of ['banner', 'main', 'contentinfo'] as const) expect(await page.getByRole(role).count()).toBe(1)
    const levels = await page.evaluate<number[]>(
      `[...document.querySelectorAll('h1, h2, h3')].map(({ tagName }) => Number(tagName[1]))`,
    )
    expect(levels[0]).toBe(1)
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1)
    const bars = page.getByRole('img', { name: /^Uptime of the last 90 days: [\d.]+ %, \d+ days? with interruptions$/ })
    expect(await bars.count()).toBe(4)
    expect(await page.getByRole('img', { name: 'No data of the last 90 days' }).count()).toBe(1)
    expect(await page.getByRole('textbox', { name: 'E-mail address' }).count()).toBe(1)
    expect(await page.evaluate(`document.querySelectorAll('img:not([alt]), svg:not([aria-label])').length`)).toBe(0)
    await page.context().close()
  })

  test('says what is and what was', async () => {
    const { page } = await openPage(browser)
    await page.goto(addressOf(lifelike.page.slug))
    const card = (title: string) =>
      page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title, exact: true }) })
    await page.getByText('Some systems are down').waitFor()
    expect(await card('Webhooks').getByText('Down', { exact: true }).count()).toBe(1)
    expect(await card('Nightly backup').getByRole('definition').allInnerTexts()).toEqual(Array(3).fill('no data'))
    const open = page.locator(`#incident-${lifelike.open}`)
    expect(await open.locator('.told').first().innerText()).toContain('Deliveries are catching up')
    expect(await open.locator('strong', { hasText: 'late, not lost' }).count()).toBe(1)
    await page.locator(`#incident-${lifelike.past} summary`).click()
    expect(await page.locator(`#incident-${lifelike.past}`).innerText()).toContain('Nobody renewed the certificate.')
    expect(await card('New database for the websites').innerText()).toContain('Shop, Customer portal')
    // When that is here, for whoever points at it.
    for (const time of await page.locator('time').all()) expect(await time.getAttribute('title')).toMatch(/\d:\d\d/)
    await page.context().close()
  })

  test('takes an address for mail, by keyboard, and says so aloud', async () => {
    const { page, complaints } = await openPage(browser)
    await page.goto(addressOf(lifelike.page.slug))
    await page.getByRole('textbox', { name: 'E-mail address' }).focus()
    await page.keyboard.type('ada@example.com')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'a mail with a link is on its way' }).waitFor()
    await expect
      .poll(async () => (await statusPages.listSubscribers(lifelike.page.id)).map(({ email }) => email), {
        timeout: 15_000,
      })
      .toEqual(['ada@example.com'])
    expect(complaints).toEqual([])
    await page.context().close()
  })
})

test('a protected page asks for its password, shows nothing before, and opens', async () => {
  const protectedPage = await createPage(service, ours, { title: 'Members only' })
  await statusPages.setPassword(protectedPage.id, { password: 'open sesame' })
  const { page } = await openPage(browser)
  await page.goto(addressOf(protectedPage.slug))
  expect(await page.getByText('Systems').count()).toBe(0)
  const field = page.getByRole('textbox', { name: 'Password' })
  await field.fill('wrong')
  await page.getByRole('button', { name: 'Show the page' }).click()
  await page.getByRole('status').filter({ hasText: 'Wrong password' }).waitFor()
  await field.fill('open sesame')
  await page.getByRole('button', { name: 'Show the page' }).click()
  await page.getByRole('heading', { name: 'Systems' }).waitFor()
  expect(await page.evaluate('document.cookie')).toBe('')
  await page.context().close()
})

const publicData = `${base}/api/v1/status-pages/public`

test.each([
  [
    'Members only',
    async () => {
      const { id, slug } = await createPage(service, ours, { title: 'Members only', accentColor: '#ffd400' })
      await statusPages.setPassword(id, { password: 'open sesame' })
      return addressOf(slug)
    },
  ],
  ['Bare', async () => addressOf((await createPage(service, ours, { title: 'Bare', components: [] })).slug)],
  ['Not found', async () => addressOf('nowhere')],
  [
    'Subscribed',
    async () => {
      const { token } = await subscriber(service, lifelike.page.id, { isConfirmed: false })
      return `${publicData}/${lifelike.page.slug}/subscribe/confirm?token=${token}`
    },
  ],
  [
    'Unsubscribed',
    async () => `${publicData}/unsubscribe?token=${(await subscriber(service, lifelike.page.id)).token}`,
  ],
])('everybody can use the page that is headed %s', async (heading, address) => {
  const { page } = await openPage(browser)
  await page.goto(await address())
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme })
    await expectFits(page, `${heading.replace(' ', '-')}-${colorScheme}`)
    expect(await accessibilityFaults(page)).toEqual([])
  }
  await page.context().close()
})

test('what keeps people out is noticed', async () => {
  const { page } = await openPage(browser)
  await page.goto(addressOf(lifelike.page.slug))
  await page.evaluate(`document.querySelector('label').replaceWith(document.querySelector('input'))`)
  expect((await accessibilityFaults(page)).join()).toContain('critical label at input')
  await page.context().close()
})

test('nothing that people write becomes markup or a script', async () => {
  const evil = '<img src=x onerror=alert(1)><script>alert(1)</script>"\'&'
  const markdown = `${evil}\n\n[x](javascript:alert(1)) [y](https://a.example/"onmouseover="alert(1)) **${evil}**`
  const written = await createPage(service, ours, {
    title: evil,
    description: markdown,
    footerLinks: [{ label: evil, url: 'https://a.example/' }],
    customCss: 'h1::after { content: "styled" }',
  })
  const { page, requested, complaints } = await openPage(browser)
  let dialogs = 0
  page.on('dialog', (dialog) => {
    dialogs++
    void dialog.dismiss()
  })
  await page.goto(addressOf(written.slug))
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(evil)
  expect(await page.evaluate(`getComputedStyle(document.querySelector('h1'), '::after').content`)).toBe('"styled"')
  expect(await page.locator('img').count()).toBe(0)
  expect(await page.locator('script').count()).toBe(1)
  expect(await page.locator('a[href^="javascript"], [onmouseover], [onerror]').count()).toBe(0)
  expect(dialogs).toBe(0)
  expect(requested.filter((url) => !url.startsWith(base))).toEqual([])
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a custom domain shows its page at the root, and no other host does', async () => {
  const { id } = await createPage(service, ours, { title: 'By its own name' })
  await statusPages.update(id, { customDomain: 'owlery.test' })
  const { page, complaints } = await openPage(browser)
  await page.goto(base.replace('127.0.0.1', 'owlery.test'))
  expect(await page.title()).toBe('By its own name')
  expect(complaints).toEqual([])
  const elsewhere = await fetch(base)
  expect(elsewhere.status).toBe(404)
  expect(await elsewhere.text()).toContain('There is no status page here')
  expect((await fetch(addressOf('nowhere'))).status).toBe(404)
  await page.context().close()
})
