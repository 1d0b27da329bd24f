import { describe, expect, test } from 'vitest'
import { check, depsHere } from '../support/checked.ts'
import { startSink, startTlsSink } from '../support/sinks.ts'
import { selfSignedCertificate } from '../support/sinks-certificate.ts'

async function closedPort(): Promise<number> {
  const sink = await startSink(() => undefined)
  await sink[Symbol.asyncDispose]()
  return sink.port
}

describe('tcp and port', () => {
  test('a connection is up, whatever is said on it; the port stands in the URL or beside it', async () => {
    await using sink = await startSink(() => undefined)
    expect(await check({ type: 'tcp', url: `tcp://127.0.0.1:${sink.port}` })).toMatchObject({
      status: 'up',
      statusCode: null,
      errorMessage: null,
    })
    expect(await check({ type: 'port', url: 'app.example', port: sink.port })).toMatchObject({ status: 'up' })
  })

  test('a refused one and a forbidden one are down', async () => {
    const port = await closedPort()
    expect(await check({ type: 'tcp', url: `127.0.0.1:${port}` })).toMatchObject({
      status: 'down',
      errorMessage: 'the connection was refused',
    })
    expect(await check({ type: 'port', url: 'inside.example', port })).toMatchObject({
      status: 'down',
      errorMessage: 'the address belongs to a private or special network, which is not called from here',
    })
    expect(await check({ type: 'port', url: 'unknown.example', port })).toMatchObject({
      errorMessage: 'the host name has no address',
    })
  })
})

describe('smtp', () => {
  test.each([
    ['220 ready\r\n', 'up', null],
    ['220-first\r\n220 last\r\n', 'up', null],
    ['554 go away\r\n', 'down', 'the server greeted with 554 instead of 220'],
    ['hello\r\n', 'down', 'the server greeted with something else instead of 220'],
    ['', 'down', 'no complete answer within the time limit'],
  ])('a greeting of %j is %s', async (greeting, status, errorMessage) => {
    await using sink = await startSink((socket) => void socket.write(greeting))
    const target = { type: 'smtp', url: `127.0.0.1:${sink.port}`, timeoutMs: greeting === '' ? 200 : 5000 } as const
    expect(await check(target)).toMatchObject({ status, errorMessage })
  })

  test('hanging up and talking without an end are down', async () => {
    await using silent = await startSink((socket) => void socket.end())
    expect(await check({ type: 'smtp', url: `127.0.0.1:${silent.port}` })).toMatchObject({
      status: 'down',
      errorMessage: 'the connection was closed before the server greeted',
    })
    await using endless = await startSink((socket) => void socket.write('220'.padEnd(10_000, 'x')))
    expect(await check({ type: 'smtp', url: `127.0.0.1:${endless.port}` })).toMatchObject({ status: 'down' })
  })
})

const dayMs = 86_400_000
const fromNow = (days: number) => new Date(Date.now() + days * dayMs)

describe('ssl', () => {
  test.each([
    [30, 'up', null],
    [5.5, 'degraded', 'the certificate expires in 5 days'],
    [0.5, 'degraded', 'the certificate expires within a day'],
    [-1, 'down', 'the certificate has expired'],
  ])('a trusted certificate with %s days left is %s', async (days, status, errorMessage) => {
    const certificate = selfSignedCertificate('app.example', { from: fromNow(-60), to: fromNow(days) })
    await using sink = await startTlsSink(certificate, () => undefined)
    const deps = depsHere({ trusted: certificate.pem })
    expect(await check({ type: 'ssl', url: `app.example:${sink.port}` }, deps)).toMatchObject({ status, errorMessage })
    await expect.poll(() => sink.serverNames).toEqual(['app.example'])
  })

  test('another name, no trust and a certificate of tomorrow are down, each with its own text', async () => {
    const certificate = selfSignedCertificate('app.example')
    await using sink = await startTlsSink(certificate, () => undefined)
    const deps = depsHere({ trusted: certificate.pem })
    expect(await check({ type: 'ssl', url: `other.example:${sink.port}` }, deps)).toMatchObject({
      status: 'down',
      errorMessage: 'the certificate is for another host name',
    })
    expect(await check({ type: 'ssl', url: `app.example:${sink.port}` })).toMatchObject({
      status: 'down',
      errorMessage: 'the certificate is self-signed',
    })
    const early = selfSignedCertificate('app.example', { from: fromNow(1), to: fromNow(30) })
    await using later = await startTlsSink(early, () => undefined)
    const result = await check({ type: 'ssl', url: `app.example:${later.port}` }, depsHere({ trusted: early.pem }))
    expect(result.kind === 'result' && result.errorMessage).toMatch(/^the certificate is not valid before 20/)
  })

  test('no TLS, no answer and no listener are down', async () => {
    await using plain = await startSink((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const result = await check({ type: 'ssl', url: `app.example:${plain.port}` })
    expect(result.kind === 'result' && [result.status, result.errorMessage]).toEqual([
      'down',
      expect.stringMatching(/^the TLS connection failed/),
    ])
    await using silent = await startSink(() => undefined)
    expect(await check({ type: 'ssl', url: `app.example:${silent.port}`, timeoutMs: 200 })).toMatchObject({
      status: 'down',
      errorMessage: 'no complete answer within the time limit',
    })
    expect(await check({ type: 'ssl', url: `app.example:${await closedPort()}` })).toMatchObject({
      errorMessage: 'the connection was refused',
    })
  })
})
