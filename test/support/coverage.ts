import { operations } from './document.ts'

/** Every answer that the document lists, as `operation status code`, or `operation status` where it has no code. */
export function documentedAnswers(): string[] {
  return operations.flatMap(({ id, codes }) =>
    [...codes].flatMap(([status, own]) =>
      own.length === 0 || status < 400 ? [`${id} ${status}`] : own.map((code) => `${id} ${status} ${code}`),
    ),
  )
}

/** The lines of test/contract/uncovered.txt that are not remarks. */
export function listedAnswers(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

export type Coverage = {
  readonly documented: readonly string[]
  readonly seen: readonly string[]
  readonly listed: readonly string[]
  /** The list as it was where this branch began; undefined where there is none to compare with. */
  readonly before: readonly string[] | undefined
}

/** What is wrong with the list; it may only shrink, and it must be exact. */
export function coverageFaults({ documented, seen, listed, before }: Coverage): string[] {
  const inDocument = new Set(documented)
  const met = new Set(seen)
  const excused = new Set(listed)
  const untested = documented.filter((answer) => !met.has(answer) && !excused.has(answer))
  const stale = listed.filter((answer) => met.has(answer))
  const unknown = listed.filter((answer) => !inDocument.has(answer))
  const twice = listed.filter((answer, index) => listed.indexOf(answer) !== index)
  const added = before === undefined ? [] : [...excused].filter((answer) => !before.includes(answer))
  return [
    ...untested.map((answer) => `no test has seen ${answer}`),
    ...stale.map((answer) => `a test has seen ${answer}: strike it from uncovered.txt`),
    ...unknown.map((answer) => `the document has no ${answer}: strike it from uncovered.txt`),
    ...twice.map((answer) => `uncovered.txt has ${answer} twice`),
    ...added.map((answer) => `uncovered.txt has gained ${answer}: write the test instead`),
  ]
}
