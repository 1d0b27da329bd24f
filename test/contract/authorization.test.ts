import { createSessionTokens } from '@owlery/server/security/sessions-jwt.ts'
import { mintToken } from '@owlery/server/security/tokens.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { createCast, createOrganization, createPerson, createToken, type Person } from '../support/actors.ts'
import { at, type DocumentedOperation, list, object, operations } from '../support/document.ts'
import { type Parts, requestTo, samplePath } from '../support/requests.ts'
import { seededBody, seededPath } from '../support/seeds.ts'
import { freshService, origin } from '../support/service.ts'

/** Who may call what, for every operation, from what the document says of it. There are no exceptions. */

const service = await freshService()
// Some changes announce themselves through it.
await service.services.queue.start()
afterAll(() => service.services.queue.stop(1000))
const { db } = service.services.database
const cast = await createCast(service)
const roles = ['owner', 'admin', 'member', 'viewer'] as const
const scopes = list(
  object(object(object(object(at('#/components/schemas/TokenCreate')).properties).scopes).items).enum,
).map(String)

const guarded = operations.filter(({ isPublic }) => !isPublic)
const mutations = guarded.filter(({ method }) => method !== 'GET' && method !== 'HEAD')
const own = guarded.filter(({ path }) => path.includes('{'))

type Answer = {
  readonly status: number
  readonly code: string | undefined
  readonly message: string
  readonly bytes: string
}

/** The answer, and all of its bytes but for the id of the request. */
async function call(operation: DocumentedOperation, parts: Parts): Promise<Answer> {
  const response = await service.send(requestTo(operation, parts))
  const id = response.headers.get('x-request-id') ?? ''
  const text = await response.text()
  const headers = [...response.headers].filter(([name]) => name !== 'x-request-id')
  const isJson = response.headers.get('content-type') === 'application/json' && operation.method !== 'HEAD'
  const body: unknown = isJson ? JSON.parse(text) : undefined
  const field = (name: string) => (response.status >= 400 && isJson ? String(object(body)[name]) : undefined)
  return {
    status: response.status,
    code: field('code'),
    message: field('error') ?? '',
    bytes: JSON.stringify([response.status, headers, text.replaceAll(id, '')]),
  }
}

async function pathFor(operation: DocumentedOperation, person: Person): Promise<string> {
  return (await seededPath(service, person, operation)).existing
}

/** Sessions and tokens that may all this operation asks for, of somebody with the role. */
async function credentials(operation: DocumentedOperation, person: Person): Promise<string[]> {
  const { token } = await createToken(service, person)
  return [
    ...(operation.credentials.includes('session') ? [person.session] : []),
    ...(operation.credentials.includes('token') ? [token] : []),
  ]
}

/** Was this somebody whom the pipeline does not let through? A handler may still refuse what is asked for. */
function isTurnedAway({ scope }: DocumentedOperation, { code, message }: Answer): boolean {
  if (code === 'PAT_SCOPE_INSUFFICIENT') return scope !== undefined && message.includes(scope)
  const codes = ['UNAUTHORIZED', 'INVALID_TOKEN', 'SESSION_REQUIRED', 'ROLE_INSUFFICIENT', 'CROSS_ORIGIN_REFUSED']
  return code !== undefined && codes.includes(code)
}

async function expectAdmitted(operation: DocumentedOperation, parts: Parts): Promise<void> {
  const answer = await call(operation, parts)
  expect(isTurnedAway(operation, answer), `${answer.code}: ${answer.message}`).toBe(false)
}

