import { setTimeout } from 'node:timers/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { bootstrapToken, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { inTemporaryFolder, type Proof } from './proof.ts'

/** The whole service under writes, killed at any moment: what it acknowledged is there, whole, after the next start. */
export const killServer: Proof = {
  summary: 'kill -9 of the serving process loses no acknowledged write (100 runs on each database)',
  short: 3,
  async prove(runs = 100) {
    const embedded = await inTemporaryFolder((folder) =>
      killAll('embedded', runs, { DATA_DIR: folder }, () => connect({ kind: 'pglite', dataDir: `${folder}/pgdata` })),
    )
    await using postgres = await startPostgres()
    const { url } = postgres
    const open = () => connect({ kind: 'postgres', url, poolSize: 2 })
    const onServer = await inTemporaryFolder((folder) =>
      killAll('postgres', runs, { DATA_DIR: folder, DATABASE_URL: url, ...sharedSecrets }, open),
    )
    return embedded && onServer
  },
}

const writers = 8

type Tally = { acknowledged: number; lost: number; readyMs: number[] }

async function killAll(
  kind: string,
  runs: number,
  env: Readonly<Record<string, string>>,
  open: () => Promise<Database>,
): Promise<boolean> {
  const tally: Tally = { acknowledged: 0, lost: 0, readyMs: [] }
  for (let run = 0; run < runs; run++) await killOnce(env, open, tally)
  const halves = await countHalves(open)
  const ready = tally.readyMs.toSorted((a, b) => a - b)
  console.log(
    `${kind}: ${runs} kills, ${tally.acknowledged} writes acknowledged, ${tally.lost} lost, ${halves} without their ` +
      `audit row or stored reply; ready again in ${Math.round(ready[Math.floor(ready.length * 0.95)] ?? 0)} ms (p95)`,
  )
  return tally.acknowledged > 0 && tally.lost === 0 && halves === 0
}

async function killOnce(
  env: Readonly<Record<string, string>>,
  open: () => Promise<Database>,
  tally: Tally,
): Promise<void> {
  const server = await startServer({ env: { ...env, OWLERY_BOOTSTRAP_TOKEN: bootstrapToken } })
  // The first start creates the database; what counts here is coming back.
  if (tally.acknowledged > 0) tally.readyMs.push(server.startMs)
  const acknowledged: number[] = []
  let dead = false
  const write = async () => {
    while (!dead) {
      try {
        const response = await fetch(`${server.url}/api/v1/me/tokens`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${bootstrapToken}`,
            'content-type': 'application/json',
            'idempotency-key': crypto.randomUUID(),
          },
          body: JSON.stringify({ name: 'storm' }),
        })
        const body: unknown = await response.json()
        if (response.status === 201 && typeof body === 'object' && body !== null && 'id' in body) {
          acknowledged.push(Number(body.id))
        }
      } catch {
        // The process is gone in the middle of a request: nothing was acknowledged.
      }
    }
  }
  const writing = Array.from({ length: writers }, write)
  await setTimeout(50 + Math.random() * 750)
  server.signal('SIGKILL')
  await server.ended
  dead = true
  await Promise.all(writing)
  const database = await open()
  try {
    const rows = await database.db
      .selectFrom('tokens')
      .select('id')
      .where('id', 'in', [0, ...acknowledged])
      .execute()
    tally.acknowledged += acknowledged.length
    tally.lost += acknowledged.length - rows.length
  } finally {
    await database.close()
  }
}

/** Effects, audit rows and stored replies that lack one of the other two. */
async function countHalves(open: () => Promise<Database>): Promise<number> {
  const database = await open()
  try {
    const { rows } = await database.executeSql(`
      SELECT (SELECT count(*) FROM tokens WHERE name = 'storm') AS effects,
        (SELECT count(*) FROM audit_logs WHERE action = 'CREATE_TOKEN') AS audited,
        (SELECT count(*) FROM idempotency_keys) AS replies`)
    const [row] = rows
    return Math.abs(Number(row?.effects) - Number(row?.audited)) + Math.abs(Number(row?.effects) - Number(row?.replies))
  } finally {
    await database.close()
  }
}
