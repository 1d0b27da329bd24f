/** Names of fields that are never written, compared without case, `-` and `_`, also as the end of a longer name. */
export const sensitiveNames = [
  'authorization',
  'cookie',
  'token',
  'password',
  'passphrase',
  'secret',
  'apiKey',
  'privateKey',
  'encryptionKey',
] as const

const endings = sensitiveNames.map((name) => name.toLowerCase())
const deepest = 8

function isSensitive(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_]/g, '').replace(/s$/, '')
  return endings.some((ending) => plain.endsWith(ending))
}

/** A copy without the values of sensitive fields. Errors stay as they are: their serializer comes through here too. */
export function redactFields(fields: object): Record<string, unknown> {
  return redactedCopy(fields, 0)
}

function redactedCopy(value: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value))
    copy[name] = isSensitive(name) ? '[redacted]' : redactedValue(field, depth + 1)
  return copy
}

function redactedValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  if (depth > deepest) return '[too deep]'
  if (Array.isArray(value)) return value.map((item) => redactedValue(item, depth + 1))
  // Dates, buffers, maps and whatever else knows better how it wants to be written.
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? redactedCopy(value, depth) : value
}

// What escapes by name is caught by shape: our tokens, JWTs, and credentials within URLs, wherever they stand in a line.
const secretShapes =
  /\b((?:obs|owk|owl_(?:agent|client|import))_)[\w-]{20,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|(:\/\/)[^\s"'/@:]*:[^\s"'/@]+@/g

export function redactLine(line: string): string {
  return line.replace(secretShapes, (_match, prefix: string | undefined, scheme: string | undefined) =>
    scheme === undefined ? `${prefix ?? ''}[redacted]` : `${scheme}[redacted]@`,
  )
}
