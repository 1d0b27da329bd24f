import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { parseAddressRange } from '@owlery/server/config/addresses.ts'
import { createOutbound, type OutboundRequest } from '@owlery/server/outbound/client.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import type { Resolve } from '@owlery/server/outbound/resolver.ts'
import { describe, expect, test } from 'vitest'
import { startLoopback } from '../client/loopback.ts'
import { startCanary, startSink, startTlsSink } from '../support/sinks.ts'
import { selfSignedCertificate } from '../support/sinks-certificate.ts'

const here: Resolve = async (host) => {
  if (host === 'unknown.example') return []
  if (host === 'broken.example') throw new Error('the name servers did not answer')
  return host === 'inside.example' ? ['127.0.0.2'] : ['127.0.0.1']
}

/** Only 127.0.0.1 may be called; 127.0.0.2 stands for everything that may not. */
function outboundHere(options: { trusted?: string; resolve?: Resolve } = {}) {
  const range = parseAddressRange('127.0.0.1')
  const guard = createGuard({ allow: range === undefined ? [] : [range], resolve: options.resolve ?? here })
  return createOutbound({ guard, ...(options.trusted !== undefined && { certificateAuthorities: [options.trusted] }) })
}

const outbound = outboundHere()

function call(url: string, more: Partial<OutboundRequest> = {}) {
  return outbound.request({ url, timeoutMs: 3000, maxBytes: 10_000, ...more })
}

describe('an answer', () => {
  test('comes with status, headers, body, and whom we talked to', async () => {
    await using server = await startLoopback(() => ({ status: 418, json: { ok: true }, headers: { 'x-own': 'yes' } }))
    const { port } = new URL(server.baseUrl)
    const answer = await call(`http://app.example:${port}/path?q=%20#fragment`)
    expect(answer).toMatchObject({ ok: true, status: 418, isCut: false, address: '127.0.0.1' })
    expect(answer.ok && [answer.body.toString(), answer.headers['x-own'], answer.url]).toEqual([
      '{"ok":true}',
      'yes',
      `http://app.example:${port}/path?q=%20#fragment`,
    ])
    expect(server.seen).toMatchObject([{ method: 'GET', url: '/path?q=%20' }])
    expect(server.seen[0]?.headers).toMatchObject({ host: `app.example:${port}`, connection: 'close', accept: '*/*' })
    expect(server.seen[0]?.headers['user-agent']).toMatch(/^owlery\/\d/)
  })

  test('the request carries what was given, but nothing that belongs to the connection', async () => {
    await using server = await startLoopback(() => ({}))
    const headers = {
      'X-Own': 'value',
      'user-agent': 'mine/1',
      Host: 'other.example',
      'Transfer-Encoding': 'chunked',
      'Content-Length': '3',
      Connection: 'upgrade',
      Upgrade: 'h2c',
      Expect: '100-continue',
    }
    expect(await call(server.baseUrl, { method: 'POST', headers, body: 'Größe' })).toMatchObject({ ok: true })
    const [seen] = server.seen
    expect(seen).toMatchObject({ method: 'POST', body: 'Größe' })
    expect(seen?.headers).toMatchObject({ 'x-own': 'value', 'user-agent': 'mine/1', 'content-length': '7' })
    expect(seen?.headers.host).toBe(new URL(server.baseUrl).host)
    expect(seen?.headers.connection).toBe('close')
    expect(Object.keys(seen?.headers ?? {})).not.toEqual(expect.arrayContaining(['upgrade']))
    expect(Object.keys(seen?.headers ?? {})).not.toEqual(expect.arrayContaining(['expect']))
  })

  test('a header that would split the request is not sent', async () => {
    await using server = await startCanary()
    const outcome = await call(`http://127.0.0.1:${server.port}/`, { headers: { 'X-Own': 'a\r\nX-Other: b' } })
    expect(outcome).toMatchObject({ ok: false, reason: 'invalid_request' })
    expect(server.connections).toBe(0)
  })

  test('a longer body is a failure, or its beginning is enough', async () => {
    await using server = await startLoopback(() => ({ text: 'x'.repeat(10_001) }))
    expect(await call(server.baseUrl)).toMatchObject({ ok: false, reason: 'too_many_bytes', status: 200 })
    const cut = await call(server.baseUrl, { overflow: 'cut' })
    expect(cut).toMatchObject({ ok: true, isCut: true })
    expect(cut.ok && cut.body.length).toBe(10_000)
    expect(await call(server.baseUrl, { maxBytes: 10_001 })).toMatchObject({ ok: true, isCut: false })
  })

  test('a compressed one is neither asked for nor unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    await using server = await startSink((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`)
      socket.end(bomb)
    })
    const answer = await call(`http://127.0.0.1:${server.port}/`, { maxBytes: 100_000 })
    expect(answer.ok && answer.body.equals(bomb)).toBe(true)
  })
})

