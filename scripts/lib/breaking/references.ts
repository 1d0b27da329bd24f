import { isObject, type JsonObject, keysOfBoth, objectAt, read, show, UnreadableDocument } from './json.ts'

export type Documents = { readonly base: JsonObject; readonly head: JsonObject }

export function referenceOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  const reference = read(value, '$ref')
  if (reference === undefined) return undefined
  if (typeof reference !== 'string') throw new UnreadableDocument(`$ref is not text: ${show(reference)}`)
  return reference
}

/** `#/components/schemas/Monitor` → kind `schemas`, name `Monitor`. The dialect has no other references. */
export function componentOf(reference: string): { kind: string; name: string } {
  const [kind, name] = /^#\/components\/([^/]+)\/([^/]+)$/.exec(reference)?.slice(1) ?? []
  if (kind === undefined || name === undefined) {
    throw new UnreadableDocument(`${reference} does not name a component of this document`)
  }
  return { kind, name: name.replaceAll('~1', '/').replaceAll('~0', '~') }
}

function lookUp(document: JsonObject, reference: string): unknown {
  const { kind, name } = componentOf(reference)
  const found = read(objectAt(objectAt(document, 'components'), kind), name)
  if (found === undefined) throw new UnreadableDocument(`${reference} names a component that does not exist`)
  return found
}

/** What a value is after its `$ref`, if it has one. Members beside the `$ref` stand over those of the component. */
export function follow(document: JsonObject, value: unknown): unknown {
  const passed = new Set<string>()
  let current = value
  for (let reference = referenceOf(current); reference !== undefined; reference = referenceOf(current)) {
    if (passed.has(reference)) throw new UnreadableDocument(`${reference} refers to itself and nothing else`)
    passed.add(reference)
    const target = lookUp(document, reference)
    const beside = isObject(current) ? Object.entries(current).filter(([key]) => key !== '$ref') : []
    current = beside.length > 0 && isObject(target) ? { ...target, ...Object.fromEntries(beside) } : target
  }
  return current
}

/** Equal after following every reference; the order of object members does not count. */
export function sameMeaning(documents: Documents, base: unknown, head: unknown, assumed = new Set<string>()): boolean {
  const baseReference = referenceOf(base)
  const headReference = referenceOf(head)
  if (baseReference !== undefined || headReference !== undefined) {
    if (baseReference !== undefined && headReference !== undefined) {
      // Components may contain themselves: a pair that is being compared counts as equal until it is found different.
      const pair = `${JSON.stringify(base)} ${JSON.stringify(head)}`
      if (assumed.has(pair)) return true
      assumed.add(pair)
    }
    return sameMeaning(documents, follow(documents.base, base), follow(documents.head, head), assumed)
  }
  if (Array.isArray(base) && Array.isArray(head)) {
    return base.length === head.length && base.every((item, at) => sameMeaning(documents, item, head[at], assumed))
  }
  if (isObject(base) && isObject(head)) {
    return keysOfBoth(base, head).every((key) => sameMeaning(documents, read(base, key), read(head, key), assumed))
  }
  return Object.is(base, head)
}
