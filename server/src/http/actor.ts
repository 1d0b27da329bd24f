import type { Role } from '@owlery/spec'

type Identity = {
  readonly userId: number
  readonly userUuid: string
  readonly email: string
  readonly role: Role
  readonly organizationId: number
}

/** What a token may use in a day; null is no cap. */
export type DailyCaps = {
  readonly id: number
  readonly dailyMutationLimit: number | null
  readonly dailyLogBytesLimit: number | null
}

export type TokenFacts = DailyCaps & {
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date | null
  /** The tokens that it comes from and whose caps it uses up as well, the first one first. */
  readonly cappedBy: readonly DailyCaps[]
}

export type TokenActor = Identity & { readonly kind: 'token'; readonly token: TokenFacts }
export type SessionActor = Identity & { readonly kind: 'session'; readonly sessionId: string }

/** Whoever a credential stands for, in the organization it stands for. */
export type Actor = TokenActor | SessionActor

/** Names a caller in the log and in counters: a person's sessions are one, each token is another. */
export function nameOf(actor: Actor): string {
  return actor.kind === 'token' ? `token:${actor.token.id}` : `user:${actor.userId}`
}
