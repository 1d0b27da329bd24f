import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { parseAccept } from 'hono/utils/accept'
import { TextReply } from '../http/reply.ts'

type Bytes = Uint8Array<ArrayBuffer>
type Coding = 'br' | 'gzip' | 'identity'

export type ServedFile<T extends string> = {
  reply(request: Headers): Promise<TextReply<T>>
  /** Changes with the content and with nothing else. */
  fingerprint(): Promise<string>
}

type Options<T extends string> = {
  readonly type: T
  readonly read: () => Promise<Bytes>
  readonly cacheControl: string
}

// From 7 on the script takes twice as long to pack and shrinks by one percent more.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }
const packers = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const

/** A public file: read at the first request, packed once for each coding that somebody asks for. */
export function servedFile<T extends string>({ type, read, cacheControl }: Options<T>): ServedFile<T> {
  const identity = kept(read)
  const contents: Readonly<Record<Coding, () => Promise<Bytes>>> = {
    identity,
    br: kept(async () => packers.br(await identity(), brotliOptions)),
    gzip: kept(async () => packers.gzip(await identity())),
  }
  const fingerprint = kept(async () =>
    createHash('sha256')
      .update(await identity())
      .digest('base64url'),
  )
  return {
    fingerprint,
    async reply(request) {
      const coding = bestCoding(request.get('accept-encoding'))
      return new TextReply(type, await contents[coding](), {
        'Content-Type': withCharset(type),
        'Cache-Control': cacheControl,
        // Other bytes, another tag: a strong one says that the bytes are the same.
        ETag: `"${await fingerprint()}${coding === 'identity' ? '' : `.${coding}`}"`,
        Vary: 'Accept-Encoding',
        ...(coding !== 'identity' && { 'Content-Encoding': coding }),
      })
    },
  }
}

/** YAML and JSON are UTF-8 by definition; of other texts a reader must be told. */
export function withCharset(type: string): string {
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type
}

function bestCoding(header: string | null): Coding {
  const accepted = parseAccept(header?.toLowerCase() ?? '')
  const weight = (coding: Coding) =>
    (accepted.find(({ type }) => type === coding) ?? accepted.find(({ type }) => type === '*'))?.q ?? 0
  if (weight('br') > 0 && weight('br') >= weight('gzip')) return 'br'
  return weight('gzip') > 0 ? 'gzip' : 'identity'
}

/** Made once; a failure is not kept, so that the next caller tries again. */
function kept<V>(make: () => Promise<V>): () => Promise<V> {
  let value: Promise<V> | undefined
  return () => {
    value ??= make().catch((error: unknown) => {
      value = undefined
      throw error
    })
    return value
  }
}