describe.each(guarded)('$id', (operation) => {
  test('asks for a credential, before it looks at anything else', async () => {
    const path = await pathFor(operation, cast.owner)
    for (const parts of [
      {},
      { body: '{', query: new URLSearchParams('unheard=1') },
      { headers: { cookie: 'other=1' } },
    ]) {
      const { body, ...bodyless } = { body: undefined, ...parts }
      const fitting = operation.bodySchema === undefined || body === undefined ? bodyless : { ...bodyless, body }
      expect(await call(operation, { path, ...fitting })).toMatchObject({ status: 401, code: 'UNAUTHORIZED' })
    }
  })

  test('tells broken credentials apart from none, but not from each other', async () => {
    const path = await pathFor(operation, cast.owner)
    const answers = new Set<string>()
    for (const [name, headers] of await brokenCredentials()) {
      const answer = await call(operation, { path, headers })
      expect(answer, name).toMatchObject({ status: 401, code: 'INVALID_TOKEN' })
      answers.add(answer.bytes)
    }
    expect(answers.size).toBe(1)
  })

  test('admits the kinds of credential that it lists, and no other', async () => {
    for (const [kind, bearer] of [
      ['session', cast.owner.session],
      ['token', (await createToken(service, cast.owner)).token],
    ] as const) {
      const path = await pathFor(operation, cast.owner)
      if (operation.credentials.includes(kind)) await expectAdmitted(operation, { path, bearer })
      else expect(await call(operation, { path, bearer })).toMatchObject({ status: 403, code: 'SESSION_REQUIRED' })
    }
  })

  test('asks tokens for its scope', async () => {
    const { scope } = operation
    if (scope === undefined) return
    const covering = scopes.filter((one) => one === '*' || one === scope || one === `${scope.split(':')[0]}:*`)
    expect(covering).toHaveLength(scope === '*' ? 1 : 3)
    const others = scopes.filter((one) => !covering.includes(one))
    const without = await createToken(service, cast.owner, { scopes: others })
    const refused = await call(operation, { path: await pathFor(operation, cast.owner), bearer: without.token })
    expect(refused).toMatchObject({ status: 403, code: 'PAT_SCOPE_INSUFFICIENT' })
    expect(refused.message).toContain(scope)
    for (const one of covering) {
      const { token } = await createToken(service, cast.owner, { scopes: [one] })
      await expectAdmitted(operation, { path: await pathFor(operation, cast.owner), bearer: token })
    }
    if (operation.ownToken === undefined) return
    const itself = operation.path.replace(`{${operation.ownToken}}`, String(without.id))
    await expectAdmitted(operation, { path: itself, bearer: without.token })
  })

  test('asks for its roles, of sessions and of the owners of tokens', async () => {
    expect(operation.roles).not.toEqual([])
    for (const role of roles) {
      for (const bearer of await credentials(operation, cast[role])) {
        const path = await pathFor(operation, cast[role])
        if (operation.roles.includes(role)) await expectAdmitted(operation, { path, bearer })
        else expect(await call(operation, { path, bearer })).toMatchObject({ status: 403, code: 'ROLE_INSUFFICIENT' })
      }
    }
  })
})

describe.each(own)('$id', (operation) => {
  test('answers to what belongs to others as to what never was', async () => {
    for (const bearer of await credentials(operation, cast.owner)) {
      const ours = await seededPath(service, cast.owner, operation)
      const theirs = await seededPath(service, cast.stranger, operation)
      const foreign = await call(operation, { path: theirs.existing, bearer })
      const missing = await call(operation, { path: ours.missing, bearer })
      expect(missing).toMatchObject({ status: 404, code: 'NOT_FOUND' })
      expect(foreign.bytes).toBe(missing.bytes)
      const admitted = async (person: Person, path: string, bearer: string) => {
        const body = await seededBody(service, person, operation)
        return call(operation, { path, bearer, ...(body !== undefined && { body: JSON.stringify(body) }) })
      }
      expect((await admitted(cast.owner, ours.existing, bearer)).status).not.toBe(404)
      // It was there all the time, and still is.
      const [stranger = ''] = await credentials(operation, cast.stranger)
      expect((await admitted(cast.stranger, theirs.existing, stranger)).status).not.toBe(404)
    }
  })
})

describe.each(mutations.filter(({ credentials }) => credentials.includes('session')))('$id', (operation) => {
  const cookie = `theme=dark; token=${cast.owner.session}`

  test.each<Record<string, string>>([
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `${origin}.evil.example` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'cross-site', origin },
  ])('refuses the cookie of a request with %j', async (headers) => {
    const path = await pathFor(operation, cast.owner)
    const refused = await call(operation, { path, headers: { cookie, ...headers } })
    expect(refused).toMatchObject({ status: 403, code: 'CROSS_ORIGIN_REFUSED' })
  })

  test.each<Record<string, string>>([{ 'sec-fetch-site': 'same-origin' }, { origin }])(
    'takes the cookie of a request with %j',
    async (headers) => {
      const path = await pathFor(operation, cast.owner)
      await expectAdmitted(operation, { path, headers: { cookie, ...headers } })
    },
  )
})

describe.each(guarded.filter(({ credentials }) => credentials.includes('session')))('$id', (operation) => {
  test('takes the cookie for reads from anywhere, since no other page can see the answer', async () => {
    if (mutations.includes(operation)) return
    const headers = { cookie: `token=${cast.owner.session}`, origin: 'https://evil.example' }
    const response = await service.send(requestTo(operation, { path: await pathFor(operation, cast.owner), headers }))
    expect(response.status).toBe(operation.successStatus)
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })
})

