import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

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

const types = { A: 1, CNAME: 5, AAAA: 28 } as const
const codes = { broken: 2, unknown: 3 } as const

/** A DNS server over UDP (RFC 1035) that forgets at once: every answer may differ from the one before. */
export async function startNameServer(answer: (name: string, type: 'A' | 'AAAA') => DnsAnswer): Promise<NameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (query, from) => {
    const { name, end } = readName(query)
    const type = query.readUInt16BE(end) === types.AAAA ? 'AAAA' : 'A'
    asked.push(`${name} ${type}`)
    const said = answer(name, type)
    if (said === 'silent') return
    const records = typeof said === 'string' ? [] : recordsFor(said, type)
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(0x8180 | (typeof said === 'string' ? codes[said] : 0), 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(records.length, 6)
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...records]), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

const askedName = Buffer.from([0xc0, 0x0c])

function recordsFor({ addresses, aliasOf }: Records, type: 'A' | 'AAAA'): Buffer[] {
  const fitting = addresses.filter((address) => isIPv6(address) === (type === 'AAAA'))
  const owner = aliasOf === undefined ? askedName : encodeName(aliasOf)
  const found = fitting.map((address) => record(owner, types[type], addressBytes(address)))
  return aliasOf === undefined ? found : [record(askedName, types.CNAME, owner), ...found]
}

function record(owner: Buffer, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(1, 2)
  head.writeUInt16BE(data.length, 8)
  return Buffer.concat([owner, head, data])
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  return Buffer.concat([...labels, Buffer.from([0])])
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
