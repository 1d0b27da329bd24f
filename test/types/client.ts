// Compiled by `tsc -p test`, never run: each line below must type-check, and each @ts-expect-error must be an error.
import { type ApiErrorOf, type Client, type Codes, isApiError, type Token, type TokenCreated } from '@owlery/client'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function holds<_Fact extends true>(): void {}

export async function callsAreTyped(client: Client): Promise<void> {
  const created = await client.platform.tokens.create({ name: 'deploy' }, { idempotencyKey: 'k' })
  holds<Equal<typeof created, TokenCreated>>()
  const { data, requestId } = await client.platform.me.get().withResponse()
  holds<Equal<typeof data.organization.id, number>>()
  holds<Equal<typeof requestId, string | undefined>>()
  const nothing = await client.platform.tokens.delete(42)
  holds<Equal<typeof nothing, void>>()
  const metrics = await client.platform.health.metrics()
  holds<Equal<typeof metrics, string>>()
  for await (const token of client.platform.tokens.list({ limit: 10 })) holds<Equal<typeof token, Token>>()
  for await (const page of client.platform.tokens.list().pages()) holds<Equal<typeof page, Token[]>>()

  // @ts-expect-error the body lacks its name
  await client.platform.tokens.create({})
  // @ts-expect-error a name is a text
  await client.platform.tokens.create({ name: 1 })
  // @ts-expect-error the body has no such field
  await client.platform.tokens.create({ name: 'deploy', color: 'red' })
  // @ts-expect-error there is no body to leave out
  await client.platform.tokens.create()
  // @ts-expect-error this id is a number
  await client.platform.tokens.delete('42')
  // @ts-expect-error the list has no such filter
  await client.platform.tokens.list({ color: 'red' })
  // @ts-expect-error signing in takes no idempotency key
  await client.platform.auth.login({ email: 'a@example.com', password: 'x' }, { idempotencyKey: 'k' })
  // @ts-expect-error only lists can be iterated
  for await (const _ of client.platform.me.get()) break
  // @ts-expect-error there is no such operation
  client.platform.tokens.rename
}

export async function resultsAreExhaustive(client: Client): Promise<string> {
  const result = await client.platform.auth.resetPassword({ token: 't', password: 'p' }).result()
  if (result.ok) return 'done'
  const { error } = result
  // @ts-expect-error the operation does not declare this code
  if (error.code === 'PAT_GRANT_EXCEEDED') return 'never'
  switch (error.code) {
    case 'VALIDATION_FAILED':
      holds<Equal<typeof error, ApiErrorOf<'VALIDATION_FAILED'>>>()
      return error.fields.map(({ path }) => path).join()
    case 'BAD_JSON':
    case 'BAD_COMPRESSED_BODY':
    case 'PASSWORD_TOO_WEAK':
    case 'RESET_TOKEN_INVALID':
    case 'PAYLOAD_TOO_LARGE':
    case 'UNSUPPORTED_MEDIA_TYPE':
    case 'RATE_LIMITED':
    case 'INTERNAL':
    case 'SERVICE_UNAVAILABLE':
      return error.message
    case 'UNRECOGNIZED':
      return error.rawCode ?? 'not from the service'
  }
  return error satisfies never
}

export async function aForgottenCodeShows(client: Client): Promise<string> {
  const result = await client.platform.health.version().result()
  if (result.ok) return 'done'
  const { error } = result
  switch (error.code) {
    case 'VALIDATION_FAILED':
    case 'UNRECOGNIZED':
      return 'known'
  }
  // @ts-expect-error INTERNAL is left
  return error satisfies never
}

export function guardsNarrow(reason: unknown): void {
  if (isApiError(reason, 'RATE_LIMITED', 'NOT_FOUND')) {
    holds<Equal<typeof reason.code, 'RATE_LIMITED' | 'NOT_FOUND'>>()
  }
  if (isApiError(reason)) holds<Equal<typeof reason.status, number>>()
  // @ts-expect-error there is no such code
  isApiError(reason, 'NO_SUCH_CODE')
}

holds<Equal<Codes<'platform.health.version'>, 'VALIDATION_FAILED' | 'INTERNAL'>>()
