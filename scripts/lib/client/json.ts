export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function textsOf(value: unknown): string[] {
  return listOf(value).filter((item) => typeof item === 'string')
}

export function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where}: a text was expected, found ${JSON.stringify(value)}`)
  return value
}

/** The object that `value` is or points to with a local `$ref`. */
export function resolve(document: JsonObject, value: unknown): JsonObject {
  const found = objectOf(value)
  if (found['$ref'] === undefined) return found
  const pointer = textOf(found['$ref'], '$ref')
  const keys = pointer.replace(/^#\//, '').split('/')
  const target = keys.reduce<unknown>(
    (at, key) => objectOf(at)[key.replaceAll('~1', '/').replaceAll('~0', '~')],
    document,
  )
  if (!isObject(target)) throw new Error(`${pointer} points to nothing`)
  return resolve(document, target)
}
