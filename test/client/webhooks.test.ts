import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifyWebhook } from '../../client/src/verify-webhook.ts'

const secret = 'a'.repeat(64)
const payload = '{"event":"incident.opened","title":"Größe"}'
const now = Math.floor(Date.now() / 1000)

function sign(time: number, key = secret, body = payload): string {
  return createHmac('sha256', key).update(`${time}.${body}`).digest('hex')
}

test('a delivery signed with the secret, lately, is genuine', async () => {
  const signature = `t=${now},v1=${sign(now)}`
  expect(await verifyWebhook({ payload, signature, secret })).toBe(true)
  expect(await verifyWebhook({ payload: new TextEncoder().encode(payload), signature, secret })).toBe(true)
})

test('one good signature is enough while a secret is being rotated', async () => {
  const signature = `t=${now}, v1=${sign(now, 'old')}, v1=${sign(now)}`
  expect(await verifyWebhook({ payload, signature, secret })).toBe(true)
})

test.each([
  ['another secret', `t=${now},v1=${sign(now, 'other')}`],
  ['another body', `t=${now},v1=${sign(now, secret, '{}')}`],
  ['a moved time', `t=${now + 1},v1=${sign(now)}`],
  ['an old delivery', `t=${now - 301},v1=${sign(now - 301)}`],
  ['one from the future', `t=${now + 330},v1=${sign(now + 330)}`],
  ['no time', `v1=${sign(now)}`],
  ['a cut signature', `t=${now},v1=${sign(now).slice(0, 62)}`],
  ['an unknown scheme', `t=${now},v0=${sign(now)}`],
  ['nothing', ''],
])('%s is refused', async (_, signature) => {
  expect(await verifyWebhook({ payload, signature, secret })).toBe(false)
})

describe('Standard Webhooks', () => {
  const id = 'incident_12_opened'
  const timestamp = String(now)
  const encoded = (text: string) => Buffer.from(text).toString('base64')
  const signStandard = (time: string, key: string | Buffer = secret, body = payload, of = id) =>
    createHmac('sha256', key).update(`${of}.${time}.${body}`).digest('base64')
  const signature = `v1,${signStandard(timestamp)}`

  test('are genuine with the secret in either form', async () => {
    expect(await verifyWebhook({ payload, signature, id, timestamp, secret })).toBe(true)
    const serialized = `whsec_${encoded(secret)}`
    expect(await verifyWebhook({ payload, signature, id, timestamp, secret: serialized })).toBe(true)
    const both = `v1,${signStandard(timestamp, 'old')} ${signature}`
    expect(await verifyWebhook({ payload, signature: both, id, timestamp, secret })).toBe(true)
  })

  test('match a published vector', async () => {
    const at = 1614265330
    const vector = {
      payload: '{"test": 2432232314}',
      signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: String(at),
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      toleranceSeconds: now - at + 60,
    }
    expect(await verifyWebhook(vector)).toBe(true)
    expect(await verifyWebhook({ ...vector, toleranceSeconds: 300 })).toBe(false)
  })

  test.each([
    ['another id', { id: 'incident_13_opened' }],
    ['another time', { timestamp: String(now + 1) }],
    ['another body', { payload: payload.replace('opened', 'Opened') }],
    ['another secret', { secret: 'b'.repeat(64) }],
    ['an old one', { timestamp: String(now - 360), signature: `v1,${signStandard(String(now - 360))}` }],
    ['one from the future', { timestamp: String(now + 360), signature: `v1,${signStandard(String(now + 360))}` }],
    ['a time that is none', { timestamp: `${now}.0` }],
    ['no time', { timestamp: '' }],
    ['an asymmetric signature', { signature: signature.replace('v1', 'v1a') }],
    ['the signature of the other header', { signature: `t=${now},v1=${sign(now)}` }],
    ['nothing', { signature: '' }],
  ])('%s is refused', async (_, other) => {
    expect(await verifyWebhook({ payload, signature, id, timestamp, secret, ...other })).toBe(false)
  })
})

test('the receiver may choose how old a delivery may be', async () => {
  const signature = `t=${now - 900},v1=${sign(now - 900)}`
  expect(await verifyWebhook({ payload, signature, secret, toleranceSeconds: 1000 })).toBe(true)
})