describe('over TLS', () => {
  const certificate = selfSignedCertificate('app.example')
  const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecure'
  const request = { timeoutMs: 3000, maxBytes: 100 }

  test('the name is sent and the certificate has to be for it', async () => {
    await using server = await startTlsSink(certificate, (socket) => socket.end(reply))
    const trusting = outboundHere({ trusted: certificate.pem })
    const answer = await trusting.request({ ...request, url: `https://app.example:${server.port}/` })
    expect(answer.ok && answer.body.toString()).toBe('secure')
    expect(server.serverNames).toEqual(['app.example'])
    for (const host of ['other.example', '127.0.0.1']) {
      const refused = await trusting.request({ ...request, url: `https://${host}:${server.port}/` })
      expect(refused).toMatchObject({ ok: false, reason: 'tls_failed' })
      expect(refused.ok || refused.error).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
    }
  })

  test('unknown issuers, expired certificates and servers without TLS are failures of TLS', async () => {
    const past = { from: new Date('2020-01-01'), to: new Date('2020-02-01') }
    const expired = selfSignedCertificate('app.example', past)
    await using unknown = await startTlsSink(certificate, (socket) => socket.end(reply))
    await using old = await startTlsSink(expired, (socket) => socket.end(reply))
    await using plain = await startSink((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const trusting = outboundHere({ trusted: expired.pem })
    const errors: string[] = []
    for (const { port } of [unknown, old, plain]) {
      const outcome = await trusting.request({ ...request, url: `https://app.example:${port}/` })
      expect(outcome).toMatchObject({ ok: false, reason: 'tls_failed' })
      if (!outcome.ok) errors.push(outcome.error)
    }
    expect(errors[0]).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(errors[1]).toContain('CERT_HAS_EXPIRED')
  })

  test('a handshake that stalls ends with the time', async () => {
    await using server = await startSink(() => undefined)
    const outcome = await outbound.request({ url: `https://app.example:${server.port}/`, timeoutMs: 300, maxBytes: 1 })
    expect(outcome).toMatchObject({ ok: false, reason: 'timeout' })
  })
})

const drip = (head: string) => (socket: Socket) => {
  socket.write(head)
  const timer = setInterval(() => socket.write('x'), 20)
  socket.on('close', () => clearInterval(timer))
}

function flood(head: string, piece: string) {
  return (socket: Socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    }
    socket.on('drain', more)
    socket.write(head)
    more()
  }
}

describe('hostile servers', () => {
  test.each([
    ['says nothing', () => undefined, 'timeout'],
    ['drips its headers', drip('HTTP/1.1 200 OK\r\nX-Long: '), 'timeout'],
    ['drips its body', drip('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n'), 'timeout'],
    ['never ends its body', flood('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(4096)), 'too_many_bytes'],
    ['never ends its headers', flood('HTTP/1.1 200 OK\r\n', 'X-More: x\r\n'.repeat(100)), 'bad_response'],
    ['never ends one header', flood('HTTP/1.1 200 OK\r\nX-Long: ', 'x'.repeat(4096)), 'bad_response'],
    ['keeps saying wait', flood('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10)), 'timeout'],
    ['speaks another language', (socket) => socket.end('220 mail ready\r\n'), 'bad_response'],
    [
      'says two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'),
      'bad_response',
    ],
    ['hangs up', (socket) => socket.destroy(), 'connection_lost'],
    ['resets', (socket) => socket.resetAndDestroy(), 'connection_lost'],
    ['ends halfway', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'), 'connection_lost'],
    [
      'changes the protocol',
      (socket) => socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
      'connection_lost',
    ],
  ] satisfies [string, (socket: Socket) => void, string][])('one that %s', async (_, treat, reason) => {
    await using server = await startSink(treat)
    const start = performance.now()
    const outcome = await call(`http://127.0.0.1:${server.port}/`, { timeoutMs: 1000 })
    expect(outcome).toMatchObject({ ok: false, reason })
    expect(performance.now() - start).toBeLessThan(3000)
    expect(server.connections).toBe(1)
  })

  test('each way to fail without an answer has its own words', async () => {
    const closed = await startSink(() => undefined)
    await closed[Symbol.asyncDispose]()
    const outcomes = [
      await call('http://127.0.0.2:1/'),
      await call('http://inside.example/'),
      await call('http://unknown.example/'),
      await call('http://broken.example/'),
      await call(`http://127.0.0.1:${closed.port}/`),
      await call('ftp://127.0.0.1/'),
    ]
    expect(outcomes.map((outcome) => (outcome.ok ? 'answered' : outcome.reason))).toEqual([
      'refused',
      'refused',
      'name_not_found',
      'lookup_failed',
      'connection_refused',
      'invalid_url',
    ])
    expect(new Set(outcomes.map((outcome) => (outcome.ok ? '' : outcome.error))).size).toBe(5)
  })

  test('looking up a name counts against the time too', async () => {
    const never = outboundHere({ resolve: () => new Promise(() => undefined) })
    const outcome = await never.request({ url: 'http://slow.example/', timeoutMs: 200, maxBytes: 1 })
    expect(outcome).toMatchObject({ ok: false, reason: 'timeout' })
    expect(outcome.durationMs).toBeGreaterThanOrEqual(190)
    expect(outcome.durationMs).toBeLessThan(3000)
  })
})

describe('redirects', () => {
  const to = (location: string, status = 302) => ({ status, headers: { location } })

  test.each([301, 302, 303, 307, 308])('%d is refused unless asked for, and says what it was', async (status) => {
    await using server = await startLoopback(() => to('/next', status))
    expect(await call(server.baseUrl)).toMatchObject({ ok: false, reason: 'redirect_refused', status })
    expect(server.seen.length).toBe(1)
  })

  test('are followed as often as allowed, and a loop ends', async () => {
    await using server = await startLoopback(({ url }) => {
      const step = Number(url.slice(1))
      return step === 3 ? { text: 'arrived' } : to(url === '/loop' ? '/loop' : `/${step + 1}`)
    })
    const arrived = await call(`${server.baseUrl}/0`, { maxRedirects: 3 })
    expect(arrived.ok && [arrived.body.toString(), arrived.url]).toEqual(['arrived', `${server.baseUrl}/3`])
    const tooMany = { ok: false, reason: 'too_many_redirects' }
    expect(await call(`${server.baseUrl}/0`, { maxRedirects: 2 })).toMatchObject(tooMany)
    const before = server.seen.length
    expect(await call(`${server.baseUrl}/loop`, { maxRedirects: 10 })).toMatchObject(tooMany)
    expect(server.seen.length - before).toBe(11)
  })

  test.each([301, 302, 303, 307, 308])('%d to where nobody may go is not followed', async (status) => {
    await using canary = await startCanary({ host: '127.0.0.2' })
    const hosts = ['127.0.0.2', '0x7f.2', 'inside.example', '[::ffff:127.0.0.2]', 'user@127.0.0.2', '@127.0.0.2']
    for (const host of hosts) {
      for (const location of [`http://${host}:${canary.port}/`, `//${host}:${canary.port}/`]) {
        await using server = await startLoopback(() => to(location, status))
        const outcome = await call(server.baseUrl, { maxRedirects: 5 })
        expect(outcome.ok || outcome.reason).toBe(
          host.includes('@') && !host.startsWith('@') ? 'redirect_invalid' : 'refused',
        )
      }
    }
    expect(canary.connections).toBe(0)
  })

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'javascript:alert(1)', 'http://', 'http://[::1', 'data:,x'])(
    'to %s leads nowhere',
    async (location) => {
      await using server = await startLoopback(() => to(location))
      expect(await call(server.baseUrl, { maxRedirects: 5 })).toMatchObject({ ok: false, reason: 'redirect_invalid' })
    },
  )

  test('keep the request on the same origin, and leave its secrets there when they lead away', async () => {
    await using away = await startLoopback(() => ({ text: 'away' }))
    await using home = await startLoopback(({ url }) => to(url === '/away' ? `${away.baseUrl}/` : '/home', 307))
    const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k', 'Content-Type': 'text/plain' }
    const request: Partial<OutboundRequest> = { method: 'POST', headers, body: 'data', maxRedirects: 1 }
    await call(`${home.baseUrl}/start`, request)
    expect(home.seen[1]).toMatchObject({ method: 'POST', body: 'data', headers: { authorization: 'Bearer x' } })
    await call(`${home.baseUrl}/away`, request)
    expect(away.seen).toMatchObject([{ method: 'POST', body: 'data', headers: { 'content-type': 'text/plain' } }])
    const names = Object.keys(away.seen[0]?.headers ?? {})
    for (const secret of ['authorization', 'cookie', 'x-api-key']) expect(names).not.toContain(secret)
  })

  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'DELETE', 'DELETE'],
  ] as const)('%d turns %s into %s', async (status, method, then) => {
    await using server = await startLoopback(({ url }) => (url === '/' ? to('/next', status) : {}))
    const body = method === 'HEAD' ? {} : { body: 'data' }
    await call(`${server.baseUrl}/`, { method, maxRedirects: 1, ...body })
    expect(server.seen[1]).toMatchObject({ method: then, body: then === method && method !== 'HEAD' ? 'data' : '' })
  })
})
