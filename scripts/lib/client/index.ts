import { typesOfDocument } from '../../../client/scripts/types.ts'
import { printErrorCodes, readErrorCodes } from './error-codes.ts'
import { isObject } from './json.ts'
import { readOperations } from './model.ts'
import { printResources } from './resources.ts'
import { printSchemaNames } from './schema-names.ts'
import { printTables, tablesOf } from './table.ts'

const header = '// Generated from openapi.yaml by `npm run generate`; changes here are lost.\n\n'

/** All generated files of the client, by path from the repository's root; `document` is what `documentText` holds. */
export async function generateClient(documentText: string, document: object): Promise<Map<string, string>> {
  if (!isObject(document)) throw new TypeError('An OpenAPI document is an object')
  const operations = readOperations(document)
  const errorCodes = readErrorCodes(document)
  const ids = operations.map(({ id }) => id)
  const codes = errorCodes.map(({ code }) => code)
  const files = {
    'types.ts': `${await typesOfDocument(documentText, ids)}\n${printSchemaNames(document)}`,
    'operations.ts': printTables(tablesOf(operations, codes)),
    'resources.ts': printResources(operations),
    'error-codes.ts': printErrorCodes(errorCodes),
  }
  return new Map(Object.entries(files).map(([name, text]) => [`client/src/generated/${name}`, header + text]))
}
