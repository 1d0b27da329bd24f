import { types } from 'pg'

type Reader = (text: string) => unknown

// Object identifiers of types and their arrays that pg-types leaves as text, or turns into something lossy.
const textArray = 1009
const readTextArray = defaultReader(textArray)
const readers = new Map<number, Reader>([
  [20, readIntegers], // int8
  [1016, (text) => readIntegers(readTextArray(text))], // int8[]
  [1082, (text) => text], // date
  [1182, readTextArray], // date[]
  [1231, readTextArray], // numeric[]
])

/**
 * How the text of a result column of this type becomes a JavaScript value. Both drivers read through here, which is
 * what makes them agree: int8 is a number, timestamptz a Date, date and numeric are strings, bytea is a Buffer, jsonb
 * is parsed.
 */
export function columnReader(type: number): Reader {
  return readers.get(type) ?? defaultReader(type)
}

function defaultReader(type: number): Reader {
  return types.getTypeParser(type)
}

function readIntegers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readIntegers)
  if (typeof value !== 'string') return value
  const integer = Number(value)
  if (!Number.isSafeInteger(integer)) throw new RangeError(`${value} is too large for a number; select it as text`)
  return integer
}

/** A statement's parameter as the embedded database takes it: the same text that pg would send, or bytes as they are. */
export function toParameter(value: unknown): string | Uint8Array | null {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return value
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return toArrayLiteral(value)
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

function toArrayLiteral(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (Array.isArray(value)) return toArrayLiteral(value)
    const element = toParameter(value)
    if (element === null) return 'NULL'
    const text = typeof element === 'string' ? element : `\\x${Buffer.from(element).toString('hex')}`
    return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  })
  return `{${elements.join(',')}}`
}
