// Compiled by `tsc -p test`, never run: each line below must type-check, and each @ts-expect-error must be an error.
import type { OperationId } from '@owlery/client'
import type { Handler, Handlers, ImplementationOf } from '@owlery/server/http/bind.ts'
import type { Contract, contract } from '@owlery/spec'

type Tokens = typeof contract.platform.tokens
type Auth = typeof contract.platform.auth
type Me = typeof contract.platform.me

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function holds<_Fact extends true>(): void {}

const created = { id: 1, name: 'a', prefix: 'obs_', token: 'obs_a', expiresAt: null, createdAt: '2027-01-01T00:00:00Z' }

const list: Handler<Tokens['list']> = () => []
const create: Handler<Tokens['create']> = () => created
const remove: Handler<Tokens['delete']> = () => undefined

export const whole: Handlers<Tokens> = { list, create, delete: remove }

// @ts-expect-error the verb delete is missing
export const missingVerb: Handlers<Tokens> = { list, create }

export const extraVerb: Handlers<Tokens> = {
  list,
  create,
  delete: remove,
  // @ts-expect-error the contract has no verb rename
  rename: remove,
}

type OneArea = { readonly platform: { readonly tokens: Tokens } }
// @ts-expect-error the resource tokens is missing
export const missingResource: ImplementationOf<OneArea> = { platform: {} }
// @ts-expect-error the contract has no area moon
export const extraArea: ImplementationOf<OneArea> = { platform: { tokens: whole }, moon: {} }

export const answers: readonly Handler<Tokens['create']>[] = [
  // @ts-expect-error an id is a number
  () => ({ ...created, id: '1' }),
  // @ts-expect-error the secret is missing
  () => ({ id: 1, name: 'a', prefix: 'obs_', expiresAt: null, createdAt: '2027-01-01T00:00:00Z' }),
  // @ts-expect-error a moment goes out as text
  async () => ({ ...created, createdAt: new Date() }),
  // @ts-expect-error the answer has a body
  () => undefined,
]

// @ts-expect-error this answer has no body
export const bodyWithoutContent: Handler<Tokens['delete']> = () => ({ id: 1 })

export const inputs: Handler<Tokens['create']> = ({ body, params, query }, { actor }) => {
  holds<Equal<typeof body.name, string>>()
  holds<Equal<typeof body.dailyMutationLimit, number | null | undefined>>()
  holds<Equal<typeof params, undefined>>()
  holds<Equal<typeof query, undefined>>()
  holds<Equal<typeof actor.kind, 'token' | 'session'>>()
  // @ts-expect-error the body has no such field
  void body.color
  // @ts-expect-error a session may call too, and it has no token
  void actor.token
  return created
}

export const codes: Handler<Tokens['delete']> = ({ params }, { error }) => {
  holds<Equal<typeof params.id, number>>()
  if (params.id === 1) throw error('NOT_FOUND')
  if (params.id === 2) throw error('VALIDATION_FAILED', { fields: [] })
  // @ts-expect-error the operation does not declare this code
  throw error('RESET_TOKEN_INVALID')
}

export const pipelineCodes: Handler<Tokens['list']> = (_input, { error }) => {
  // @ts-expect-error the pipeline's own codes are not the handler's business
  throw error('UNAUTHORIZED')
}

export const quick: Handler<Tokens['delete']> = async (_input, context) => {
  await context.audit({ resource: 'token:1' })
  // @ts-expect-error a quick operation is in its transaction already
  await context.commit(async () => undefined)
}

export const slow: Handler<Me['changePassword']> = async ({ body }, context) => {
  holds<Equal<typeof body.newPassword, string>>()
  holds<Equal<typeof context.actor.kind, 'session'>>()
  // @ts-expect-error an audit row belongs into the transaction
  void context.audit
  return context.commit(async ({ audit }) => {
    await audit({ resource: 'user:1' })
  })
}

// @ts-expect-error a slow operation has to end in a transaction
export const withoutCommit: Handler<Me['changePassword']> = async () => undefined

export const nobody: Handler<Auth['forgotPassword']> = (_input, { actor }) => {
  holds<Equal<typeof actor, undefined>>()
  return { message: 'Done.' }
}

type VerbsForClients<Resource> = {
  [Verb in keyof Resource & string]: Resource[Verb] extends { client: false } ? never : Verb
}[keyof Resource & string]

type IdsOf<Tree> = {
  [Area in keyof Tree & string]: {
    [Resource in keyof Tree[Area] & string]: `${Area}.${Resource}.${VerbsForClients<Tree[Area][Resource]>}`
  }[keyof Tree[Area] & string]
}[keyof Tree & string]

// What the client can call is what the contract says, and nothing else.
holds<Equal<IdsOf<Contract>, OperationId>>()
