import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { object } from '../support/document.ts'
import { freshFolder, freshServer, needsProgram, outputOf, ownerToken } from './program.ts'
import { curl, endOfNextYear, prepareShell, sample } from './published.ts'

/** What the documentation of 24observe tells its readers to do, done against this service by the tools it names. */

const server = await freshServer()
const folder = await freshFolder()
beforeAll(() => prepareShell(folder))

const owner = { url: server.url, token: ownerToken }
const mintedShape = {
  id: expect.any(Number),
  name: 'aeoniti-bot',
  prefix: expect.stringMatching(/^obs_[\w-]{8}$/),
  token: expect.stringMatching(/^obs_[\w-]{43}$/),
  expiresAt: null,
  createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
}
const listedShape = {
  name: 'aeoniti-bot',
  scopes: ['monitors:write', 'logs:write'],
  dailyMutationLimit: 500,
  dailyLogBytesLimit: 104857600,
  revokedAt: null,
}

function faultsOf(body: unknown): unknown[] {
  const { code, fields } = object(body)
  expect(code).toBe('VALIDATION_FAILED')
  if (!Array.isArray(fields)) throw new Error('no fields')
  for (const field of fields) {
    expect(field).toEqual({ path: expect.any(String), code: expect.any(String), message: expect.any(String) })
  }
  return fields.map((field) => object(field).path).sort()
}

describe('tokens, with curl', () => {
  test('are minted, listed without their secret, and revoked at once', async (context) => {
    await needsProgram(context, 'curl')
    const [plain] = await curl(folder, 'mint.sh', owner)
    expect(plain?.status).toBe(201)
    const expiresAt = endOfNextYear().replace('Z', '.000Z')
    expect(plain?.body).toEqual({ ...mintedShape, expiresAt })

    const [narrow] = await curl(folder, 'mint-narrow.sh', owner)
    expect(narrow?.status).toBe(201)
    expect(narrow?.body).toEqual(mintedShape)
    const { id, token, prefix } = object(narrow?.body)
    expect(String(token).startsWith(String(prefix))).toBe(true)

    const [listed] = await curl(folder, 'list.sh', owner)
    expect(listed?.status).toBe(200)
    expect(listed?.body).toContainEqual(expect.objectContaining({ ...listedShape, id, prefix }))
    expect(JSON.stringify(listed?.body)).not.toContain(String(token))

    const [beyondScope] = await curl(folder, 'list.sh', { ...owner, token: String(token) })
    expect(beyondScope).toMatchObject({ status: 403, body: { code: 'PAT_SCOPE_INSUFFICIENT' } })
    expect(String(object(beyondScope?.body).error)).toContain('tokens:write')

    const [revoked] = await curl(folder, 'revoke.sh', { ...owner, id: Number(id) })
    expect(revoked).toMatchObject({ status: 204, body: null })
    const [afterwards] = await curl(folder, 'list.sh', { ...owner, token: String(token) })
    expect(afterwards).toMatchObject({ status: 401, body: { code: 'INVALID_TOKEN' } })
  })

  test('are minted once under one Idempotency-Key', async (context) => {
    await needsProgram(context, 'curl')
    const [first, second] = await curl(folder, 'mint-once.sh', owner)
    expect(first).toMatchObject({ status: 201, body: { name: 'once' } })
    expect(first?.headers.get('idempotent-replayed')).toBe(null)
    expect(second?.headers.get('idempotent-replayed')).toBe('true')
    expect(second?.body).toEqual(first?.body)
  })

  test('are refused with one field for each fault', async (context) => {
    await needsProgram(context, 'curl')
    const [wrong] = await curl(folder, 'mint-wrongly.sh', owner)
    expect(wrong?.status).toBe(400)
    expect(faultsOf(wrong?.body)).toEqual(['colour', 'name', 'scopes.0'])
  })
})

/** The same program in two languages: who runs it, and under which name. */
const languages = [
  { language: 'TypeScript with fetch', program: 'node', file: 'tokens.ts.txt', name: 'tokens.ts' },
  { language: 'Python with urllib', program: 'python3', file: 'tokens.py', name: 'tokens.py' },
]

describe.each(languages)('tokens, in $language', ({ program, file, name }) => {
  test('are minted, listed, refused and revoked', async (context) => {
    await needsProgram(context, program)
    await writeFile(join(folder, name), await sample(file, owner))
    const env = { OBSERVE24_PAT: ownerToken }
    const said = object(JSON.parse(await outputOf(program, [name], { cwd: folder, env })))
    expect(said.minted).toEqual({ status: 201, body: mintedShape })
    const { id, token } = object(object(said.minted).body)
    expect(object(said.listed).body).toContainEqual(expect.objectContaining({ ...listedShape, id }))
    expect(JSON.stringify(said.listed)).not.toContain(String(token))
    expect(object(said.wrong).status).toBe(400)
    expect(faultsOf(object(said.wrong).body)).toEqual(['colour', 'name', 'scopes.0'])
    expect(said.beyondScope).toMatchObject({ status: 403, body: { code: 'PAT_SCOPE_INSUFFICIENT' } })
    expect(said.revoked).toEqual({ status: 204, body: null })
    expect(said.afterwards).toMatchObject({ status: 401, body: { code: 'INVALID_TOKEN' } })
  })
})
