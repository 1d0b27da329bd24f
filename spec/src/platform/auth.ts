import { operation } from '../operation.ts'
import { anyone } from '../policy.ts'
import { text, z } from '../primitives.ts'
import {
  currentPassword,
  emailAddress,
  newPassword,
  OrganizationSummary,
  UserSummary,
  userExample,
} from './accounts.schemas.ts'

const Registration = z
  .strictObject({
    email: emailAddress,
    password: newPassword,
    name: text(1, 100).optional(),
    organizationName: text(1, 100).optional().openapi({ description: 'Named after the e-mail address if left out.' }),
  })
  .openapi('Registration', {
    description: 'A new account, which becomes the owner of a new organization.',
    example: { email: 'ada@example.com', password: 'three blind mice run', organizationName: 'Analytical Engines' },
  })

const Registered = z
  .object({
    token: z.string().openapi({ description: 'The session, to be sent as a bearer token.' }),
    expiresIn: z.int().openapi({ description: 'Seconds until the session ends, if it is not used.' }),
    user: UserSummary,
    organization: OrganizationSummary,
  })
  .openapi('Registered', {
    description: 'The new account, its organization, and a first session.',
    example: {
      token: 'eyJhbGciOiJIUzI1NiJ9.e30.signature',
      expiresIn: 2592000,
      user: { ...userExample, name: null },
      organization: { id: 3, name: 'Analytical Engines', slug: 'analytical-engines', plan: 'self-hosted' },
    },
  })

const Login = z.strictObject({ email: emailAddress, password: currentPassword }).openapi('Login', {
  description: 'What a person signs in with.',
  example: { email: 'ada@example.com', password: 'three blind mice run' },
})

const SignedIn = z
  .object({
    token: z.string().openapi({ description: 'The session, to be sent as a bearer token.' }),
    expiresIn: z.int().openapi({ description: 'Seconds until the session ends, if it is not used.' }),
    user: UserSummary,
  })
  .openapi('SignedIn', {
    description: 'A new session. The same one is set as the HttpOnly cookie `token`.',
    example: {
      token: 'eyJhbGciOiJIUzI1NiJ9.e30.signature',
      expiresIn: 2592000,
      user: userExample,
    },
  })

const PasswordForgotten = z.strictObject({ email: emailAddress }).openapi('PasswordForgotten', {
  description: 'Whose password is to be reset.',
  example: { email: 'ada@example.com' },
})

const PasswordResetRequested = z.object({ message: z.string() }).openapi('PasswordResetRequested', {
  description: 'The same for known and unknown addresses.',
  example: { message: 'If this address has an account, a reset link is on its way.' },
})

const PasswordReset = z
  .strictObject({ token: text(1, 200).openapi({ description: 'From the link in the mail.' }), password: newPassword })
  .openapi('PasswordReset', {
    description: 'A new password, with the proof that the mailbox is the caller’s.',
    example: { token: 'q0pJm0o4r7m3mJrJc8kq1mS9Qe1m5mQ2Hf6a7b8c9d0', password: 'three blind mice run' },
  })

const sessionCookie = { 'Set-Cookie': 'The session as the HttpOnly cookie `token`.' } as const

export const auth = {
  register: operation({
    method: 'post',
    path: '/api/v1/auth/register',
    summary: 'Create an account',
    description: 'Creates a person and an organization that they own, and signs them in.',
    origin: '24observe',
    access: anyone,
    limit: 'register',
    body: Registration,
    success: { status: 201, description: 'The account exists.', body: Registered, headers: sessionCookie },
    errors: ['REGISTRATION_BLOCKED', 'PASSWORD_TOO_WEAK'],
    audit: 'REGISTER',
    slow: true,
    secretReply: true,
  }),
  login: operation({
    method: 'post',
    path: '/api/v1/auth/login',
    summary: 'Sign in with a password',
    description: 'Opens a session. It is a row that can be revoked; the answer is a signed name for it.',
    origin: '24observe',
    access: anyone,
    limit: 'login',
    body: Login,
    success: { status: 200, description: 'Signed in.', body: SignedIn, headers: sessionCookie },
    errors: ['INVALID_CREDENTIALS'],
    audit: 'LOGIN',
    slow: true,
    secretReply: true,
  }),
  forgotPassword: operation({
    method: 'post',
    path: '/api/v1/auth/forgot-password',
    summary: 'Ask for a password reset',
    description: 'Mails a link that sets a new password. It works once, for one hour.',
    origin: '24observe',
    access: anyone,
    limit: 'password-reset',
    body: PasswordForgotten,
    success: { status: 202, description: 'Always the same answer.', body: PasswordResetRequested },
    errors: [],
    audit: 'REQUEST_PASSWORD_RESET',
  }),
  resetPassword: operation({
    method: 'post',
    path: '/api/v1/auth/reset-password',
    summary: 'Set a new password with a reset link',
    description: 'Sets the password and ends every session of the account.',
    origin: '24observe',
    access: anyone,
    limit: 'password-reset',
    body: PasswordReset,
    success: { status: 204, description: 'The password is set.' },
    errors: ['RESET_TOKEN_INVALID', 'PASSWORD_TOO_WEAK'],
    audit: 'RESET_PASSWORD',
    slow: true,
  }),
}
