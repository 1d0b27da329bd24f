import type { z } from '@owlery/spec'
import type { AnyInput } from './bind.ts'
import { ApiError, type Fault } from './problem.ts'
import type { Incoming } from './request.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const mostFaults = 100

/** What the handler gets: path, query and body as the record describes them, or every fault at once. */
export function parseInput(incoming: Incoming, bytes: Uint8Array): AnyInput {
  const { operation } = incoming.route
  const faults: Fault[] = []
  const params = operation.params && check(operation.params, pathValues(incoming), faults)
  const query = parseQuery(incoming, faults)
  const body = operation.body && check(operation.body, parseBody(incoming, bytes), faults)
  if (faults.length > 0) throw new ApiError('VALIDATION_FAILED', { fields: faults.slice(0, mostFaults) })
  return { params, query, body }
}

/** Of `{id}.svg` the router hands over all of the segment. */
function pathValues({ hono, route }: Incoming): Record<string, string> {
  const values = hono.req.param()
  for (const [, name = '', ending = ''] of route.operation.path.matchAll(/\{(\w+)\}(\.\w+)/g)) {
    const value = values[name]
    if (value?.endsWith(ending)) values[name] = value.slice(0, -ending.length)
  }
  return values
}

function parseQuery(incoming: Incoming, faults: Fault[]): unknown {
  const { operation } = incoming.route
  const given = incoming.hono.req.queries()
  if (operation.query === undefined) {
    for (const key of Object.keys(given)) faults.push(unknownKey(key))
    return undefined
  }
  const single: Record<string, string | string[]> = {}
  for (const [key, values] of Object.entries(given)) {
    const [first] = values
    single[key] = values.length === 1 && first !== undefined ? first : values
  }
  return check(operation.query, single, faults)
}

/** Where a body may be left out, no bytes say that it was: many clients name its type all the same. */
function parseBody({ route }: Incoming, bytes: Uint8Array): unknown {
  return bytes.length === 0 && route.operation.body?.isOptional() ? undefined : parseJson(bytes)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(bytes))
  } catch {
    throw new ApiError('BAD_JSON')
  }
}

function check(schema: z.ZodType, value: unknown, faults: Fault[]): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) faults.push(...toFaults(issue))
  return undefined
}

function unknownKey(path: string): Fault {
  return { path, code: 'unrecognized_keys', message: 'Unknown field' }
}

/** Published names of the kinds of fault; they stay the same whatever the validator calls them. */
const published: Readonly<Record<string, string>> = {
  invalid_format: 'invalid_string',
  invalid_value: 'invalid_literal',
  invalid_key: 'custom',
  invalid_element: 'custom',
}

function toFaults(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path === '' ? key : `${path}.${key}`))
  }
  const message =
    issue.code === 'invalid_value' ? `Expected one of ${issue.values.map(String).join(', ')}` : issue.message
  return [{ path, code: published[issue.code] ?? issue.code, message: message.slice(0, 1000) }]
}
