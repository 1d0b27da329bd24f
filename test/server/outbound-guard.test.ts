import { parseAddressRange } from '@owlery/server/config/addresses.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import { createResolve } from '@owlery/server/outbound/resolver.ts'
import { describe, expect, test } from 'vitest'
import { type DnsAnswer, startNameServer } from '../support/sinks-dns.ts'
import { leadingInside, unsafeUrls } from '../support/sinks-unsafe-urls.ts'

const publicAddresses = ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']

const resolve = async (host: string) => {
  if (host === 'unknown.example') return []
  if (host === 'broken.example') throw new Error('the name servers did not answer')
  return leadingInside[host] ?? publicAddresses
}

const guard = createGuard({ allow: [], resolve })

function allowing(...entries: readonly string[]) {
  return createGuard({ allow: entries.map((entry) => parseAddressRange(entry) ?? entry), resolve })
}

describe('URLs', () => {
  const payloads = unsafeUrls(80)

  test('there are enough of them, each once', () => {
    expect(payloads.length).toBeGreaterThan(200)
    expect(new Set(payloads).size).toBe(payloads.length)
  })

  test.each(payloads.map((url) => [url]))('%j is never accepted', async (url) => {
    expect(await guard.checkUrl(url)).toMatch(/^(invalid|unsafe)$/)
  })

  test.each([
    'http://example.com',
    'https://example.com/',
    'HTTPS://EXAMPLE.COM/Path',
    'https://example.com.',
    'https://example.com:8443/health?deep=1&x=%20#top',
    'http://sub.domain.example.co.uk/a/b/c',
    'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX',
    'https://discord.com/api/webhooks/123456789/abc-DEF_ghi',
    'https://prod-00.westeurope.logic.azure.com:443/workflows/abc/triggers/manual/paths/invoke?sig=a%2Bb',
    'https://example.com/@user/page',
    'https://example.com/?next=http://127.0.0.1/',
    'https://example.com/#@127.0.0.1',
    'https://127.0.0.1.example.com/',
    'https://localhost.example.com/',
    'https://my_service.example.com/',
    'https://xn--bcher-kva.example/',
    'https://bücher.example/',
    'https://3com.example/',
    'https://a--b.example/',
    'http://1.1.1.1/',
    'http://93.184.215.14:8080/status',
    'http://134744072/',
    'https://[2606:4700:4700::1111]/',
    'https://[2606:4700:4700:0:0:0:0:1111]:8443/dns-query',
  ])('%s is fine', async (url) => {
    expect(await guard.checkUrl(url)).toBe('ok')
  })

  test('what cannot be told is told apart', async () => {
    expect(await guard.checkUrl('https://unknown.example/')).toBe('unresolvable')
    expect(await guard.checkUrl('https://broken.example/')).toBe('unresolvable')
    expect(await guard.checkUrl('http://example.com/', { schemes: ['https'] })).toBe('invalid')
    expect(await guard.locate('unknown.example', 100)).toEqual({ ok: false, reason: 'not_found' })
    expect(await guard.locate('broken.example', 100)).toEqual({ ok: false, reason: 'lookup_failed' })
    expect(await guard.locate('example.com', 100)).toEqual({ ok: true, addresses: publicAddresses })
  })
})

describe('hosts with and without a port', () => {
  test.each([
    'example.com',
    'example.com:5432',
    'tcp://example.com:5432',
    'smtp://mail.example.com',
    'dns://example.com?type=MX',
    'https://example.com:8443/path',
    '1.1.1.1:53',
    '2606:4700:4700::1111',
    '[2606:4700:4700::1111]:53',
  ])('%s is fine', async (target) => {
    expect(await guard.checkHost(target)).toBe('ok')
  })

  test.each([
    ['127.0.0.1:22', 'unsafe'],
    ['2130706433:22', 'unsafe'],
    ['127.1', 'unsafe'],
    ['localhost:5432', 'unsafe'],
    ['postgres:5432', 'unsafe'],
    ['tcp://169.254.169.254:80', 'unsafe'],
    ['::1', 'unsafe'],
    ['::ffff:127.0.0.1', 'unsafe'],
    ['[::1]:22', 'unsafe'],
    ['inside.example:5432', 'unsafe'],
    ['mixed.example', 'unsafe'],
    ['fe80::1%eth0', 'invalid'],
    ['user@example.com', 'invalid'],
    ['tcp://user:pass@example.com:1', 'invalid'],
    ['example.com/path', 'invalid'],
    ['example.com:0', 'invalid'],
    ['example.com:65536', 'invalid'],
    ['example.com:port', 'invalid'],
    ['example.com 127.0.0.1', 'invalid'],
    ['example.com\n127.0.0.1', 'invalid'],
    ['-oProxyCommand=x', 'invalid'],
    ['a$(id).example', 'invalid'],
    ['', 'invalid'],
    [':80', 'invalid'],
    ['unknown.example:80', 'unresolvable'],
  ])('%s is %s', async (target, verdict) => {
    expect(await guard.checkHost(target)).toBe(verdict)
  })
})

