import { operation } from '../operation.ts'
import { caller, roles } from '../policy.ts'
import { integerId, queryInteger, timestamp, z } from '../primitives.ts'

const Member = z
  .object({
    userId: z.int(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(roles),
    joinedAt: timestamp,
    lastLoginAt: timestamp.nullable(),
  })
  .openapi('Member', {
    description: 'A person in the organization.',
    example: {
      userId: 7,
      email: 'ada@example.com',
      name: 'Ada',
      role: 'owner',
      joinedAt: '2026-05-13T18:00:00.000Z',
      lastLoginAt: null,
    },
  })

const MemberUpdate = z.strictObject({ role: z.enum(roles) }).openapi('MemberUpdate', {
  description: 'The role that the member shall have from now on.',
  example: { role: 'admin' },
})

export const members = {
  list: operation({
    method: 'get',
    path: '/api/v1/me/members',
    summary: 'List the members',
    description: 'Everybody in the organization, by user id.',
    origin: '24observe',
    access: caller({ scope: '*', role: 'viewer' }),
    limit: 'api',
    query: z.strictObject({
      limit: queryInteger({ min: 1, max: 500, default: 500 }).openapi({ description: 'How many to answer at most.' }),
      after: integerId.optional().openapi({ description: 'Only members with a larger user id: the next page.' }),
    }),
    success: { status: 200, description: 'Members, by user id.', body: z.array(Member) },
    errors: [],
    pagination: { style: 'keyset', parameter: 'after', key: 'userId' },
  }),
  update: operation({
    method: 'patch',
    path: '/api/v1/me/members/{userId}',
    summary: 'Change a member’s role',
    description: 'Holds at once for the member’s sessions and tokens. The only owner cannot step down.',
    origin: '24observe',
    access: caller({ scope: '*', role: 'owner' }),
    limit: 'api',
    params: z.strictObject({ userId: integerId.openapi({ description: 'The user id of the member.' }) }),
    body: MemberUpdate,
    success: { status: 200, description: 'The member as it is now.', body: Member },
    errors: ['NOT_FOUND', 'SOLE_OWNER'],
    audit: 'UPDATE_MEMBER_ROLE',
  }),
}
