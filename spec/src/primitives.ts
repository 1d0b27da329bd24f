import { z } from '@hono/zod-openapi'

/**
 * The only place where a schema may do more than the document's own words: what each helper checks and what it
 * documents are written side by side, and a test holds zod against Ajv at the edges of both.
 */

const nul = '\\u0000'
const withoutNul = new RegExp(`^[^${nul}]*$`)

/** Text that a database can hold. Lengths count characters, in zod as in JSON Schema. */
export function text(min: number, max: number) {
  return z.string().min(min).max(max).regex(withoutNul, 'Must not contain the NUL character')
}

const emailPattern = /^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$/

export const email = z
  .string()
  .max(320)
  .regex(emailPattern, 'Not an e-mail address')
  .openapi({ maxLength: 320, pattern: emailPattern.source, example: 'ada@example.com' })

/**
 * A moment, as ISO 8601 with seconds and an offset. Responses always say UTC with milliseconds. No leap seconds, which
 * JavaScript cannot hold, and no years beyond four digits in UTC, which neither RFC 3339 nor the database can.
 */
const momentPattern = /^[12]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}:[0-5]\d(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

export const moment = z.iso
  .datetime({ offset: true })
  .regex(momentPattern, 'Not a date and time with an offset')
  .openapi({ format: 'date-time', pattern: momentPattern.source, example: '2027-01-01T00:00:00.000Z' })

export const timestamp = z.string().openapi({ format: 'date-time', example: '2026-05-13T18:00:00.000Z' })

/** Values in paths and queries are text on the wire; the document speaks of what they mean. */
function numberFromText(value: unknown): unknown {
  return typeof value === 'string' && /^(0|-?[1-9]\d{0,15})$/.test(value) ? Number(value) : value
}

/** An integer id in a path, as 24observe has them. */
export const integerId = z.preprocess(numberFromText, z.int().min(1).max(2147483647)).openapi({ example: 42 })

export function queryInteger(range: { min: number; max: number; default?: number }) {
  const integer = z.int().min(range.min).max(range.max)
  return z.preprocess(numberFromText, range.default === undefined ? integer : integer.default(range.default))
}

export const queryFlag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
)

/** `?tag=a&tag=b`; one value is a list of one. */
export function queryList<S extends z.ZodType>(item: S, max: number) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).max(max),
  )
}

/** The emitter has no word for "any JSON" of its own. */
export const anyJson = z
  .json()
  .openapi({ type: ['string', 'number', 'boolean', 'null', 'array', 'object'], additionalProperties: true })

/** One of a few numbers. The emitter knows only the first of them by itself. */
export function integerOf<const V extends readonly [number, ...number[]]>(values: V) {
  return z.literal([...values]).openapi({ type: 'integer', enum: [...values] })
}

type Names = { readonly pattern: RegExp; readonly fault: string }

/**
 * Texts by name. The names must fit the pattern, which has to exclude `__proto__`: zod drops that one unseen, so it is
 * turned into a name that fits no pattern.
 */
export function textMap<S extends z.ZodString>(names: Names, value: S, most: number) {
  const map = z.record(z.string().regex(names.pattern, names.fault), value).check(({ value: entries, issues }) => {
    if (Object.keys(entries).length <= most) return
    issues.push({ code: 'too_big', origin: 'object', maximum: most, inclusive: true, input: entries })
  })
  // Apart from the call, because the emitter's types do not know `propertyNames`; it passes the word on.
  const words = { maxProperties: most, propertyNames: { pattern: names.pattern.source } }
  return z.preprocess((given) => (hasPrototypeEntry(given) ? { ...given, '': '' } : given), map).openapi(words)
}

function hasPrototypeEntry(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')
}

export { z }
