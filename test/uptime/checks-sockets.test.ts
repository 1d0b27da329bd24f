import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseAddressRange } from '@owlery/server/config/addresses.ts'
import { createOutbound } from '@owlery/server/outbound/client.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { check, depsHere } from '../support/checked.ts'
import { startSink, startTlsSink } from '../support/sinks.ts'
import { certificateChain, crossSignedChain, selfSignedCertificate } from '../support/sinks-certificate.ts'
import { startFullSink } from '../support/sinks-full.ts'

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

describe('a port that drops who knocks', async () => {
  const sink = await startFullSink()
  afterAll(() => sink[Symbol.asyncDispose]())

  test.each(['tcp', 'port', 'smtp', 'ssl', 'http'] as const)('is down for %s, and not refused', async (type) => {
    const url = `${type === 'http' ? 'http://' : ''}127.0.0.1:${sink.port}`
    expect(await check({ type, url, timeoutMs: 200 })).toMatchObject({
      status: 'down',
      responseTimeMs: null,
      errorMessage: 'no complete answer within the time limit',
    })
  })
})

describe('a name with several addresses', async () => {
  const sink = await startFullSink()
  afterAll(() => sink[Symbol.asyncDispose]())
  // No connection can be made to a multicast address, as to an IPv6 one from a machine that has none.
  const noWay = '224.0.0.1'
  const ranges = ['127.0.0.0/8', noWay].flatMap((text) => parseAddressRange(text) ?? [])
  const leadingTo = (...addresses: readonly string[]) => {
    const guard = createGuard({ allow: ranges, resolve: async () => addresses })
    return depsHere({ guard, outbound: createOutbound({ guard }) })
  }
  const urlOf = (type: string, port: number) => `${type === 'http' ? 'http://' : ''}app.example:${port}`
  const kinds = ['tcp', 'smtp', 'ssl', 'http'] as const

  test.each(kinds)('is down for %s when one refuses, wherever the others cannot be called from here', async (type) => {
    const target = { type, url: urlOf(type, await closedPort()) }
    const refused = { kind: 'result', status: 'down', errorMessage: 'the connection was refused' }
    expect(await check(target, leadingTo('127.0.0.1', noWay))).toMatchObject(refused)
    expect(await check(target, leadingTo(noWay, '127.0.0.1'))).toMatchObject(refused)
    expect(await check(target, leadingTo(noWay))).toEqual({
      kind: 'probe_error',
      reason: 'the connection could not be made here (ENETUNREACH)',
    })
  })

  test.each(['tcp', 'http'] as const)(
    'is up for %s when the first keeps silent and the second answers',
    async (type) => {
      await using open = await startSink((socket) => void socket.end('HTTP/1.1 204 No Content\r\n\r\n'), {
        host: '127.0.0.3',
        port: sink.port,
      })
      const deps = leadingTo('127.0.0.1', '127.0.0.3')
      expect(await check({ type, url: urlOf(type, sink.port), timeoutMs: 1000 }, deps)).toMatchObject({ status: 'up' })
      expect(open.connections).toBe(1)
    },
  )

  test.each(['tcp', 'http'] as const)('gives each of them its share of the time for %s', async (type) => {
    const begun = performance.now()
    const target = { type, url: urlOf(type, sink.port), timeoutMs: 600 }
    expect(await check(target, leadingTo('127.0.0.1', noWay))).toMatchObject({
      status: 'down',
      errorMessage: 'no complete answer within the time limit',
    })
    expect(performance.now() - begun).toBeGreaterThanOrEqual(290)
  })
  test('has spent the time of the check when looking it up took all of it', async () => {
    await using open = await startSink((socket) => void socket.end('220 HTTP/1.1 204 No Content\r\n\r\n'))
    const slowly = createGuard({ allow: ranges, resolve: (_host, ms) => delay(ms + 20, ['127.0.0.1']) })
    const deps = depsHere({ guard: slowly, outbound: createOutbound({ guard: slowly }) })
    for (const type of kinds) {
      expect(await check({ type, url: urlOf(type, open.port), timeoutMs: 100 }, deps)).toMatchObject({
        status: 'down',
        errorMessage: 'no complete answer within the time limit',
      })
    }
    expect(open.connections).toBe(0)
  })
})

