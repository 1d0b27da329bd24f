import { isObject, type JsonObject, listAt, objectAt, read, show, textAt, textsAt, without } from './json.ts'
import { follow, referenceOf } from './references.ts'
import { type Branch, branchesOf, pairBranches } from './schema-branches.ts'
import { acceptsNull, allowsAnything, nullBranch, schemaOf, unionOf, withoutNull } from './schema-shape.ts'
import {
  compareBounds,
  compareDefault,
  compareFormats,
  compareTypes,
  compareValues,
  type Direction,
} from './schema-values.ts'
import { compareTheRest, inside, type Place, report } from './walk.ts'

/**
 * A request's schema may only accept more, a response's may only promise more. Every keyword named here is compared by
 * a rule; any other keyword that changes is reported as unclassified.
 */
const compared = new Set([
  ...['$ref', 'type', 'enum', 'const', 'x-extensible', 'default', 'pattern', 'format', 'multipleOf', 'uniqueItems'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['properties', 'required', 'additionalProperties', 'items', 'allOf', 'discriminator'],
])

export function compareSchemas(place: Place, direction: Direction, baseSchema: unknown, headSchema: unknown): void {
  const { documents } = place.walk
  const base = withoutNull(schemaOf(baseSchema))
  const head = withoutNull(schemaOf(headSchema))
  const bothRefer = referenceOf(baseSchema) !== undefined && referenceOf(headSchema) !== undefined
  if (!bothRefer) compareNull(place, direction, schemaOf(baseSchema), schemaOf(headSchema))

  const references = { base: referenceOf(base), head: referenceOf(head) }
  if (references.base !== undefined && references.head !== undefined) {
    compareComponents(place, direction, { base: references.base, head: references.head })
    compareOne(place, direction, without(base, '$ref'), without(head, '$ref'))
    return
  }
  const openedBase = withoutNull(schemaOf(follow(documents.base, base)))
  const openedHead = withoutNull(schemaOf(follow(documents.head, head)))
  // Where one side is a list of alternatives, a reference on the other side is one of them as it stands.
  const oneIsUnion = (unionOf(openedBase) === undefined) !== (unionOf(openedHead) === undefined)
  if (oneIsUnion) compareWithUnion(place, direction, { base, openedBase, head, openedHead })
  else compareOne(place, direction, openedBase, openedHead)
}

function compareComponents(place: Place, direction: Direction, references: { base: string; head: string }): void {
  const { walk } = place
  // The list of all error codes has its own rule, and every operation lists the codes it can answer with.
  const isCatalogue = [references.base, references.head].every((one) => one === '#/components/schemas/ErrorCode')
  walk.component(place, references, direction, (component) => {
    const base = schemaOf(follow(walk.documents.base, { $ref: references.base }))
    const head = schemaOf(follow(walk.documents.head, { $ref: references.head }))
    if (isCatalogue) compareSchemas(component, direction, without(base, 'enum'), without(head, 'enum'))
    else compareSchemas(component, direction, base, head)
  })
}

function compareNull(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  const { documents } = place.walk
  if (allowsAnything(base) || allowsAnything(head)) return
  compareTheRest(place, nullBranch(base), nullBranch(head), new Set(['type']))
  const before = acceptsNull(documents.base, base)
  const after = acceptsNull(documents.head, head)
  if (direction === 'request' && before && !after) {
    report(place, 'request-null-removed', 'null was allowed, is refused')
  }
  if (direction === 'response' && !before && after) {
    report(place, 'response-became-nullable', 'null may come now')
  }
}

function compareOne(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  const unions = { base: unionOf(base), head: unionOf(head) }
  if (unions.base !== undefined && unions.head !== undefined) {
    const { documents } = place.walk
    const before = branchesOf(documents.base, base, unions.base.branches)
    const after = branchesOf(documents.head, head, unions.head.branches)
    compareBranches(inside(place, unions.head.keyword), direction, before, after)
    compareUnionKinds(place, direction, base, head)
  }
  if (!compareTypes(place, direction, base, head)) return
  compareValues(place, direction, base, head)
  compareBounds(place, direction, base, head)
  compareFormats(place, direction, base, head)
  compareDefault(place, direction, base, head)
  compareObjects(place, direction, base, head)
  if (Object.hasOwn(base, 'items') || Object.hasOwn(head, 'items')) {
    compareSchemas(inside(place, 'items'), direction, read(base, 'items'), read(head, 'items'))
  }
  compareConjunctions(place, direction, base, head)
  const pairedUnions = unions.base && unions.head ? [unions.base.keyword, unions.head.keyword] : []
  compareTheRest(place, base, head, new Set([...compared, ...pairedUnions]))
}

function compareWithUnion(
  place: Place,
  direction: Direction,
  sides: { base: JsonObject; openedBase: JsonObject; head: JsonObject; openedHead: JsonObject },
): void {
  const { documents } = place.walk
  const before = unionOf(sides.openedBase)
  const after = unionOf(sides.openedHead)
  const keyword = before?.keyword ?? after?.keyword ?? 'oneOf'
  const beside = without(before === undefined ? sides.openedHead : sides.openedBase, keyword, 'discriminator')
  compareTheRest(place, before === undefined ? {} : beside, before === undefined ? beside : {}, new Set(['default']))
  compareDefault(place, direction, sides.openedBase, sides.openedHead)
  compareBranches(
    inside(place, keyword),
    direction,
    branchesOf(documents.base, sides.openedBase, before?.branches ?? [sides.base]),
    branchesOf(documents.head, sides.openedHead, after?.branches ?? [sides.head]),
  )
}

export function compareBranches(
  place: Place,
  direction: Direction,
  base: readonly Branch[],
  head: readonly Branch[],
): void {
  const { pairs, removed, added } = pairBranches(place.walk.documents, base, head)
  for (const pair of pairs) {
    compareSchemas(inside(place, pair.base.label), direction, pair.base.schema, pair.head.schema)
  }
  if (direction === 'request') {
    for (const branch of removed) {
      report(inside(place, branch.label), 'request-branch-removed', `${show(branch.schema)} is no longer allowed`)
    }
    return
  }
  for (const branch of added) {
    report(inside(place, branch.label), 'response-branch-added', `${show(branch.schema)} is new`)
  }
}

/** With `oneOf`, a value that fits two alternatives is refused; a discriminator makes sure that it cannot. */
export function compareUnionKinds(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  const discriminators = { base: objectAt(base, 'discriminator'), head: objectAt(head, 'discriminator') }
  const before = textAt(discriminators.base, 'propertyName')
  const after = textAt(discriminators.head, 'propertyName')
  if (before !== undefined && before !== after) {
    const message = `the discriminator was ${before}, is ${after ?? 'gone'}`
    report(inside(place, 'discriminator'), 'discriminator-changed', message)
  }
  // The mapping names the alternatives once more, and they are compared themselves.
  const known = new Set(['propertyName', 'mapping'])
  compareTheRest(inside(place, 'discriminator'), discriminators.base, discriminators.head, known)
  const strictNow = Object.hasOwn(head, 'oneOf') && !Object.hasOwn(base, 'oneOf')
  if (direction === 'request' && strictNow && after === undefined) {
    report(inside(place, 'oneOf'), 'unclassified-change', '`anyOf` became `oneOf` without a discriminator')
  }
}

/** All parts of an `allOf` hold, so each part may be compared on its own as long as there are as many of them. */
function compareConjunctions(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  const before = listAt(base, 'allOf')
  const after = listAt(head, 'allOf')
  if (before.length !== after.length) {
    report(inside(place, 'allOf'), 'unclassified-change', `\`allOf\` had ${before.length} parts, has ${after.length}`)
    return
  }
  before.forEach((part, at) => {
    compareSchemas(inside(place, 'allOf', String(at)), direction, part, after[at])
  })
}

function compareObjects(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  const properties = { base: objectAt(base, 'properties'), head: objectAt(head, 'properties') }
  const free = { base: freeEntries(base), head: freeEntries(head) }
  for (const [name, before] of Object.entries(properties.base)) {
    const at = inside(place, 'properties', name)
    if (Object.hasOwn(properties.head, name)) compareSchemas(at, direction, before, read(properties.head, name))
    else report(at, `${direction}-property-removed`, `the property \`${name}\` is gone`)
  }
  for (const [name, after] of Object.entries(properties.head)) {
    // The name was one of the free entries so far.
    if (Object.hasOwn(properties.base, name) || free.base === undefined) continue
    compareSchemas(inside(place, 'properties', name), direction, free.base, after)
  }
  compareRequired(place, direction, base, head)

  const at = inside(place, 'additionalProperties')
  if (free.base !== undefined && free.head !== undefined) {
    compareSchemas(at, direction, free.base, free.head)
    return
  }
  const isLost = free.base !== undefined
  const isClosed = read(base, 'additionalProperties') !== false && read(head, 'additionalProperties') === false
  if (direction === 'request' && (isLost || isClosed)) {
    report(at, 'request-additional-properties-restricted', 'names besides the listed properties are refused now')
  }
  if (direction === 'response' && isLost) {
    report(at, 'response-additional-properties-changed', 'entries besides the named properties are gone')
  }
}

function compareRequired(place: Place, direction: Direction, base: JsonObject, head: JsonObject): void {
  const before = textsAt(base, 'required')
  const after = textsAt(head, 'required')
  if (direction === 'request') {
    for (const name of after.filter((required) => !before.includes(required))) {
      const known = Object.hasOwn(objectAt(base, 'properties'), name)
      const rule = known ? 'request-property-became-required' : 'request-required-property-added'
      report(inside(place, 'properties', name), rule, `the property \`${name}\` must be sent now`)
    }
    return
  }
  const removed = (name: string) =>
    Object.hasOwn(objectAt(base, 'properties'), name) && !Object.hasOwn(objectAt(head, 'properties'), name)
  for (const name of before.filter((required) => !after.includes(required) && !removed(required))) {
    const message = `the property \`${name}\` may be left out now`
    report(inside(place, 'properties', name), 'response-property-became-optional', message)
  }
}

/**
 * What entries besides the named ones may hold, where the schema means such entries at all. An object that names its
 * properties and says nothing about others means none, though it may not refuse them.
 */
function freeEntries(schema: JsonObject): unknown {
  const additional = read(schema, 'additionalProperties')
  if (additional === false) return undefined
  if (additional === true || isObject(additional)) return additional
  const isFreeForm = read(schema, 'type') === 'object' && !Object.hasOwn(schema, 'properties')
  return isFreeForm ? true : undefined
}
