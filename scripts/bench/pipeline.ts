import { generateLoad, type LoadResult } from '../lib/load.ts'
import { bootstrapToken, type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { median, row } from './figures.ts'

const rounds = 5
const seconds = 4
const connections = 32

/** (a) An authenticated read and a write through the whole pipeline, against the bare handlers with the same SQL. */
export async function pipeline(): Promise<void> {
  await using postgres = await startPostgres()
  const env = { DATABASE_URL: postgres.url, ...sharedSecrets }
  const ours = await startServer({
    env: { ...env, OWLERY_BOOTSTRAP_TOKEN: bootstrapToken, RATE_LIMIT_SCALE: '1000000' },
    core: 0,
  })
  const bare = await startServer({ script: 'scripts/bench/bare-server.ts', env, core: 0 })
  try {
    await compare('GET  /api/v1/me/tokens', ours, bare, () => ({ method: 'GET', path: '/api/v1/me/tokens?limit=20' }))
    await compare('POST /api/v1/me/tokens', ours, bare, (index) => ({
      method: 'POST',
      path: '/api/v1/me/tokens',
      body: JSON.stringify({ name: `token ${index}` }),
    }))
    const create = (index: number) => ({
      method: 'POST',
      path: '/api/v1/monitors',
      headers: { 'idempotency-key': `${run}-${index}` },
      // An address, so that no name has to be resolved; both write the same row.
      body: JSON.stringify({ name: `${run}-${index}`, url: 'https://1.1.1.1', type: 'https', intervalSec: 3600 }),
    })
    await compare('POST /api/v1/monitors', ours, bare, create)
    await compare('GET  /api/v1/monitors/{id}', ours, bare, () => ({ method: 'GET', path: '/api/v1/monitors/1' }))
    await compare('GET  /api/v1/monitors?limit=50', ours, bare, () => ({
      method: 'GET',
      path: '/api/v1/monitors?limit=50',
    }))
  } finally {
    ours.signal('SIGTERM')
    bare.signal('SIGTERM')
    await Promise.all([ours.ended, bare.ended])
  }
}

type Call = (index: number) => { method: string; path: string; headers?: Record<string, string>; body?: string }

/** Names of one measurement differ from those of the one before. */
let run = 0

/** Turn about, so that whatever else the machine does falls on both. */
async function compare(name: string, ours: ServerProcess, bare: ServerProcess, call: Call): Promise<void> {
  const measure = (port: number): Promise<LoadResult> => {
    run++
    return generateLoad({
      port,
      connections,
      seconds,
      request: (index) => ({
        ...call(index),
        headers: {
          authorization: `Bearer ${bootstrapToken}`,
          'content-type': 'application/json',
          ...call(index).headers,
        },
      }),
    })
  }
  await measure(ours.port)
  await measure(bare.port)
  const ratios: number[] = []
  const speeds: number[] = []
  const floors: number[] = []
  for (let round = 0; round < rounds; round++) {
    const floor = await measure(bare.port)
    const speed = await measure(ours.port)
    if (speed.errors + floor.errors > 0) throw new Error(`${name}: ${speed.errors} and ${floor.errors} failed requests`)
    ratios.push(speed.perSecond / floor.perSecond)
    speeds.push(speed.perSecond)
    floors.push(floor.perSecond)
  }
  const [ratio, speed, floor] = [median(ratios), median(speeds), median(floors)]
  row(name, `${ratio.toFixed(2)} of bare`, `${speed.toFixed(0)}/s against ${floor.toFixed(0)}/s`)
}
