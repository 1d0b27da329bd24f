import { networkOf, parseAddress } from '@owlery/server/http/address.ts'
import { describe, expect, it } from 'vitest'
import { createCast } from '../support/actors.ts'
import { conformingFetch } from '../support/conforming-fetch.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService({
  env: { TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8,192.0.2.7', RATE_LIMIT_SCALE: '1' },
})
const cast = await createCast(service)

/** The address that the audit log and the limits take for the caller's. */
async function seenFrom(peer: string, forwarded?: string): Promise<unknown> {
  const fetch = conformingFetch(service.app, { checkRequests: false, address: peer })
  const answer = await fetch(`${origin}/api/v1/me/tokens`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${cast.owner.session}`,
      'content-type': 'application/json',
      ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }),
    },
    body: JSON.stringify({ name: 'a token' }),
  })
  expect(answer.status).toBe(201)
  const { db } = service.services.database
  const row = await db.selectFrom('audit_logs').select('meta').orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
  return typeof row.meta === 'object' && row.meta !== null && 'ip' in row.meta ? row.meta.ip : undefined
}

describe('the address of a caller', () => {
  it.each<[what: string, peer: string, forwarded: string | undefined, seen: string]>([
    ['is the peer’s', '203.0.113.9', undefined, '203.0.113.9'],
    ['is the peer’s, whatever a stranger claims', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['is what a trusted proxy saw', '10.0.0.1', '198.51.100.2', '198.51.100.2'],
    ['is the proxy’s own if that says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['is the last one that no proxy of ours has', '10.0.0.1', '1.1.1.1, 198.51.100.3, 10.9.9.9', '198.51.100.3'],
    ['passes over as many proxies as there are', '10.0.0.1', '198.51.100.4, 192.0.2.7, fd00::2', '198.51.100.4'],
    ['is the farthest of ours if all of them are', '10.0.0.1', '10.3.3.3, 10.2.2.2', '10.3.3.3'],
    ['stops at garbage', '10.0.0.1', '198.51.100.5, <script>, 10.2.2.2', '10.2.2.2'],
    ['stops at an empty place', '10.0.0.1', '198.51.100.6, , 10.2.2.2', '10.2.2.2'],
    ['is the proxy’s own if that writes garbage', '10.0.0.1', '999.1.1.1', '10.0.0.1'],
    ['comes without its port', '10.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['comes without brackets and port', '10.0.0.1', '[2001:DB8::7]:4711', '2001:db8::7'],
    ['has one spelling', '10.0.0.1', '2001:0db8:0000:0:0::0008', '2001:db8::8'],
    ['comes without its zone', '10.0.0.1', 'fe80::1%eth0', 'fe80::1'],
    ['is IPv4 on a dual-stack socket', '::ffff:203.0.113.10', undefined, '203.0.113.10'],
    ['is IPv4 however it is mapped', '10.0.0.1', '::ffff:c633:640b', '198.51.100.11'],
    ['is what a proxy on a dual-stack socket saw', '::ffff:10.0.0.1', '198.51.100.12', '198.51.100.12'],
    ['is what a proxy with IPv6 saw', 'fd00::1', '198.51.100.13', '198.51.100.13'],
  ])('%s', async (_what, peer, forwarded, seen) => {
    expect(await seenFrom(peer, forwarded)).toBe(seen)
  })

  it('is found in a header as long as one can be', async () => {
    const many = Array.from({ length: 1500 }, () => '10.1.1.1').join(',')
    expect(await seenFrom('10.0.0.1', `198.51.100.14,${many}`)).toBe('198.51.100.14')
  })
})

describe('a caller who makes up addresses', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => `198.18.0.${index}`)
  const ask = (peer: string, forwarded: string) =>
    conformingFetch(service.app, { checkRequests: false, address: peer })(`${origin}/api/v1/me`, {
      headers: { 'x-forwarded-for': forwarded },
    })

  it('has one bucket when it calls itself', async () => {
    for (const made of hundred) expect((await ask('203.0.113.50', made)).status).toBe(401)
    expect((await ask('203.0.113.50', '198.18.1.1')).status).toBe(429)
  })

  it('has one bucket behind our proxy, which adds the address that it sees', async () => {
    for (const made of hundred) expect((await ask('10.0.0.1', `${made}, 203.0.113.51`)).status).toBe(401)
    expect((await ask('10.0.0.1', '198.18.1.1, 203.0.113.51')).status).toBe(429)
    expect((await ask('10.0.0.1', '198.18.1.1, 203.0.113.52')).status).toBe(401)
  })
})

describe('reading an address', () => {
  it.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.4:',
    '1.2.3.4:x',
    '[::1',
    '::1]',
    '[::1]x',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it.each([
    ['198.51.100.1', '198.51.100.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ])('counts %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
