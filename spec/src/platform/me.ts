import { operation } from '../operation.ts'
import { caller, person, roles } from '../policy.ts'
import { timestamp, z } from '../primitives.ts'
import { currentPassword, newPassword, OrganizationSummary, plans } from './accounts.schemas.ts'

const quotaExample = {
  orgId: 1,
  plan: 'self-hosted',
  monitorLimit: null,
  monitorsUsed: 12,
  monitorsRemaining: null,
  checksPerMonthLimit: null,
  checksUsed: 0,
  checksRemaining: null,
  minIntervalSec: 30,
  logsBytesPerMonthLimit: null,
  logsBytesUsed: 0,
  logsBytesRemaining: null,
  periodStart: '2026-05-01T00:00:00.000Z',
  periodEnd: '2026-06-01T00:00:00.000Z',
} as const

const Quota = z
  .object({
    orgId: z.int(),
    plan: z.enum(plans),
    monitorLimit: z.int().nullable().openapi({ description: '`null` is no limit, here and below.' }),
    monitorsUsed: z.int(),
    monitorsRemaining: z.int().nullable(),
    checksPerMonthLimit: z.int().nullable(),
    checksUsed: z.int(),
    checksRemaining: z.int().nullable(),
    minIntervalSec: z.int(),
    logsBytesPerMonthLimit: z.int().nullable(),
    logsBytesUsed: z.int(),
    logsBytesRemaining: z.int().nullable(),
    periodStart: timestamp,
    periodEnd: timestamp,
  })
  .openapi('Quota', {
    description: 'What the plan allows and what is used of it in this calendar month (UTC).',
    example: quotaExample,
  })

const TokenInUse = z
  .object({
    id: z.int(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.string()),
    dailyMutationLimit: z.int().nullable(),
    dailyLogBytesLimit: z.int().nullable(),
    expiresAt: timestamp.nullable(),
  })
  .openapi('TokenInUse', {
    description: 'The token that the request was made with.',
    example: {
      id: 42,
      name: 'deploy-bot',
      prefix: 'obs_AbCdEfGh',
      scopes: ['monitors:write'],
      dailyMutationLimit: 500,
      dailyLogBytesLimit: null,
      expiresAt: null,
    },
  })

const Me = z
  .object({
    id: z.int(),
    uuid: z.string().openapi({ format: 'uuid' }),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(roles),
    emailVerified: z.boolean(),
    hasPassword: z.boolean(),
    organization: OrganizationSummary,
    quota: Quota,
    token: TokenInUse.optional().openapi({ description: 'Absent for sessions.' }),
  })
  .openapi('Me', {
    description: 'Who the credential stands for, where it acts, and what is left of the plan.',
    example: {
      id: 7,
      uuid: '5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11',
      email: 'ada@example.com',
      name: 'Ada',
      role: 'owner',
      emailVerified: false,
      hasPassword: true,
      organization: { id: 1, name: 'Owlery', slug: 'owlery', plan: 'self-hosted' },
      quota: quotaExample,
    },
  })

const PasswordChange = z.strictObject({ currentPassword, newPassword }).openapi('PasswordChange', {
  description: 'The password now, and the one to come.',
  example: { currentPassword: 'three blind mice run', newPassword: 'see how they run away' },
})

export const me = {
  get: operation({
    method: 'get',
    path: '/api/v1/me',
    summary: 'Who am I',
    description:
      'The person, the organization and the plan that the credential stands for. Any valid credential will do.',
    origin: '24observe',
    access: caller({ scope: null, role: 'viewer' }),
    limit: 'api',
    success: { status: 200, description: 'The caller.', body: Me },
    errors: [],
  }),
  changePassword: operation({
    method: 'post',
    path: '/api/v1/me/change-password',
    summary: 'Change my password',
    description: 'Sets a new password and ends every other session of the account.',
    origin: '24observe',
    access: person('viewer'),
    limit: 'login',
    body: PasswordChange,
    success: { status: 204, description: 'The password is changed.' },
    errors: ['INVALID_CREDENTIALS', 'PASSWORD_NOT_SET', 'PASSWORD_TOO_WEAK'],
    audit: 'CHANGE_PASSWORD',
    slow: true,
  }),
}
