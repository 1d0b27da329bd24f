import { describe, expect, it } from 'vitest'
import { createCast, createOrganization, createPerson, createToken } from '../support/actors.ts'
import { auditOf, codeOf } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)

describe('the list', () => {
  it('shows everybody in the organization to everybody in it, and nobody else', async () => {
    const { owner, admin, member, viewer } = cast
    const listed = await service.client(viewer.session).platform.members.list()
    expect(listed.map(({ userId, email, role }) => ({ userId, email, role }))).toEqual(
      [owner, admin, member, viewer].map(({ userId, email, role }) => ({ userId, email, role })),
    )
    expect(Object.keys(listed[0] ?? {}).sort()).toEqual(['email', 'joinedAt', 'lastLoginAt', 'name', 'role', 'userId'])
    expect(listed[0]?.lastLoginAt).toBeNull()
  })

  it('says when somebody signed in last', async () => {
    const organizationId = await createOrganization(service)
    const person = await createPerson(service, organizationId, 'owner', 'three blind mice run')
    await service.client().platform.auth.login({ email: person.email, password: 'three blind mice run' })
    const [listed] = await service.client(person.session).platform.members.list()
    expect(listed?.lastLoginAt).toBe(service.clock.now().toISOString())
  })

  it('continues page by page', async () => {
    const organizationId = await createOrganization(service)
    const people = []
    for (let index = 0; index < 7; index++) people.push(await createPerson(service, organizationId, 'viewer'))
    const seen: number[] = []
    const [first] = people
    for await (const { userId } of service.client(first?.session ?? '').platform.members.list({ limit: 3 })) {
      seen.push(userId)
    }
    expect(seen).toEqual(people.map(({ userId }) => userId))
  })

  it('is not for narrowed tokens', async () => {
    const { token } = await createToken(service, cast.owner, { scopes: ['monitors:*', 'tokens:write'] })
    expect(await codeOf(service.client(token).platform.members.list())).toBe('PAT_SCOPE_INSUFFICIENT')
    const whole = await createToken(service, cast.owner)
    expect(await codeOf(service.client(whole.token).platform.members.list())).toBe('ok')
  })
})

describe('changing a role', () => {
  it('holds at once, for sessions and for tokens, in both directions', async () => {
    const organizationId = await createOrganization(service)
    const owner = await createPerson(service, organizationId, 'owner')
    const other = await createPerson(service, organizationId, 'viewer')
    const { token } = await createToken(service, other)
    const { members } = service.client(owner.session).platform
    const secretAs = async () =>
      Promise.all([other.session, token].map((one) => codeOf(service.client(one).platform.webhookSecret.get())))
    expect(await secretAs()).toEqual(['ROLE_INSUFFICIENT', 'ROLE_INSUFFICIENT'])
    const changed = await members.update(other.userId, { role: 'admin' })
    expect(changed).toMatchObject({ userId: other.userId, email: other.email, role: 'admin' })
    expect(await secretAs()).toEqual(['ok', 'ok'])
    await members.update(other.userId, { role: 'member' })
    expect(await secretAs()).toEqual(['ROLE_INSUFFICIENT', 'ROLE_INSUFFICIENT'])
    expect(await auditOf(service, `user:${other.userId}`)).toMatchObject([
      {
        action: 'UPDATE_MEMBER_ROLE',
        actor_user_id: owner.userId,
        meta: { email: other.email, changedFields: ['role'], diff: { role: { from: 'viewer', to: 'admin' } } },
      },
      { meta: { diff: { role: { from: 'admin', to: 'member' } } } },
    ])
  })

  it('is for owners, within their organization', async () => {
    const update = (session: string, userId: number) =>
      codeOf(service.client(session).platform.members.update(userId, { role: 'viewer' }))
    expect(await update(cast.admin.session, cast.member.userId)).toBe('ROLE_INSUFFICIENT')
    expect(await update(cast.stranger.session, cast.member.userId)).toBe('NOT_FOUND')
    expect(await update(cast.owner.session, cast.stranger.userId)).toBe('NOT_FOUND')
    expect(await update(cast.owner.session, 2_147_483_647)).toBe('NOT_FOUND')
  })

  it('does not let the only owner step down, though another may', async () => {
    const organizationId = await createOrganization(service)
    const first = await createPerson(service, organizationId, 'owner')
    const { members } = service.client(first.session).platform
    expect(await codeOf(members.update(first.userId, { role: 'admin' }))).toBe('SOLE_OWNER')
    expect(await codeOf(members.update(first.userId, { role: 'owner' }))).toBe('ok')
    const second = await createPerson(service, organizationId, 'member')
    await members.update(second.userId, { role: 'owner' })
    expect(await codeOf(members.update(first.userId, { role: 'admin' }))).toBe('ok')
    expect(await codeOf(members.update(second.userId, { role: 'admin' }))).toBe('ROLE_INSUFFICIENT')
  })

  it('leaves one owner however many step down at once', async () => {
    for (let round = 0; round < 10; round++) {
      const organizationId = await createOrganization(service)
      const owners = []
      for (let index = 0; index < 5; index++) owners.push(await createPerson(service, organizationId, 'owner'))
      // Everybody has been let in before the first one is demoted, so only the database can keep the last.
      await Promise.all(owners.map(({ session }) => service.client(session).platform.me.get()))
      await Promise.all(
        owners.map(({ session, userId }) =>
          service.client(session).platform.members.update(userId, { role: 'viewer' }).result(),
        ),
      )
      const left = await service.services.database.db
        .selectFrom('memberships')
        .select('user_id')
        .where('organization_id', '=', organizationId)
        .where('role', '=', 'owner')
        .execute()
      expect(left).toHaveLength(1)
    }
  })
})
