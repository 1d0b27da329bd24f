import { compareCodes, compareErrorCatalogues } from './error-codes.ts'
import { type JsonObject, listAt, objectAt, objectOf, read, textAt, without } from './json.ts'
import { compareParameters, compareRequestBodies } from './parameters.ts'
import { comparePolicies, policyMembers } from './policy.ts'
import { follow } from './references.ts'
import { compareResponses } from './responses.ts'
import { type Level, levelOf, type RuleName } from './rules.ts'
import { compareTheRest, inside, type Place, reachedFrom, report, type Trail, trailOf, Walk } from './walk.ts'

export type Change = {
  readonly rule: RuleName
  readonly level: Level
  /** The id of the operation, or the component as `schemas/Monitor`, or `document`. */
  readonly subject: string
  /** Where inside the subject, as a JSON pointer; `/` is the subject itself. */
  readonly path: string
  readonly message: string
  /** The operations that the change reaches, in the document's order. Empty: all of them. */
  readonly operations: readonly string[]
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

type Operation = { readonly id: string; readonly route: string; readonly node: JsonObject }

function operationsOf(document: JsonObject): Operation[] {
  return Object.entries(objectAt(document, 'paths')).flatMap(([path, raw]) => {
    const item = objectOf(follow(document, raw), path)
    const shared = without(item, ...methods)
    return methods
      .filter((method) => Object.hasOwn(item, method))
      .map((method) => {
        const own = objectAt(item, method)
        const parameters = [...listAt(shared, 'parameters'), ...listAt(own, 'parameters')]
        const route = `${method.toUpperCase()} ${path}`
        const id = textAt(own, 'operationId') ?? route
        return { id, route, node: { ...shared, ...own, parameters } }
      })
  })
}

/** The same route, or else the same id elsewhere. */
function successorOf(operation: Operation, candidates: readonly Operation[], base: readonly Operation[]) {
  const sameRoute = candidates.find(({ route }) => route === operation.route)
  if (sameRoute !== undefined) return sameRoute
  const sameId = candidates.find(({ id }) => id === operation.id)
  return sameId !== undefined && base.every(({ route }) => route !== sameId.route) ? sameId : undefined
}

/** `tags`, prose, `x-origin` and `x-agent` say nothing that a call depends on. A new member belongs here, or in a rule. */
const comparedMembers = new Set([
  ...['operationId', 'tags', 'parameters', 'requestBody', 'responses', 'x-origin', 'x-agent'],
  ...policyMembers,
])

function compareOperations(place: Place, base: Operation, head: Operation): void {
  if (base.route !== head.route) report(place, 'operation-moved', `${base.route} became ${head.route}`)
  if (base.id !== head.id) report(inside(place, 'operationId'), 'operation-id-changed', `became ${head.id}`)
  comparePolicies(place, base.node, head.node)
  compareParameters(place, base.node, head.node, base.route !== head.route)
  compareRequestBodies(place, base.node, head.node)
  compareCodes(place, base.node, head.node)
  compareResponses(place, base.node, head.node)
  compareTheRest(place, base.node, head.node, comparedMembers)
}

const documentMembers = new Set([
  'info',
  'tags',
  'x-tagGroups',
  'x-errors',
  'servers',
  'security',
  'paths',
  'components',
])

function compareWhole(place: Place): void {
  const { base, head } = place.walk.documents
  const serversAt = (document: JsonObject) =>
    new Map(listAt(document, 'servers').map((server) => [read(objectOf(server, 'a server'), 'url'), server]))
  const servers = { base: serversAt(base), head: serversAt(head) }
  for (const [url, server] of servers.base) {
    const now = servers.head.get(url)
    const at = inside(place, 'servers', String(url))
    if (now === undefined) report(at, 'servers-changed', `${String(url)} is gone`)
    else compareTheRest(at, objectOf(server, 'a server'), objectOf(now, 'a server'), new Set(['url']))
  }
  compareErrorCatalogues(place)
  compareTheRest(place, base, head, documentMembers)
}

/** Every change between two documents that a caller may notice, the breaking ones first. */
export function compare(baseDocument: unknown, headDocument: unknown): Change[] {
  const documents = {
    base: objectOf(baseDocument, 'the document on the base'),
    head: objectOf(headDocument, 'the document in the working tree'),
  }
  const walk = new Walk(documents)
  const whole = trailOf('document')
  compareWhole({ walk, trail: whole, path: '' })
  const changes = new Map<string, Change>()
  for (const reached of reachedFrom(whole)) collect(changes, reached, [])

  const base = operationsOf(documents.base)
  const head = operationsOf(documents.head)
  for (const operation of base) {
    const trail = trailOf(operation.id)
    const place = { walk, trail, path: '' }
    const successor = successorOf(operation, head, base)
    if (successor === undefined) report(place, 'operation-removed', `${operation.route} is gone`)
    else compareOperations(place, operation, successor)
    for (const reached of reachedFrom(trail)) collect(changes, reached, [operation.id])
  }
  return [...changes.values()].sort(
    (one, other) =>
      Number(one.level === 'notice') - Number(other.level === 'notice') || byText(keyOf(one), keyOf(other)),
  )
}

function byText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

/** What an approval names: exact, and the same however many operations the change reaches. */
export function keyOf({ rule, subject, path }: Pick<Change, 'rule' | 'subject' | 'path'>): string {
  return `${rule} ${subject} ${path}`
}

function collect(changes: Map<string, Change>, trail: Trail, operations: readonly string[]): void {
  for (const { rule, path, message } of trail.findings) {
    const change = { rule, level: levelOf(rule), subject: trail.subject, path, message, operations }
    const known = changes.get(keyOf(change))
    const reached = [...new Set([...(known?.operations ?? []), ...operations])]
    changes.set(keyOf(change), { ...(known ?? change), operations: reached })
  }
}
