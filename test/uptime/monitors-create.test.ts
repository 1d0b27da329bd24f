import type { MonitorCreate } from '@owlery/client'
import { hashToken } from '@owlery/server/security/tokens.ts'
import { describe, expect, it } from 'vitest'
import { createCast } from '../support/actors.ts'
import { codeOf, pathsOf, sendJson, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)
const { monitors } = service.client(cast.member.session).uptime
const { db } = service.services.database

const create = (body: unknown) => sendJson(service, cast.member, 'POST', '/api/v1/monitors', body)

describe('creating', () => {
  it('fills in what is left out', async () => {
    const created = await monitors.create({ name: 'plain', url: 'https://1.1.1.1/', type: 'https' })
    expect(created).toEqual({
      id: created.id,
      organizationId: cast.member.organizationId,
      name: 'plain',
      url: 'https://1.1.1.1/',
      type: 'https',
      intervalSec: 300,
      timeoutMs: 10_000,
      expectedStatusCode: null,
      degradedResponseTimeMs: null,
      port: null,
      keyword: null,
      keywordMatchType: 'contains',
      alertEmail: null,
      alertThreshold: 1,
      alertOnDegraded: false,
      consecutiveFailures: 0,
      lastStatus: null,
      lastCheckedAt: null,
      paused: false,
      heartbeatGraceSec: 60,
      heartbeatLastReceivedAt: null,
      uptimeTargetBp: 999,
      uptimeWindowDays: 30,
      sloBreachOpen: false,
      createdAt: service.clock.now().toISOString(),
      tags: [],
      regions: ['local'],
      escalationPolicyId: null,
      dependsOn: [],
      hasAlertWebhook: false,
      hasAlertSlack: false,
      hasAlertDiscord: false,
      hasAlertMsteams: false,
      hasAlertTelegram: false,
      hasAlertPagerduty: false,
      hasAlertOpsgenie: false,
      hasAlertSms: false,
      hasAlertVoice: false,
      hasHeaders: false,
    })
  })

  it('keeps everything that is given', async () => {
    const given = {
      timeoutMs: 30_000,
      expectedStatusCode: 301,
      degradedResponseTimeMs: 1,
      port: 8443,
      keyword: 'ok',
      keywordMatchType: 'not_contains' as const,
      heartbeatGraceSec: 0,
      alertThreshold: 10,
      alertOnDegraded: true,
      alertEmail: 'Ada@Example.com',
      uptimeTargetBp: 1000,
      uptimeWindowDays: 90,
      paused: true,
      escalationPolicyId: null,
    }
    const created = await monitors.create(
      website({
        ...given,
        tags: ['b', 'a', 'b'],
        regions: ['afr', 'weur', 'afr'],
        alertDiscordUrl: 'https://1.1.1.1/d',
        alertMsteamsUrl: 'https://1.1.1.1/t',
        alertPagerdutyRoutingKey: 'routing',
        alertOpsgenieApiKey: 'genie',
        alertTelegramBotToken: 'bot',
        alertTelegramChatId: 'chat',
      }),
    )
    expect(created).toMatchObject({
      ...given,
      tags: ['b', 'a'],
      regions: ['local', 'weur', 'afr'],
      hasAlertDiscord: true,
      hasAlertMsteams: true,
      hasAlertPagerduty: true,
      hasAlertOpsgenie: true,
      hasAlertTelegram: true,
    })
  })

  it('gives a heartbeat a token, of which it answers the envelope only', async () => {
    const created = await monitors.create({ name: 'nightly backup', url: 'backup.sh', type: 'heartbeat' })
    const envelope: unknown = JSON.parse(created.heartbeatToken ?? '')
    expect(envelope).toMatchObject({ v: 2, kid: service.services.config.encryptionKeys[0].id })
    const secrets = await service.client(cast.owner.session).uptime.monitors.getSecrets(created.id)
    expect(secrets.heartbeatToken).toMatch(/^[0-9a-f]{64}$/)
    expect(created.heartbeatToken).not.toContain(secrets.heartbeatToken)
    const row = await db
      .selectFrom('monitors')
      .select(['heartbeat_token_hash', 'sealed_heartbeat_token'])
      .where('id', '=', created.id)
      .executeTakeFirstOrThrow()
    expect(row.sealed_heartbeat_token).toBe(created.heartbeatToken)
    expect(row.heartbeat_token_hash?.equals(hashToken(secrets.heartbeatToken ?? ''))).toBe(true)
    expect(await monitors.get(created.id)).not.toHaveProperty('heartbeatToken')
    expect(await monitors.create(website())).not.toHaveProperty('heartbeatToken')
  })

  it('refuses a name that is taken and says which', async () => {
    const { name } = await monitors.create(website())
    const outcome = await monitors.create(website({ name })).result()
    expect(!outcome.ok && outcome.error.code).toBe('MONITOR_NAME_DUPLICATE')
    expect(!outcome.ok && outcome.error.message).toContain(name)
    expect(await codeOf(monitors.create(website({ name: name.toUpperCase() })))).toBe('ok')
    expect(await codeOf(service.client(cast.stranger.session).uptime.monitors.create(website({ name })))).toBe('ok')
  })

  it('lets one of many win a name, and leaves nothing of the others', async () => {
    const bodies = Array.from({ length: 20 }, () => website({ name: 'contested', tags: ['contested'] }))
    const codes = await Promise.all(bodies.map((body) => codeOf(monitors.create(body))))
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1)
    expect(codes.filter((code) => code === 'MONITOR_NAME_DUPLICATE')).toHaveLength(19)
    expect(await monitors.list({ tag: ['contested'] })).toHaveLength(1)
  })
})