test('public operations ignore credentials', async () => {
  for (const operation of operations.filter(({ isPublic }) => isPublic)) {
    const path = samplePath(operation)
    const headers = { cookie: 'token=broken', origin: 'https://evil.example' }
    expect(isTurnedAway(operation, await call(operation, { path, bearer: 'obs_broken', headers })), operation.id).toBe(
      false,
    )
  }
})

async function brokenCredentials(): Promise<[name: string, headers: Record<string, string>][]> {
  const { clock } = service
  const gone = await createPerson(service, cast.owner.organizationId, 'owner')
  const goneToken = await createToken(service, gone)
  await db.deleteFrom('memberships').where('user_id', '=', gone.userId).execute()
  const ended = await createPerson(service, cast.owner.organizationId, 'owner')
  await db.updateTable('sessions').set({ revoked_at: clock.now() }).where('id', '=', ended.sessionId).execute()
  const late = await createPerson(service, cast.owner.organizationId, 'owner')
  await db.updateTable('sessions').set({ expires_at: clock.now() }).where('id', '=', late.sessionId).execute()
  const revoked = await createToken(service, cast.owner)
  await db.updateTable('tokens').set({ revoked_at: clock.now() }).where('id', '=', revoked.id).execute()
  const expired = await createToken(service, cast.owner, { expiresAt: clock.now() })
  const elsewhere = await createOrganization(service)
  const uuid = (
    await db.selectFrom('users').select('uuid').where('id', '=', cast.owner.userId).executeTakeFirstOrThrow()
  ).uuid
  const claims = { sub: uuid, sid: cast.owner.sessionId, org: cast.owner.organizationId, email: cast.owner.email }
  const { sessionTokens } = service.services
  const otherSecret = createSessionTokens({ secret: 'x'.repeat(64), issuer: origin, clock })
  const otherIssuer = createSessionTokens({
    secret: service.services.config.jwtSecret,
    issuer: 'https://evil.example',
    clock,
  })
  const [head, body, signature] = cast.owner.session.split('.')
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
  const bearers: [string, string][] = [
    ['no token of ours', 'obs_short'],
    ['neither token nor session', 'x'],
    ['unknown token', mintToken('obs_').plaintext],
    ['unknown token of another kind', mintToken('owk_').plaintext],
    ['revoked token', revoked.token],
    ['expired token', expired.token],
    ['token of a removed member', goneToken.token],
    ['session of a removed member', gone.session],
    ['ended session', ended.session],
    ['session past its time', late.session],
    ['session whose name is past its time', sessionTokens.sign(claims, 0)],
    ['session of another secret', otherSecret.sign(claims, 600)],
    ['session of another issuer', otherIssuer.sign(claims, 600)],
    ['session of nobody', sessionTokens.sign({ ...claims, sid: '00000000-0000-4000-8000-000000000000' }, 600)],
    ['session whose name is no name', sessionTokens.sign({ ...claims, sid: 'x' }, 600)],
    ['session of somebody else', sessionTokens.sign({ ...claims, sid: cast.viewer.sessionId }, 600)],
    ['session for another organization', sessionTokens.sign({ ...claims, org: elsewhere }, 600)],
    ['unsigned session', `${unsigned}.${body}.`],
    ['session without its signature', `${head}.${body}.`],
    ['session with another spelling', `${head}.${body}.${signature}=`],
    ['very long credential', 'a'.repeat(10_000)],
  ]
  const others: [string, string][] = [
    ['another scheme', `Basic ${Buffer.from('a:b').toString('base64')}`],
    ['no scheme', cast.owner.session],
    ['scheme alone', 'Bearer'],
    ['two credentials', `Bearer ${cast.owner.session} ${cast.owner.session}`],
  ]
  return [
    ...bearers.map(([name, bearer]): [string, Record<string, string>] => [name, { authorization: `Bearer ${bearer}` }]),
    ...others.map(([name, authorization]): [string, Record<string, string>] => [name, { authorization }]),
    ['cookie of an ended session', { cookie: `token=${ended.session}` }],
    ['empty cookie', { cookie: 'token=' }],
    // A broken bearer does not fall back to a sound cookie.
    ['broken bearer beside a sound cookie', { authorization: 'Bearer x', cookie: `token=${cast.owner.session}` }],
  ]
}
