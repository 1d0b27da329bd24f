import { approvalLine, approvalsPath, type Verdict } from './approvals.ts'
import type { Change } from './compare.ts'
import { canBeApproved, rules } from './rules.ts'

const listedAtMost = 12

function reachedBy({ operations, subject }: Change): string {
  if (operations.length === 0) return 'every operation'
  if (operations.length === 1 && operations[0] === subject) return ''
  return operations.join(', ')
}

function describe(change: Change): string[] {
  const reached = reachedBy(change)
  return [
    `${change.subject} ${change.path}`,
    `  ${change.message}: ${rules[change.rule].meaning} (${change.rule})`,
    ...(reached === '' ? [] : [`  reached by: ${reached}`]),
  ]
}

/** Notices of one kind at one place, in many operations, are one line. */
function describeNotices(notices: readonly Change[]): string[] {
  const alike = Map.groupBy(notices, ({ rule, path, message }) => `${rule} ${path}: ${message}`)
  return [...alike].map(([line, changes]) => {
    const subjects = changes.map(({ subject }) => subject)
    const more = subjects.length > listedAtMost ? `, and ${subjects.length - listedAtMost} more` : ''
    return `  ${line} [${subjects.slice(0, listedAtMost).join(', ')}${more}]`
  })
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines, '']
}

export function passes({ unapproved, faults }: Verdict): boolean {
  return unapproved.length === 0 && faults.length === 0
}

export function renderVerdict(verdict: Verdict): string {
  const { unapproved, approved, notices, faults } = verdict
  const lines = [
    ...section('Notices, which need no approval:', describeNotices(notices)),
    ...section('Approved breaking changes:', approved.flatMap(describe)),
    ...section('Breaking changes:', unapproved.flatMap(describe)),
    ...section(
      `To approve, add the line with a true reason to ${approvalsPath}:`,
      unapproved.filter(({ rule }) => canBeApproved(rule)).map(approvalLine),
    ),
    ...section(
      'Never approved:',
      unapproved.filter(({ rule }) => !canBeApproved(rule)).map(({ rule, path }) => `${rule} ${path}`),
    ),
    ...section(`Faulty lines in ${approvalsPath}:`, faults),
    `${unapproved.length} breaking, ${approved.length} approved, ${notices.length} notices, ${faults.length} faulty approvals`,
  ]
  return lines.join('\n')
}
