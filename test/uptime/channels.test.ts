import type { Alert } from '@owlery/server/uptime/channels/alert.ts'
import type { Channel } from '@owlery/server/uptime/channels/channel.ts'
import { sendAlert } from '@owlery/server/uptime/channels/send-alert.ts'
import { describe, expect, test } from 'vitest'
import { verifyWebhook } from '../../client/src/verify-webhook.ts'
import { type Loopback, startLoopback } from '../client/loopback.ts'
import { startCanary } from '../support/sinks.ts'
import { alert, channelsAt, depsFor, keySecret, pathSecret, webhookSecret } from '../support/sinks-channels.ts'

async function sendOne(server: Loopback, name: Channel['name'], sent = alert) {
  const channel = channelsAt(server.baseUrl).find((candidate) => candidate.name === name)
  if (channel === undefined) throw new Error(`no channel is called ${name}`)
  const outcome = await sendAlert(channel, sent, depsFor(server.baseUrl))
  const [seen] = server.seen
  if (seen === undefined) throw new Error('nothing arrived')
  const body: unknown = JSON.parse(seen.body)
  return { outcome, seen, body }
}

describe('on the wire', () => {
  test('a webhook gets five flat fields, signed so that the client can verify them', async () => {
    await using server = await startLoopback(() => ({ status: 204 }))
    const details = { log_alert_kind: 'anomaly', anomaly_ratio: 4.2 }
    const { outcome, seen, body } = await sendOne(server, 'webhook', { ...alert, details })
    expect(outcome).toEqual({ ok: true })
    expect(body).toEqual({
      monitor: 'Shop <front> *page*',
      url: 'https://shop.example/health?a=1&b=2',
      status: 'down',
      error: 'expected status 200, got 503',
      timestamp: '2030-01-02T03:04:05.678Z',
      ...details,
    })
    expect(seen.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': '24observe-webhooks/1.0',
    })
    const signature = String(seen.headers['x-24observe-signature'])
    expect(signature).toMatch(/^t=\d{10},v1=[0-9a-f]{64}$/)
    expect(signature.slice(2, 12)).toBe(seen.headers['x-24observe-timestamp'])
    const delivery = { payload: seen.body, signature, secret: webhookSecret }
    expect(await verifyWebhook(delivery)).toBe(true)
    expect(await verifyWebhook({ ...delivery, payload: `${seen.body} ` })).toBe(false)
    expect(await verifyWebhook({ ...delivery, secret: webhookSecret.replace('c', 'd') })).toBe(false)
  })

  test('Slack gets a text that mentions nobody, and blocks', async () => {
    await using server = await startLoopback(() => ({ text: 'ok' }))
    const { outcome, seen, body } = await sendOne(server, 'slack', { ...alert, monitor: '<!channel> & co' })
    expect(outcome).toEqual({ ok: true })
    expect(seen.url).toBe(`/services/T00/B00/${pathSecret}`)
    expect(body).toMatchObject({
      text: 'DOWN: &lt;!channel&gt; &amp; co',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'DOWN: <!channel> & co' } },
        {
          type: 'section',
          fields: expect.arrayContaining([
            { type: 'plain_text', text: 'Error: expected status 200, got 503', emoji: false },
          ]),
        },
        { text: { type: 'mrkdwn', text: '<https://owlery.example/incidents/42?x=1&amp;y=2|Open the status page>' } },
      ],
    })
  })

  test('Discord gets content and an embed that call nobody and format nothing', async () => {
    await using server = await startLoopback(() => ({ status: 204 }))
    const { outcome, body } = await sendOne(server, 'discord', { ...alert, monitor: '`@everyone` *x*' })
    expect(outcome).toEqual({ ok: true })
    expect(body).toMatchObject({
      content: "**DOWN** `'@everyone' *x*`",
      embeds: [
        {
          title: 'DOWN',
          url: alert.link,
          color: 0xda3633,
          timestamp: '2030-01-02T03:04:05.678Z',
          fields: expect.arrayContaining([{ name: 'Error', value: '`expected status 200, got 503`' }]),
        },
      ],
      allowed_mentions: { parse: [] },
    })
  })

  test('Teams gets an adaptive card in a message', async () => {
    await using server = await startLoopback(() => ({ status: 202 }))
    const { outcome, seen, body } = await sendOne(server, 'teams')
    expect(outcome).toEqual({ ok: true })
    expect(seen.url).toBe(`/workflows/1?sig=${pathSecret}`)
    expect(body).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            body: expect.arrayContaining([
              {
                type: 'RichTextBlock',
                inlines: [{ type: 'TextRun', text: 'DOWN: Shop <front> *page*', weight: 'Bolder', size: 'Large' }],
              },
            ]),
            actions: [{ type: 'Action.OpenUrl', url: alert.link }],
          },
        },
      ],
    })
  })

  test('Telegram gets escaped HTML for the chat', async () => {
    await using server = await startLoopback(() => ({ json: { ok: true, result: {} } }))
    const { outcome, seen, body } = await sendOne(server, 'telegram')
    expect(outcome).toEqual({ ok: true })
    expect(seen.url).toBe(`/bot123456:${pathSecret}/sendMessage`)
    expect(body).toEqual({
      chat_id: '-1001234567890',
      text: [
        '<b>DOWN: Shop &lt;front&gt; *page*</b>',
        'Monitor: Shop &lt;front&gt; *page*',
        'Target: https://shop.example/health?a=1&amp;b=2',
        'Status: down',
        'Error: expected status 200, got 503',
        'Time: 2030-01-02T03:04:05.678Z',
        '<a href="https://owlery.example/incidents/42?x=1&amp;y=2">Open the status page</a>',
      ].join('\n'),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    })
  })

  test.each([
    '../../123456:aaaaaaaaaaaaaaaa',
    '123456',
    '123456:short',
    '123456:aaaaaaaaaaaa/../x',
    '1:a a aaaaaaaaaaaaa',
  ])('the bot token %s never becomes a path', async (botToken) => {
    await using canary = await startCanary()
    const deps = depsFor(`http://127.0.0.1:${canary.port}`)
    const outcome = await sendAlert({ name: 'telegram', botToken, chatId: '1' }, alert, deps)
    expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining('bot token') })
    expect(canary.connections).toBe(0)
  })

  test('PagerDuty triggers and resolves under one key', async () => {
    await using server = await startLoopback(() => ({ status: 202, json: { status: 'success' } }))
    const { outcome, seen, body } = await sendOne(server, 'pagerduty')
    expect(outcome).toEqual({ ok: true })
    expect(seen.url).toBe('/v2/enqueue')
    expect(body).toMatchObject({
      routing_key: keySecret,
      event_action: 'trigger',
      dedup_key: 'owlery-incident-42',
      client_url: alert.link,
      payload: {
        summary: 'DOWN: Shop <front> *page*',
        source: alert.url,
        severity: 'critical',
        timestamp: '2030-01-02T03:04:05.678Z',
        custom_details: { error: 'expected status 200, got 503' },
      },
    })
    await sendOne(server, 'pagerduty', { ...alert, status: 'up', error: null })
    const resolve = { routing_key: keySecret, event_action: 'resolve', dedup_key: 'owlery-incident-42' }
    expect(JSON.parse(server.seen[1]?.body ?? '')).toEqual(resolve)
    await sendOne(server, 'pagerduty', { ...alert, status: 'degraded' })
    expect(JSON.parse(server.seen[2]?.body ?? '')).toMatchObject({ payload: { severity: 'warning' } })
  })

  test('Opsgenie creates with P1 and closes under one alias', async () => {
    await using server = await startLoopback(() => ({ status: 202, json: { result: 'Request will be processed' } }))
    const incidentKey = 'incident/42 é'
    const { outcome, seen, body } = await sendOne(server, 'opsgenie', { ...alert, incidentKey })
    expect(outcome).toEqual({ ok: true })
    expect([seen.url, seen.headers.authorization]).toEqual(['/v2/alerts', `GenieKey ${keySecret}`])
    expect(body).toMatchObject({
      message: 'DOWN: Shop <front> *page*',
      alias: incidentKey,
      priority: 'P1',
      entity: alert.monitor,
      details: { status: 'down' },
    })
    await sendOne(server, 'opsgenie', { ...alert, incidentKey, status: 'up' })
    expect(server.seen[1]?.url).toBe(`/v2/alerts/${encodeURIComponent(incidentKey)}/close?identifierType=alias`)
  })

  test('everything stays within what the services take', async () => {
    await using server = await startLoopback(() => ({}))
    const huge: Alert = {
      ...alert,
      monitor: `${'&'.repeat(253)}😀`,
      url: `https://shop.example/${'<'.repeat(2027)}`,
      error: '`&\n'.repeat(5000),
      incidentKey: 'k'.repeat(1000),
    }
    for (const channel of channelsAt(server.baseUrl)) {
      expect(await sendAlert(channel, huge, depsFor(server.baseUrl))).toEqual({ ok: true })
    }
    const [webhook, slack, discord, teams, telegram, pagerduty, opsgenie] = server.seen.map(({ body }) => body)
    expect(JSON.parse(webhook ?? '')).toMatchObject({ monitor: huge.monitor, error: huge.error })
    expect(longest(slack, 'text')).toBeLessThanOrEqual(2000)
    expect(longest(discord, 'value')).toBeLessThanOrEqual(1024)
    expect(longest(discord, 'content')).toBeLessThanOrEqual(2000)
    expect((teams ?? '').length).toBeLessThan(28_000)
    // Telegram counts what is left once the entities are read.
    const message: unknown = JSON.parse(telegram ?? '')
    const text = String(typeof message === 'object' && message !== null && Reflect.get(message, 'text'))
    expect(text.replaceAll(/&\w+;/g, 'x').length).toBeLessThanOrEqual(4096)
    expect(longest(pagerduty, 'summary')).toBeLessThanOrEqual(1024)
    expect(longest(pagerduty, 'dedup_key')).toBeLessThanOrEqual(255)
    expect(longest(opsgenie, 'message')).toBeLessThanOrEqual(130)
    expect(longest(opsgenie, 'alias')).toBeLessThanOrEqual(512)
    expect(longest(opsgenie, 'description')).toBeLessThanOrEqual(15_000)
    // No character is cut in two.
    for (const { body } of server.seen) expect(JSON.stringify(JSON.parse(body))).not.toMatch(/\\ud[89a-f]/)
  })
})

/** The length of the longest text that stands under this name, however deep. */
function longest(json: string | undefined, name: string): number {
  let most = 0
  JSON.parse(json ?? '', (key, value: unknown) => {
    if (key === name && typeof value === 'string') most = Math.max(most, value.length)
    return value
  })
  if (most === 0) throw new Error(`no text is called ${name}`)
  return most
}
