import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { type DocumentedOperation, isObject, object, operations } from '../support/document.ts'
import { type Parts, requestTo, sampleBody, samplePath, sampleQuery } from '../support/requests.ts'
import { seededPath } from '../support/seeds.ts'
import { freshService } from '../support/service.ts'

/** What no operation takes, whatever it is about; generated from the document, without exceptions. */

const service = await freshService()
const cast = await createCast(service)
const token = await createToken(service, cast.owner)

const withBody = operations.filter(({ bodySchema }) => bodySchema !== undefined)

async function send(operation: DocumentedOperation, parts: Omit<Parts, 'path'>) {
  const isOpen = operation.isPublic
  const path = isOpen ? samplePath(operation) : (await seededPath(service, cast.owner, operation)).existing
  const bearer = operation.credentials.includes('session') ? cast.owner.session : token.token
  const response = await service.send(requestTo(operation, { path, ...(isOpen ? {} : { bearer }), ...parts }))
  const isJson = operation.method !== 'HEAD' && response.headers.get('content-type') === 'application/json'
  const body: unknown = isJson ? await response.json() : undefined
  const { code, fields } = isObject(body) ? body : {}
  return { status: response.status, code, fields }
}

/** More than any operation takes, made as it is read, so that nobody has to hold it. */
function endless(): { stream: ReadableStream<Uint8Array>; taken(): number } {
  const chunk = new TextEncoder().encode(`"${'a'.repeat(65_534)}"`)
  let chunks = 0
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks++
      if (chunks > 4096) controller.error(new Error('nobody stopped reading'))
      else controller.enqueue(chunk)
    },
  })
  return { stream, taken: () => chunks * chunk.byteLength }
}

const unpacksToTooMuch = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20))

describe.each(withBody)('$id', (operation) => {
  const sample = JSON.stringify(sampleBody(operation))

  test.each([
    'text/plain',
    'application/vnd.x+json',
    'application/json-seq',
    'application/jsonp',
    'application/json; charset=utf-16',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'json',
    '',
  ])('does not read a body of the type %j', async (type) => {
    const refused = await send(operation, { headers: { 'content-type': type } })
    expect(refused).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' })
  })

  test('does not guess the type of a body', async () => {
    const parts = { path: samplePath(operation), bearer: cast.owner.session }
    const request = requestTo(operation, operation.isPublic ? { path: parts.path } : parts)
    request.headers.delete('content-type')
    const response = await service.send(request)
    expect(await response.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  })

  test.each(['zstd', 'compress', 'gzip, br', 'x'])('does not unpack %s', async (encoding) => {
    const refused = await send(operation, { headers: { 'content-encoding': encoding } })
    expect(refused).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' })
  })

  test('stops reading a body that is too large', async () => {
    const { stream, taken } = endless()
    expect(await send(operation, { body: stream })).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
    expect(taken()).toBeLessThan(64 * 1024 * 1024)
  })

  test('reads a body up to the limit that the document states, and no further', async () => {
    const limit = Number(operation.raw['x-body-limit'])
    const largest = sample.padEnd(limit)
    expect((await send(operation, { body: largest })).code).not.toBe('PAYLOAD_TOO_LARGE')
    expect(await send(operation, { body: `${largest} ` })).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
  })

  test('stops unpacking a body that becomes too large', async () => {
    const refused = await send(operation, { headers: { 'content-encoding': 'gzip' }, body: unpacksToTooMuch })
    expect(refused).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
  })

  // An empty body is one that is left out, where it may be.
  const isRequired = object(operation.raw['requestBody'])['required'] === true
  const notJson = isRequired ? [''] : []
  test.each([
    ...notJson,
    '{',
    'undefined',
    "{'a':1}",
    '{"a":1}{"a":1}',
    '[1,]',
    'NaN',
    '\u0000',
    `${'['.repeat(100_000)}`,
  ])('does not read %.20j as JSON', async (text) => {
    expect(await send(operation, { body: text })).toMatchObject({ status: 400, code: 'BAD_JSON' })
  })

  test('does not read what is not UTF-8', async () => {
    const bytes = new Uint8Array([
      ...new TextEncoder().encode('{"name":"'),
      0xff,
      0xc0,
      0xaf,
      ...new TextEncoder().encode('"}'),
    ])
    expect(await send(operation, { body: bytes })).toMatchObject({ status: 400, code: 'BAD_JSON' })
  })

  test('does not read what is not compressed as it says', async () => {
    const packed = gzipSync(sample)
    const flipped = packed.map((byte, index) => (index === packed.length - 6 ? byte ^ 0xff : byte))
    for (const body of [
      packed.subarray(0, packed.length - 9),
      flipped,
      new TextEncoder().encode(sample),
      new Uint8Array(),
    ]) {
      const refused = await send(operation, { headers: { 'content-encoding': 'gzip' }, body: new Uint8Array(body) })
      expect(refused).toMatchObject({ status: 400, code: 'BAD_COMPRESSED_BODY' })
    }
  })

  test('takes the same body plain and compressed', async () => {
    const plain = await send(operation, {})
    const packed = await send(operation, {
      headers: { 'content-encoding': 'gzip' },
      body: new Uint8Array(gzipSync(sample)),
    })
    const unread = [
      'VALIDATION_FAILED',
      'BAD_JSON',
      'BAD_COMPRESSED_BODY',
      'UNSUPPORTED_MEDIA_TYPE',
      'PAYLOAD_TOO_LARGE',
    ]
    for (const { code } of [plain, packed]) expect(unread).not.toContain(code)
  })

  test('names a field that it does not know', async () => {
    const body = JSON.stringify({ ...object(sampleBody(operation)), unheardOf: 1 })
    const refused = await send(operation, { body })
    expect(refused).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' })
    expect(refused.fields).toEqual([{ path: 'unheardOf', code: 'unrecognized_keys', message: 'Unknown field' }])
  })

  test.each(['null', '[]', '1', '"a"', '[{}]'])('does not take %s for an object', async (text) => {
    expect(await send(operation, { body: text })).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' })
  })
})

describe.each(operations)('$id', (operation) => {
  test('names a query key that it does not know', async () => {
    const query = sampleQuery(operation)
    query.set('unheardOf', '1')
    const refused = await send(operation, { query })
    expect(refused.status).toBe(400)
    // The answer to a HEAD has no body that could say more.
    if (operation.method === 'HEAD') return
    expect(refused.code).toBe('VALIDATION_FAILED')
    expect(refused.fields).toEqual([{ path: 'unheardOf', code: 'unrecognized_keys', message: 'Unknown field' }])
  })
})

describe.each(operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key')))(
  '$id',
  (operation) => {
    test.each(['', 'a'.repeat(256), 'ä'])('refuses the key %.10j', async (key) => {
      const refused = await send(operation, { headers: { 'idempotency-key': key } })
      expect(refused).toMatchObject({ status: 400, code: 'IDEMPOTENCY_KEY_TOO_LONG' })
    })
  },
)
