import type { OperationModel } from './model.ts'
import { type Tree, treeOf } from './tree.ts'

export type Table = { [name: string]: string | Table }

export type OperationTables = {
  readonly operations: Table
  readonly codeSets: readonly string[]
}

/** Writes the rows that `readRow` in `client/src/operation.ts` reads; change both together. */
export function tablesOf(operations: readonly OperationModel[], errorCodes: readonly string[]): OperationTables {
  const codeSets = [...new Set(operations.map((operation) => codeSetOf(operation, errorCodes)))]
  const rowOf = (operation: OperationModel) =>
    [
      operation.method,
      operation.path,
      flagsOf(operation),
      codeSets.indexOf(codeSetOf(operation, errorCodes)).toString(36),
      ...paginationOf(operation),
    ].join(' ')
  const tableOf = (tree: Tree): Table =>
    Object.fromEntries([...tree].map(([name, entry]) => [name, entry instanceof Map ? tableOf(entry) : rowOf(entry)]))
  return { operations: tableOf(treeOf(operations)), codeSets }
}

export function printTables({ operations, codeSets }: OperationTables): string {
  const json = (value: unknown) => JSON.stringify(value, null, 2)
  return `export const operations = ${json(operations)}\n\nexport const codeSets: readonly string[] = ${json(codeSets)}\n`
}

function flagsOf({ body, query, idempotent, json, text }: OperationModel): string {
  const flags = { b: body, q: query, i: idempotent, j: json, t: text }
  return Object.entries(flags)
    .flatMap(([flag, on]) => (on ? [flag] : []))
    .join('')
}

function codeSetOf(operation: OperationModel, errorCodes: readonly string[]): string {
  return operation.codes
    .map((code) => {
      const place = errorCodes.indexOf(code)
      if (place < 0 || place >= 36 * 36) throw new Error(`${operation.id}: ErrorCode does not list ${code}`)
      return place.toString(36).padStart(2, '0')
    })
    .join('')
}

function paginationOf({ pagination }: OperationModel): string[] {
  if (pagination === undefined) return []
  const { style, parameter, key, items, limit } = pagination
  return [[style.charAt(0), parameter, key, style === 'cursor' ? items : limit].join(':')]
}
