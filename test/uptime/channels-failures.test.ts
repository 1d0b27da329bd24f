import { sendAlert } from '@owlery/server/uptime/channels/send-alert.ts'
import { describe, expect, test } from 'vitest'
import { type Answer, startLoopback } from '../client/loopback.ts'
import { startCanary } from '../support/sinks.ts'
import { alert, channelsAt, depsFor, keySecret, pathSecret } from '../support/sinks-channels.ts'

const refusals: readonly (readonly [string, Answer, string])[] = [
  [
    'a reason in JSON',
    { status: 400, json: { error: 'invalid chat' } },
    'the service answered 400: {"error":"invalid chat"}',
  ],
  ['a reason in text', { status: 404, text: 'no_service\r\n' }, 'the service answered 404: no_service'],
  ['a page', { status: 502, text: '<html>', headers: { 'content-type': 'text/html' } }, 'the service answered 502'],
  ['nothing but a status', { status: 500 }, 'the service answered 500'],
  ['a long story', { status: 400, text: 'x'.repeat(99_999) }, `the service answered 400: ${'x'.repeat(199)}…`],
  ['a redirect', { status: 302, headers: { location: '/x' } }, 'the server redirects, which is not followed here'],
  ['silence', { delayMs: 6000 }, 'no complete answer within the time limit'],
  ['a hang-up', { hangUp: true }, 'the connection was closed before the answer was complete'],
]

describe.each(refusals)('an answer with %s', (_, answer, error) => {
  test('is a failure of every channel, in plain words', async () => {
    await using server = await startLoopback(() => answer)
    const channels = channelsAt(server.baseUrl)
    const outcomes = await Promise.all(channels.map((each) => sendAlert(each, alert, depsFor(server.baseUrl))))
    expect(outcomes).toEqual(channels.map(() => ({ ok: false, error })))
    expect(server.seen.length).toBe(channels.length)
  })
})

test('a service that repeats our secrets does not get them into the error text', async () => {
  const echoes: ((request: { url: string; body: string; headers: unknown }) => string)[] = [
    ({ url }) => `Cannot POST ${url}`,
    ({ url }) => `Cannot POST ${encodeURIComponent(url)}`,
    ({ url }) => `Cannot POST ${url.replaceAll('/', '&#x2F;')}`,
    ({ headers }) => JSON.stringify(headers),
    ({ body }) => body,
  ]
  for (const echo of echoes) {
    await using server = await startLoopback((request) => ({ status: 404, text: echo(request) }))
    for (const channel of channelsAt(server.baseUrl)) {
      const outcome = await sendAlert(channel, alert, depsFor(server.baseUrl))
      expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining('the service answered 404') })
      expect(JSON.stringify(outcome)).not.toMatch(new RegExp(`${pathSecret}|${keySecret}`))
    }
  }
})

test('a channel whose address has become private is not called', async () => {
  await using canary = await startCanary({ host: '127.0.0.2' })
  for (const channel of channelsAt(`http://127.0.0.2:${canary.port}`)) {
    const outcome = await sendAlert(channel, alert, depsFor(`http://127.0.0.2:${canary.port}`))
    expect(outcome).toEqual({
      ok: false,
      error: 'the address belongs to a private or special network, which is not called from here',
    })
  }
  expect(canary.connections).toBe(0)
})
