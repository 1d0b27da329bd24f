import {
  type Contract,
  contract,
  type ErrorCode,
  type Operation,
  type Placed,
  placedOperations,
  possibleErrors,
  type Role,
  type z,
} from '@owlery/spec'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Services } from '../services.ts'
import type { Actor, SessionActor } from './actor.ts'
import type { AuditEntry } from './audit.ts'
import type { ApiError, Fault } from './problem.ts'
import type { OtherwiseReply, Reply, TextReply } from './reply.ts'

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

export type Input<O> = {
  readonly params: O extends { params: infer S } ? Parsed<S> : undefined
  readonly query: O extends { query: infer S } ? Parsed<S> : undefined
  readonly body: O extends { body: infer S } ? Parsed<S> : undefined
}

type ActorOf<O> = O extends { access: { kind: 'credential'; credentials: readonly (infer K)[] } }
  ? 'token' extends K
    ? Actor
    : SessionActor
  : undefined

/** A handler can only throw what its record lists; the pipeline's own codes are not its business. */
type CodesOf<O> = O extends { errors: readonly (infer C extends ErrorCode)[] } ? C | 'VALIDATION_FAILED' : never

export type ErrorOptions = {
  readonly message?: string
  readonly fields?: readonly Fault[]
  /** What the handler wrote stays, although the caller gets an error: a failed sign-in is still audited. */
  readonly keepEffects?: boolean
}

/** Where a change happens: the transaction that holds the effect, its audit row and the stored reply. */
export type Effect = {
  readonly db: Kysely<Tables>
  audit(entry: AuditEntry): Promise<void>
  /** Runs once the transaction is committed, not at all if it is not; the answer waits for it. */
  afterCommit(action: () => void | Promise<void>): void
}

type Facts<O> = {
  readonly actor: ActorOf<O>
  readonly services: Services
  readonly requestId: string
  readonly address: string
  readonly userAgent: string | null
  readonly now: Date
  readonly headers: Headers
  error(code: CodesOf<O>, options?: ErrorOptions): ApiError
  setHeader(name: string, value: string): void
  /** For records with `etag`: names the version that somebody last wrote. */
  setVersion(version: number | string): void
}

/** Proof that a slow handler has ended in a transaction. */
export class Committed {
  readonly reply: Reply

  constructor(reply: Reply) {
    this.reply = reply
  }
}

/** For reads, and for changes that are quick: all of the handler runs in the transaction. */
export type Context<O> = Facts<O> & Effect

/** For slow changes: `db` reads outside of any transaction, `commit` makes the change in one. */
export type SlowContext<O> = Facts<O> & {
  readonly db: Kysely<Tables>
  commit(change: (effect: Effect) => Promise<Answer<O>>): Promise<Committed>
}

type SuccessBody<O> = O extends { success: { body: infer S extends z.ZodType } } ? z.output<S> : never
type Texts<O> = O extends { success: { texts: readonly (infer T extends string)[] } } ? TextReply<T> : never
type Otherwise<O> = O extends { otherwise: { body: infer S extends z.ZodType } }
  ? OtherwiseReply<z.output<S>>
  : O extends { otherwise: { text: string } }
    ? OtherwiseReply<string>
    : never
type Answer<O> = O extends { success: { status: 204 } } ? undefined : SuccessBody<O> | Texts<O> | Otherwise<O>

export type Handler<O> = O extends { slow: true }
  ? (input: Input<O>, context: SlowContext<O>) => Promise<Committed>
  : (input: Input<O>, context: Context<O>) => Promise<Answer<O>> | Answer<O>
export type Handlers<R> = { readonly [V in keyof R]: Handler<R[V]> }
export type AreaHandlers<A> = { readonly [R in keyof A]: Handlers<A[R]> }
/** Mirrors the contract's tree: a missing or an extra operation does not compile. */
export type ImplementationOf<T> = { readonly [A in keyof T]: AreaHandlers<T[A]> }
export type Implementation = ImplementationOf<Contract>

/** A handler whose types have been checked, as the pipeline calls it. */
export type AnyInput = { readonly params: unknown; readonly query: unknown; readonly body: unknown }
export type AnyContext = Omit<Facts<Operation>, 'actor' | 'error'> &
  Effect & {
    readonly actor: Actor | undefined
    error(code: ErrorCode, options?: ErrorOptions): ApiError
    commit(change: (effect: Effect) => Promise<unknown>): Promise<Committed>
  }
export type AnyHandler = (input: AnyInput, context: AnyContext) => Promise<unknown> | unknown

/** An operation with its handler, and what the pipeline asks for at every request, worked out once. */
export type Route = Placed & {
  readonly handler: AnyHandler
  /** Reads what this operation changes, for If-Match. */
  readonly reader: AnyHandler | undefined
  readonly pattern: string
  readonly role: Role | null
  readonly codes: ReadonlySet<string>
}

type AnyTree = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, AnyHandler>>>>>>

export function bind(implementation: Implementation): Route[] {
  // The one cast of the server: `Implementation` has tied every handler to its own record's types; from here on they
  // are called with values that the same record has parsed.
  const handlers = implementation as unknown as AnyTree
  const routes = placedOperations(contract).map((placed) => {
    const handler = handlers[placed.area]?.[placed.resource]?.[placed.verb]
    if (handler === undefined) throw new Error(`${placed.id} has no handler`)
    const { access, guardedBy } = placed.operation
    const reader = guardedBy === undefined ? undefined : handlers[placed.area]?.[placed.resource]?.[guardedBy]
    if (guardedBy !== undefined && reader === undefined) throw new Error(`${placed.id}: there is no ${guardedBy}`)
    return {
      ...placed,
      handler,
      reader,
      pattern: patternOf(placed.operation.path),
      role: access.kind === 'credential' ? access.role : null,
      codes: new Set(possibleErrors(placed.operation).map(({ code }) => code)),
    }
  })
  return routes.sort((a, b) => parametersIn(a).localeCompare(parametersIn(b)))
}

/** `{id}.svg` is a segment that ends so; the router hands over all of it, and `parseInput` takes the end off. */
function patternOf(path: string): string {
  return path
    .replaceAll(/\{(\w+)\}(\.\w+)/g, (_, name: string, ending: string) => `:${name}{[^/]+\\${ending}}`)
    .replaceAll(/\{(\w+)\}/g, ':$1')
}

/** The router takes the first pattern that fits: where a word and an id could stand, the word must come first. */
function parametersIn({ pattern }: Route): string {
  return pattern
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '1' : '0'))
    .join('')
}
