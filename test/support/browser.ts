import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Tests that need a browser. A run leaves them out, and says so, where none is installed. */
export const browserTests = ['test/e2e/docs.test.ts', 'test/e2e/status-page.test.ts', 'test/client/browser.test.ts']

export function isBrowserInstalled(): boolean {
  return existsSync(executablePath)
}

const quiet = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

/** Chromium that reaches nothing but this machine, also as owlery.test; every other name and address is unknown to it. */
export async function openBrowser(): Promise<Browser> {
  if (!isBrowserInstalled()) throw new Error(`there is no browser at ${executablePath}; set CHROMIUM to one`)
  // Loaded here, because the test configuration reads this file only to learn whether there is a browser.
  const { chromium } = await import('playwright-core')
  return chromium.launch({
    executablePath,
    args: [...quiet, '--host-resolver-rules=MAP owlery.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  })
}

export type WatchedPage = {
  readonly page: Page
  /** Every address that it has asked for. */
  readonly requested: readonly string[]
  /** What went wrong: answers from 400 on, requests without one, faults on the console, breaches of the policy. */
  readonly complaints: readonly string[]
}

type Look = { readonly width?: number; readonly height?: number; readonly colorScheme?: 'light' | 'dark' }

/** A page with a storage of its own. */
export async function openPage(
  browser: Browser,
  { width = 1280, height = 900, colorScheme = 'light' }: Look = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme })
  context.setDefaultTimeout(15_000)
  const requested: string[] = []
  const complaints: string[] = []
  context.on('request', (request) => requested.push(request.url()))
  context.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`))
  context.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
  })
  context.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type())) complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  const page = await context.newPage()
  page.on('websocket', (socket) => requested.push(socket.url()))
  return { page, requested, complaints }
}
