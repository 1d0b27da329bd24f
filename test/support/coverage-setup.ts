import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject, Vitest } from 'vitest/node'
import { baseCommit, fileAt, NoHistory } from '../../scripts/lib/breaking/history.ts'
import { coverageFaults, documentedAnswers, listedAnswers } from './coverage.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const listPath = 'test/contract/uncovered.txt'

/** Collects what all test files see, and holds it against the document once everything has run. */
export default function setUp({ vitest }: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'owlery-seen-'))
  const seenFile = join(folder, 'answers')
  // The workers, which start later, inherit it.
  process.env.OWLERY_SEEN_FILE = seenFile
  return async () => {
    const seen = existsSync(seenFile) ? listedAnswers(readFileSync(seenFile, 'utf8')) : []
    rmSync(folder, { recursive: true })
    if (!(await wasWholeRun(vitest))) return
    const listed = listedAnswers(readFileSync(join(root, listPath), 'utf8'))
    const faults = coverageFaults({ documented: documentedAnswers(), seen, listed, before: listBefore() })
    if (faults.length > 0) throw new Error(`coverage of the document:\n${faults.join('\n')}`)
  }
}

/** A part of the tests sees a part of the answers, and a failed test may have seen too few; neither says anything. */
async function wasWholeRun(vitest: Vitest): Promise<boolean> {
  if (vitest.getGlobalTestNamePattern() !== undefined) return false
  const ran = vitest.state.getTestModules()
  const files = new Set(ran.map(({ moduleId }) => moduleId))
  const all = await vitest.globTestSpecifications()
  return all.every(({ moduleId }) => files.has(moduleId)) && ran.every((one) => one.ok())
}

function listBefore(): string[] | undefined {
  try {
    const base = baseCommit(root, undefined)
    const text = base === undefined ? undefined : fileAt(root, base, listPath)
    return text === undefined ? undefined : listedAnswers(text)
  } catch (error) {
    // A shallow clone has no history; wherever changes are judged, the breaking gate asks for it too.
    if (error instanceof NoHistory) return undefined
    throw error
  }
}
