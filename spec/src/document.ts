import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { agentUse } from './agents.ts'
import { contract, tags } from './contract.ts'
import { errorComponents, errorResponseComponents, errorResponses } from './document-errors.ts'
import { commonHeaders, headerRefs, parameters, securityOf, securitySchemes } from './document-policy.ts'
import { type ErrorEntry, errors } from './errors.ts'
import { defaultBodyLimit, isIdempotent, type Operation } from './operation.ts'
import { identityLimits, limits, rolesFrom } from './policy.ts'
import { type Placed, placedOperations, type Tags, type Tree } from './walk.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined }
export type JsonObject = { [key: string]: Json | undefined }

const areaTitles: Readonly<Record<string, string>> = {
  platform: 'Platform',
  uptime: 'Uptime',
  telemetry: 'Telemetry',
  fleet: 'Fleet',
}

const introduction = `One contract for your apps, your machines and your monitors. It implements the published APIs of 24observe, Owlmetry
and owlette as one system: each keeps its own paths and fields, beneath them is one account, one token and one audit log.

Send \`Authorization: Bearer …\` with a token or a session. Every error is \`{ error, code, fields?, requestId }\`: branch on
\`code\`, whose values only ever grow. Every change takes an \`Idempotency-Key\`, so that it can be repeated safely.`

/** The policy as extensions: what the pipeline enforces, for readers and for generators. */
function extensions({ operation }: Placed): JsonObject {
  const { access, limit, identityLimit, pagination } = operation
  return {
    'x-origin': operation.origin,
    ...(access.kind === 'credential' && {
      'x-credentials': [...access.credentials],
      'x-roles': rolesFrom(access.role),
    }),
    ...(access.kind === 'credential' && access.ownToken !== undefined && { 'x-own-token': access.ownToken }),
    ...(limit !== null && {
      'x-rate-limit': { bucket: limit, points: limits[limit].points, seconds: limits[limit].seconds },
    }),
    ...(identityLimit !== undefined && {
      'x-identity-limit': { bucket: identityLimit, ...identityLimits[identityLimit] },
    }),
    ...(operation.body !== undefined && { 'x-body-limit': operation.bodyLimit ?? defaultBodyLimit }),
    ...(isIdempotent(operation) && { 'x-idempotent': true }),
    ...(operation.audit !== undefined && { 'x-audit': operation.audit }),
    ...(pagination !== undefined && { 'x-pagination': { ...pagination } }),
    ...(operation.client === false && { 'x-client': false }),
  }
}

function successResponse({ operation }: Placed) {
  const { success } = operation
  const content: Record<string, { schema: NonNullable<Operation['body']> | { type: 'string' } }> = {}
  if (success.body !== undefined) content['application/json'] = { schema: success.body }
  // A committed file is a text to its handler, and what `body` says to its reader.
  for (const type of success.texts ?? []) content[type] ??= { schema: { type: 'string' } }
  return { description: success.description, ...(Object.keys(content).length > 0 && { content }) }
}

