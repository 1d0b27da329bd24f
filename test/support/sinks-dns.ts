import { isIPv6 } from 'node:net'
import { type DnsRecord, recordsOf, recordTypes, startRecordServer } from './sinks-dns-records.ts'

export type Records = {
  readonly addresses: readonly string[]
  /** The addresses belong to this name, and the asked one is an alias of it. */
  readonly aliasOf?: string
}

/** `silent` never answers, `broken` says that the server failed, `unknown` that there is no such name. */
export type DnsAnswer = Records | 'silent' | 'broken' | 'unknown'

export type NameServer = AsyncDisposable & {
  /** As resolvers want it: `address:port`. */
  readonly server: string
  readonly asked: string[]
}

/** A DNS server over UDP that forgets at once: every answer may differ from the one before. */
export async function startNameServer(answer: (name: string, type: 'A' | 'AAAA') => DnsAnswer): Promise<NameServer> {
  const asked: string[] = []
  const records = await startRecordServer((name, askedType) => {
    const type = askedType === recordTypes.AAAA ? 'AAAA' : 'A'
    asked.push(`${name} ${type}`)
    const said = answer(name, type)
    if (typeof said === 'string') return said === 'broken' ? 'failure' : said
    return recordsFor(said, type)
  })
  return { ...records, asked }
}

function recordsFor({ addresses, aliasOf }: Records, type: 'A' | 'AAAA'): DnsRecord[] {
  const owner = aliasOf === undefined ? {} : { owner: aliasOf }
  const found = addresses
    .filter((address) => isIPv6(address) === (type === 'AAAA'))
    .map((address) => ({ ...owner, type: recordTypes[type], data: addressBytes(address) }))
  return aliasOf === undefined ? found : [recordsOf.cname(aliasOf), ...found]
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) => text.split(':').filter((group) => group !== '')
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0')
  const bytes = Buffer.alloc(16)
  for (const [place, group] of [...groups(head), ...zeros, ...groups(tail)].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), place * 2)
  }
  return bytes
}
