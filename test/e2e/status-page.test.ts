import { serve } from '@hono/node-server'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { createCast } from '../support/actors.ts'
import { openBrowser, openPage } from '../support/browser.ts'
import { freshService } from '../support/service.ts'
import { lifelikePage } from '../support/status-page-data.ts'
import { createPage } from '../support/status-pages.ts'

/** The page as its visitors meet it, in a real browser over a real socket. */

const service = await freshService({ env: { PUBLIC_URL: 'http://127.0.0.1' } })
const cast = await createCast(service)
const ours = cast.owner.organizationId
const { statusPages } = service.client(cast.owner.session).uptime
const lifelike = await lifelikePage(service, ours)
await service.services.queue.start()

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

describe('a page with some months behind it', () => {
  const looks = [
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
    { width: 768, colorScheme: 'light' },
    { width: 360, colorScheme: 'light' },
    { width: 360, colorScheme: 'dark' },
  ] as const

  test.each(looks)('reads well at $width pixels in the $colorScheme', async (look) => {
    const { page, complaints, requested } = await openPage(browser, look)
    await page.goto(addressOf(lifelike.page.slug))
    const folder = process.env.OWLERY_SCREENSHOTS
    if (folder !== undefined) {
      await page.screenshot({ path: `${folder}/status-${look.width}-${look.colorScheme}.png`, fullPage: true })
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width)
    await page.locator('summary').first().click()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width)
    expect(await leastContrast(page)).toBeGreaterThanOrEqual(4.5)
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
    await page.context().close()
  })

  test('takes an address for mail, by keyboard, and says so aloud', async () => {
    const { page, complaints } = await openPage(browser)
    await page.goto(addressOf(lifelike.page.slug))
    await page.getByRole('textbox', { name: 'E-mail address' }).focus()
    await page.keyboard.type('ada@example.com')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'a mail with a link is on its way' }).waitFor()
    const subscribers = await statusPages.listSubscribers(lifelike.page.id)
    expect(subscribers.map(({ email }) => email)).toEqual(['ada@example.com'])
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

/** Of all text against its background, as WCAG 2 counts it. */
function leastContrast(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number)
    const luminance = (color) => {
      const [r, g, b] = channels(color).map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
      const color = getComputedStyle(element).backgroundColor
      return channels(color)[3] === 0 && element.parentElement ? behind(element.parentElement) : color
    }
    const texts = [...document.body.querySelectorAll('a, p, li, pre, code, time, h1, h2, h3, dt, dd, span, label, button, input, summary, strong')]
    return Math.min(...texts.filter((element) => element.checkVisibility()).map((element) => {
      const [light, dark] = [getComputedStyle(element).color, behind(element)].map(luminance).sort((a, b) => b - a)
      return (light + 0.05) / (dark + 0.05)
    }))
  })()`)
}
