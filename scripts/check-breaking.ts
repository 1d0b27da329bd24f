import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { approvalsPath, judge } from './lib/breaking/approvals.ts'
import { compare } from './lib/breaking/compare.ts'
import { baseCommit, fileAt, NoHistory, rootOf } from './lib/breaking/history.ts'
import { UnreadableDocument } from './lib/breaking/json.ts'
import { passes, renderVerdict } from './lib/breaking/report.ts'

const documentPath = 'openapi.yaml'

/** 0: nothing breaks that is not approved. 1: something does. 2: there was no way to tell. */
function checkBreaking(wantedBase: string | undefined): number {
  const root = rootOf(process.cwd())
  const base = baseCommit(root, wantedBase)
  if (base === undefined) {
    console.log('There is no earlier commit to compare with.')
    return 0
  }
  const before = fileAt(root, base, documentPath)
  if (before === undefined) {
    console.log(`There is no ${documentPath} in ${base}, so there is nothing to break.`)
    return 0
  }
  if (!existsSync(join(root, documentPath))) {
    console.error(`${documentPath} is in ${base} and missing here. Write it with: npm run generate`)
    return 1
  }
  const after = readFileSync(join(root, documentPath), 'utf8')
  const approvals = existsSync(join(root, approvalsPath)) ? readFileSync(join(root, approvalsPath), 'utf8') : ''
  const changes = before === after ? [] : compare(parse(before), parse(after))
  const verdict = judge(changes, fileAt(root, base, approvalsPath) ?? '', approvals)
  console.log(`${documentPath} here, compared with ${base}:\n\n${renderVerdict(verdict)}`)
  return passes(verdict) ? 0 : 1
}

try {
  process.exitCode = checkBreaking(process.argv[2])
} catch (error) {
  const isExpected =
    error instanceof NoHistory || error instanceof UnreadableDocument || error instanceof YAMLParseError
  if (!isExpected) throw error
  console.error(`Cannot compare: ${error.message}`)
  process.exitCode = 2
}
