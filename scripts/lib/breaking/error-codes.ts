import { isObject, type JsonObject, objectAt, objectOf, pointer, read } from './json.ts'
import { follow } from './references.ts'
import { compareSchemas } from './schema.ts'
import { type Branch, branchesOf } from './schema-branches.ts'
import { constantOf, schemaOf, unionOf } from './schema-shape.ts'
import { inside, type Place, report } from './walk.ts'

/** `default` stands for what is not listed, and that is never a success. */
export function isErrorStatus(status: string): boolean {
  return /^[45]|^default$/.test(status)
}

/** The alternatives of an error body: those that each belong to one error code, and any others. */
export type ErrorBody = {
  readonly codes: ReadonlyMap<string, unknown>
  readonly others: readonly Branch[]
  /** The list of alternatives with what stands around it, where the body is such a list. */
  readonly union: JsonObject | undefined
}

export function errorBodyOf(document: JsonObject, schema: unknown): ErrorBody {
  const opened = schemaOf(follow(document, schema))
  const codes = new Map<string, unknown>()
  const others: Branch[] = []
  for (const branch of branchesOf(document, opened, unionOf(opened)?.branches ?? [schema])) {
    const code = constantOf(document, branch.schema, 'code')
    if (code === undefined) others.push(branch)
    else codes.set(code, branch.schema)
  }
  return { codes, others, union: unionOf(opened) && opened }
}

/** Whether a response says nothing but error codes, so that the rules on codes speak for it. */
export function saysOnlyCodes(document: JsonObject, response: unknown): boolean {
  const media = Object.values(objectAt(objectOf(follow(document, response), 'a response'), 'content'))
  const bodies = media.map((one) => errorBodyOf(document, read(objectOf(one, 'a media type'), 'schema')))
  return bodies.length > 0 && bodies.every((body) => body.others.length === 0)
}

function codesOf(document: JsonObject, operation: JsonObject): Map<string, Set<string>> {
  const statuses = new Map<string, Set<string>>()
  for (const [status, raw] of Object.entries(objectAt(operation, 'responses'))) {
    if (!isErrorStatus(status)) continue
    const response = objectOf(follow(document, raw), 'a response')
    for (const media of Object.values(objectAt(response, 'content'))) {
      for (const code of errorBodyOf(document, read(objectOf(media, 'a media type'), 'schema')).codes.keys()) {
        statuses.set(code, (statuses.get(code) ?? new Set()).add(status))
      }
    }
  }
  return statuses
}

/** The codes that an operation answers with, whichever way the document groups them under statuses. */
export function compareCodes(place: Place, base: JsonObject, head: JsonObject): void {
  const before = codesOf(place.walk.documents.base, base)
  const after = codesOf(place.walk.documents.head, head)
  for (const [code, statuses] of before) {
    const now = after.get(code)
    if (now === undefined) {
      for (const status of statuses) {
        report(inside(place, 'responses', status, code), 'error-code-removed', `${code} no longer comes`)
      }
      continue
    }
    for (const status of statuses) {
      if (now.has(status)) continue
      const message = `${code} came with ${status}, comes with ${[...now].join(' or ')}`
      report(inside(place, 'responses', status, code), 'error-code-status-moved', message)
    }
  }
  for (const [code, statuses] of after) {
    for (const status of statuses) {
      const known = before.get(code)
      if (known?.has(status) || (known && [...known].some((old) => !statuses.has(old)))) continue
      report(inside(place, 'responses', status, code), 'error-code-added', `${code} may come with ${status}`)
    }
  }
}

/** The catalogue of the whole document: the `ErrorCode` list, and `x-errors` with what a caller may do about each. */
export function compareErrorCatalogues(place: Place): void {
  const { documents } = place.walk
  const listed = (document: JsonObject) => {
    const list = read(objectAt(objectAt(objectAt(document, 'components'), 'schemas'), 'ErrorCode'), 'enum')
    return new Set(Array.isArray(list) ? list.map(String) : [])
  }
  const now = listed(documents.head)
  for (const code of listed(documents.base)) {
    if (now.has(code)) continue
    report(inside(place, 'components', 'schemas', 'ErrorCode', 'enum', code), 'error-code-forgotten', `${code} is gone`)
  }
  compareErrorShapes(place, now)
  const entries = { base: objectAt(documents.base, 'x-errors'), head: objectAt(documents.head, 'x-errors') }
  for (const [code, before] of Object.entries(entries.base)) {
    const after = read(entries.head, code)
    if (!isObject(before) || !isObject(after)) continue
    for (const fact of ['status', 'retry']) {
      const [was, is] = [read(before, fact), read(after, fact)]
      if (was === is) continue
      const message = `${fact} of ${code} was ${String(was)}, is ${String(is)}`
      report(inside(place, 'x-errors', code, fact), 'error-catalogue-changed', message)
    }
  }
}

/** Some codes come before any operation is found (a wrong method, say), so their bodies are not reached by any. */
function compareErrorShapes(place: Place, listedNow: ReadonlySet<string>): void {
  const { documents } = place.walk
  const after = errorComponents(documents.head)
  for (const [code, base] of errorComponents(documents.base)) {
    const head = after.get(code)
    if (head !== undefined) compareSchemas(place, 'response', { $ref: base }, { $ref: head })
    else if (listedNow.has(code)) {
      report(inside(place, 'components', 'schemas', code), 'unclassified-change', `no schema shows the body of ${code}`)
    }
  }
}

function errorComponents(document: JsonObject): Map<string, string> {
  const found = new Map<string, string>()
  for (const name of Object.keys(objectAt(objectAt(document, 'components'), 'schemas'))) {
    const reference = pointer('#/components/schemas', name)
    const code = constantOf(document, { $ref: reference }, 'code')
    if (code !== undefined) found.set(code, reference)
  }
  return found
}
