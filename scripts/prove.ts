import { parseArgs } from 'node:util'
import { dataDirLock } from './prove/data-dir-lock.ts'
import { killDatabase } from './prove/kill-database.ts'
import type { Proof } from './prove/proof.ts'
import { walSync } from './prove/wal-sync.ts'

const proofs: Readonly<Record<string, Proof>> = {
  'data-dir-lock': dataDirLock,
  'kill-database': killDatabase,
  'wal-sync': walSync,
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string' } } })
  const proof = proofs[positionals[0] ?? '']
  const runs = values.runs === undefined ? undefined : Number(values.runs)
  if (proof === undefined || (runs !== undefined && !(Number.isInteger(runs) && runs > 0))) {
    console.log('npm run prove -- NAME [--runs N]')
    for (const [name, { summary }] of Object.entries(proofs)) console.log(`  ${name.padEnd(16)}${summary}`)
    process.exitCode = positionals.length === 0 ? 0 : 1
    return
  }
  const held = await proof.prove(runs)
  console.log(held ? 'held' : 'FAILED')
  process.exitCode = held ? 0 : 1
}

await main()