describe('values', () => {
  it('lists the allowed intervals', async () => {
    const answer = await create(website({ intervalSec: 30 }))
    expect(answer.status).toBe(201)
    for (const intervalSec of [31, 0, 3601, '60']) {
      expect((await create({ ...website(), intervalSec })).json).toMatchObject({
        code: 'VALIDATION_FAILED',
        fields: [
          {
            path: 'intervalSec',
            code: 'invalid_literal',
            message: 'Expected one of 30, 60, 300, 900, 1800, 3600',
          },
        ],
      })
    }
  })

  const refused: [path: string, body: Record<string, unknown>][] = [
    ['name', { name: '' }],
    ['name', { name: 'n'.repeat(256) }],
    ['url', { url: '' }],
    ['url', { url: `https://1.1.1.1/${'u'.repeat(2033)}` }],
    ['type', { type: 'browser' }],
    ['timeoutMs', { timeoutMs: 999 }],
    ['timeoutMs', { timeoutMs: 30_001 }],
    ['headers', { headers: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`X-${index}`, 'v'])) }],
    ['headers.X-Long', { headers: { 'X-Long': 'v'.repeat(4097) } }],
    ['headers.X-Split', { headers: { 'X-Split': 'a\r\nSet-Cookie: b' } }],
    ['headers.not a name', { headers: { 'not a name': 'v' } }],
    [`headers.${'h'.repeat(102)}`, { headers: { ['h'.repeat(102)]: 'v' } }],
    ['expectedStatusCode', { expectedStatusCode: 600 }],
    ['degradedResponseTimeMs', { degradedResponseTimeMs: 0 }],
    ['port', { port: 65_536 }],
    ['keyword', { keyword: 'k'.repeat(501) }],
    ['keywordMatchType', { keywordMatchType: 'matches' }],
    ['heartbeatGraceSec', { heartbeatGraceSec: 86_401 }],
    ['alertThreshold', { alertThreshold: 11 }],
    ['alertOnDegraded', { alertOnDegraded: 'yes' }],
    ['alertEmail', { alertEmail: 'nobody' }],
    ['tags', { tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }],
    ['tags.0', { tags: ['Upper'] }],
    ['tags.1', { tags: ['a', 't'.repeat(51)] }],
    ['regions.0', { regions: ['mars'] }],
    ['uptimeTargetBp', { uptimeTargetBp: 1001 }],
    ['uptimeWindowDays', { uptimeWindowDays: 91 }],
    ['paused', { paused: null }],
    ['dependsOn', { dependsOn: Array.from({ length: 21 }, (_, index) => index + 1) }],
    ['dependsOn.0', { dependsOn: [0] }],
    ['escalationPolicyId', { escalationPolicyId: 1 }],
    ['unheard', { unheard: true }],
  ]
  it.each(refused)('refuses %s: %j', async (path, body) => {
    const answer = await create({ ...website(), ...body })
    expect(answer.json).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path }] })
  })

  it('does not lose the header __proto__ unseen', async () => {
    const headers: unknown = JSON.parse('{"__proto__":"v"}')
    expect((await create({ ...website(), headers })).json).toMatchObject({ code: 'VALIDATION_FAILED' })
  })
})

describe('the rules of the types', () => {
  it.each([
    ['http', 'http://1.1.1.1/', {}],
    ['keyword', 'https://1.1.1.1/', { keyword: 'fine' }],
    ['tcp', '1.1.1.1:53', {}],
    ['tcp', 'tcp://1.1.1.1:53', {}],
    ['tcp', '[2606:4700:4700::1111]:53', {}],
    ['port', '1.1.1.1', { port: 53 }],
    ['port', '1.1.1.1:53', {}],
    ['ssl', '1.1.1.1', {}],
    ['ssl', 'https://1.1.1.1/', {}],
    ['ping', '2606:4700:4700::1111', {}],
    ['dns', 'no-such-name.example.com', {}],
    ['smtp', '1.1.1.1', {}],
    ['heartbeat', 'cron://anything at all', {}],
  ] as const)('takes %s of %s', async (type, url, more) => {
    expect(await codeOf(monitors.create(website({ type, url, ...more })))).toBe('ok')
  })

  const unfit: [path: string, body: Partial<MonitorCreate>][] = [
    ['url', { type: 'http', url: '1.1.1.1' }],
    ['url', { type: 'https', url: 'ftp://1.1.1.1/' }],
    ['url', { type: 'https', url: 'https://user:hush@1.1.1.1/' }],
    ['url', { type: 'tcp', url: 'not a host:53' }],
    ['url', { type: 'ping', url: '1.1.1.1/path' }],
    ['port', { type: 'port', url: '1.1.1.1' }],
    ['port', { type: 'tcp', url: '1.1.1.1' }],
    ['keyword', { type: 'keyword' }],
    ['url', { type: 'dns', url: 'dns://example.com?type=SRV' }],
    ['regions', { type: 'ping', url: '1.1.1.1', regions: ['local', 'oc'] }],
    ['alertTelegramChatId', { alertTelegramBotToken: 'bot' }],
    ['alertTelegramBotToken', { alertTelegramChatId: 'chat' }],
  ]
  it.each(unfit)('names %s where it does not fit: %j', async (path, body) => {
    expect(await pathsOf(monitors.create(website(body)))).toEqual([path])
  })

  it('names all faults at once', async () => {
    const body = website({ type: 'port', url: '1.1.1.1', regions: ['sam'], alertTelegramChatId: 'chat' })
    expect(await pathsOf(monitors.create(body))).toEqual(['port', 'regions', 'alertTelegramBotToken'])
  })
})
