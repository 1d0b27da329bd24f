import { isSpecial } from '@owlery/server/outbound/addresses.ts'
import { describe, expect, test } from 'vitest'

/** The last address before a range, its first, its last, and the next one. */
const ranges4 = [
  ['9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0'],
  ['100.63.255.255', '100.64.0.0', '100.127.255.255', '100.128.0.0'],
  ['126.255.255.255', '127.0.0.0', '127.255.255.255', '128.0.0.0'],
  ['169.253.255.255', '169.254.0.0', '169.254.255.255', '169.255.0.0'],
  ['172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0'],
  ['191.255.255.255', '192.0.0.0', '192.0.0.255', '192.0.1.0'],
  ['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0'],
  ['192.88.98.255', '192.88.99.0', '192.88.99.255', '192.88.100.0'],
  ['192.167.255.255', '192.168.0.0', '192.168.255.255', '192.169.0.0'],
  ['198.17.255.255', '198.18.0.0', '198.19.255.255', '198.20.0.0'],
  ['198.51.99.255', '198.51.100.0', '198.51.100.255', '198.51.101.0'],
  ['203.0.112.255', '203.0.113.0', '203.0.113.255', '203.0.114.0'],
  ['168.63.129.15', '168.63.129.16', '168.63.129.16', '168.63.129.17'],
] as const

const ranges6 = [
  ['2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:200::'],
  ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
  ['2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2003::'],
] as const

describe('public addresses begin and end where the registries say', () => {
  test.each(ranges4)('%s | %s – %s | %s', (before, first, last, after) => {
    expect([before, first, last, after].map(isSpecial)).toEqual([false, true, true, false])
  })

  test.each(ranges6)('%s | %s', (last, after) => {
    expect([last, after].map(isSpecial)).toEqual([true, false])
  })

  test('what has no public neighbour', () => {
    expect(['0.0.0.0', '0.255.255.255', '224.0.0.0', '240.0.0.0', '255.255.255.255'].map(isSpecial)).not.toContain(
      false,
    )
    expect(['1.0.0.0', '223.255.255.255', '2000::', '3ffe::1'].map(isSpecial)).not.toContain(true)
    expect(['1fff:ffff::1', '4000::', '3fff::', '3fff:fff:ffff::1'].map(isSpecial)).not.toContain(false)
  })
})

test.each([
  '::',
  '::1',
  '::8.8.8.8',
  '::ffff:8.8.8.8',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::8.8.8.8',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:db8::1',
  '2002:7f00:1::',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
  '2606:4700::1%eth0',
  'example.com',
  '127.1',
  '2130706433',
  '1.2.3.4.',
  '',
])('%s is not to be called', (address) => {
  expect(isSpecial(address)).toBe(true)
})

test.each(['1.1.1.1', '8.8.8.8', '93.184.215.14', '2606:4700:4700::1111', '2a00:1450:4001:81b::200e'])(
  '%s is public',
  (address) => {
    expect(isSpecial(address)).toBe(false)
  },
)
