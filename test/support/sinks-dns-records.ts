import { createSocket } from 'node:dgram'

/** A type of record (RFC 1035 §3.2.2) with its data as it goes over the wire, of the name that was asked or of another. */
export type DnsRecord = { readonly type: number; readonly data: Buffer; readonly owner?: string }
export type RecordServer = AsyncDisposable & { readonly server: string }

export const recordTypes = { A: 1, NS: 2, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const

/** A name server over UDP that answers with the records given for a name and a type, or with a code (RFC 1035 §4.1.1). */
export async function startRecordServer(
  answer: (name: string, type: number) => readonly DnsRecord[] | 'failure' | 'unknown' | 'silent',
): Promise<RecordServer> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, end } = readName(query)
    const said = answer(name, query.readUInt16BE(end))
    if (said === 'silent') return
    const records = typeof said === 'string' ? [] : said.map(encode)
    const code = said === 'failure' ? 2 : said === 'unknown' ? 3 : 0
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(0x8180 | code, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(records.length, 6)
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...records]), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    server: `127.0.0.1:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}

export const recordsOf = {
  a: (...bytes: readonly number[]): DnsRecord => ({ type: recordTypes.A, data: Buffer.from(bytes) }),
  aaaa: (...bytes: readonly number[]): DnsRecord => ({ type: recordTypes.AAAA, data: Buffer.from(bytes) }),
  mx: (priority: number, host: string): DnsRecord => ({
    type: recordTypes.MX,
    data: Buffer.concat([Buffer.from([priority >> 8, priority & 255]), encodeName(host)]),
  }),
  txt: (text: string): DnsRecord => ({
    type: recordTypes.TXT,
    data: Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]),
  }),
  ns: (host: string): DnsRecord => ({ type: recordTypes.NS, data: encodeName(host) }),
  cname: (host: string): DnsRecord => ({ type: recordTypes.CNAME, data: encodeName(host) }),
}

const askedName = Buffer.from([0xc0, 0x0c])

function encode({ type, data, owner }: DnsRecord): Buffer {
  const head = Buffer.alloc(10)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(1, 2)
  head.writeUInt16BE(data.length, 8)
  return Buffer.concat([owner === undefined ? askedName : encodeName(owner), head, data])
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  return Buffer.concat([...labels, Buffer.from([0])])
}

function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}
