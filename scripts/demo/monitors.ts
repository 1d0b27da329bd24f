import type { Client, MonitorCreate } from '@owlery/client'
import { address, type Targets } from './targets.ts'

const tag = 'demo'

export const names = { checkout: 'Checkout', reports: 'Reports', backup: 'Nightly backup' } as const

function wanted(targets: Targets): MonitorCreate[] {
  const page = (path: string) => ({ url: `${targets.origin}${path}`, type: 'http' as const, intervalSec: 30 as const })
  return [
    { name: 'Shop', ...page('/shop'), degradedResponseTimeMs: 500, tags: [tag, 'shop'] },
    { name: names.checkout, ...page('/checkout'), expectedStatusCode: 200, tags: [tag, 'shop', 'payments'] },
    { name: 'Search', ...page('/search'), degradedResponseTimeMs: 500, tags: [tag, 'shop'] },
    { name: 'Product API', ...page('/api/health'), alertThreshold: 2, tags: [tag, 'api'] },
    { name: 'Login', ...page('/login'), tags: [tag, 'accounts'] },
    { name: 'Blog', ...page('/blog'), type: 'keyword', keyword: 'Latest posts', intervalSec: 60, tags: [tag] },
    { name: names.reports, ...page('/reports'), tags: [tag, 'internal'] },
    { name: 'Order database', url: `${address}:${targets.databasePort}`, type: 'tcp', intervalSec: 30, tags: [tag] },
    { name: 'Cache', url: address, port: targets.cachePort, type: 'port', intervalSec: 30, tags: [tag] },
    { name: 'Mail', url: address, port: targets.mailPort, type: 'smtp', intervalSec: 60, tags: [tag] },
    { name: 'Gateway', url: address, type: 'ping', intervalSec: 60, tags: [tag, 'network'] },
    {
      name: names.backup,
      url: 'a job that reports when it is done',
      type: 'heartbeat',
      intervalSec: 30,
      heartbeatGraceSec: 15,
      tags: [tag],
    },
  ]
}

export type Made = ReadonlyMap<string, number>

/** The ids by name. What an earlier run has left behind is taken up again, pointed at the targets of this one. */
export async function prepareMonitors({ uptime }: Client, targets: Targets): Promise<Made> {
  const ids = new Map<string, number>()
  for await (const { id, name } of uptime.monitors.list({ tag: [tag] })) ids.set(name, id)
  const all = wanted(targets)
  const missing = all.filter(({ name }) => !ids.has(name))
  for (const { name, url, port } of all) {
    const id = ids.get(name)
    if (id !== undefined) await uptime.monitors.update(id, { url, paused: false, ...(port !== undefined && { port }) })
  }
  if (missing.length > 0) {
    const { monitors } = await uptime.monitors.bulkCreate({ monitors: missing })
    for (const { id, name } of monitors) ids.set(name, id)
  }
  return new Map(all.flatMap(({ name }) => entryOf(ids, name)))
}

function entryOf(ids: ReadonlyMap<string, number>, name: string): [string, number][] {
  const id = ids.get(name)
  return id === undefined ? [] : [[name, id]]
}

export function idOf(made: Made, name: string): number {
  const id = made.get(name)
  if (id === undefined) throw new Error(`there is no monitor called ${name}`)
  return id
}

/** Without their targets they would all be down for ever. */
export async function pauseMonitors({ uptime }: Client, made: Made): Promise<void> {
  await uptime.monitors.bulkUpdate({ ids: [...made.values()], patch: { paused: true } })
}
