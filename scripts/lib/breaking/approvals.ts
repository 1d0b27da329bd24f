import { type Change, keyOf } from './compare.ts'
import { canBeApproved, isRuleName } from './rules.ts'

export const approvalsPath = 'spec/approved-changes.txt'

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/**
 * The lines that are not in the base's file. The others are history: their changes are on the base already. A line may
 * be written again, below, when the same place breaks again; so lines are counted rather than looked up.
 */
function freshLines(baseText: string, headText: string): string[] {
  const history = new Map<string, number>()
  for (const line of linesOf(baseText)) history.set(line, (history.get(line) ?? 0) + 1)
  return linesOf(headText).filter((line) => {
    const left = history.get(line) ?? 0
    history.set(line, left - 1)
    return left <= 0
  })
}

const reasonPlaceholder = 'REASON'

export function approvalLine(change: Change): string {
  return `${keyOf(change)}  # ${reasonPlaceholder}`
}

export type Verdict = {
  readonly unapproved: readonly Change[]
  readonly approved: readonly Change[]
  readonly notices: readonly Change[]
  /** Lines of approvals that say nothing, or nothing that may be said. */
  readonly faults: readonly string[]
}

export function judge(changes: readonly Change[], baseApprovals: string, headApprovals: string): Verdict {
  const faults: string[] = []
  const approvedKeys = new Set<string>()
  const breaking = changes.filter(({ level }) => level === 'breaking')
  for (const line of freshLines(baseApprovals, headApprovals)) {
    const fault = faultOf(line, breaking)
    if (fault === undefined) approvedKeys.add(keyIn(line))
    else faults.push(`${line}\n  ${fault}`)
  }
  return {
    unapproved: breaking.filter((change) => !approvedKeys.has(keyOf(change))),
    approved: breaking.filter((change) => approvedKeys.has(keyOf(change))),
    notices: changes.filter(({ level }) => level === 'notice'),
    faults,
  }
}

const shape = /^(?<key>(?<rule>\S+)\s+\S+\s+\/\S*)\s+#\s*(?<reason>\S.*)$/

function keyIn(line: string): string {
  return (shape.exec(line)?.groups?.['key'] ?? '').split(/\s+/).join(' ')
}

function faultOf(line: string, breaking: readonly Change[]): string | undefined {
  const { rule, reason } = shape.exec(line)?.groups ?? {}
  if (rule === undefined || reason === undefined) {
    return 'is not of the form `rule subject /path  # reason`; the reason is not optional'
  }
  if (!isRuleName(rule)) return `names no rule: ${rule}`
  if (!canBeApproved(rule)) return `${rule} is not a change that can be approved`
  // The printed line is there to be copied, so its placeholder is no reason.
  if (reason === reasonPlaceholder) return 'gives no reason of its own'
  if (!breaking.some((change) => keyOf(change) === keyIn(line))) return 'approves a change that is not there (any more)'
  return undefined
}
