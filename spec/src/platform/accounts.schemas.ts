import { roles } from '../policy.ts'
import { email, text, timestamp, z } from '../primitives.ts'

export const plans = ['self-hosted', 'free', 'startup', 'pro'] as const
export type Plan = (typeof plans)[number]

export const OrganizationSummary = z
  .object({
    id: z.int(),
    name: z.string(),
    slug: z.string(),
    plan: z.enum(plans).openapi({ description: 'The plan sets the limits that `quota` shows.' }),
  })
  .openapi('OrganizationSummary', {
    description: 'The organization that a credential acts in.',
    example: { id: 1, name: 'Owlery', slug: 'owlery', plan: 'self-hosted' },
  })

export const userExample = {
  id: 7,
  uuid: '5b3c9d9e-6a58-4c5e-9f1e-0d9a4f6f2b11',
  email: 'ada@example.com',
  name: 'Ada',
  role: 'owner',
  createdAt: '2026-05-13T18:00:00.000Z',
} as const

export const UserSummary = z
  .object({
    id: z.int(),
    uuid: z.string().openapi({ format: 'uuid' }),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(roles),
    createdAt: timestamp,
  })
  .openapi('UserSummary', {
    description: 'A person, with the role held in the organization at hand.',
    example: userExample,
  })

/** Longer than any passphrase, shorter than what hashing could be abused with. */
export const newPassword = text(10, 256).openapi({
  description: 'At least 10 characters; common passwords are refused.',
  format: 'password',
})

export const currentPassword = text(1, 256).openapi({ format: 'password' })

export const emailAddress = email.openapi({ description: 'Compared without regard to case.' })
