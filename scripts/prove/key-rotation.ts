import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { connect } from '@owlery/server/db/connect.ts'
import { sql } from 'kysely'
import { root } from '../lib/generate-all.ts'
import { bootstrapToken, type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { clientOf, createMonitors, holdsItsSecrets, type Kept, startTraffic } from './key-rotation-traffic.ts'
import type { Proof } from './proof.ts'

const secretsPerMonitor = 9
const oldKey = 'default:for-measurements-only-the-old-key-0123456789'
const newKey = 'k2:for-measurements-only-the-new-key-9876543210'

/** All of `npm run secrets -- --help`, on real processes: two servers, two rotations at once, callers all the while. */
export const keyRotation: Proof = {
  summary: 'the encryption key is replaced under traffic without one failure (10,000 secrets; --runs: how many)',
  short: 900,
  async prove(count = 10_000) {
    await using postgres = await startPostgres()
    return await prove(postgres.url, Math.ceil(count / secretsPerMonitor))
  },
}

async function prove(url: string, monitors: number): Promise<boolean> {
  const env = { DATABASE_URL: url, JWT_SECRET: sharedSecrets.JWT_SECRET }
  const start = (keys: string) =>
    startServer({ env: { ...env, ENCRYPTION_KEYS: keys, OWLERY_BOOTSTRAP_TOKEN: bootstrapToken } })

  let servers = [await start(oldKey), await start(oldKey)]
  const kept = await createMonitors(clientOf(servers), monitors)
  const traffic = startTraffic(() => clientOf(servers), kept)
  for (const keys of [`${oldKey},${newKey}`, `${newKey},${oldKey}`]) {
    const before = servers
    servers = [await start(keys), await start(keys)]
    // A moment, so that no request is on its way to those that stop.
    await traffic.untilMore(50)
    await stopAll(before)
  }

  const settings = { ...env, ENCRYPTION_KEYS: `${newKey},${oldKey}` }
  const started = performance.now()
  const outputs = await Promise.all([runSecrets('rotate', settings), runSecrets('rotate', settings)])
  const seconds = (performance.now() - started) / 1000
  await traffic.untilMore(50)
  const { calls, failures, preconditions } = await traffic.stop()
  await stopAll(servers)
  const anew = outputs.map(({ text }) => text.matchAll(/ (\d+) of \d+ sealed anew/g))
  const rotated = anew.flatMap((lines) => [...lines]).reduce((sum, [, number]) => sum + Number(number), 0)
  console.log(`${rotated} secrets sealed anew by two at once in ${seconds.toFixed(1)} s`)
  console.log(`${calls} calls meanwhile, ${failures.length} failures, ${preconditions} answered 412`)
  for (const failure of failures.slice(0, 10)) console.log(`  ${failure}`)

  const left = (await runSecrets('status', settings)).text.includes('default ')
  servers = [await start(newKey)]
  const wrong = await countWrong(servers, kept)
  const swapped = await countOpenedAfterSwap(url, servers, kept)
  await stopAll(servers)
  console.log(`without the old key: ${wrong} of ${kept.length} monitors lost a secret`)
  console.log(`${swapped} of 2 monitors with swapped secrets showed them`)
  const rotatedAll = rotated >= monitors * secretsPerMonitor && !left && outputs.every(({ code }) => code === 0)
  return rotatedAll && failures.length === 0 && wrong === 0 && swapped === 0
}

async function stopAll(servers: readonly ServerProcess[]): Promise<void> {
  for (const server of servers) server.signal('SIGTERM')
  await Promise.all(servers.map(({ ended }) => ended))
}

async function countWrong(servers: readonly ServerProcess[], kept: readonly Kept[]): Promise<number> {
  let wrong = 0
  for (const one of kept) if (!(await holdsItsSecrets(clientOf(servers), one))) wrong += 1
  return wrong
}

/** Two rows trade their envelopes, as somebody could who may write to the database and has no key. */
async function countOpenedAfterSwap(
  url: string,
  servers: readonly ServerProcess[],
  [one, other]: readonly Kept[],
): Promise<number> {
  if (one === undefined || other === undefined) throw new Error('two monitors are needed')
  const database = await connect({ kind: 'postgres', url, poolSize: 1 })
  try {
    await sql`UPDATE monitors SET sealed_alert_webhook_url = partner.sealed_alert_webhook_url
      FROM monitors AS partner
      WHERE monitors.id IN (${one.id}, ${other.id}) AND partner.id IN (${one.id}, ${other.id})
        AND partner.id <> monitors.id`.execute(database.db)
  } finally {
    await database.close()
  }
  const outcomes = await Promise.all(
    [one, other].map(({ id }) => clientOf(servers).uptime.monitors.getSecrets(id).result()),
  )
  return outcomes.filter(({ ok }) => ok).length
}

async function runSecrets(command: string, env: Readonly<Record<string, string>>) {
  const script = join(root, 'scripts/secrets.ts')
  const child = spawn(process.execPath, [script, command], { env: { PATH: process.env.PATH, ...env } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) console.log(text)
  return { text, code }
}
