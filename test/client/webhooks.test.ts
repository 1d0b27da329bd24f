import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
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

test('the receiver may choose how old a delivery may be', async () => {
  const signature = `t=${now - 900},v1=${sign(now - 900)}`
  expect(await verifyWebhook({ payload, signature, secret, toleranceSeconds: 1000 })).toBe(true)
})
