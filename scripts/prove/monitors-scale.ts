import { createClient } from '@owlery/client'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import type { Tables } from '@owlery/server/db/tables.ts'
import { findMonitor, listMonitors } from '@owlery/server/uptime/monitors.store.ts'
import type { Kysely } from 'kysely'
import { sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { fillOrganizations, type Ground } from './monitors-ground.ts'
import { planOf } from './plan-of.ts'
import type { Proof } from './proof.ts'

const mostRatio = 1.5

/** A monitor and a page of monitors cost the same in an organization of 100,000 as in one of 100. */
export const monitorsScale: Proof = {
  summary: 'monitors are read as fast among 100,000 as among 100, and paged without a gap (400 requests of each kind)',
  async prove(requests = 400) {
    await using postgres = await startPostgres()
    const env = { DATABASE_URL: postgres.url, ...sharedSecrets }
    const server = await startServer({ env })
    const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 4 })
    try {
      const ground = await fillOrganizations(database)
      const indexed = await explain(database, ground)
      const fast = await compare(server.url, ground, requests)
      const whole = await pageThrough(server.url, ground)
      return indexed && fast && whole
    } finally {
      await database.close()
      server.signal('SIGTERM')
      await server.ended
    }
  },
}

/** The plans of the statements that the store itself makes. */
async function explain(database: Database, { large }: Ground): Promise<boolean> {
  const { organizationId, firstId, lastId } = large
  const middle = Math.floor((firstId + lastId) / 2)
  const page = { tags: [], limit: 50, before: undefined, offset: 0 }
  const reads: [name: string, read: (db: Kysely<Tables>) => Promise<unknown>][] = [
    ['get', (db) => findMonitor(db, organizationId, middle)],
    ['list', (db) => listMonitors(db, organizationId, page)],
    ['list, a page in the middle', (db) => listMonitors(db, organizationId, { ...page, before: middle })],
    ['list of a tag that all have', (db) => listMonitors(db, organizationId, { ...page, tags: ['all'] })],
    ['list of a tag that few have', (db) => listMonitors(db, organizationId, { ...page, tags: ['rare'] })],
    ['list of both tags', (db) => listMonitors(db, organizationId, { ...page, tags: ['all', 'rare'] })],
    [
      'list of two tags that none has together',
      (db) => listMonitors(db, organizationId, { ...page, tags: ['even', 'odd'] }),
    ],
  ]
  let held = true
  for (const [name, read] of reads) {
    const plan = await planOf(database, read)
    const isIndexed = !plan.some((line) => line.includes('Seq Scan'))
    held &&= isIndexed
    console.log(`\n${name}: ${isIndexed ? 'by index' : 'READS A WHOLE TABLE'}`)
    for (const line of plan) console.log(`  ${line}`)
  }
  return held
}

async function compare(url: string, { small, large }: Ground, requests: number): Promise<boolean> {
  const pathOf = { get: (id: number) => `/${id}`, list: () => '?limit=50', 'list of a tag': () => '?limit=50&tag=all' }
  let held = true
  for (const [name, path] of Object.entries(pathOf)) {
    const measured: Record<'small' | 'large', number[]> = { small: [], large: [] }
    // The first tenth warms up. Turn about, so that whatever else the machine does falls on both.
    for (let index = 0; index < requests * 1.1; index++) {
      for (const [size, { token, firstId, lastId }] of [
        ['small', small],
        ['large', large],
      ] as const) {
        const id = firstId + Math.floor(Math.random() * (lastId - firstId + 1))
        const before = performance.now()
        const answer = await fetch(`${url}/api/v1/monitors${path(id)}`, {
          headers: { authorization: `Bearer ${token}` },
        })
        await answer.arrayBuffer()
        if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
        if (index >= requests * 0.1) measured[size].push(performance.now() - before)
      }
    }
    const [few, many] = [p95(measured.small), p95(measured.large)]
    const isFast = many <= few * mostRatio
    held &&= isFast
    console.log(
      `${name.padEnd(16)}p95 ${few.toFixed(2)} ms among 100, ${many.toFixed(2)} ms among 100,000: ${isFast ? 'fine' : 'TOO SLOW'}`,
    )
  }
  return held
}

function p95(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0
}

/** Every monitor that was there at the start comes exactly once, whatever is created meanwhile. */
async function pageThrough(url: string, { large }: Ground): Promise<boolean> {
  const { uptime } = createClient({ baseUrl: url, token: large.token })
  const state = { reading: true, created: 0 }
  const writers = Array.from({ length: 10 }, async (_, writer) => {
    while (state.reading) {
      await uptime.monitors.create({ name: `meanwhile ${writer} ${state.created++}`, url: '1.1.1.1', type: 'ping' })
    }
  })
  const seen = new Map<number, number>()
  for await (const { id } of uptime.monitors.list({ limit: 500 })) seen.set(id, (seen.get(id) ?? 0) + 1)
  state.reading = false
  await Promise.all(writers)
  let missing = 0
  for (let id = large.firstId; id <= large.lastId; id++) if (!seen.has(id)) missing++
  const repeated = [...seen.values()].filter((times) => times > 1).length
  console.log(
    `${seen.size} monitors read page by page while ${state.created} were created: ${missing} missing, ${repeated} repeated`,
  )
  return missing === 0 && repeated === 0 && state.created > 0
}
