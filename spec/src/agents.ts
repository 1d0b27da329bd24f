import type { JsonObject } from './document.ts'
import { dereference, isJsonObject, objectAt, objectsAt } from './json.ts'
import type { AgentUse, Operation } from './operation.ts'
import type { Placed } from './walk.ts'

/**
 * What agents get as tools. A change is out until its record says `agent: 'write'`. A read of a data area is in by
 * itself only while everything about it shows that it is harmless; elsewhere it takes `agent: 'read'`. What stands in
 * `obstacle` no record can open.
 */
const dataAreas = ['uptime', 'telemetry', 'fleet']
const closedScopes = ['*', 'secrets:read', 'tokens:write']
const closedSegment = /(^|-)(auth|oauth|tokens?|passwords?|secrets?|billing)($|-)/
const secretField = /secret|password|passphrase|credential|api_?key|private_?key|token$/i

export function agentUse({ id, area, operation }: Placed, emitted: JsonObject, document: JsonObject) {
  const { agent } = operation
  const reason = obstacle(operation, agent)
  if (agent === 'read' || agent === 'write') {
    if (reason !== undefined) throw new Error(`${id} cannot be a tool for agents: ${reason}`)
    return agent
  }
  const isHarmless =
    agent === undefined &&
    reason === undefined &&
    dataAreas.includes(area) &&
    operation.method === 'get' &&
    operation.access.kind === 'credential' &&
    operation.access.scope !== null &&
    // Reads that are audited are those of secrets, and exports.
    operation.audit === undefined &&
    !answersSecrets(emitted, document)
  return isHarmless ? 'read' : undefined
}

function obstacle(operation: Operation, use: AgentUse | false | undefined): string | undefined {
  const { access, method, path, success } = operation
  if (access.kind !== 'credential' || !access.credentials.includes('token')) return 'it takes no token'
  if (access.scope !== null && closedScopes.includes(access.scope)) return `the scope ${access.scope} is not for agents`
  if (path.split('/').some((segment) => closedSegment.test(segment))) return 'its path speaks of credentials or money'
  if (method === 'delete') return 'it deletes'
  if (operation.secretReply) return 'it answers with a secret'
  if (operation.client === false) return 'generated clients leave it out'
  if (success.body === undefined && success.status !== 204) return 'it does not answer with JSON'
  if ((use === 'read') !== (method === 'get') && use !== undefined) return `${method} is not a ${use}`
  return undefined
}

function answersSecrets(emitted: JsonObject, document: JsonObject): boolean {
  const seen = new Set<JsonObject>()
  const holds = (schema: JsonObject): boolean => {
    const node = dereference(document, schema)
    if (seen.has(node)) return false
    seen.add(node)
    const fields = members(node, 'properties')
    // `hasPassword: true` tells none.
    if (fields.some(([name, field]) => secretField.test(name) && field.type !== 'boolean')) return true
    const branches = ['oneOf', 'anyOf', 'allOf'].flatMap((key) => objectsAt(node, key))
    const inner = [node.items, node.additionalProperties].filter(isJsonObject)
    return [...fields.map(([, field]) => field), ...branches, ...inner].some(holds)
  }
  return members(emitted, 'responses')
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, response]) => members(response, 'content'))
    .some(([, content]) => holds(objectAt(content, 'schema')))
}

function members(parent: JsonObject, key: string): [name: string, member: JsonObject][] {
  return Object.entries(objectAt(parent, key)).flatMap(([name, member]) =>
    isJsonObject(member) ? [[name, member]] : [],
  )
}
