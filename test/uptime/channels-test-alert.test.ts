import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAddressRange } from '@owlery/server/config/addresses.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { createMailer } from '@owlery/server/mail/mailer.ts'
import { createOutbound } from '@owlery/server/outbound/client.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import type { AlertDeps } from '@owlery/server/uptime/channels/alert.ts'
import { type AlertSettings, channelsOf } from '@owlery/server/uptime/channels/channel.ts'
import { sendAlert, testAlert } from '@owlery/server/uptime/channels/send-alert.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { verifyWebhook } from '../../client/src/verify-webhook.ts'
import { startLoopback } from '../client/loopback.ts'
import { everyChannel } from '../support/sinks-channels.ts'
import { startMailSink } from '../support/sinks-smtp.ts'

const folder = mkdtempSync(join(tmpdir(), 'owlery-channels-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const range = parseAddressRange('127.0.0.1')
const outbound = createOutbound({ guard: createGuard({ allow: range === undefined ? [] : [range] }) })
const log = createLogTo({ write: () => undefined }, 'silent')
const webhookSecret = 'ab'.repeat(32)
const monitor = { id: 7, name: 'Shop\r\nBcc: x', url: 'https://shop.example/?a=<b>' }

const nothing: AlertSettings = {
  alertEmail: null,
  alertWebhookUrl: null,
  alertSlackUrl: null,
  alertDiscordUrl: null,
  alertMsteamsUrl: null,
  alertTelegramBotToken: null,
  alertTelegramChatId: null,
  alertPagerdutyRoutingKey: null,
  alertOpsgenieApiKey: null,
}

function everything(baseUrl: string): AlertSettings {
  return {
    alertEmail: 'jane@example.org',
    alertWebhookUrl: `${baseUrl}/webhook`,
    alertSlackUrl: `${baseUrl}/slack`,
    alertDiscordUrl: `${baseUrl}/discord`,
    alertMsteamsUrl: `${baseUrl}/teams`,
    alertTelegramBotToken: '123456:abcdefghijklmnop',
    alertTelegramChatId: '@ops',
    alertPagerdutyRoutingKey: 'routing-key',
    alertOpsgenieApiKey: 'genie-key',
  }
}

function mailerTo(port: number) {
  const smtpUrl = `smtp://127.0.0.1:${port}`
  return createMailer({ smtpUrl, from: 'Owlery <owlery@owlery.example>', outboxFolder: folder, log })
}

function depsFor(baseUrl: string, mail: AlertDeps['mail']): AlertDeps {
  return {
    outbound,
    mail,
    webhookSecret,
    now: () => new Date(),
    timeoutMs: 1500,
    services: { telegram: baseUrl, pagerduty: baseUrl, opsgenie: baseUrl },
  }
}

const accepting = () => undefined

describe('the channels of a monitor', () => {
  test('are always all eight', () => {
    expect(channelsOf(nothing)).toEqual(everyChannel.map((name) => ({ name, configured: false })))
    expect(channelsOf(everything('https://x.example')).map(({ name, configured }) => [name, configured])).toEqual(
      everyChannel.map((name) => [name, true]),
    )
  })

  test('an empty text and half of Telegram configure nothing', () => {
    const states = channelsOf({ ...nothing, alertSlackUrl: '', alertTelegramBotToken: '123456:abcdefghijklmnop' })
    expect(states.some(({ configured }) => configured)).toBe(false)
  })
})

describe('a test alert', () => {
  test('goes through every channel and leaves nothing open', async () => {
    await using server = await startLoopback(() => ({ status: 202 }))
    await using mail = await startMailSink(accepting)
    const deps = depsFor(server.baseUrl, mailerTo(mail.port))
    const results = await testAlert(everything(server.baseUrl), monitor, deps)
    expect(results).toEqual(everyChannel.map((channel) => ({ channel, configured: true, ok: true })))

    const hook = server.seen.find(({ url }) => url === '/webhook')
    const signature = String(hook?.headers['x-24observe-signature'])
    expect(await verifyWebhook({ payload: hook?.body ?? '', signature, secret: webhookSecret })).toBe(true)

    const events = server.seen.filter(({ url }) => url === '/v2/enqueue').map(({ body }) => body)
    expect(events.map((event): unknown => JSON.parse(event))).toMatchObject([
      { event_action: 'trigger', payload: { severity: 'info', summary: 'TEST DOWN: Shop Bcc: x' } },
      { event_action: 'resolve' },
    ])
    const keys = events.map((event) => /"dedup_key":"(owlery-test-7-[\w-]{36})"/.exec(event)?.[1])
    expect(keys[0]).toBeDefined()
    expect(keys[1]).toBe(keys[0])
    const [created, closed] = server.seen.filter(({ url }) => url.startsWith('/v2/alerts'))
    expect(JSON.parse(created?.body ?? '')).toMatchObject({ alias: keys[0], priority: 'P5' })
    expect(closed?.url).toBe(`/v2/alerts/${keys[0]}/close?identifierType=alias`)

    const [message = ''] = mail.mails
    expect(message).toContain('\r\nSubject: TEST DOWN: Shop Bcc: x\r\n')
    expect(message).toContain('Auto-Submitted: auto-generated\r\n')
    expect(message).not.toMatch(/^Bcc:/m)
    expect(message.replaceAll('=\r\n', '')).toContain('https://shop.example/?a=3D&lt;b&gt;')
  })

  test('says of each channel how it went, in the time of the slowest', async () => {
    await using server = await startLoopback(({ url }) => {
      if (url === '/slack') return { status: 404, text: 'no_service' }
      if (url === '/discord') return { status: 500 }
      if (url === '/teams') return { delayMs: 8000 }
      if (url === '/webhook') return { status: 307, headers: { location: 'http://127.0.0.2/' } }
      if (url.includes('/close')) return { status: 429 }
      if (url.startsWith('/bot')) return { status: 400, json: { ok: false, description: 'chat not found' } }
      return { status: 202 }
    })
    await using mail = await startMailSink((command) => (command.startsWith('RCPT') ? '550 no such user' : undefined))
    const settings = { ...everything(server.baseUrl), alertPagerdutyRoutingKey: null }
    const start = performance.now()
    const results = await testAlert(settings, monitor, depsFor(server.baseUrl, mailerTo(mail.port)))
    expect(performance.now() - start).toBeLessThan(5000)
    expect(results).toEqual([
      { channel: 'email', configured: true, ok: false, error: 'the mail server answered 550 no such user' },
      { channel: 'webhook', configured: true, ok: false, error: 'the server redirects, which is not followed here' },
      { channel: 'slack', configured: true, ok: false, error: 'the service answered 404: no_service' },
      { channel: 'discord', configured: true, ok: false, error: 'the service answered 500' },
      { channel: 'teams', configured: true, ok: false, error: 'no complete answer within the time limit' },
      {
        channel: 'telegram',
        configured: true,
        ok: false,
        error: 'the service answered 400: {"ok":false,"description":"chat not found"}',
      },
      { channel: 'pagerduty', configured: false, ok: false },
      {
        channel: 'opsgenie',
        configured: true,
        ok: false,
        error: 'the test alert was opened but not closed: the service answered 429',
      },
    ])
  })

  test('sends nothing where nothing is configured', async () => {
    await using server = await startLoopback(() => ({}))
    const mail = { send: () => Promise.reject(new Error('no mail is sent here')) }
    const results = await testAlert(nothing, monitor, depsFor(server.baseUrl, mail))
    expect(results).toEqual(everyChannel.map((channel) => ({ channel, configured: false, ok: false })))
    expect(server.seen).toEqual([])
  })
})

describe('e-mail', () => {
  const alert = {
    monitor: 'Shop',
    url: 'https://shop.example/',
    status: 'up',
    error: null,
    at: new Date('2030-01-02T03:04:05.678Z'),
    incidentKey: 'k',
    link: 'https://owlery.example/incidents/1',
  } as const

  test('tells of a recovery, with the link', async () => {
    await using mail = await startMailSink(accepting)
    const outcome = await sendAlert({ name: 'email', to: 'jane@example.org' }, alert, depsFor('', mailerTo(mail.port)))
    expect(outcome).toEqual({ ok: true })
    expect(mail.mails[0]).toContain('Subject: RECOVERED: Shop\r\n')
    expect(mail.mails[0]).toContain('Status: up\r\n')
    expect(mail.mails[0]).toContain('\r\nhttps://owlery.example/incidents/1\r\n')
  })

  test('fails in words that say nothing of our own house', async () => {
    await using silent = await startMailSink(() => '')
    const closed = await startMailSink(accepting)
    await closed[Symbol.asyncDispose]()
    const errors: string[] = []
    for (const [to, port] of [
      ['jane@example.org', silent.port],
      ['jane@example.org', closed.port],
      ['jane@example.org, eve@example.org', closed.port],
    ] as const) {
      const outcome = await sendAlert({ name: 'email', to }, alert, depsFor('', mailerTo(port)))
      errors.push(outcome.ok ? 'sent' : outcome.error)
    }
    expect(errors).toEqual([
      'the mail server did not take the mail within the time limit',
      'the mail server cannot be reached',
      'the recipient must be one plain e-mail address',
    ])
  })
})
