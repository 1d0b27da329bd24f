/** Narrow readers for parsed YAML. What does not have the shape of an OpenAPI document is refused, never skipped. */
export type JsonObject = Readonly<Record<string, unknown>>

export class UnreadableDocument extends Error {}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Own members only: a property may well be called `constructor`. */
export function read(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

export function objectOf(value: unknown, what: string): JsonObject {
  if (value === undefined) return {}
  if (!isObject(value)) throw new UnreadableDocument(`${what} is not an object: ${show(value)}`)
  return value
}

export function objectAt(object: JsonObject, key: string): JsonObject {
  return objectOf(read(object, key), key)
}

export function listAt(object: JsonObject, key: string): readonly unknown[] {
  const value = read(object, key)
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new UnreadableDocument(`${key} is not a list: ${show(value)}`)
  return value
}

export function textAt(object: JsonObject, key: string): string | undefined {
  const value = read(object, key)
  if (value === undefined || typeof value === 'string') return value
  throw new UnreadableDocument(`${key} is not text: ${show(value)}`)
}

export function textsAt(object: JsonObject, key: string): string[] {
  const list = listAt(object, key)
  const texts = list.filter((item) => typeof item === 'string')
  if (texts.length < list.length) throw new UnreadableDocument(`${key} holds something besides text: ${show(list)}`)
  return texts
}

export function without(object: JsonObject, ...keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}

export function keysOfBoth(one: JsonObject, other: JsonObject): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
}

/** A JSON pointer, with white space encoded so that a pointer is one word in a line of approvals. */
export function pointer(path: string, ...segments: string[]): string {
  const escaped = segments.map((segment) =>
    segment
      .replaceAll('~', '~0')
      .replaceAll('/', '~1')
      .replaceAll(/\s/g, (space) => encodeURIComponent(space)),
  )
  return [path, ...escaped].join('/')
}

const longestShown = 120

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}
