import { BlockList, isIP } from 'node:net'

const specialIpv4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Public by their numbers, but clouds answer there for the machine itself: Azure's wire server, Alibaba's metadata.
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
] as const

/** Within 2000::/3; everything outside of it is refused anyway. */
const specialIpv6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

// One list per family: a BlockList also holds an IPv4 address against IPv6 rules, as if it were ::ffff:a.b.c.d.
const ipv4 = new BlockList()
for (const [address, prefix] of specialIpv4) ipv4.addSubnet(address, prefix, 'ipv4')
const ipv6 = new BlockList()
for (const [address, prefix] of specialIpv6) ipv6.addSubnet(address, prefix, 'ipv6')

// The only part of IPv6 that is given out as public unicast. Loopback, link-local, unique local, multicast, mapped and
// compatible IPv4, NAT64 (64:ff9b::), discard (100::) and segment routing (5f00::) all lie outside.
const publicIpv6 = new BlockList()
publicIpv6.addSubnet('2000::', 3, 'ipv6')

/** True for whatever is not a plain public unicast address, also for what is no address at all. */
export function isSpecial(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return ipv4.check(address, 'ipv4')
    case 6:
      // A zone index names an interface of this machine.
      return address.includes('%') || !publicIpv6.check(address, 'ipv6') || ipv6.check(address, 'ipv6')
    default:
      return true
  }
}
