import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { afterAll, expect, test, vi } from 'vitest'
import { root } from '../../scripts/lib/root.ts'
import { createToken } from '../support/actors.ts'
import { makeDue, newOwner } from '../support/engine.ts'
import { freshService } from '../support/service.ts'
import { dispatcherOf } from '../support/webhooks.ts'

/** The demo as a person runs it: a process of its own, against a server on a socket, with things that really fail. */

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.1' } })
await service.startJobs()
const owner = await newOwner(service)
const { token } = await createToken(service, owner, { scopes: ['*'] })
const { uptime } = service.client(owner.session)
const dispatcher = dispatcherOf(service)

const listening = Promise.withResolvers<number>()
const server = serve({ fetch: service.app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
  listening.resolve(port),
)
const url = `http://127.0.0.1:${await listening.promise}`
afterAll(() => new Promise((resolve) => server.close(resolve)))

function runDemo(...argv: readonly string[]) {
  const child = spawn(process.execPath, [join(root, 'scripts/demo.ts'), ...argv], {
    cwd: root,
    env: { PATH: process.env.PATH },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const ended = once(child, 'close').then(([code]) => Number(code))
  return {
    ended,
    output: () => output,
    says: (text: string) =>
      vi.waitFor(() => expect(output).toContain(text), { timeout: 60_000, interval: 20 }).then(() => output),
    async stop() {
      child.kill('SIGINT')
      expect(await ended).toBe(0)
      expect(output).toContain('the monitors of the demo are paused')
    },
  }
}

const made = async () => ({
  monitors: (await uptime.monitors.list({ tag: ['demo'] })).map(({ id }) => id),
  pages: (await uptime.statusPages.list()).map(({ id }) => id),
  windows: (await uptime.maintenanceWindows.list()).map(({ id }) => id),
  subscriptions: (await uptime.webhookSubscriptions.list()).map(({ id }) => id),
})

/** Every check would come at some moment of the next minute; what is not called is left to those who call. */
async function checkAll(): Promise<number> {
  for (const { id, type } of await uptime.monitors.list()) if (type !== 'heartbeat') await makeDue(service, id)
  return service.services.engine.runDue()
}

test('shows monitors that are checked, an incident, the page that tells of it, and does no harm the second time', async () => {
  const first = runDemo('--url', url, '--token', token, '--port', '0', '--soon')
  const shown = await first.says('Checkout fails now')
  const page = /http:\S+\/status\/([a-z-]+)/.exec(shown)
  const all = await uptime.monitors.list({ tag: ['demo'] })
  expect(all).toHaveLength(12)
  const idOf = (name: string) => all.find((monitor) => monitor.name === name)?.id ?? 0

  expect(await checkAll()).toBe(11)
  await vi.waitFor(async () => expect((await uptime.monitors.get(idOf('Nightly backup'))).lastStatus).toBe('up'))
  const found = (await uptime.monitors.list()).map(({ name, lastStatus }) => `${name} is ${lastStatus}`)
  expect(found.filter((one) => !one.endsWith(' is up')).sort()).toEqual(['Checkout is down', 'Reports is down'])
  expect(await uptime.checkHistory.list(idOf('Checkout'))).toMatchObject([{ status: 'down', statusCode: 503 }])
  // The other one that fails is in maintenance.
  expect(await uptime.incidents.list()).toMatchObject([{ title: 'Checkout is down', monitorId: idOf('Checkout') }])

  const html = await (await fetch(page?.[0] ?? '')).text()
  expect(html).toContain('Checkout is down')
  expect(html).toContain('Some systems are down')
  const data = await uptime.publicStatusPages.get(page?.[1] ?? '')
  expect(data.monitors).toHaveLength(7)
  expect(data.maintenance).toMatchObject([{ status: 'active', monitorIds: [idOf('Reports')] }])

  await vi.waitFor(
    async () => {
      await dispatcher.run()
      expect(first.output()).toContain('webhook: incident.opened Checkout down')
    },
    { timeout: 60_000, interval: 100 },
  )
  await first.stop()
  expect((await uptime.monitors.list()).every(({ paused }) => paused)).toBe(true)

  const before = await made()
  const second = runDemo('--url', url, '--token', token, '--port', '0')
  await second.says('Checkout fails in about a minute')
  expect(await made()).toEqual(before)
  expect((await uptime.monitors.list()).some(({ paused }) => paused)).toBe(false)
  service.clock.advance(1000)
  expect(await checkAll()).toBe(11)
  expect(await uptime.incidents.list()).toMatchObject([{ title: 'Checkout is down', status: 'resolved' }])
  await second.stop()
})

test.each([
  ['without a token', [], 'A token is missing.'],
  ['with one that nobody knows', ['--url', url, '--token', 'obs_unknown', '--port', '0'], 'does not know this token'],
  ['where no service is', ['--url', 'http://127.0.0.1:9', '--token', 'x', '--port', '0'], 'Nothing answers there.'],
])('%s it says so and ends', async (_case, argv, text) => {
  const demo = runDemo(...argv)
  expect(await demo.ended).toBe(1)
  await demo.says(text)
})
