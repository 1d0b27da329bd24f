import type { Json, JsonObject } from './document.ts'

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member as an object; an empty one if it is absent or something else. */
export function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key]
  return isJsonObject(value) ? value : {}
}

export function listAt(parent: JsonObject, key: string): Json[] {
  const value = parent[key]
  return Array.isArray(value) ? value : []
}

export function objectsAt(parent: JsonObject, key: string): JsonObject[] {
  return listAt(parent, key).filter(isJsonObject)
}

/** Follows references within the document, however often. */
export function dereference(document: JsonObject, node: JsonObject): JsonObject {
  const reference = node.$ref
  if (typeof reference !== 'string') return node
  const keys = reference.replace(/^#\//, '').split('/')
  return dereference(
    document,
    keys.reduce((parent, key) => objectAt(parent, key.replaceAll('~1', '/').replaceAll('~0', '~')), document),
  )
}
