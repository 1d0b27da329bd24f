import { isDeepStrictEqual } from 'node:util'
import { type JsonObject, read, show, UnreadableDocument } from './json.ts'
import { coversType, typesOf, valuesOf } from './schema-shape.ts'
import { inside, type Place, report } from './walk.ts'

export type Direction = 'request' | 'response'

/** False where no value can fit both sides: then there is nothing left to compare. */
export function compareTypes(place: Place, direction: Direction, base: JsonObject, head: JsonObject): boolean {
  const before = typesOf(base)
  const after = typesOf(head)
  const message = `the type was ${before.join(' or ')}, is ${after.join(' or ')}`
  if (direction === 'request' && !before.every((type) => coversType(after, type))) {
    report(inside(place, 'type'), 'request-type-narrowed', message)
  }
  if (direction === 'response' && !after.every((type) => coversType(before, type))) {
    report(inside(place, 'type'), 'response-type-widened', message)
  }
  return before.some((type) => coversType(after, type)) || after.some((type) => coversType(before, type))
}

function isExtensible(schema: JsonObject): boolean {
  return read(schema, 'x-extensible') === true
}

export function compareValues(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  const before = valuesOf(base)
  const after = valuesOf(head)
  const keyword = Object.hasOwn(before === undefined ? head : base, 'const') ? 'const' : 'enum'
  const at = (value: unknown) => inside(place, keyword, typeof value === 'string' ? value : show(value))
  if (direction === 'request') {
    if (after === undefined) return
    if (before === undefined) {
      report(inside(place, keyword), 'request-values-restricted', `only ${show(after)} is allowed now`)
      return
    }
    for (const value of before) {
      if (after.includes(value)) continue
      report(at(value), 'request-enum-value-removed', `${show(value)} is no longer allowed`)
    }
    return
  }
  // An extensible list promised from the start that it may grow; a list that becomes one did not.
  if (before === undefined || isExtensible(base)) return
  if (after === undefined || isExtensible(head)) {
    report(inside(place, keyword), 'response-values-unrestricted', `values besides ${show(before)} may come now`)
    return
  }
  for (const value of after) {
    if (before.includes(value)) continue
    report(at(value), 'response-enum-value-added', `${show(value)} is new`)
  }
}

/** Bounds that every value meets anyway need not be written: `absent` is what leaving one out means. */
const bounds: Readonly<Record<string, { readonly side: 'lower' | 'upper'; readonly absent: number }>> = {
  minLength: { side: 'lower', absent: 0 },
  maxLength: { side: 'upper', absent: Infinity },
  minItems: { side: 'lower', absent: 0 },
  maxItems: { side: 'upper', absent: Infinity },
  minProperties: { side: 'lower', absent: 0 },
  maxProperties: { side: 'upper', absent: Infinity },
  minimum: { side: 'lower', absent: -Infinity },
  exclusiveMinimum: { side: 'lower', absent: -Infinity },
  maximum: { side: 'upper', absent: Infinity },
  exclusiveMaximum: { side: 'upper', absent: Infinity },
}

function numberAt(schema: JsonObject, keyword: string, absent: number): number {
  const value = read(schema, keyword)
  if (value === undefined) return absent
  if (typeof value !== 'number') throw new UnreadableDocument(`${keyword} is not a number: ${show(value)}`)
  return value
}

function reportBound(place: Place, direction: Direction, keyword: string, base: JsonObject, head: JsonObject): void {
  const [before, after] = [show(read(base, keyword)), show(read(head, keyword))]
  const rule = direction === 'request' ? 'request-bound-tightened' : 'response-bound-relaxed'
  report(inside(place, keyword), rule, `${keyword} was ${before}, is ${after}`)
}

export function compareBounds(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  for (const [keyword, { side, absent }] of Object.entries(bounds)) {
    const before = numberAt(base, keyword, absent)
    const after = numberAt(head, keyword, absent)
    const tighter = side === 'lower' ? after > before : after < before
    if (before !== after && tighter === (direction === 'request')) reportBound(place, direction, keyword, base, head)
  }
  const unique = [read(base, 'uniqueItems') === true, read(head, 'uniqueItems') === true]
  if (unique[0] !== unique[1] && unique[1] === (direction === 'request')) {
    reportBound(place, direction, 'uniqueItems', base, head)
  }
}

/** A pattern or format is compared as text: whether another one accepts more or less cannot be told. */
export function compareFormats(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  for (const keyword of ['pattern', 'format', 'multipleOf']) {
    const before = read(base, keyword)
    const after = read(head, keyword)
    if (before === after) continue
    const message = `${keyword} was ${show(before)}, is ${show(after)}`
    if (direction === 'request' && after !== undefined) {
      report(inside(place, keyword), 'request-format-restricted', message)
    }
    if (direction === 'response' && before !== undefined) {
      report(inside(place, keyword), 'response-format-loosened', message)
    }
  }
}

/** A default is a promise to those who leave the value out. In a response nobody leaves anything out. */
export function compareDefault(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  const before = read(base, 'default')
  const after = read(head, 'default')
  if (direction === 'response' || isDeepStrictEqual(before, after)) return
  const rule = before === undefined ? 'request-default-added' : 'request-default-changed'
  report(inside(place, 'default'), rule, `the default was ${show(before)}, is ${show(after)}`)
}