function register(app: OpenAPIHono, placed: Placed): void {
  const { operation } = placed
  const request = {
    ...(operation.params && { params: operation.params }),
    ...(operation.query && { query: operation.query }),
    ...(operation.body && {
      body: { required: !operation.body.isOptional(), content: { 'application/json': { schema: operation.body } } },
    }),
  }
  const { otherwise } = operation
  app.openAPIRegistry.registerPath(
    createRoute({
      method: operation.method,
      path: operation.path,
      operationId: placed.id,
      tags: [placed.tag],
      summary: operation.summary,
      description: operation.description,
      request,
      responses: {
        [operation.success.status]: successResponse(placed),
        ...(otherwise && {
          [otherwise.status]: {
            description: otherwise.description,
            content:
              'body' in otherwise
                ? { 'application/json': { schema: otherwise.body } }
                : { [otherwise.text]: { schema: { type: 'string' as const } } },
          },
        }),
      },
      ...extensions(placed),
    }),
  )
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function child(parent: JsonObject, key: string): JsonObject {
  const value = parent[key]
  if (!isObject(value)) throw new Error(`the emitted document has no object at ${key}`)
  return value
}

/** What the emitter does not say by itself: errors, security, use by agents, and the headers that every answer carries. */
function complete(document: JsonObject, emitted: JsonObject, placed: Placed): JsonObject {
  const { operation } = placed
  const { parameters: given, responses: answered, ...rest } = emitted
  if (!isObject(answered)) throw new Error('an operation without responses')
  const responses: JsonObject = {}
  for (const [status, response] of Object.entries(answered)) {
    if (!isObject(response)) throw new Error(`response ${status} is not an object`)
    responses[status] = { ...response, headers: headerRefs(operation, Number(status)) }
  }
  if (operation.revalidates) {
    responses['304'] = { description: 'The caller has it already.', headers: headerRefs(operation, 304) }
  }
  const listed = [...(Array.isArray(given) ? given : []), ...parameters(operation)]
  const use = agentUse(placed, emitted, document)
  return {
    ...rest,
    ...(use !== undefined && { 'x-agent': use }),
    security: securityOf(operation),
    ...(listed.length > 0 && { parameters: listed }),
    responses: { ...responses, ...errorResponses(operation, responses) },
  }
}

/** The API as an OpenAPI 3.1 document, in contract order, the same for the same contract. */
export function buildDocument(tree: Tree = contract, tagTree: Tags = tags, version = '0.1.0'): JsonObject {
  const app = new OpenAPIHono()
  const placed = placedOperations(tree, tagTree)
  for (const one of placed) register(app, one)
  const emitted: unknown = JSON.parse(
    JSON.stringify(
      app.getOpenAPI31Document(
        { openapi: '3.1.0', info: { title: 'Owlery', version } },
        { sortComponents: 'alphabetically', unionPreferredType: 'oneOf' },
      ),
    ),
  )
  if (!isObject(emitted)) throw new Error('the emitter gave no document')

  const emittedPaths = child(emitted, 'paths')
  const paths: { [path: string]: JsonObject } = {}
  for (const one of placed) {
    const { path, method } = one.operation
    paths[path] = { ...paths[path], [method]: complete(emitted, child(child(emittedPaths, path), method), one) }
  }
  const schemas = { ...child(child(emitted, 'components'), 'schemas'), ...errorComponents() }
  const responses = errorResponseComponents(placed.map(({ operation }) => operation))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Owlery',
      version,
      summary: 'One contract for your apps, your machines and your monitors.',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: usedTags(placed, tagTree),
    'x-tagGroups': tagGroups(placed, tree),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b))),
      responses,
      headers: usedHeaders({ paths, responses }),
      securitySchemes,
    },
    'x-errors': errorCatalogue(errors),
  }
}

function usedHeaders(users: JsonObject): JsonObject {
  const text = JSON.stringify(users)
  return Object.fromEntries(
    Object.entries(commonHeaders).filter(([name]) => text.includes(`"#/components/headers/${name}"`)),
  )
}

function usedTags(placed: readonly Placed[], tagTree: Tags): Json[] {
  const used = new Set(placed.map(({ tag }) => tag))
  return Object.values(tagTree)
    .flatMap((resources) => Object.values(resources))
    .filter(({ name }) => used.has(name))
    .map((tag) => ({ ...tag }))
}

function tagGroups(placed: readonly Placed[], tree: Tree): Json[] {
  return Object.keys(tree).map((area) => ({
    name: areaTitles[area] ?? area,
    tags: [...new Set(placed.filter((one) => one.area === area).map(({ tag }) => tag))],
  }))
}

function errorCatalogue(entries: Readonly<Record<string, ErrorEntry>>): JsonObject {
  return Object.fromEntries(
    Object.entries(entries)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([code, entry]) => [code, { ...entry }]),
  )
}
