/** The first places where two texts part, enough to see what happened; `npm run generate` shows the rest in git. */
export function firstDifferences(before: string, after: string, most = 5): string {
  const old = before.split('\n')
  const fresh = after.split('\n')
  const rows: string[] = []
  for (let line = 0; line < Math.max(old.length, fresh.length) && rows.length < most * 3; line++) {
    if (old[line] === fresh[line]) continue
    rows.push(`@@ line ${line + 1}`)
    if (old[line] !== undefined) rows.push(`- ${old[line]}`)
    if (fresh[line] !== undefined) rows.push(`+ ${fresh[line]}`)
  }
  return rows.join('\n')
}
