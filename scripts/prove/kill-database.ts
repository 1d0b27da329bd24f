import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect } from '@owlery/server/db/connect.ts'
import { inTemporaryFolder, type Proof, startScript } from './proof.ts'

/** Whatever was acknowledged before a kill -9 is there afterwards, and nothing is there by half. */
export const killDatabase: Proof = {
  summary: 'kill -9 loses no acknowledged row (20 runs; with PROVE_DATABASE_URL on PostgreSQL too)',
  short: 3,
  async prove(runs = 20) {
    const embedded = await inTemporaryFolder((folder) => killAll(join(folder, 'database'), runs))
    const url = process.env['PROVE_DATABASE_URL']
    return url === undefined ? embedded : (await killAll(url, runs)) && embedded
  },
}

const writers = 8

type Tally = { acknowledged: number; lost: number; halves: number; openMs: number[] }

async function killAll(where: string, runs: number): Promise<boolean> {
  const kind = where.startsWith('postgres') ? 'postgres' : 'embedded'
  const tally: Tally = { acknowledged: 0, lost: 0, halves: 0, openMs: [] }
  for (let run = 0; run < runs; run++) await killOnce(where, run, tally)
  const opened = tally.openMs.toSorted((a, b) => a - b)
  const median = Math.round(opened[Math.floor(opened.length / 2)] ?? 0)
  console.log(
    `${kind}: ${runs} kills, ${tally.acknowledged} commits acknowledged, ${tally.lost} lost, ${tally.halves} halves; ` +
      `opened again in ${median} ms (median), ${Math.round(opened.at(-1) ?? 0)} ms (slowest)`,
  )
  return tally.acknowledged > 0 && tally.lost === 0 && tally.halves === 0
}

async function killOnce(where: string, run: number, tally: Tally): Promise<void> {
  // Each run has its own range, far wider than what it can write.
  const firstNumber = 1 + run * 10_000_000
  const writer = startScript('database-writer', [where, String(firstNumber), String(writers)])
  await writer.line('ready')
  await setTimeout(50 + Math.random() * 750)
  writer.child.kill('SIGKILL')
  await writer.ended
  const numbers = writer.lines.filter((line) => line.startsWith('acknowledged ')).map((line) => Number(line.slice(13)))

  const started = performance.now()
  const database = await connect(
    where.startsWith('postgres') ? { kind: 'postgres', url: where, poolSize: 1 } : { kind: 'pglite', dataDir: where },
  )
  try {
    await database.check(10_000)
    tally.openMs.push(performance.now() - started)
    const { rows } = await database.executeSql(
      'SELECT number, count(*) AS halves FROM pairs WHERE number >= $1 GROUP BY number',
      [firstNumber],
    )
    const found = new Set(rows.map(({ number }) => number))
    tally.acknowledged += numbers.length
    tally.lost += numbers.filter((number) => !found.has(number)).length
    tally.halves += rows.filter(({ halves }) => halves !== 2).length
  } finally {
    await database.close()
  }
}
