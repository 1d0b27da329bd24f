import type { JsonObject } from './document.ts'
import { dereference, isJsonObject, listAt, objectAt, objectsAt } from './json.ts'
import { type Direction, lintSchema } from './lint-schemas.ts'

/**
 * What we ask of the document beyond OpenAPI itself. Each finding begins with the name of its rule; the test holds one
 * document per rule that must be found, so a new rule needs a name here and a document there.
 */
export const lintRules = {
  'operation-id': 'An id is area.resource.verb and occurs once.',
  'one-tag': 'An operation has exactly one tag, and the document declares it.',
  described: 'Operations have a summary and a description; parameters and error codes have a description.',
  'header-name': 'Header parameters are written Like-This and are not those that OpenAPI keeps for itself.',
  'list-pages': 'A list says how long it can be, or how it continues and how many a page holds.',
  'audited-mutation': 'A change by an authenticated caller names its audit action.',
  'error-code-name': 'Error codes are SCREAMING_SNAKE.',
  example: 'Every named schema has an example.',
  dialect: 'No allOf, not, patternProperties or tuples: the client generator and the breaking gate do not read them.',
  typed: 'A schema says what it admits.',
  'closed-request': 'Objects in requests admit no unknown fields; maps say how many entries they take.',
  'open-response': 'Objects in responses may grow, so they are not closed, and what they hold has no default.',
  'bounded-text': 'Text in requests has an end.',
  'bounded-array': 'Arrays in requests have maxItems.',
  'bounded-number': 'Numbers in requests have a minimum and a maximum.',
} as const

export type LintRule = keyof typeof lintRules
export type Report = (rule: LintRule, where: string, what: string) => void

export function lintDocument(document: JsonObject): string[] {
  const findings = new Set<string>()
  const report: Report = (rule, where, what) => findings.add(`${rule}: ${where} ${what}`)
  const ids = new Set<string>()
  for (const { operation, where, mutates } of operationsOf(document)) {
    lintIdentity(document, operation, where, ids, report)
    lintParameters(document, operation, where, report)
    lintPaging(document, operation, where, report)
    if (mutates && listAt(operation, 'security').length > 0 && typeof operation['x-audit'] !== 'string') {
      report('audited-mutation', where, 'names no x-audit')
    }
  }
  lintComponents(document, report)
  const seen = new Set<string>()
  for (const { schema, where, direction } of rootSchemas(document)) {
    lintSchema(document, schema, { where, direction }, seen, report)
  }
  return [...findings]
}

type Found = { readonly operation: JsonObject; readonly where: string; readonly mutates: boolean }

function operationsOf(document: JsonObject): Found[] {
  return Object.values(objectAt(document, 'paths'))
    .filter(isJsonObject)
    .flatMap((item) =>
      Object.keys(item).map((method) => {
        const operation = objectAt(item, method)
        return { operation, where: String(operation.operationId), mutates: !['get', 'head'].includes(method) }
      }),
    )
}

const idPattern = /^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/

function lintIdentity(
  document: JsonObject,
  operation: JsonObject,
  where: string,
  ids: Set<string>,
  report: Report,
): void {
  if (!idPattern.test(where)) report('operation-id', where, 'is not area.resource.verb')
  if (ids.has(where)) report('operation-id', where, 'occurs twice')
  ids.add(where)
  const tags = listAt(operation, 'tags')
  const declared = objectsAt(document, 'tags').map(({ name }) => name)
  if (tags.length !== 1) report('one-tag', where, `has ${tags.length} tags`)
  for (const tag of tags) if (!declared.includes(String(tag))) report('one-tag', where, `has the undeclared tag ${tag}`)
  for (const key of ['summary', 'description']) {
    if (!isText(operation[key])) report('described', where, `has no ${key}`)
  }
}

const headerPattern = /^[A-Z][A-Za-z0-9]*(-[A-Z][A-Za-z0-9]*)*$/
/** A header parameter of one of these names is ignored by every reader of the document. */
const keptHeaders = ['Accept', 'Content-Type', 'Authorization']

