import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { bootstrapToken, type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { inTemporaryFolder, type Proof } from './proof.ts'

/** Clients that repeat a request under its key until it is answered get one effect each, however often we are killed. */
export const idempotencyStorm: Proof = {
  summary: 'kill -9 between effect and answer never makes two effects or none (50 kills on each database)',
  short: 4,
  async prove(kills = 50) {
    const embedded = await inTemporaryFolder((folder) => storm('embedded', kills, { DATA_DIR: folder }))
    await using postgres = await startPostgres()
    const onServer = await inTemporaryFolder((folder) =>
      storm('postgres', kills, { DATA_DIR: folder, DATABASE_URL: postgres.url, ...sharedSecrets }),
    )
    return embedded && onServer
  },
}

const clients = 16

type Tally = {
  readonly acknowledged: Map<string, string>
  interrupted: number
  /** Interrupted requests whose effect was there already: the kill came between effect and answer. */
  between: number
  unexpected: string[]
}

async function storm(kind: string, kills: number, settings: Readonly<Record<string, string>>): Promise<boolean> {
  const env = { ...settings, OWLERY_BOOTSTRAP_TOKEN: bootstrapToken }
  const tally: Tally = { acknowledged: new Map(), interrupted: 0, between: 0, unexpected: [] }
  const state: { server: ServerProcess | undefined; ending: boolean } = { server: undefined, ending: false }
  const working = Array.from({ length: clients }, () => client(state, tally))
  for (let kill = 0; kill < kills; kill++) {
    const server = await startServer({ env })
    state.server = server
    await setTimeout(100 + Math.random() * 900)
    state.server = undefined
    server.signal('SIGKILL')
    await server.ended
  }
  state.ending = true
  const last = await startServer({ env })
  state.server = last
  await Promise.all(working)
  const effects = await countByName(last)
  const works = await stillWork(last, tally)
  last.signal('SIGTERM')
  await last.ended

  const twice = [...effects.values()].filter((count) => count > 1).length
  const missing = [...tally.acknowledged.keys()].filter((name) => !effects.has(name)).length
  const unasked = [...effects.keys()].filter(
    (name) => name.startsWith('storm ') && !tally.acknowledged.has(name),
  ).length
  console.log(
    `${kind}: ${kills} kills, ${tally.acknowledged.size} requests acknowledged, ${tally.interrupted} interrupted, ` +
      `${tally.between} of them after their effect; ${twice} effects twice, ${missing} missing, ${unasked} unasked, ` +
      `${tally.unexpected.length} unexpected answers; secrets in the answers work: ${works}`,
  )
  for (const text of tally.unexpected.slice(0, 5)) console.log(text)
  return tally.between > 0 && twice + missing + unasked + tally.unexpected.length === 0 && works
}

async function client(state: { server: ServerProcess | undefined; ending: boolean }, tally: Tally): Promise<void> {
  while (!state.ending) await untilAnswered(`storm ${randomUUID()}`, state, tally)
}

async function untilAnswered(name: string, state: { server: ServerProcess | undefined }, tally: Tally): Promise<void> {
  let wasInterrupted = false
  for (;;) {
    const { server } = state
    if (server === undefined) {
      await setTimeout(5)
      continue
    }
    const outcome = await mint(server, name)
    if (outcome === undefined) {
      wasInterrupted = true
      tally.interrupted += 1
      await setTimeout(5)
      continue
    }
    const { status, body, isReplay } = outcome
    if (status === 201) {
      tally.acknowledged.set(name, secretOf(body))
      if (wasInterrupted && isReplay) tally.between += 1
      if (!wasInterrupted && isReplay) tally.unexpected.push(`a replay of a first request: ${name}`)
      return
    }
    // The killed process' transaction may hold the key until the database notices that it is gone.
    const mayRepeat = (wasInterrupted && status === 409 && body.includes('IDEMPOTENCY_IN_PROGRESS')) || status === 503
    if (!mayRepeat) {
      tally.unexpected.push(`${status} ${body}`)
      return
    }
    await setTimeout(5)
  }
}

type Outcome = { readonly status: number; readonly body: string; readonly isReplay: boolean }

/** Nothing if the connection broke before the whole answer was there. */
async function mint({ url }: ServerProcess, name: string): Promise<Outcome | undefined> {
  try {
    const response = await fetch(`${url}/api/v1/me/tokens`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bootstrapToken}`,
        'content-type': 'application/json',
        'idempotency-key': name,
      },
      body: JSON.stringify({ name }),
    })
    const isReplay = response.headers.get('idempotent-replayed') === 'true'
    return { status: response.status, body: await response.text(), isReplay }
  } catch {
    return undefined
  }
}

function secretOf(body: string): string {
  const parsed: unknown = JSON.parse(body)
  return typeof parsed === 'object' && parsed !== null && 'token' in parsed ? String(parsed.token) : ''
}

async function countByName({ url }: ServerProcess): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let before = ''
  for (;;) {
    const headers = { authorization: `Bearer ${bootstrapToken}` }
    const page: unknown = await (await fetch(`${url}/api/v1/me/tokens?limit=500${before}`, { headers })).json()
    if (!Array.isArray(page)) throw new Error('the list of tokens is no list')
    for (const { name } of page) counts.set(name, (counts.get(name) ?? 0) + 1)
    if (page.length < 500) return counts
    before = `&before=${page.at(-1).id}`
  }
}

/** A replayed secret must be the one whose hash was stored. */
async function stillWork({ url }: ServerProcess, { acknowledged }: Tally): Promise<boolean> {
  const secrets = [...acknowledged.values()]
  const step = Math.max(1, Math.floor(secrets.length / 200))
  for (let index = 0; index < secrets.length; index += step) {
    const response = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${secrets[index]}` } })
    await response.arrayBuffer()
    if (response.status !== 200) return false
  }
  return true
}
