import { createServer, type IncomingMessage } from 'node:http'
import { verifyWebhook } from '@owlery/client'
import { hashToken } from '@owlery/server/security/tokens.ts'
import { afterAll, describe, expect, it } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { auditOf, codeOf, pathsOf, website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.1/32' } })
const cast = await createCast(service)
const { monitors } = service.client(cast.owner.session).uptime
const { db } = service.services.database

const secrets = {
  headers: { Authorization: 'Bearer hush-headers', 'X-Empty': '' },
  alertWebhookUrl: 'https://1.1.1.1/hush-webhook',
  alertSlackUrl: 'https://1.1.1.1/hush-slack',
  alertDiscordUrl: 'https://1.1.1.1/hush-discord',
  alertMsteamsUrl: 'https://1.1.1.1/hush-teams',
  alertTelegramBotToken: 'hush-bot',
  alertTelegramChatId: 'hush-chat',
  alertPagerdutyRoutingKey: 'hush-routing',
  alertOpsgenieApiKey: 'hush-genie',
}

describe('secrets', () => {
  it('come back as they were given, and change one by one', async () => {
    const { id } = await monitors.create(website(secrets))
    expect(await monitors.getSecrets(id)).toEqual({ id, heartbeatToken: null, ...secrets })
    await monitors.update(id, { alertSlackUrl: null, headers: { 'X-New': 'hush-new' } })
    expect(await monitors.getSecrets(id)).toEqual({
      id,
      heartbeatToken: null,
      ...secrets,
      alertSlackUrl: null,
      headers: { 'X-New': 'hush-new' },
    })
    expect(await monitors.get(id)).toMatchObject({ hasAlertSlack: false, hasHeaders: true, hasAlertWebhook: true })
  })

  it('are nowhere in the database in plain text, and open in no other place', async () => {
    const one = await monitors.create(website(secrets))
    const other = await monitors.create(website())
    const rows = await Promise.all([
      db.selectFrom('monitors').selectAll().execute(),
      db.selectFrom('audit_logs').selectAll().execute(),
      db.selectFrom('idempotency_keys').selectAll().execute(),
    ])
    expect(JSON.stringify(rows)).not.toContain('hush')
    const { sealed_headers } = await db
      .selectFrom('monitors')
      .select('sealed_headers')
      .where('id', '=', one.id)
      .executeTakeFirstOrThrow()
    await db.updateTable('monitors').set({ sealed_headers }).where('id', '=', other.id).execute()
    expect(await codeOf(monitors.getSecrets(other.id))).toBe('INTERNAL')
  })

  it('are for owners and admins whose token says so, and every read leaves a trace', async () => {
    const { id, name } = await monitors.create(website(secrets))
    const reader = await createToken(service, cast.admin, { scopes: ['secrets:read'], dailyMutationLimit: 1 })
    const { response } = await service.client(reader.token).uptime.monitors.getSecrets(id).withResponse()
    expect(response.headers.get('cache-control')).toBe('no-store')
    await service.client(reader.token).uptime.monitors.getSecrets(id)
    const narrow = await createToken(service, cast.admin, { scopes: ['monitors:*'] })
    expect(await codeOf(service.client(narrow.token).uptime.monitors.getSecrets(id))).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await codeOf(service.client(cast.member.session).uptime.monitors.getSecrets(id))).toBe('ROLE_INSUFFICIENT')
    expect(await codeOf(service.client(cast.stranger.session).uptime.monitors.getSecrets(id))).toBe('NOT_FOUND')
    const reads = (await auditOf(service, `monitor:${id}`)).filter(({ action }) => action === 'READ_MONITOR_SECRETS')
    expect(reads).toMatchObject([
      { actor_user_id: cast.admin.userId, actor_pat_id: reader.id, meta: { name, ip: '127.0.0.1' } },
      { actor_pat_id: reader.id },
    ])
    expect(JSON.stringify(reads)).not.toContain('hush')
  })
})

