import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject, listAt, read, show, textsAt, UnreadableDocument } from './json.ts'
import { sameMeaning } from './references.ts'
import { inside, type Place, report } from './walk.ts'

/** One way to be let in: the credentials that are needed together, each with its scopes. */
type Way = ReadonlyMap<string, readonly string[]>

function waysIn(document: JsonObject, operation: JsonObject): Way[] {
  const holder = Object.hasOwn(operation, 'security') ? operation : document
  const ways = listAt(holder, 'security').map((way) => {
    if (!isObject(way)) throw new UnreadableDocument(`security holds something besides objects: ${show(way)}`)
    return new Map(Object.keys(way).map((scheme) => [scheme, textsAt(way, scheme)]))
  })
  return ways.length === 0 ? [new Map()] : ways
}

function nameOf(way: Way): string {
  return [...way.keys()].join('+') || 'anonymous'
}

/** What a caller who went one of `ways` lacks where only `open` ways lead in. */
function lacking(ways: readonly Way[], open: readonly Way[]): { credential: string; scope?: string }[] {
  return ways.flatMap((way) => {
    const usable = open.filter((other) => [...other.keys()].every((scheme) => way.has(scheme)))
    if (usable.length === 0) return [{ credential: nameOf(way) }]
    const scopesMissing = usable.map((other) =>
      [...other].flatMap(([credential, scopes]) =>
        scopes.filter((scope) => way.get(credential)?.includes(scope) !== true).map((scope) => ({ credential, scope })),
      ),
    )
    return scopesMissing.reduce((fewest, missing) => (missing.length < fewest.length ? missing : fewest))
  })
}

function compareSecurity(place: Place, base: JsonObject, head: JsonObject): void {
  const { documents } = place.walk
  const before = waysIn(documents.base, base)
  const after = waysIn(documents.head, head)
  for (const { credential, scope } of lacking(before, after)) {
    if (scope === undefined)
      report(credentialPlace(place, credential), 'credential-removed', `${credential} is refused`)
    else report(inside(place, 'security', credential, scope), 'scope-added', `${scope} is asked for now`)
  }
  for (const { credential, scope } of lacking(after, before)) {
    const at = scope === undefined ? credentialPlace(place, credential) : inside(place, 'security', credential, scope)
    report(at, 'authorization-relaxed', scope === undefined ? `${credential} is let in` : `${scope} is not asked for`)
  }
  for (const scheme of new Set(before.flatMap((way) => [...way.keys()]))) {
    if (after.some((way) => way.has(scheme))) compareScheme(place, scheme)
  }
}

function credentialPlace(place: Place, credential: string): Place {
  return inside(place, 'security', credential)
}

function compareScheme(place: Place, scheme: string): void {
  const reference = `#/components/securitySchemes/${scheme}`
  place.walk.component(place, { base: reference, head: reference }, 'scheme', (component) => {
    const { documents } = component.walk
    const [before, after] = [documents.base, documents.head].map((document) => schemeOf(document, scheme))
    if (sameMeaning(documents, before, after)) return
    report(component, 'security-scheme-changed', `was ${show(before)}, is ${show(after)}`)
  })
}

function schemeOf(document: JsonObject, scheme: string): JsonObject {
  const components = read(document, 'components')
  const schemes = isObject(components) ? read(components, 'securitySchemes') : undefined
  const found = isObject(schemes) ? read(schemes, scheme) : undefined
  if (!isObject(found)) throw new UnreadableDocument(`security names the scheme ${scheme}, which does not exist`)
  return Object.fromEntries(Object.entries(found).filter(([key]) => key !== 'description'))
}

/** Lists of who may call. A list that is left out lets everybody in whom `security` lets in. */
function compareRoles(place: Place, base: JsonObject, head: JsonObject): void {
  const at = inside(place, 'x-roles')
  const before = Object.hasOwn(base, 'x-roles') ? textsAt(base, 'x-roles') : undefined
  const after = Object.hasOwn(head, 'x-roles') ? textsAt(head, 'x-roles') : undefined
  if (before === undefined && after !== undefined) report(at, 'roles-narrowed', `only ${after.join(', ')} may call now`)
  if (before !== undefined && after === undefined) report(at, 'authorization-relaxed', 'every role may call now')
  if (before === undefined || after === undefined) return
  for (const role of before.filter((one) => !after.includes(one))) {
    report(inside(at, role), 'roles-narrowed', `${role} may no longer call`)
  }
  for (const role of after.filter((one) => !before.includes(one))) {
    report(inside(at, role), 'authorization-relaxed', `${role} may call now`)
  }
}

/** The same kinds as in `security`, so a change of both is reported in one place. */
function compareCredentialKinds(place: Place, base: JsonObject, head: JsonObject): void {
  if (!Object.hasOwn(base, 'x-credentials') || !Object.hasOwn(head, 'x-credentials')) return
  const before = textsAt(base, 'x-credentials')
  const after = textsAt(head, 'x-credentials')
  for (const kind of before.filter((one) => !after.includes(one))) {
    report(credentialPlace(place, kind), 'credential-removed', `${kind} is refused`)
  }
  for (const kind of after.filter((one) => !before.includes(one))) {
    report(credentialPlace(place, kind), 'authorization-relaxed', `${kind} is let in`)
  }
}

export function comparePolicies(place: Place, base: JsonObject, head: JsonObject): void {
  compareSecurity(place, base, head)
  compareCredentialKinds(place, base, head)
  compareRoles(place, base, head)

  const changed = (key: string) => !isDeepStrictEqual(read(base, key), read(head, key))
  const message = (key: string) => `was ${show(read(base, key))}, is ${show(read(head, key))}`
  const had = (key: string) => read(base, key) !== undefined && read(base, key) !== false
  if (changed('x-own-token')) {
    const rule = had('x-own-token') ? 'scope-added' : 'authorization-relaxed'
    report(inside(place, 'x-own-token'), rule, `the token that needs no scope ${message('x-own-token')}`)
  }
  for (const key of ['x-rate-limit', 'x-identity-limit']) {
    if (changed(key)) report(inside(place, key), 'rate-limit-changed', message(key))
  }
  // A limit that is no longer stated may be any: it does not count as a higher one.
  const isHigher = Number(read(head, 'x-body-limit')) > Number(read(base, 'x-body-limit'))
  if (changed('x-body-limit') && had('x-body-limit') && !isHigher) {
    report(inside(place, 'x-body-limit'), 'body-limit-lowered', message('x-body-limit'))
  }
  if (changed('x-idempotent') && had('x-idempotent')) {
    report(inside(place, 'x-idempotent'), 'idempotency-removed', message('x-idempotent'))
  }
  if (changed('x-audit') && had('x-audit')) {
    report(inside(place, 'x-audit'), 'audit-action-changed', message('x-audit'))
  }
  if (changed('x-pagination') && had('x-pagination')) {
    report(inside(place, 'x-pagination'), 'pagination-changed', message('x-pagination'))
  }
  if (changed('x-client') && read(head, 'x-client') === false) {
    report(inside(place, 'x-client'), 'client-method-removed', 'generated clients leave the operation out')
  }
}

/** The members of an operation that this file answers for. */
export const policyMembers = [
  'security',
  'x-credentials',
  'x-roles',
  'x-own-token',
  'x-rate-limit',
  'x-identity-limit',
  'x-body-limit',
  'x-idempotent',
  'x-audit',
  'x-pagination',
  'x-client',
]
