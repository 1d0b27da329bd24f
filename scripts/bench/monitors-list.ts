import { createClient } from '@owlery/client'
import { generateLoad, type LoadResult } from '../lib/load.ts'
import { bootstrapToken, type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { median, row } from './figures.ts'

const monitors = 3000
const rounds = 5
const seconds = 3
const mostMs = 20

/** The list of an organization of 3,000 monitors, a page of it and as much as one page holds, against bare handlers. */
export async function monitorsList(): Promise<void> {
  await using postgres = await startPostgres()
  const env = { DATABASE_URL: postgres.url, ...sharedSecrets }
  const ours = await startServer({
    env: { ...env, OWLERY_BOOTSTRAP_TOKEN: bootstrapToken, RATE_LIMIT_SCALE: '1000000' },
    // Nobody is to be called for these monitors.
    arguments: ['--role', 'api'],
    core: 0,
  })
  const bare = await startServer({ script: 'scripts/bench/bare-server.ts', env, core: 0 })
  try {
    await createMonitors(ours.url)
    await compare('?limit=50', ours, bare)
    await compare('?limit=200', ours, bare)
    // As many as come without a limit, and the most there are.
    await compare('?limit=500', ours, bare)
  } finally {
    ours.signal('SIGTERM')
    bare.signal('SIGTERM')
    await Promise.all([ours.ended, bare.ended])
  }
}

async function createMonitors(url: string): Promise<void> {
  const { uptime } = createClient({ baseUrl: url, token: bootstrapToken })
  for (let first = 0; first < monitors; first += 100) {
    await uptime.monitors.bulkCreate({
      monitors: Array.from({ length: 100 }, (_, index) => ({
        name: `Shop ${first + index}: the checkout as its customers see it`,
        url: `https://1.1.1.1/shops/${first + index}/checkout/health`,
        type: 'https' as const,
        intervalSec: 300 as const,
        tags: ['shop', `region-${index % 7}`],
      })),
    })
  }
}

/** One caller after the other, as somebody who opens the page has it; turn about with the bare handler. */
async function compare(query: string, ours: ServerProcess, bare: ServerProcess): Promise<void> {
  const request = {
    method: 'GET',
    path: `/api/v1/monitors${query}`,
    headers: { authorization: `Bearer ${bootstrapToken}` },
  }
  const measure = ({ port }: ServerProcess): Promise<LoadResult> =>
    generateLoad({ port, connections: 1, seconds, request: () => request })
  await measure(ours)
  await measure(bare)
  const slowest: number[] = []
  const usual: number[] = []
  const floors: number[] = []
  for (let round = 0; round < rounds; round++) {
    const floor = await measure(bare)
    const speed = await measure(ours)
    if (speed.errors + floor.errors > 0)
      throw new Error(`${query}: ${speed.errors} and ${floor.errors} failed requests`)
    slowest.push(speed.p99)
    usual.push(speed.p50)
    floors.push(floor.p99)
  }
  const p99 = median(slowest)
  row(
    `GET  /api/v1/monitors${query}`,
    `p99 ${p99.toFixed(1)} ms`,
    `p50 ${median(usual).toFixed(1)} ms; at most ${mostMs} ms wanted; bare p99 ${median(floors).toFixed(1)} ms; ${monitors} monitors`,
  )
  if (p99 > mostMs) process.exitCode = 1
}
