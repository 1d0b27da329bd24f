import type { Json, JsonObject } from './document.ts'
import { isIdempotent, type Operation } from './operation.ts'

export const securitySchemes: JsonObject = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A personal access token (`obs_…`). The scope it needs stands at each operation.',
  },
  session: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A session, from signing in. The same value works as the cookie `token`.',
  },
}

export function securityOf({ access }: Operation): Json[] {
  if (access.kind === 'public') return []
  return access.credentials.map((kind) => ({
    [kind]: kind === 'token' && access.scope !== null ? [access.scope] : [],
  }))
}

function header(description: string, schema: JsonObject): JsonObject {
  return { description, schema }
}

export const commonHeaders: JsonObject = {
  'X-Request-Id': header('Names this request in the log. Taken from the request if it sends a sound one.', {
    type: 'string',
  }),
  'X-RateLimit-Limit': header('Requests that the bucket of this address holds.', { type: 'integer' }),
  'X-RateLimit-Remaining': header('Requests left in the bucket.', { type: 'integer' }),
  'X-RateLimit-Reset': header('When the bucket is full again, in Unix seconds.', { type: 'integer' }),
  'X-PAT-Mut-Limit': header('The token’s daily cap of mutations, or `unlimited`.', { type: 'string' }),
  'X-PAT-Mut-Remaining': header('What is left today of the cap, and of those it counts against, or `unlimited`.', {
    type: 'string',
  }),
  'X-PAT-Mut-Reset': header('When the cap starts anew, in Unix seconds.', { type: 'integer' }),
  'Idempotent-Replayed': header('`true` if this is the stored answer of an earlier request.', {
    type: 'string',
    enum: ['true'],
  }),
  ETag: header('The version of what is answered, for If-Match and If-None-Match.', { type: 'string' }),
  'Retry-After': header('Seconds to wait.', { type: 'integer' }),
  'Access-Control-Allow-Origin': header('Scripts of every site may read the answers, errors too.', {
    type: 'string',
    enum: ['*'],
  }),
  'X-Refreshed-Token': header('A fresh name for the session, once the old one has aged.', { type: 'string' }),
}

function refs(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

export function headerRefs(operation: Operation, status: number): JsonObject {
  const names = ['X-Request-Id']
  if (operation.limit !== null) names.push('X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset')
  if (operation.access.kind === 'credential') {
    if (operation.access.credentials.includes('token')) {
      names.push('X-PAT-Mut-Limit', 'X-PAT-Mut-Remaining', 'X-PAT-Mut-Reset')
    }
    names.push('X-Refreshed-Token')
  }
  if (isIdempotent(operation)) names.push('Idempotent-Replayed')
  if (operation.etag && status === operation.success.status) names.push('ETag')
  if (operation.revalidates && (status === operation.success.status || status === 304)) names.push('ETag')
  if (operation.anyOrigin) names.push('Access-Control-Allow-Origin')
  const own = status === operation.success.status ? Object.entries(operation.success.headers ?? {}) : []
  return {
    ...refs(names),
    ...Object.fromEntries(own.map(([name, description]) => [name, header(description, { type: 'string' })])),
  }
}

/** Parameters that follow from policy rather than from the operation's own schemas. */
export function parameters(operation: Operation): Json[] {
  return [
    ...(isIdempotent(operation) ? [idempotencyKey] : []),
    ...(operation.guardedBy !== undefined ? [ifMatch] : []),
    ...(operation.revalidates ? [ifNoneMatch] : []),
  ]
}

const idempotencyKey: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes the request safe to repeat for 24 hours: the stored answer comes back, nothing runs twice.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: '0f3b8d5e-9a51-4c58-8f0e-2f6c0d6b8a77',
}

const ifMatch: JsonObject = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'Change it only if this is still its ETag; 412 if somebody was faster. Absent: change it anyway.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: '"7"',
}

const ifNoneMatch: JsonObject = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The ETag of an earlier answer: 304 without a body if it is still the same.',
  schema: { type: 'string', minLength: 1, maxLength: 1000 },
  example: '"SkT9M24lH6Gs8V4cciWZc0uXzYMiOfiq4qHedt-1GrA.br"',
}