describe('what the operator allows', () => {
  test('a range opens exactly itself, for addresses and for the names that lead there', async () => {
    const home = allowing('10.1.2.0/24')
    expect(await home.checkUrl('http://10.1.2.255/')).toBe('ok')
    expect(await home.checkUrl('http://inside.example/')).toBe('ok')
    expect(await home.checkUrl('http://10.1.3.0/')).toBe('unsafe')
    expect(await home.checkUrl('http://mixed.example/')).toBe('unsafe')
    expect(await home.checkUrl('http://127.0.0.1/')).toBe('unsafe')
    expect(await home.checkUrl('https://example.com/')).toBe('ok')
  })

  test('a local name needs an allowed address: a public one behind it is a trick', async () => {
    const homeNames = createGuard({
      allow: [parseAddressRange('10.0.0.0/8') ?? 'no range'],
      resolve: async (host) => (host === 'nas' ? ['10.0.0.5'] : publicAddresses),
    })
    expect(await homeNames.checkUrl('http://nas/')).toBe('ok')
    expect(await homeNames.checkUrl('http://router/')).toBe('unsafe')
    expect(await homeNames.checkUrl('http://metadata.google.internal/')).toBe('unsafe')
  })

  test('a name opens itself, wherever it leads, and no other', async () => {
    const named = allowing('inside.example')
    expect(await named.checkUrl('http://inside.example:8080/')).toBe('ok')
    expect(await named.checkUrl('http://INSIDE.example./')).toBe('ok')
    expect(await named.checkUrl('http://loopback.example/')).toBe('unsafe')
    expect(await named.checkUrl('http://10.1.2.3/')).toBe('unsafe')
  })

  test('without any entry a local name is not even looked up', async () => {
    const asked: string[] = []
    const silent = createGuard({
      allow: [],
      resolve: async (host) => {
        asked.push(host)
        return publicAddresses
      },
    })
    for (const host of ['localhost', 'db', 'x.internal', '127.0.0.1', '[::1]']) await silent.checkUrl(`http://${host}/`)
    expect(asked).toEqual([])
  })
})

describe('with a name server', () => {
  const zone: Readonly<Record<string, DnsAnswer>> = {
    'public.example': { addresses: publicAddresses },
    'inside.example': { addresses: ['192.168.7.7'] },
    'mixed.example': { addresses: ['93.184.215.14', 'fd00::1'] },
    'alias.example': { addresses: ['10.0.0.1'], aliasOf: 'deep.inside.example' },
    'publicalias.example': { addresses: ['93.184.215.14'], aliasOf: 'public.example' },
    'mapped.example': { addresses: ['::ffff:7f00:1'] },
    'empty.example': { addresses: [] },
    'silent.example': 'silent',
    'broken.example': 'broken',
  }

  test.each([
    ['public.example', 'ok'],
    ['publicalias.example', 'ok'],
    ['inside.example', 'unsafe'],
    ['mixed.example', 'unsafe'],
    ['alias.example', 'unsafe'],
    ['mapped.example', 'unsafe'],
    ['empty.example', 'unresolvable'],
    ['nowhere.example', 'unresolvable'],
    ['broken.example', 'unresolvable'],
    ['silent.example', 'unresolvable'],
  ])('%s is %s', async (host, verdict) => {
    await using names = await startNameServer((name) => zone[name] ?? 'unknown')
    const real = createGuard({ allow: [], resolve: createResolve({ servers: [names.server], asksSystem: false }) })
    const start = performance.now()
    expect(await real.checkUrl(`https://${host}/`, { timeoutMs: 1000 })).toBe(verdict)
    expect(performance.now() - start).toBeLessThan(3000)
    expect(names.asked).toContain(`${host} A`)
    expect(names.asked).toContain(`${host} AAAA`)
  })

  test('a missing name and a silent server are not the same', async () => {
    await using names = await startNameServer((name) => zone[name] ?? 'unknown')
    const resolveThere = createResolve({ servers: [names.server], asksSystem: false })
    expect(await resolveThere('nowhere.example', 1000)).toEqual([])
    expect(await resolveThere('empty.example', 1000)).toEqual([])
    await expect(resolveThere('silent.example', 300)).rejects.toThrow('did not answer')
    await expect(resolveThere('broken.example', 1000)).rejects.toThrow('did not answer')
  })

  test('a server that never answers for IPv6 costs a moment, not the whole time', async () => {
    await using names = await startNameServer((_name, type) =>
      type === 'AAAA' ? 'silent' : { addresses: ['93.184.215.14'] },
    )
    const resolveThere = createResolve({ servers: [names.server], asksSystem: false })
    const start = performance.now()
    expect(await resolveThere('public.example', 10_000)).toEqual(['93.184.215.14'])
    expect(performance.now() - start).toBeLessThan(3000)
  })

  test('names of the hosts file count only where the operator allows something', async () => {
    await using names = await startNameServer(() => 'unknown')
    const [plain, asking] = [false, true].map((asksSystem) => createResolve({ servers: [names.server], asksSystem }))
    expect(await plain?.('localhost', 2000)).toEqual([])
    expect(await asking?.('localhost', 2000)).toContain('127.0.0.1')
  })
})
