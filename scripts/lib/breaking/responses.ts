import { errorBodyOf, isErrorStatus, saysOnlyCodes } from './error-codes.ts'
import { type JsonObject, objectAt, objectOf, read } from './json.ts'
import { follow, referenceOf } from './references.ts'
import { compareBranches, compareSchemas, compareUnionKinds } from './schema.ts'
import { compareTheRest, inside, type Place, report } from './walk.ts'

export function compareResponses(place: Place, base: JsonObject, head: JsonObject): void {
  const { documents } = place.walk
  const before = objectAt(base, 'responses')
  const after = objectAt(head, 'responses')
  for (const [status, response] of Object.entries(before)) {
    const at = inside(place, 'responses', status)
    if (Object.hasOwn(after, status)) compareResponse(at, status, response, read(after, status))
    else if (!isErrorStatus(status) || !saysOnlyCodes(documents.base, response)) {
      report(at, 'response-status-removed', `${status} is no longer answered`)
    }
  }
  for (const [status, response] of Object.entries(after)) {
    if (Object.hasOwn(before, status)) continue
    const at = inside(place, 'responses', status)
    if (!isErrorStatus(status)) report(at, 'success-status-added', `${status} may be answered now`)
    else if (!saysOnlyCodes(documents.head, response)) {
      report(at, 'error-status-added', `${status} may be answered now`)
    }
  }
}

function compareResponse(place: Place, status: string, base: unknown, head: unknown): void {
  const { documents } = place.walk
  const isError = isErrorStatus(status)
  const before = objectOf(follow(documents.base, base), 'a response')
  const after = objectOf(follow(documents.head, head), 'a response')
  const references = { base: referenceOf(base), head: referenceOf(head) }
  if (references.base !== undefined && references.head !== undefined) {
    const both = { base: references.base, head: references.head }
    const role = isError ? 'error' : 'success'
    place.walk.component(place, both, role, (component) => compareResponseNodes(component, isError, before, after))
    return
  }
  compareResponseNodes(place, isError, before, after)
}

function compareResponseNodes(place: Place, isError: boolean, before: JsonObject, after: JsonObject): void {
  compareHeaders(inside(place, 'headers'), objectAt(before, 'headers'), objectAt(after, 'headers'))
  const content = { base: objectAt(before, 'content'), head: objectAt(after, 'content') }
  for (const [type, media] of Object.entries(content.base)) {
    const at = inside(place, 'content', type)
    if (!Object.hasOwn(content.head, type)) {
      report(at, 'response-content-type-removed', `${type} is no longer answered`)
      continue
    }
    const base = objectOf(media, type)
    const head = objectAt(content.head, type)
    const schemaPlace = inside(at, 'schema')
    if (isError) compareErrorBodies(schemaPlace, read(base, 'schema'), read(head, 'schema'))
    else compareSchemas(schemaPlace, 'response', read(base, 'schema'), read(head, 'schema'))
    compareTheRest(at, base, head, new Set(['schema']))
  }
  compareTheRest(place, before, after, new Set(['headers', 'content']))
}

/** Which codes an operation has is compared per operation; here only what the body of each code looks like. */
function compareErrorBodies(place: Place, base: unknown, head: unknown): void {
  const { documents } = place.walk
  const before = errorBodyOf(documents.base, base)
  const after = errorBodyOf(documents.head, head)
  for (const [code, schema] of before.codes) {
    if (after.codes.has(code)) compareSchemas(inside(place, 'oneOf', code), 'response', schema, after.codes.get(code))
  }
  compareBranches(inside(place, 'oneOf'), 'response', before.others, after.others)
  if (before.union && after.union) compareUnionKinds(place, 'response', before.union, after.union)
  compareTheRest(place, before.union ?? {}, after.union ?? {}, new Set(['oneOf', 'anyOf', 'discriminator']))
}

/** Names of headers are the same in any case. */
function headersByName(headers: JsonObject): Map<string, unknown> {
  return new Map(Object.entries(headers).map(([name, header]) => [name.toLowerCase(), header]))
}

function compareHeaders(place: Place, base: JsonObject, head: JsonObject): void {
  const { documents } = place.walk
  const after = headersByName(head)
  for (const [name, raw] of headersByName(base)) {
    const at = inside(place, name)
    if (!after.has(name)) {
      report(at, 'response-header-removed', `the header ${name} is gone`)
      continue
    }
    const before = objectOf(follow(documents.base, raw), 'a header')
    const now = objectOf(follow(documents.head, after.get(name)), 'a header')
    const references = { base: referenceOf(raw), head: referenceOf(after.get(name)) }
    if (references.base !== undefined && references.head !== undefined) {
      const both = { base: references.base, head: references.head }
      place.walk.component(place, both, 'header', (component) => compareHeader(component, before, now))
    } else {
      compareHeader(at, before, now)
    }
  }
}

function compareHeader(place: Place, before: JsonObject, now: JsonObject): void {
  if (read(before, 'required') === true && read(now, 'required') !== true) {
    report(place, 'response-header-became-optional', 'the header may be left out now')
  }
  compareSchemas(inside(place, 'schema'), 'response', read(before, 'schema'), read(now, 'schema'))
  compareTheRest(place, before, now, new Set(['required', 'schema']))
}
