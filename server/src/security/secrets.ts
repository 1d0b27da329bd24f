import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import type { EncryptionKeys } from '../config/secrets.ts'

export type SealFault = 'MALFORMED' | 'UNKNOWN_KEY' | 'NOT_AUTHENTIC'

/** Carries neither plaintext nor envelope. `NOT_AUTHENTIC`: changed, moved from another place, or another key. */
export class SealError extends Error {
  override readonly name = 'SealError'
  readonly fault: SealFault
  constructor(fault: SealFault) {
    super(`a stored secret cannot be opened: ${fault}`)
    this.fault = fault
  }
}

export type SecretBox = {
  /** `place` names table, column and row, such as `monitors.headers:42`; the envelope opens nowhere else. */
  seal(plaintext: string, place: string): string
  /** Throws `SealError`. */
  open(envelope: string, place: string): string
  /** True for an envelope that another key than the first one sealed. */
  needsRotation(envelope: string): boolean
}

type Envelope = {
  readonly v: 2
  readonly kid: string
  readonly iv: string
  readonly tag: string
  readonly data: string
}

const ivBytes = 12
const tagBytes = 16

// The inputs are long random texts, so a fixed salt loses nothing; the cost is paid once per key at the start.
const deriveKey = (key: string) =>
  new Promise<Buffer>((resolve, reject) => {
    scrypt(key, 'owlery secrets at rest', 32, { N: 16384, r: 8, p: 1 }, (error, derived) => {
      if (error === null) resolve(derived)
      else reject(error)
    })
  })

/** Takes about 60 ms of another thread for each key: start it beside the opening of the database. */
export async function createSecretBox(keys: EncryptionKeys): Promise<SecretBox> {
  const [first, ...others] = keys
  const current = first.id
  const currentKey = await deriveKey(first.key)
  const otherKeys = await Promise.all(others.map(async ({ id, key }) => [id, await deriveKey(key)] as const))
  const keysById = new Map([...otherKeys, [current, currentKey] as const])
  return {
    seal: (plaintext, place) => {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', currentKey, iv).setAAD(boundTo(current, place))
      const data = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
      return JSON.stringify({
        v: 2,
        kid: current,
        iv: iv.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
        data: data.toString('base64'),
      } satisfies Envelope)
    },
    open: (envelope, place) => {
      const { kid, iv, tag, data } = parseEnvelope(envelope)
      const key = keysById.get(kid)
      if (key === undefined) throw new SealError('UNKNOWN_KEY')
      const decipher = createDecipheriv('aes-256-gcm', key, exactBytes(iv, ivBytes), { authTagLength: tagBytes })
      decipher.setAAD(boundTo(kid, place)).setAuthTag(exactBytes(tag, tagBytes))
      const plaintext = decipher.update(decoded(data))
      try {
        return Buffer.concat([plaintext, decipher.final()]).toString('utf8')
      } catch {
        throw new SealError('NOT_AUTHENTIC')
      }
    },
    needsRotation: (envelope) => parseEnvelope(envelope).kid !== current,
  }
}

function boundTo(kid: string, place: string): Buffer {
  return Buffer.from(JSON.stringify([2, kid, place]))
}

function parseEnvelope(text: string): Envelope {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new SealError('MALFORMED')
  }
  if (!isEnvelope(parsed)) throw new SealError('MALFORMED')
  return parsed
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false
  const field = (name: string): unknown => Reflect.get(value, name)
  return field('v') === 2 && ['kid', 'iv', 'tag', 'data'].every((name) => typeof field(name) === 'string')
}

/** Node's decoder skips what is no base64; an envelope with such bytes in it was not written here. */
function decoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new SealError('MALFORMED')
  return bytes
}

function exactBytes(text: string, length: number): Buffer {
  const bytes = decoded(text)
  if (bytes.length !== length) throw new SealError('MALFORMED')
  return bytes
}
