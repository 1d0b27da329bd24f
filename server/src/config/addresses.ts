import { BlockList, isIP, isIPv6 } from 'node:net'

export type AddressRange = { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' }

/** Reads `10.0.0.0/8`, `192.0.2.7` or `fd00::/8`. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', prefixText, ...rest] = text.split('/')
  const version = isIP(address)
  // A zone index names an interface of one machine; a range that only holds there is refused.
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined
  const longest = version === 4 ? 32 : 128
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined
  const prefix = prefixText === undefined ? longest : Number(prefixText)
  if (prefix > longest) return undefined
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** `::ffff:192.0.2.7` counts as `192.0.2.7`, for that is how a dual-stack socket reports an IPv4 peer. */
export function matchAddresses(ranges: readonly AddressRange[]): (address: string) => boolean {
  const list = new BlockList()
  for (const { address, prefix, family } of ranges) list.addSubnet(address, prefix, family)
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
