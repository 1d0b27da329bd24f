import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { check, depsHere } from '../support/checked.ts'
import { startSink } from '../support/sinks.ts'
import { startHttpSink } from '../support/sinks-http.ts'

/** Without an end, as fast as the other side takes it. */
function pour(socket: Socket, piece: string): void {
  const write = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.write('HTTP/1.1 200 OK\r\n')
  socket.on('drain', write)
  write()
}

describe('http', () => {
  test('below 400 is up, with status and time; the headers of the monitor are sent', async () => {
    let seen: string | undefined
    await using sink = await startHttpSink((request, response) => {
      seen = request.headers.authorization
      response.writeHead(204).end()
    })
    const result = await check({ type: 'http', url: sink.url }, depsHere(), { Authorization: 'Bearer known' })
    expect(result).toMatchObject({ kind: 'result', status: 'up', statusCode: 204, errorMessage: null })
    expect(result.kind === 'result' && result.responseTimeMs).toBeGreaterThanOrEqual(0)
    expect(seen).toBe('Bearer known')
  })

  test.each([
    [500, null, 'down', 'the server answered 500'],
    [404, 404, 'up', null],
    [200, 204, 'down', 'the server answered 200 instead of 204'],
  ] as const)('%s where %s is expected is %s', async (status, expectedStatusCode, verdict, errorMessage) => {
    await using sink = await startHttpSink((_request, response) => void response.writeHead(status).end())
    expect(await check({ type: 'http', url: sink.url, expectedStatusCode })).toMatchObject({
      status: verdict,
      statusCode: status,
      errorMessage,
    })
  })

  test('slower than allowed is degraded, slower than the time limit is down', async () => {
    await using sink = await startHttpSink((_request, response) => void setTimeout(() => response.end(), 300))
    expect(await check({ type: 'http', url: sink.url, degradedResponseTimeMs: 100 })).toMatchObject({
      status: 'degraded',
      errorMessage: 'slower than 100 ms',
    })
    expect(await check({ type: 'http', url: sink.url, timeoutMs: 100 })).toMatchObject({
      status: 'down',
      errorMessage: 'no complete answer within the time limit',
    })
  })

  test('redirects are followed to their end, but not round and round', async () => {
    await using sink = await startHttpSink((request, response) => {
      if (request.url === '/there') response.end('here')
      else response.writeHead(302, { location: request.url === '/once' ? '/there' : '/loop' }).end()
    })
    expect(await check({ type: 'http', url: `${sink.url}/once` })).toMatchObject({ status: 'up', statusCode: 200 })
    expect(await check({ type: 'http', url: `${sink.url}/loop` })).toMatchObject({
      status: 'down',
      errorMessage: 'the server redirects too many times',
    })
  })

  test('a redirect that is what is expected is not followed', async () => {
    await using sink = await startHttpSink((request, response) => {
      if (request.url === '/') response.writeHead(301, { location: '/loop' }).end('moved')
      else response.writeHead(302, { location: request.url === '/loop' ? '/loop' : 'ftp://elsewhere/' }).end()
    })
    const moved = { url: sink.url, expectedStatusCode: 301 } as const
    expect(await check({ type: 'http', ...moved })).toMatchObject({ status: 'up', statusCode: 301, errorMessage: null })
    expect(await check({ type: 'keyword', keyword: 'moved', ...moved })).toMatchObject({ status: 'up' })
    expect(await check({ type: 'http', url: `${sink.url}/other`, expectedStatusCode: 301 })).toMatchObject({
      status: 'down',
      statusCode: 302,
      errorMessage: 'the server answered 302 instead of 301',
    })
  })

  test('a body is neither waited for nor counted, however long it says it is', async () => {
    await using sink = await startHttpSink((_request, response) => {
      response.writeHead(200, { 'content-length': '1000000' })
      response.write('only this')
    })
    expect(await check({ type: 'http', url: sink.url, timeoutMs: 2000 })).toMatchObject({ status: 'up' })
  })

  test.each<[string, (socket: Socket) => void, string]>([
    ['resets', (socket) => socket.resetAndDestroy(), 'the connection was closed before the answer was complete'],
    ['hangs up', (socket) => socket.end(), 'the connection was closed before the answer was complete'],
    [
      'says something else',
      (socket) => socket.end('220 mail here\r\n'),
      'the answer is no valid HTTP, or its headers are too large (HPE_INVALID_CONSTANT)',
    ],
    [
      'gives two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
      'the answer is no valid HTTP, or its headers are too large (HPE_UNEXPECTED_CONTENT_LENGTH)',
    ],
    [
      'sends headers for ever',
      (socket) => pour(socket, 'X-More: and more\r\n'),
      'the answer is no valid HTTP, or its headers are too large (HPE_HEADER_OVERFLOW)',
    ],
  ])('a server that %s is down', async (_what, treat, errorMessage) => {
    await using sink = await startSink((socket) => {
      socket.once('data', () => treat(socket))
    })
    expect(await check({ type: 'http', url: `http://127.0.0.1:${sink.port}/` })).toMatchObject({
      status: 'down',
      errorMessage,
    })
  })

  test('a server that never ends its headers, byte by byte, has no more time than others', async () => {
    await using sink = await startSink((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nX-Slow: ')
        const dripping = setInterval(() => socket.write('x'), 10)
        socket.once('close', () => clearInterval(dripping))
      })
    })
    expect(await check({ type: 'http', url: `http://127.0.0.1:${sink.port}/`, timeoutMs: 300 })).toMatchObject({
      status: 'down',
      errorMessage: 'no complete answer within the time limit',
    })
  })

  test('no listener, no name and a forbidden address are down, each with its own text', async () => {
    const sink = await startSink(() => undefined)
    await sink[Symbol.asyncDispose]()
    const texts = await Promise.all(
      [`http://127.0.0.1:${sink.port}/`, 'http://unknown.example/', 'http://inside.example/'].map(async (url) => {
        const result = await check({ type: 'http', url })
        return result.kind === 'result' ? result.errorMessage : result.reason
      }),
    )
    expect(texts).toEqual([
      'the connection was refused',
      'the host name has no address',
      'the address belongs to a private or special network, which is not called from here',
    ])
  })
})

