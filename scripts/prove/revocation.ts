import { setTimeout } from 'node:timers/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { createCredentialCache } from '@owlery/server/http/credential-cache.ts'
import { findToken } from '@owlery/server/platform/credentials.store.ts'
import { hashToken } from '@owlery/server/security/tokens.ts'
import { bootstrapToken, type ServerProcess } from '../lib/server-process.ts'
import type { Proof } from './proof.ts'
import { quantile, type TwoServers, withTwoServers } from './two-servers.ts'

/** Once one process has answered a revocation, no process takes the token any more, under load or not. */
export const revocation: Proof = {
  summary: 'a revoked token is dead in every process when the answer arrives (200 tokens)',
  short: 30,
  prove: (runs = 200) =>
    withTwoServers({}, async (servers) => {
      const database = await connect({ kind: 'postgres', url: servers.databaseUrl, poolSize: 2 })
      try {
        const calm = await revokeAll(servers, runs, 0)
        const busy = await revokeAll(servers, runs, 8)
        const changed = await changeAll(servers, database, runs)
        await measureCache(database)
        return calm && busy && changed
      } finally {
        await database.close()
      }
    }),
}

type Minted = { readonly id: number; readonly token: string }

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const accepts = async ({ url }: ServerProcess, token: string) => {
  const response = await fetch(`${url}/api/v1/me`, { headers: bearer(token) })
  await response.arrayBuffer()
  return response.status === 200
}

async function mint({ url }: ServerProcess): Promise<Minted> {
  const response = await fetch(`${url}/api/v1/me/tokens`, {
    method: 'POST',
    headers: { ...bearer(bootstrapToken), 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'doomed' }),
  })
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null || !('id' in body) || !('token' in body)) throw new Error('no token')
  return { id: Number(body.id), token: String(body.token) }
}

async function revokeAll({ here, there }: TwoServers, runs: number, callers: number): Promise<boolean> {
  const pauses = [0, 10, 100]
  const late = new Map(pauses.map((pause) => [pause, 0]))
  const took: number[] = []
  let underLoad = 0
  let loaded = 0
  for (let run = 0; run < runs; run++) {
    const { id, token } = await mint(here)
    if (!(await accepts(here, token)) || !(await accepts(there, token))) throw new Error('the new token does not work')
    let answeredAt = Number.POSITIVE_INFINITY
    let done = false
    // Callers who never stop: what they send after the answer must be refused too.
    const load = Array.from({ length: callers }, async () => {
      while (!done) {
        const sentAt = performance.now()
        const accepted = await accepts(there, token)
        loaded += 1
        if (accepted && sentAt > answeredAt) underLoad += 1
      }
    })
    const started = performance.now()
    const response = await fetch(`${here.url}/api/v1/me/tokens/${id}`, {
      method: 'DELETE',
      headers: bearer(bootstrapToken),
    })
    answeredAt = performance.now()
    if (response.status !== 204) throw new Error(`the revocation answered ${response.status}`)
    took.push(answeredAt - started)
    let waited = 0
    for (const pause of pauses) {
      if (pause > waited) await setTimeout(pause - waited)
      waited = pause
      if (await accepts(there, token)) late.set(pause, (late.get(pause) ?? 0) + 1)
    }
    done = true
    await Promise.all(load)
  }
  const counts = [...late].map(([pause, count]) => `${count} after ${pause} ms`).join(', ')
  console.log(
    `${runs} revocations by one process, ${callers} callers at the other, accepted by the other: ${counts}; ${underLoad} of ${loaded} under load`,
  )
  console.log(
    `a revocation took ${quantile(took, 0.5).toFixed(1)} ms (median), ${quantile(took, 0.99).toFixed(1)} ms (p99)`,
  )
  return underLoad === 0 && [...late.values()].every((count) => count === 0)
}

/** Changes that no process of ours made: how long until everybody knows. */
async function changeAll({ here, there }: TwoServers, database: Database, runs: number): Promise<boolean> {
  const changes = {
    'token revoked': [
      'UPDATE tokens SET revoked_at = now() WHERE id = $1',
      'UPDATE tokens SET revoked_at = NULL WHERE id = $1',
    ],
    'token expired': [
      'UPDATE tokens SET expires_at = now() WHERE id = $1',
      'UPDATE tokens SET expires_at = NULL WHERE id = $1',
    ],
  } as const
  const { id, token } = await mint(here)
  let slowest = 0
  for (const [what, [statement, undo]] of Object.entries(changes)) {
    const took: number[] = []
    for (let run = 0; run < runs; run++) {
      for (const server of [here, there]) while (!(await accepts(server, token))) await setTimeout(1)
      await database.executeSql(statement, [id])
      const committed = performance.now()
      while (await accepts(there, token));
      took.push(performance.now() - committed)
      await database.executeSql(undo, [id])
    }
    slowest = Math.max(slowest, ...took)
    console.log(
      `${what} in the database: refused after ${quantile(took, 0.5).toFixed(1)} ms (median), ` +
        `${quantile(took, 0.99).toFixed(1)} ms (p99), the refused request included`,
    )
  }
  return slowest < 500
}

async function measureCache({ db }: Database): Promise<void> {
  const hash = hashToken(bootstrapToken)
  const cache = createCredentialCache(60_000)
  const load = () => findToken(db, hash)
  await load()
  const per = async (count: number, act: () => Promise<unknown>) => {
    const started = performance.now()
    for (let index = 0; index < count; index++) await act()
    return ((performance.now() - started) * 1000) / count
  }
  const loaded = await per(1000, load)
  const cached = await per(100_000, () => cache.find('key', load))
  console.log(`a credential costs ${loaded.toFixed(0)} µs from the database, ${cached.toFixed(2)} µs from the cache`)
}