describe('a process without a descriptor left', () => {
  test('lives on, and has said nothing about any target', () => {
    const program = fileURLToPath(new URL('../support/without-descriptors.ts', import.meta.url))
    const { status, stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -n 64 && exec node "$0"', program], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const own = { kind: 'probe_error', reason: 'the connection could not be made here (EMFILE)' }
    const types = ['tcp', 'port', 'ssl', 'smtp', 'ping', 'http', 'keyword']
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(types.map((type) => [type, own])))
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
    [7.5, 'up', null],
    [6.9, 'degraded', 'the certificate expires in 6 days'],
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

  test('a certificate of tomorrow is down', async () => {
    const early = selfSignedCertificate('app.example', { from: fromNow(1), to: fromNow(30) })
    await using later = await startTlsSink(early, () => undefined)
    const result = await check({ type: 'ssl', url: `app.example:${later.port}` }, depsHere({ trusted: early.pem }))
    expect(result.kind === 'result' && result.errorMessage).toMatch(/^the certificate is not valid before 20/)
  })

  const year = { from: fromNow(-100), to: fromNow(265) }

  test.each([
    [60, 'up', null],
    [3.5, 'degraded', 'the certificate expires in 3 days'],
    [-1, 'down', 'the certificate has expired'],
  ])('a chain with an authority that has %s days left is %s', async (days, status, errorMessage) => {
    const { root, complete } = certificateChain('app.example', year, { from: fromNow(-90), to: fromNow(days) })
    await using sink = await startTlsSink(complete, () => undefined)
    const deps = depsHere({ trusted: root })
    expect(await check({ type: 'ssl', url: `app.example:${sink.port}` }, deps)).toMatchObject({ status, errorMessage })
  })

  test('a certificate that the chain does not need may have expired', async () => {
    const { root, complete } = crossSignedChain('app.example', year, { from: fromNow(-90), to: fromNow(-1) })
    await using sink = await startTlsSink(complete, () => undefined)
    expect(await check({ type: 'ssl', url: `app.example:${sink.port}` }, depsHere({ trusted: root }))).toMatchObject({
      status: 'up',
      errorMessage: null,
    })
  })

  const chain = certificateChain('app.example', year)
  const alone = selfSignedCertificate('app.example', year)
  const old = selfSignedCertificate('app.example', { from: fromNow(-60), to: fromNow(-1) })

  test.each([
    [
      'of another name',
      chain.complete,
      chain.root,
      'other.example',
      'is for another host name',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['that has expired', old, old.pem, 'app.example', 'has expired', 'CERT_HAS_EXPIRED'],
    ['that signed itself', alone, chain.root, 'app.example', 'is self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [
      'without the authority between it and the root',
      chain.incomplete,
      chain.root,
      'app.example',
      'chain is incomplete, or its authority is not known',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('a certificate %s is down, for pages too', async (_what, certificate, trusted, host, text, code) => {
    await using sink = await startTlsSink(certificate, (socket) => void socket.end('HTTP/1.1 204 No Content\r\n\r\n'))
    const deps = depsHere({ trusted })
    expect(await check({ type: 'ssl', url: `${host}:${sink.port}` }, deps)).toMatchObject({
      status: 'down',
      errorMessage: `the certificate ${text}`,
    })
    expect(await check({ type: 'https', url: `https://${host}:${sink.port}/` }, deps)).toMatchObject({
      status: 'down',
      errorMessage: `the TLS connection failed (${code})`,
    })
  })

  test('a complete chain is fine, for pages too', async () => {
    await using sink = await startTlsSink(
      chain.complete,
      (socket) => void socket.end('HTTP/1.1 204 No Content\r\n\r\n'),
    )
    const deps = depsHere({ trusted: chain.root })
    expect(await check({ type: 'ssl', url: `app.example:${sink.port}` }, deps)).toMatchObject({ status: 'up' })
    const page = { type: 'https', url: `https://app.example:${sink.port}/` } as const
    expect(await check(page, deps)).toMatchObject({ status: 'up', statusCode: 204 })
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
