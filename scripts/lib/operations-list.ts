import { type Placed, possibleErrors } from '@owlery/spec'

function row({ id, operation }: Placed): string[] {
  const { access } = operation
  const who = access.kind === 'public' ? 'anyone' : `${access.scope ?? access.credentials.join('|')} ${access.role}+`
  const codes = [...new Set(possibleErrors(operation).map(({ code }) => code))]
  return [id, operation.method.toUpperCase(), operation.path, who, String(operation.success.status), codes.join(' ')]
}

/** The whole API on one screen: one line per operation. */
export function operationsList(placed: readonly Placed[]): string {
  const rows = [['# operation', 'method', 'path', 'who', 'ok', 'codes'], ...placed.map(row)]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? []
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}