describe('a failure of our own', () => {
  test('is no result: nobody answers for names', async () => {
    const silent = depsHere({ nameServers: { answer: async () => false, haveFallenSilent: async () => true } })
    expect(await check({ type: 'http', url: 'http://broken.example/' }, silent)).toEqual({
      kind: 'probe_error',
      reason: 'the name servers did not answer',
    })
    // They answer others, so it is this name that is broken.
    expect(await check({ type: 'http', url: 'http://broken.example/' })).toMatchObject({
      kind: 'result',
      status: 'down',
      errorMessage: 'the name servers did not answer',
    })
  })

  test('is no result: target and name servers are silent at once', async () => {
    await using sink = await startSink(() => undefined)
    const url = `http://127.0.0.1:${sink.port}/`
    const cut = depsHere({ nameServers: { answer: async () => false, haveFallenSilent: async () => true } })
    expect(await check({ type: 'http', url, timeoutMs: 100 }, cut)).toMatchObject({ kind: 'probe_error' })
    expect(await check({ type: 'http', url, timeoutMs: 100 })).toMatchObject({ kind: 'result', status: 'down' })
  })
})

describe('keyword', () => {
  test.each([
    ['contains', 'healthy', 'up', null],
    ['contains', 'absent', 'down', 'the page does not hold the keyword'],
    ['not_contains', 'absent', 'up', null],
    ['not_contains', 'healthy', 'down', 'the page holds the keyword that it must not hold'],
  ] as const)('%s %s is %s', async (keywordMatchType, keyword, status, errorMessage) => {
    await using sink = await startHttpSink((_request, response) => void response.end('<p>all healthy ✓</p>'))
    const result = await check({ type: 'keyword', url: sink.url, keyword, keywordMatchType })
    expect(result).toMatchObject({ status, statusCode: 200, errorMessage })
  })

  test.each([
    ['text/html; charset=ISO-8859-1', 'latin1'],
    ['text/html; charset="utf-16le"', 'utf16le'],
    ['text/html; charset=no-such', 'utf8'],
    ['text/html', 'utf8'],
  ] as const)('is found in a page that says it is %s', async (type, encoding) => {
    await using sink = await startHttpSink((_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(Buffer.from('<p>Alles läuft</p>', encoding))
    })
    expect(await check({ type: 'keyword', url: sink.url, keyword: 'läuft' })).toMatchObject({ status: 'up' })
  })

  test('what cannot be fetched says so, not that the keyword is absent', async () => {
    await using sink = await startHttpSink((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('a part', () => response.destroy())
    })
    expect(await check({ type: 'keyword', url: sink.url, keyword: 'absent' })).toMatchObject({
      status: 'down',
      errorMessage: 'the page could not be fetched: the connection was closed before the answer was complete',
    })
  })

  test('a page ends where its length says, whatever comes after it', async () => {
    await using sink = await startSink((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshort, and then the needle'))
    })
    const url = `http://127.0.0.1:${sink.port}/`
    expect(await check({ type: 'keyword', url, keyword: 'short' })).toMatchObject({ status: 'up' })
    expect(await check({ type: 'keyword', url, keyword: 'needle' })).toMatchObject({
      status: 'down',
      errorMessage: 'the page does not hold the keyword',
    })
  })

  test('reads the first megabyte of a page that never ends', async () => {
    let isEarly = true
    await using sink = await startHttpSink((_request, response) => {
      response.write(isEarly ? 'needle' : '')
      const piece = Buffer.alloc(64 * 1024, 'hay ')
      const pour = () => {
        while (!response.destroyed && response.write(piece));
      }
      response.on('drain', pour)
      pour()
    })
    const target = { type: 'keyword', url: sink.url, keyword: 'needle' } as const
    expect(await check(target)).toMatchObject({ status: 'up' })
    isEarly = false
    expect(await check(target)).toMatchObject({ status: 'down', errorMessage: 'the page does not hold the keyword' })
  })
})
