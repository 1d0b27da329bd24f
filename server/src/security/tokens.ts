import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The prefix says the kind of a credential; every kind is the prefix and 256 random bits. */
export const tokenPrefixes = ['obs_', 'owl_agent_', 'owl_client_', 'owl_import_', 'owk_'] as const
export type TokenPrefix = (typeof tokenPrefixes)[number]

const shape = new RegExp(`^(${tokenPrefixes.join('|')})[A-Za-z0-9_-]{43}$`)

export type MintedToken = { readonly plaintext: string; readonly shownPrefix: string; readonly hash: Buffer }

/** The plaintext is for the owner's eyes once; only `shownPrefix` and `hash` are stored. */
export function mintToken(prefix: TokenPrefix): MintedToken {
  const plaintext = prefix + randomBytes(32).toString('base64url')
  return { plaintext, shownPrefix: shownPrefix(plaintext), hash: hashToken(plaintext) }
}

export function shownPrefix(plaintext: string): string {
  return plaintext.slice(0, 12)
}

/** A plain hash is enough for 256 random bits: there is nothing to guess, so nothing to slow down. */
export function hashToken(plaintext: string): Buffer {
  return createHash('sha256').update(plaintext).digest()
}

/** Cheap to ask before the database is; undefined when the text cannot be a token of ours. */
export function tokenKind(text: string): TokenPrefix | undefined {
  const prefix = shape.exec(text)?.[1]
  return tokenPrefixes.find((known) => known === prefix)
}

/** Constant time for equal lengths; lengths are no secret here. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}
