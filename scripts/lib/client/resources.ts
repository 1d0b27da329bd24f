import type { OperationModel } from './model.ts'
import { docComment } from './print.ts'
import { componentOf } from './schema-names.ts'
import { type Tree, treeOf } from './tree.ts'

const optionTypes = ['CallOptions', 'IdempotentCallOptions']
const derivedTypes = ['Body', 'Data', 'PathId', 'Query']

/** The client's interface: one for each group of operations, one method for each operation. No code, only types. */
export function printResources(operations: readonly OperationModel[]): string {
  const interfaces: string[] = []
  printGroup(treeOf(operations), 'Client', interfaces)
  const text = interfaces.join('\n')
  const generic = (names: readonly string[]) => names.filter((name) => new RegExp(`\\b${name}<`).test(text))
  const options = optionTypes.filter((name) => text.includes(`options?: ${name})`))
  return [
    ...importLine(generic(['Call']), '../call.ts'),
    ...importLine(generic(derivedTypes), '../operation-types.ts'),
    ...importLine(options, '../options.ts'),
    ...importLine(generic(['List']), '../pages.ts'),
    ...importLine(schemaNames(operations), './types.ts'),
    '',
    text,
  ].join('\n')
}

function importLine(names: readonly string[], path: string): string[] {
  if (names.length === 0) return []
  const line = `import type { ${names.join(', ')} } from '${path}'`
  return [line.length <= 120 ? line : `import type {\n${names.map((name) => `  ${name},\n`).join('')}} from '${path}'`]
}

/** Innermost groups come first, so that a reader meets each name after what it is made of. */
function printGroup(group: Tree, name: string, interfaces: string[]): void {
  const members = [...group].map(([key, entry]) => {
    if (!(entry instanceof Map)) return printMethod(key, entry)
    const inner = `${name === 'Client' ? '' : name.replace(/Api$/, '')}${key.charAt(0).toUpperCase()}${key.slice(1)}Api`
    printGroup(entry, inner, interfaces)
    return `  readonly ${key}: ${inner}\n`
  })
  interfaces.push(`export interface ${name} {\n${members.join('')}}\n`)
}

function printMethod(name: string, operation: OperationModel): string {
  const { id, json, item, pagination, textSwitch } = operation
  const comment = docComment(
    [
      operation.summary,
      operation.description,
      `\`${operation.method} ${operation.path}\``,
      operation.deprecated ? '@deprecated' : '',
    ],
    '  ',
  )
  const query = `Query<'${id}'>`
  const signature = (queryType: string, queryRequired: boolean, result: string) =>
    `${comment}  ${name}(${printParameters(operation, queryType, queryRequired)}): ${result}\n`

  const jsonCall = pagination ? `List<${json}, ${item}, '${id}'>` : `Call<${json}, '${id}'>`
  const required = operation.query?.required === true
  if (json === undefined) return signature(query, required, `Call<${operation.text ? 'string' : 'void'}, '${id}'>`)
  if (textSwitch === undefined) return signature(query, required, jsonCall)
  const choice = (values: readonly string[]) => values.map((value) => `'${value}'`).join(' | ') || 'never'
  return [
    signature(`${query} & { ${textSwitch.name}: ${choice(textSwitch.text)} }`, true, `Call<string, '${id}'>`),
    signature(`${query} & { ${textSwitch.name}?: ${choice(textSwitch.json)} }`, required, jsonCall),
  ].join('')
}

function printParameters(operation: OperationModel, queryType: string, queryRequired: boolean): string {
  const { id, pathIds, body, query, idempotent } = operation
  const clash = pathIds.find((name) => ['body', 'query', 'options'].includes(name))
  if (clash) throw new Error(`${id}: an id in the path cannot be called ${clash} in the client`)
  // A parameter may be left out only if all that follow it may be.
  const bodyMark = body?.required || queryRequired ? '' : '?'
  return [
    ...pathIds.map((name) => `${name}: PathId<'${id}', '${name}'>`),
    ...(body ? [`body${bodyMark}: ${body.type}${body.required || bodyMark ? '' : ' | undefined'}`] : []),
    ...(query ? [`query${queryRequired ? '' : '?'}: ${queryType}`] : []),
    `options?: ${idempotent ? 'IdempotentCallOptions' : 'CallOptions'}`,
  ].join(', ')
}

function schemaNames(operations: readonly OperationModel[]): string[] {
  const types = operations.flatMap(({ body, json, item, pagination }) => [body?.type, json, pagination && item])
  const names = types.flatMap((type) => (type === undefined || /\W\w/.test(type) ? [] : [componentOf(type)]))
  return [...new Set(names)].sort()
}
