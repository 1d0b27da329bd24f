import { operation } from '../operation.ts'
import { caller } from '../policy.ts'
import { integerId, moment, queryInteger, text, timestamp, z } from '../primitives.ts'
import { grantableScopes } from '../scopes.ts'

const scopeList = z
  .array(z.enum(grantableScopes))
  .min(1)
  .max(100)
  .openapi({ description: '`*` is all the owner’s role allows, `resource:*` all of one resource.' })

const Token = z
  .object({
    id: z.int(),
    name: z.string(),
    prefix: z.string().openapi({ description: 'The first 12 characters, to tell tokens apart.' }),
    scopes: z.array(z.string()),
    dailyMutationLimit: z.int().nullable(),
    dailyLogBytesLimit: z.int().nullable(),
    lastUsedAt: timestamp.nullable(),
    expiresAt: timestamp.nullable(),
    revokedAt: timestamp.nullable(),
    createdAt: timestamp,
  })
  .openapi('Token', {
    description: 'A personal access token, without its secret.',
    example: {
      id: 42,
      name: 'deploy-bot',
      prefix: 'obs_AbCdEfGh',
      scopes: ['monitors:write', 'logs:write'],
      dailyMutationLimit: 500,
      dailyLogBytesLimit: 104857600,
      lastUsedAt: null,
      expiresAt: '2027-01-01T00:00:00.000Z',
      revokedAt: null,
      createdAt: '2026-05-13T18:00:00.000Z',
    },
  })

const TokenCreate = z
  .strictObject({
    name: text(1, 100),
    expiresAt: moment.nullable().optional().openapi({ description: 'In the future. Absent or `null`: never.' }),
    scopes: scopeList.optional().openapi({ description: 'Absent: `["*"]`.' }),
    dailyMutationLimit: z.int().min(1).max(2147483647).nullable().optional().openapi({
      description: 'POST, PUT, PATCH and DELETE calls that succeed, per UTC day. Absent or `null`: no cap.',
    }),
    dailyLogBytesLimit: z.int().min(1).max(9007199254740991).nullable().optional().openapi({
      description: 'Log bytes per UTC day. Absent or `null`: no cap.',
    }),
  })
  .openapi('TokenCreate', {
    description:
      'What the token shall be. A token that mints another one passes on at most its own scopes, caps and life; what is left out is inherited. What the new token does counts against the daily caps of the one that minted it as well, and so on up the line.',
    example: { name: 'deploy-bot', scopes: ['monitors:write', 'logs:write'], dailyMutationLimit: 500 },
  })

const TokenCreated = z
  .object({
    id: z.int(),
    name: z.string(),
    prefix: z.string(),
    token: z.string().openapi({ description: 'The secret. It is shown this once.' }),
    expiresAt: timestamp.nullable(),
    createdAt: timestamp,
  })
  .openapi('TokenCreated', {
    description: 'The new token with its secret.',
    example: {
      id: 42,
      name: 'deploy-bot',
      prefix: 'obs_AbCdEfGh',
      token: 'obs_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg',
      expiresAt: '2027-01-01T00:00:00.000Z',
      createdAt: '2026-05-13T18:00:00.000Z',
    },
  })

export const tokens = {
  list: operation({
    method: 'get',
    path: '/api/v1/me/tokens',
    summary: 'List my tokens',
    description: 'The caller’s tokens in this organization, newest first, revoked ones included.',
    origin: '24observe',
    access: caller({ scope: 'tokens:write', role: 'viewer' }),
    limit: 'api',
    query: z.strictObject({
      limit: queryInteger({ min: 1, max: 500, default: 100 }).openapi({ description: 'How many to answer at most.' }),
      before: integerId.optional().openapi({ description: 'Only tokens with a smaller id: the next page.' }),
    }),
    success: { status: 200, description: 'Tokens, newest first.', body: z.array(Token) },
    errors: [],
    pagination: { style: 'keyset', parameter: 'before', key: 'id' },
  }),
  create: operation({
    method: 'post',
    path: '/api/v1/me/tokens',
    summary: 'Mint a token',
    description: 'The secret is answered once and kept only as a hash.',
    origin: '24observe',
    access: caller({ scope: 'tokens:write', role: 'viewer' }),
    limit: 'api',
    body: TokenCreate,
    success: { status: 201, description: 'The token, with its secret.', body: TokenCreated },
    errors: ['PAT_SCOPE_INSUFFICIENT', 'PAT_GRANT_EXCEEDED'],
    audit: 'CREATE_TOKEN',
    secretReply: true,
  }),
  delete: operation({
    method: 'delete',
    path: '/api/v1/me/tokens/{id}',
    summary: 'Revoke a token',
    description: 'It stops working at once. A token may always revoke itself; revoking twice is fine.',
    origin: '24observe',
    access: caller({ scope: 'tokens:write', role: 'viewer', ownToken: 'id' }),
    limit: 'api',
    params: z.strictObject({ id: integerId.openapi({ description: 'The id of the token.' }) }),
    success: { status: 204, description: 'Revoked.' },
    errors: ['NOT_FOUND'],
    audit: 'REVOKE_TOKEN',
  }),
}
