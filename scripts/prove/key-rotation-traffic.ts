import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Client, createClient, isApiError } from '@owlery/client'
import { bootstrapToken, type ServerProcess } from '../lib/server-process.ts'

/** A monitor, and the one of its secrets that changes. The others follow from its name. */
export type Kept = { readonly id: number; readonly name: string; webhook: string }

export function clientOf(servers: readonly ServerProcess[]): Client {
  const server = servers[Math.floor(Math.random() * servers.length)]
  if (server === undefined) throw new Error('no server runs')
  return createClient({ baseUrl: server.url, token: bootstrapToken, maxRetries: 0 })
}

const secretsOf = (name: string) => ({
  headers: { authorization: `Bearer ${name}` },
  alertSlackUrl: `https://1.1.1.1/slack/${name}`,
  alertDiscordUrl: `https://1.1.1.1/discord/${name}`,
  alertMsteamsUrl: `https://1.1.1.1/teams/${name}`,
  alertTelegramBotToken: `12345:${name}`,
  alertTelegramChatId: `-100${name.replaceAll(/\D/g, '')}`,
  alertPagerdutyRoutingKey: `pagerduty-${name}`,
  alertOpsgenieApiKey: `opsgenie-${name}`,
})

export async function createMonitors(client: Client, count: number): Promise<Kept[]> {
  const kept: Kept[] = []
  const perCall = 100
  while (kept.length < count) {
    const names = Array.from(
      { length: Math.min(perCall, count - kept.length) },
      (_, index) => `m${kept.length + index}`,
    )
    const bodies = names.map((name) => ({
      name,
      url: 'https://1.1.1.1/',
      type: 'https' as const,
      intervalSec: 3600 as const,
      alertWebhookUrl: `https://1.1.1.1/hook/${name}`,
      ...secretsOf(name),
    }))
    const { monitors } = await client.uptime.monitors.bulkCreate({ monitors: bodies })
    for (const { id, name } of monitors) kept.push({ id, name, webhook: `https://1.1.1.1/hook/${name}` })
  }
  return kept
}

export async function holdsItsSecrets(client: Client, { id, name, webhook }: Kept): Promise<boolean> {
  const shown = await client.uptime.monitors.getSecrets(id)
  const expected = { id, heartbeatToken: null, alertWebhookUrl: webhook, ...secretsOf(name) }
  return JSON.stringify(Object.entries(shown).sort()) === JSON.stringify(Object.entries(expected).sort())
}

export type Traffic = {
  /** Resolves when as many calls more have ended. */
  untilMore(calls: number): Promise<void>
  stop(): Promise<{ calls: number; failures: string[]; preconditions: number }>
}

const callers = 6

/** Callers that read secrets, change them, and mint tokens twice under one key, each on monitors of their own. */
export function startTraffic(client: () => Client, kept: readonly Kept[]): Traffic {
  const failures: string[] = []
  let calls = 0
  let preconditions = 0
  let stopping = false

  async function attempt(what: string, work: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await work())) failures.push(`${what}: wrong answer`)
    } catch (error) {
      // The version has not changed, but the row has in that very moment; the caller reads it again, as it has to anyway.
      if (isApiError(error, 'PRECONDITION_FAILED')) preconditions += 1
      else failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
    calls += 1
  }

  async function call(own: readonly Kept[]): Promise<void> {
    while (!stopping) {
      const one = own[Math.floor(Math.random() * own.length)]
      if (one === undefined) return
      await attempt('read', () => holdsItsSecrets(client(), one))
      await attempt('change', () => change(client(), one))
      await attempt('read what was changed', () => holdsItsSecrets(client(), one))
      await attempt('mint twice', () => mintTwice(client))
    }
  }

  const running = Array.from({ length: callers }, (_, caller) => call(kept.filter(({ id }) => id % callers === caller)))
  return {
    untilMore: async (more) => {
      const enough = calls + more
      while (calls < enough) await setTimeout(20)
    },
    stop: async () => {
      stopping = true
      await Promise.all(running)
      return { calls, failures, preconditions }
    },
  }
}

async function change(client: Client, one: Kept): Promise<boolean> {
  const webhook = `https://1.1.1.1/hook/${randomUUID()}`
  const { response } = await client.uptime.monitors.get(one.id).withResponse()
  const ifMatch = response.headers.get('etag')
  await client.uptime.monitors.update(
    one.id,
    { alertWebhookUrl: webhook },
    ifMatch === null ? {} : { headers: { 'If-Match': ifMatch } },
  )
  one.webhook = webhook
  return ifMatch !== null
}

/** The second answer is the stored one, sealed in between and perhaps sealed anew. */
async function mintTwice(client: () => Client): Promise<boolean> {
  const idempotencyKey = randomUUID()
  const body = { name: 'bot', scopes: ['monitors:read' as const] }
  const first = await client().platform.tokens.create(body, { idempotencyKey })
  const second = await client().platform.tokens.create(body, { idempotencyKey })
  return first.token === second.token
}
