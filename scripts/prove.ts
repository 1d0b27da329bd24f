import { parseArgs } from 'node:util'
import { auditChain } from './prove/audit-chain.ts'
import { auditExport } from './prove/audit-export.ts'
import { checksScale } from './prove/checks-scale.ts'
import { crash } from './prove/crash.ts'
import { dataDirLock } from './prove/data-dir-lock.ts'
import { falseAlarms } from './prove/false-alarms.ts'
import { idempotencyStorm } from './prove/idempotency-storm.ts'
import { keyRotation } from './prove/key-rotation.ts'
import { killDatabase } from './prove/kill-database.ts'
import { killMigration } from './prove/kill-migration.ts'
import { killServer } from './prove/kill-server.ts'
import { limitsHold } from './prove/limits.ts'
import { monitorsScale } from './prove/monitors-scale.ts'
import type { Proof } from './prove/proof.ts'
import { revocation } from './prove/revocation.ts'
import { storm } from './prove/storm.ts'
import { timelineScale } from './prove/timeline-scale.ts'
import { walSync } from './prove/wal-sync.ts'
import { webhooks } from './prove/webhooks.ts'

const proofs: Readonly<Record<string, Proof>> = {
  'audit-chain': auditChain,
  'audit-export': auditExport,
  'checks-scale': checksScale,
  crash,
  'data-dir-lock': dataDirLock,
  'false-alarms': falseAlarms,
  'key-rotation': keyRotation,
  'kill-database': killDatabase,
  'kill-server': killServer,
  'kill-migration': killMigration,
  'monitors-scale': monitorsScale,
  limits: limitsHold,
  revocation,
  'idempotency-storm': idempotencyStorm,
  storm,
  'timeline-scale': timelineScale,
  'wal-sync': walSync,
  webhooks,
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (positionals[0] === 'short') return proveAllInShort()
  const proof = proofs[positionals[0] ?? '']
  const runs = values.runs === undefined ? undefined : Number(values.runs)
  if (proof === undefined || (runs !== undefined && !(Number.isInteger(runs) && runs > 0))) {
    console.log(
      'npm run prove -- NAME [--runs N]\n  short           every proof that has a short form, as CI runs them',
    )
    for (const [name, { summary }] of Object.entries(proofs)) console.log(`  ${name.padEnd(16)}${summary}`)
    process.exitCode = positionals.length === 0 ? 0 : 1
    return
  }
  const held = await proof.prove(runs)
  console.log(held ? 'held' : 'FAILED')
  process.exitCode = held ? 0 : 1
}

/** What a change must pass: every proof that has a short form, one after the other. */
async function proveAllInShort(): Promise<void> {
  for (const [name, { short, prove }] of Object.entries(proofs)) {
    if (short === undefined) continue
    const held = await prove(short)
    console.log(`${name}: ${held ? 'held' : 'FAILED'}`)
    if (!held) process.exitCode = 1
  }
}

await main()
