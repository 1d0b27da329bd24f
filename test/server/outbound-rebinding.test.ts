import { networkInterfaces } from 'node:os'
import { parseAddressRange } from '@owlery/server/config/addresses.ts'
import { createOutbound } from '@owlery/server/outbound/client.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import { createResolve } from '@owlery/server/outbound/resolver.ts'
import { expect, test } from 'vitest'
import { startCanary } from '../support/sinks.ts'
import { type DnsAnswer, startNameServer } from '../support/sinks-dns.ts'
import { leadingInside, unsafeUrls } from '../support/sinks-unsafe-urls.ts'

const limits = { timeoutMs: 2000, maxBytes: 1000 }
const allowed = parseAddressRange('127.0.0.1')

function outboundWith(server: string) {
  const resolve = createResolve({ servers: [server], asksSystem: false })
  return createOutbound({ guard: createGuard({ allow: allowed === undefined ? [] : [allowed], resolve }) })
}

test('a name that changes its meaning at every answer never leads to the address that was not checked', async () => {
  await using open = await startCanary()
  await using canary = await startCanary({ host: '127.0.0.2', port: open.port })
  let answers = 0
  await using names = await startNameServer((_name, type): DnsAnswer => {
    if (type === 'AAAA') return { addresses: [] }
    answers += 1
    return { addresses: [answers % 2 === 1 ? '127.0.0.1' : '127.0.0.2'] }
  })
  const outbound = outboundWith(names.server)
  const rounds = 300
  let answered = 0
  for (let round = 0; round < rounds; round += 1) {
    const outcome = await outbound.request({ url: `http://rebinding.example:${open.port}/`, ...limits })
    if (outcome.ok) {
      expect(outcome.address).toBe('127.0.0.1')
      answered += 1
    } else expect(outcome.reason).toBe('refused')
  }
  // Asked once per call: a second question, at connecting, would have met the other answer.
  expect([answers, answered, open.connections, canary.connections]).toEqual([rounds, rounds / 2, rounds / 2, 0])
})

test('one forbidden address among good ones, in any family or behind an alias, refuses the name', async () => {
  await using open = await startCanary()
  await using canary = await startCanary({ host: '127.0.0.2', port: open.port })
  const zone: Readonly<Record<string, DnsAnswer>> = {
    'good.example': { addresses: ['127.0.0.1'], aliasOf: 'target.good.example' },
    'mixed.example': { addresses: ['127.0.0.1', '127.0.0.2'] },
    'family.example': { addresses: ['127.0.0.1', '::1'] },
    'alias.example': { addresses: ['127.0.0.2'], aliasOf: 'good.example' },
  }
  await using names = await startNameServer((name) => zone[name] ?? 'unknown')
  const outbound = outboundWith(names.server)
  const reasonFor = async (host: string) => {
    const outcome = await outbound.request({ url: `http://${host}:${open.port}/`, ...limits })
    return outcome.ok ? 'answered' : outcome.reason
  }
  expect(await reasonFor('good.example')).toBe('answered')
  for (const host of ['mixed.example', 'family.example', 'alias.example']) expect(await reasonFor(host)).toBe('refused')
  expect([open.connections, canary.connections]).toEqual([1, 0])
})

test('no spelling of a forbidden URL opens a connection to any address of this machine', async () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ scopeid = 0 }) => scopeid === 0).map(({ address }) => address),
  )
  await using stack = new AsyncDisposableStack()
  const first = stack.use(await startCanary())
  const canaries = [first]
  for (const host of new Set([...own, '127.0.0.2'])) {
    if (host !== first.host) canaries.push(stack.use(await startCanary({ host, port: first.port })))
  }
  await using names = await startNameServer((name) => ({ addresses: leadingInside[name] ?? ['127.0.0.1'] }))
  const resolve = createResolve({ servers: [names.server], asksSystem: false })
  const outbound = createOutbound({ guard: createGuard({ allow: [], resolve }) })
  for (const url of unsafeUrls(first.port)) {
    const outcome = await outbound.request({ url, ...limits, maxRedirects: 5 })
    expect(outcome.ok || outcome.reason, url).toMatch(/^(refused|invalid_url|lookup_failed)$/)
  }
  expect(canaries.map(({ connections }) => connections)).toEqual(canaries.map(() => 0))
})
