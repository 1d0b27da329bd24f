import { type JsonObject, listAt, objectAt, objectOf, read, show, textAt, UnreadableDocument } from './json.ts'
import { follow, referenceOf } from './references.ts'
import { compareSchemas } from './schema.ts'
import { compareTheRest, inside, type Place, report } from './walk.ts'

type Parameter = { readonly raw: unknown; readonly node: JsonObject; readonly name: string; readonly location: string }

/** By location and name; names of headers are the same in any case. */
function parametersOf(document: JsonObject, operation: JsonObject): Map<string, Parameter> {
  const found = new Map<string, Parameter>()
  for (const raw of listAt(operation, 'parameters')) {
    const node = objectOf(follow(document, raw), 'a parameter')
    const name = textAt(node, 'name')
    const location = textAt(node, 'in')
    if (name === undefined || location === undefined) {
      throw new UnreadableDocument(`a parameter has no name or place: ${show(raw)}`)
    }
    found.set(`${location} ${location === 'header' ? name.toLowerCase() : name}`, { raw, node, name, location })
  }
  return found
}

export function compareParameters(place: Place, base: JsonObject, head: JsonObject, hasMoved: boolean): void {
  const { documents } = place.walk
  const before = parametersOf(documents.base, base)
  const after = parametersOf(documents.head, head)
  const added = new Map([...after].filter(([key]) => !before.has(key)))
  for (const [key, parameter] of before) {
    const at = inside(place, 'parameters', parameter.location, parameter.name)
    const successor = after.get(key)
    if (successor !== undefined) {
      compareParameter(at, parameter, successor)
      continue
    }
    // A path of another shape has other parameters; the move itself is reported.
    if (hasMoved && parameter.location === 'path') continue
    const elsewhere = [...added].find(([, candidate]) => candidate.name === parameter.name)
    if (elsewhere === undefined) {
      report(at, 'parameter-removed', `the ${parameter.location} parameter is gone`)
      continue
    }
    added.delete(elsewhere[0])
    const message = `sent in the ${parameter.location} so far, in the ${elsewhere[1].location} now`
    report(at, 'parameter-location-changed', message)
  }
  for (const parameter of added.values()) {
    if (read(parameter.node, 'required') !== true || (hasMoved && parameter.location === 'path')) continue
    const at = inside(place, 'parameters', parameter.location, parameter.name)
    report(at, 'required-parameter-added', `the ${parameter.location} parameter must be sent now`)
  }
}

function compareParameter(place: Place, before: Parameter, after: Parameter): void {
  const references = { base: referenceOf(before.raw), head: referenceOf(after.raw) }
  if (references.base !== undefined && references.head !== undefined) {
    const both = { base: references.base, head: references.head }
    place.walk.component(place, both, 'parameter', (component) => compareParameterNodes(component, before, after))
    return
  }
  compareParameterNodes(place, before, after)
}

/** How a list or an object is written into the parameter, with what the document leaves out filled in. */
function serialization({ node, location }: Parameter): string {
  const style = textAt(node, 'style') ?? (location === 'query' || location === 'cookie' ? 'form' : 'simple')
  return `${style}${(read(node, 'explode') ?? style === 'form') === true ? ', exploded' : ''}`
}

const comparedHere = new Set(['name', 'in', 'required', 'schema', 'style', 'explode'])

function compareParameterNodes(place: Place, before: Parameter, after: Parameter): void {
  if (read(before.node, 'required') !== true && read(after.node, 'required') === true) {
    report(place, 'parameter-became-required', 'the parameter must be sent now')
  }
  if (serialization(before) !== serialization(after)) {
    const message = `was written as ${serialization(before)}, is as ${serialization(after)}`
    report(place, 'parameter-serialization-changed', message)
  }
  compareSchemas(inside(place, 'schema'), 'request', read(before.node, 'schema'), read(after.node, 'schema'))
  compareTheRest(place, before.node, after.node, comparedHere)
}

export function compareRequestBodies(place: Place, base: JsonObject, head: JsonObject): void {
  const { documents } = place.walk
  const raw = { base: read(base, 'requestBody'), head: read(head, 'requestBody') }
  const before = objectOf(follow(documents.base, raw.base), 'requestBody')
  const after = objectOf(follow(documents.head, raw.head), 'requestBody')
  const at = inside(place, 'requestBody')
  if (raw.base !== undefined && raw.head === undefined) {
    report(at, 'request-body-removed', 'no body is taken any more')
    return
  }
  const references = { base: referenceOf(raw.base), head: referenceOf(raw.head) }
  if (references.base !== undefined && references.head !== undefined) {
    const both = { base: references.base, head: references.head }
    place.walk.component(place, both, 'body', (component) => compareBodyNodes(component, before, after))
    return
  }
  compareBodyNodes(at, before, after)
}

function compareBodyNodes(place: Place, before: JsonObject, after: JsonObject): void {
  if (read(before, 'required') !== true && read(after, 'required') === true) {
    report(place, 'request-body-became-required', 'a body must be sent now')
  }
  const content = { base: objectAt(before, 'content'), head: objectAt(after, 'content') }
  for (const [type, media] of Object.entries(content.base)) {
    const at = inside(place, 'content', type)
    if (!Object.hasOwn(content.head, type)) {
      report(at, 'request-content-type-removed', `${type} is no longer taken`)
      continue
    }
    compareMedia(at, objectOf(media, type), objectAt(content.head, type))
  }
  compareTheRest(place, before, after, new Set(['required', 'content']))
}

function compareMedia(place: Place, before: JsonObject, after: JsonObject): void {
  compareSchemas(inside(place, 'schema'), 'request', read(before, 'schema'), read(after, 'schema'))
  compareTheRest(place, before, after, new Set(['schema']))
}
