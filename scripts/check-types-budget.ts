import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './lib/root.ts'
import { typeCheck } from './lib/tsc.ts'

/**
 * How much work the types make for the compiler, counted in instantiations, which unlike seconds are the same on every
 * machine. A type that explodes shows here before anybody waits for it.
 */
const budgetFile = 'scripts/types-budget.json'
const tolerance = 1.25

const budget: unknown = JSON.parse(await readFile(join(root, budgetFile), 'utf8'))
if (typeof budget !== 'object' || budget === null) throw new Error(`${budgetFile} does not hold an object`)

for (const [project, allowed] of Object.entries(budget)) {
  if (typeof allowed !== 'number') throw new Error(`${budgetFile} has no number for ${project}`)
  // One thread, because each further one instantiates the shared types anew.
  const { ok, output, instantiations } = await typeCheck(join(root, project), '--singleThreaded')
  const verdict = !ok ? 'DOES NOT COMPILE' : instantiations > allowed * tolerance ? 'TOO MANY' : 'fine'
  console.log(`${project}: ${instantiations} instantiations, budget ${allowed}: ${verdict}`)
  if (verdict === 'fine') continue
  process.exitCode = 1
  console.error(ok ? `Make the types cheaper, or raise the budget on purpose in ${budgetFile}.` : output)
}
