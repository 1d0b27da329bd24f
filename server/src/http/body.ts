import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { defaultBodyLimit } from '@owlery/spec'
import { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

type Bound = { maxOutputLength: number }
type Unpack = (packed: Uint8Array, options: Bound) => Promise<Buffer>

const unpackers: Readonly<Record<string, Unpack>> = {
  gzip: promisify<Uint8Array, Bound, Buffer>(gunzip),
  deflate: promisify<Uint8Array, Bound, Buffer>(inflate),
  br: promisify<Uint8Array, Bound, Buffer>(brotliDecompress),
}

const nothing = new Uint8Array()

/** The body as bytes, unpacked, never more than the record allows; nothing for an operation that takes none. */
export async function readBody(incoming: Incoming): Promise<Uint8Array> {
  const { operation } = incoming.route
  if (operation.body === undefined) return nothing
  const { req } = incoming.hono
  const limit = operation.bodyLimit ?? defaultBodyLimit
  const type = req.header('content-type')
  const mayBeLeftOut = type === undefined && operation.body.isOptional()
  if (mayBeLeftOut && (await readBounded(incoming, limit)).length === 0) return nothing
  if (!isJsonType(type)) throw new ApiError('UNSUPPORTED_MEDIA_TYPE')
  const encoding = req.header('content-encoding')?.trim().toLowerCase()
  const unpack = encoding === undefined || encoding === 'identity' ? undefined : unpackers[encoding]
  if (encoding !== undefined && encoding !== 'identity' && unpack === undefined) {
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', { message: 'Content-Encoding must be gzip, deflate or br' })
  }
  const sent = await readBounded(incoming, limit)
  return unpack === undefined ? sent : unpackBounded(unpack, sent, limit)
}

function isJsonType(header: string | undefined): boolean {
  if (header === undefined) return false
  const [type, ...parameters] = header.toLowerCase().split(';')
  if (type?.trim() !== 'application/json') return false
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='))
  return charset === undefined || charset === 'charset=utf-8' || charset === 'charset="utf-8"'
}

async function readBounded(incoming: Incoming, limit: number): Promise<Uint8Array> {
  const { req } = incoming.hono
  const length = req.header('content-length')
  if (length !== undefined) {
    if (Number(length) > limit) throw new ApiError('PAYLOAD_TOO_LARGE')
    // The HTTP parser holds the sender to the length it announced.
    return new Uint8Array(await req.arrayBuffer())
  }
  const stream = req.raw.body
  if (stream === null) return nothing
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > limit) throw new ApiError('PAYLOAD_TOO_LARGE')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function unpackBounded(unpack: Unpack, packed: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    return await unpack(packed, { maxOutputLength: limit })
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw new ApiError(tooLarge ? 'PAYLOAD_TOO_LARGE' : 'BAD_COMPRESSED_BODY')
  }
}
