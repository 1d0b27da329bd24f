import { matchAddresses, parseAddressRange } from '@owlery/server/config/addresses.ts'
import { expect, test } from 'vitest'

test('address ranges match as networks, IPv4 within IPv6 too', () => {
  const ranges = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'].flatMap((text) => parseAddressRange(text) ?? [])
  const matches = matchAddresses(ranges)
  const inside = ['10.255.0.1', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1']
  const outside = ['11.0.0.1', '192.0.2.8', 'fe80::1', '::ffff:11.0.0.1', 'nonsense', '']
  expect(inside.map(matches)).toEqual(inside.map(() => true))
  expect(outside.map(matches)).toEqual(outside.map(() => false))
  for (const wrong of ['10.0.0.0/33', '10.0.0/8', '10.0.0.0/', '::1/129', 'fe80::1%eth0', '10.0.0.0/8/8', '']) {
    expect(parseAddressRange(wrong)).toBeUndefined()
  }
})
