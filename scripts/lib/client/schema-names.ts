import { type JsonObject, objectOf, textsOf } from './json.ts'

// Words that the client itself exports or that the generated interfaces use. A schema of the same name would hide behind them.
const taken = new Set([
  ...['AbortError', 'ApiError', 'ApiErrorOf', 'Body', 'Call', 'CallOptions', 'Client', 'ClientOptions', 'Codes'],
  ...['ConnectionError', 'Data', 'FieldError', 'IdempotentCallOptions', 'List', 'OperationId', 'PathId', 'Query'],
  ...['Reply', 'Result', 'TimeoutError', 'Unrecognized', 'WebhookDelivery', 'components', 'operations'],
])

/** The TypeScript name of a schema that is a component or a list of one; undefined for a schema written in place. */
export function namedSchema(schema: unknown): string | undefined {
  const { $ref, type, items } = objectOf(schema)
  if (typeof $ref === 'string') return $ref.replace('#/components/schemas/', '')
  const item = type === 'array' ? namedSchema(items) : undefined
  return item === undefined ? undefined : `${item}[]`
}

/** The component's own name in a list type: `Token[]` is `Token`. */
export function componentOf(type: string): string {
  return type.replace(/(\[\])+$/, '')
}

/**
 * A name for each schema. Objects become interfaces: an alias of `components['schemas']['Token']` would show in an editor
 * as the whole object, an interface shows as `Token`.
 */
export function printSchemaNames(document: JsonObject): string {
  const schemas = objectOf(objectOf(document['components'])['schemas'])
  const names = Object.entries(schemas)
    .filter(([name, schema]) => name !== 'ErrorCode' && !isErrorOfOneCode(name, schema))
    .map(([name, schema]) => {
      if (taken.has(name) || !/^[A-Z]\w*$/.test(name))
        throw new Error(`a schema cannot be called ${name} in the client`)
      const { type, oneOf, anyOf, allOf } = objectOf(schema)
      const isPlainObject = type === 'object' && !oneOf && !anyOf && !allOf
      const source = `Schema<'${name}'>`
      return isPlainObject ? `export interface ${name} extends ${source} {}` : `export type ${name} = ${source};`
    })
  return [`type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];`, ...names, ''].join(
    '\n',
  )
}

/** Callers meet these as `ApiError`, never as the JSON. */
function isErrorOfOneCode(name: string, schema: unknown): boolean {
  const codes = textsOf(objectOf(objectOf(objectOf(schema)['properties'])['code'])['enum'])
  return name.startsWith('Error') && codes.length === 1
}