describe('rotating a heartbeat token', () => {
  it('answers the new one once and forgets the old one', async () => {
    const { id } = await monitors.create(website({ type: 'heartbeat', url: 'backup' }))
    const before = await monitors.getSecrets(id)
    const rotated = await monitors.rotateHeartbeatToken(id)
    expect(rotated.heartbeatToken).toMatch(/^[0-9a-f]{64}$/)
    expect(rotated.heartbeatToken).not.toBe(before.heartbeatToken)
    expect(rotated).toEqual({
      id,
      heartbeatToken: rotated.heartbeatToken,
      heartbeatUrl: `${origin}/api/v1/heartbeats/${rotated.heartbeatToken}`,
    })
    expect((await monitors.getSecrets(id)).heartbeatToken).toBe(rotated.heartbeatToken)
    const found = (token: string | null) =>
      db
        .selectFrom('monitors')
        .select('id')
        .where('heartbeat_token_hash', '=', hashToken(token ?? ''))
        .execute()
    expect(await found(before.heartbeatToken)).toEqual([])
    expect(await found(rotated.heartbeatToken)).toEqual([{ id }])
    const audited = await auditOf(service, `monitor:${id}`)
    expect(audited.map(({ action }) => action)).toContain('ROTATE_HEARTBEAT_TOKEN')
    expect(JSON.stringify(audited)).not.toContain(rotated.heartbeatToken)
  })

  it('stores the answer for a replay sealed', async () => {
    const { id } = await monitors.create(website({ type: 'heartbeat', url: 'backup' }))
    const first = await monitors.rotateHeartbeatToken(id, { idempotencyKey: 'once' })
    expect(await monitors.rotateHeartbeatToken(id, { idempotencyKey: 'once' })).toEqual(first)
    const stored = await db.selectFrom('idempotency_keys').selectAll().execute()
    expect(JSON.stringify(stored)).not.toContain(first.heartbeatToken)
  })

  it('is for heartbeats, and for owners and admins', async () => {
    const { id } = await monitors.create(website())
    expect(await pathsOf(monitors.rotateHeartbeatToken(id))).toEqual(['id'])
    expect(await codeOf(monitors.rotateHeartbeatToken(2_147_483_647))).toBe('NOT_FOUND')
    const { rotateHeartbeatToken } = service.client(cast.member.session).uptime.monitors
    expect(await codeOf(rotateHeartbeatToken(id))).toBe('ROLE_INSUFFICIENT')
  })
})

type Received = { readonly headers: IncomingMessage['headers']; readonly body: string }

describe('a test alert', () => {
  const received: Received[] = []
  const receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      response.writeHead(request.url === '/broken' ? 500 : 204).end()
    })
  })
  const listening = new Promise<string>((resolve) => {
    receiver.listen(0, '127.0.0.1', () => {
      const address = receiver.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    })
  })
  afterAll(() => void receiver.close())

  it('goes out through every configured channel, signed, and says what became of each', async () => {
    const target = await listening
    const { id, name } = await monitors.create(
      website({ alertWebhookUrl: `${target}/hook`, alertSlackUrl: `${target}/broken`, alertEmail: 'ada@example.com' }),
    )
    const member = service.client(cast.member.session)
    const { results } = await member.uptime.monitors.testAlert(id)
    const said = Object.fromEntries(results.map(({ channel, configured, ok }) => [channel, { configured, ok }]))
    expect(said).toEqual({
      email: { configured: true, ok: true },
      webhook: { configured: true, ok: true },
      slack: { configured: true, ok: false },
      discord: { configured: false, ok: false },
      teams: { configured: false, ok: false },
      telegram: { configured: false, ok: false },
      pagerduty: { configured: false, ok: false },
      opsgenie: { configured: false, ok: false },
    })
    expect(results.find(({ channel }) => channel === 'slack')?.error).toContain('500')
    const hook = received.find(({ headers }) => headers['x-24observe-signature'] !== undefined)
    expect(JSON.parse(hook?.body ?? '')).toMatchObject({ monitor: name, url: 'https://1.1.1.1/' })
    const { secret } = await service.client(cast.owner.session).platform.webhookSecret.get()
    const signature = String(hook?.headers['x-24observe-signature'])
    expect(await verifyWebhook({ payload: hook?.body ?? '', signature, secret })).toBe(true)
    expect((await auditOf(service, `monitor:${id}`)).at(-1)).toMatchObject({
      action: 'SEND_TEST_ALERT',
      meta: { name, channels: expect.arrayContaining([{ channel: 'slack', ok: false }]) },
    })
  })

  it('needs a monitor of one’s own', async () => {
    const { id } = await monitors.create(website())
    expect(await codeOf(service.client(cast.stranger.session).uptime.monitors.testAlert(id))).toBe('NOT_FOUND')
    expect(await codeOf(service.client(cast.viewer.session).uptime.monitors.testAlert(id))).toBe('ROLE_INSUFFICIENT')
  })
})
