import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { sql } from 'kysely'

const target = fileURLToPath(new URL('../server/src/db/tables.ts', import.meta.url))

const header = `// Generated from the migrations by \`npm run generate:tables\`; change those instead.

import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { JsonValue } from './json.ts'

export type { JsonValue }
`

type Column = {
  table: string
  name: string
  type: string
  isArray: boolean
  required: boolean
  hasDefault: boolean
  isGeneratedAlways: boolean
  checks: string[]
}

const scalarTypes: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bytea: 'Buffer',
  cidr: 'string',
  date: 'string',
  float4: 'number',
  float8: 'number',
  inet: 'string',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  jsonb: 'JsonValue',
  numeric: 'string',
  text: 'string',
  time: 'string',
  timestamptz: 'Date',
  uuid: 'string',
}

// What a column takes where that is not what it gives back.
const writtenTypes: Readonly<Record<string, string>> = { bytea: 'Uint8Array', jsonb: 'string' }

/** The whole text of the table types, from an embedded database with every migration applied. */
export async function generateTables(): Promise<string> {
  const database = await connect({ kind: 'pglite' })
  try {
    await migrate(database)
    const byTable = Object.entries(Object.groupBy(await readColumns(database), ({ table }) => table))
    const tables = byTable.map(([table, columns = []]) => tableType(table, columns))
    const names = byTable.map(([table]) => `  ${table}: ${typeName(table)}\n`)
    return `${header}\n${tables.join('\n')}\nexport type Tables = {\n${names.join('')}}\n`
  } finally {
    await database.close()
  }
}

async function readColumns({ db }: Database): Promise<Column[]> {
  const { rows } = await sql<Column>`
    SELECT
      class.relname AS "table",
      attribute.attname AS name,
      coalesce(element.typname, type.typname) AS type,
      element.oid IS NOT NULL AS "isArray",
      attribute.attnotnull AS required,
      attribute.atthasdef OR attribute.attidentity = 'd' AS "hasDefault",
      attribute.attidentity = 'a' OR attribute.attgenerated <> '' AS "isGeneratedAlways",
      ARRAY(
        SELECT pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = class.oid AND contype = 'c' AND conkey = ARRAY[attribute.attnum]
        ORDER BY conname
      ) AS checks
    FROM pg_class AS class
    JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
    JOIN pg_type AS type ON type.oid = attribute.atttypid
    LEFT JOIN pg_type AS element ON element.oid = type.typelem AND type.typcategory = 'A'
    WHERE class.relnamespace = 'public'::regnamespace
      AND class.relkind IN ('r', 'p') AND NOT class.relispartition
      AND attribute.attnum > 0 AND NOT attribute.attisdropped
    ORDER BY class.relname, attribute.attnum`.execute(db)
  return rows
}

function tableType(table: string, columns: readonly Column[]): string {
  const lines = columns.map((column) => `  ${column.name}: ${columnType(column)}\n`)
  return `export type ${typeName(table)} = {\n${lines.join('')}}\n`
}

function columnType(column: Column): string {
  const selected = valueType(column, knownValues(column) ?? scalarType(column))
  if (column.isGeneratedAlways) return `GeneratedAlways<${selected}>`
  const written = writtenTypes[column.type]
  if (written === undefined) return column.hasDefault ? `Generated<${selected}>` : selected
  const updated = valueType(column, written)
  return `ColumnType<${selected}, ${updated}${column.hasDefault ? ' | undefined' : ''}, ${updated}>`
}

function valueType({ isArray, required }: Column, scalar: string): string {
  const element = isArray && scalar.includes('|') ? `(${scalar})` : scalar
  return `${element}${isArray ? '[]' : ''}${required ? '' : ' | null'}`
}

function scalarType({ table, name, type }: Column): string {
  const known = scalarTypes[type]
  if (known === undefined) throw new Error(`${table}.${name}: no TypeScript type is known for ${type}`)
  return known
}

// PostgreSQL gives back `x IN ('a', 'b')` as `x = ANY (ARRAY['a'::text, 'b'::text])`, and `x IN ('a')` as `x = 'a'`.
const membership = /^CHECK \(\(\w+ = (?:ANY \(ARRAY\[)?('.*'::text)(?:\]\))?\)\)$/
const quoted = /^'(?:[^']|'')*'::text$/

function knownValues({ type, isArray, checks }: Column): string | undefined {
  if (type !== 'text' || isArray) return undefined
  for (const check of checks) {
    const list = membership.exec(check)?.[1]?.split(', ')
    if (list?.every((value) => quoted.test(value))) return list.map(literal).join(' | ')
  }
  return undefined
}

function literal(value: string): string {
  const text = value.slice(1, -"'::text".length).replaceAll("''", "'")
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function typeName(table: string): string {
  const words = table.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return `${words.join('')}Table`
}

if (import.meta.main) {
  const text = await generateTables()
  if (!process.argv.includes('--check')) await writeFile(target, text)
  else if ((await readFile(target, 'utf8')) !== text) {
    console.error('server/src/db/tables.ts differs from the migrations: run npm run generate:tables')
    process.exitCode = 1
  }
}