function lintParameters(document: JsonObject, operation: JsonObject, where: string, report: Report): void {
  for (const parameter of parametersOf(document, operation)) {
    const name = String(parameter.name)
    if (!isText(parameter.description)) report('described', `${where} ${name}`, 'has no description')
    if (parameter.in === 'header' && (!headerPattern.test(name) || keptHeaders.includes(name))) {
      report('header-name', `${where} ${name}`, 'is not a fit name for a header parameter')
    }
  }
}

/** Enough for the names that the published APIs use for the size of a page. */
const pageSizes = ['limit', 'page_size', 'pageSize']

function lintPaging(document: JsonObject, operation: JsonObject, where: string, report: Report): void {
  if (!isOpenEnded(document, operation, where)) return
  if (!isJsonObject(operation['x-pagination'])) report('list-pages', where, 'has neither maxItems nor x-pagination')
  const names = parametersOf(document, operation).map(({ name }) => String(name))
  if (!names.some((name) => pageSizes.includes(name))) report('list-pages', where, 'has neither maxItems nor a limit')
}

/** Does it answer with a list whose length the document leaves open? */
function isOpenEnded(document: JsonObject, operation: JsonObject, where: string): boolean {
  const isList = where.endsWith('.list')
  for (const [status, response] of Object.entries(objectAt(operation, 'responses'))) {
    if (!status.startsWith('2') || !isJsonObject(response)) continue
    const json = objectAt(objectAt(dereference(document, response), 'content'), 'application/json')
    const body = dereference(document, objectAt(json, 'schema'))
    const members = Object.entries(objectAt(body, 'properties'))
    const lists = [body, ...members.filter(([key]) => isList || key === 'items').map(([, member]) => member)]
    const open = lists.filter(isJsonObject).map((one) => dereference(document, one))
    if (open.some((one) => one.type === 'array' && one.maxItems === undefined)) return true
  }
  return false
}

const codePattern = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/

function lintComponents(document: JsonObject, report: Report): void {
  const schemas = objectAt(objectAt(document, 'components'), 'schemas')
  for (const [name, schema] of Object.entries(schemas)) {
    if (!isJsonObject(schema) || schema.example === undefined) report('example', name, 'has no example')
  }
  const catalogue = objectAt(document, 'x-errors')
  for (const code of new Set([
    ...Object.keys(catalogue),
    ...listAt(objectAt(schemas, 'ErrorCode'), 'enum').map(String),
  ])) {
    if (!codePattern.test(code)) report('error-code-name', code, 'is not SCREAMING_SNAKE')
    const entry = objectAt(catalogue, code)
    for (const key of ['message', 'meaning', 'remedy']) {
      if (!isText(entry[key])) report('described', code, `has no ${key}`)
    }
  }
}

type Root = { readonly schema: JsonObject; readonly where: string; readonly direction: Direction }

/** Where schemas begin: what callers send, what they get, and what is named without being used. */
function rootSchemas(document: JsonObject): Root[] {
  const roots: Root[] = []
  for (const { operation, where } of operationsOf(document)) {
    for (const parameter of parametersOf(document, operation)) {
      const name = `${where} ${String(parameter.name)}`
      roots.push({ schema: objectAt(parameter, 'schema'), where: name, direction: 'request' })
    }
    const body = dereference(document, objectAt(operation, 'requestBody'))
    roots.push(...contentSchemas(body, `${where} body`, 'request'))
    for (const [status, response] of Object.entries(objectAt(operation, 'responses'))) {
      if (!isJsonObject(response)) continue
      roots.push(...contentSchemas(dereference(document, response), `${where} ${status}`, 'response'))
    }
  }
  return roots
}

function contentSchemas(holder: JsonObject, where: string, direction: Direction): Root[] {
  return Object.values(objectAt(holder, 'content'))
    .filter(isJsonObject)
    .map((content) => ({ schema: objectAt(content, 'schema'), where, direction }))
}

function parametersOf(document: JsonObject, operation: JsonObject): JsonObject[] {
  return objectsAt(operation, 'parameters').map((parameter) => dereference(document, parameter))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
