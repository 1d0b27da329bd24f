import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@owlery/client'
import { generateLoad } from '../lib/load.ts'
import { bootstrapToken, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { median, row } from './figures.ts'

const rounds = 5
const seconds = 4
const connections = 64
const monitors = 200
const leastPerSecond = 3000

/** Heartbeats that are committed before they are answered, spread over many monitors: on PostgreSQL and embedded. */
export async function heartbeats(): Promise<void> {
  await measure('heartbeats, embedded', {})
  await using postgres = await startPostgres()
  await measure('heartbeats, PostgreSQL', { DATABASE_URL: postgres.url })
}

async function measure(name: string, database: Readonly<Record<string, string>>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'owlery-bench-'))
  const env = { ...sharedSecrets, DATA_DIR: folder, OWLERY_BOOTSTRAP_TOKEN: bootstrapToken, ...database }
  const server = await startServer({ env, core: 0 })
  try {
    const tokens = await createHeartbeats(server.url)
    const load = () =>
      generateLoad({
        port: server.port,
        connections,
        seconds,
        request: (index) => ({ method: 'POST', path: `/api/v1/heartbeats/${tokens[index % tokens.length]}` }),
      })
    await load()
    const speeds: number[] = []
    let slowest = 0
    for (let round = 0; round < rounds; round++) {
      const { perSecond, p99, errors } = await load()
      if (errors > 0) throw new Error(`${name}: ${errors} heartbeats failed`)
      speeds.push(perSecond)
      slowest = Math.max(slowest, p99)
    }
    const speed = median(speeds)
    row(name, `${speed.toFixed(0)}/s`, `at least ${leastPerSecond}/s wanted; p99 ${slowest.toFixed(1)} ms`)
    if (speed < leastPerSecond) process.exitCode = 1
  } finally {
    server.signal('SIGTERM')
    await server.ended
    await rm(folder, { recursive: true, force: true })
  }
}

async function createHeartbeats(url: string): Promise<string[]> {
  const client = createClient({ baseUrl: url, token: bootstrapToken })
  const tokens: string[] = []
  for (let first = 0; first < monitors; first += 100) {
    const { monitors: made } = await client.uptime.monitors.bulkCreate({
      monitors: Array.from({ length: 100 }, (_, index) => ({
        name: `job ${first + index}`,
        url: 'a job',
        type: 'heartbeat' as const,
        intervalSec: 60 as const,
      })),
    })
    for (const { id } of made) {
      const { heartbeatToken } = await client.uptime.monitors.rotateHeartbeatToken(id)
      tokens.push(heartbeatToken)
    }
  }
  return tokens
}
