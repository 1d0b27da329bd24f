import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isUnavailable } from '@owlery/server/db/constraints.ts'
import { WriteAheadLog } from '@owlery/server/db/write-ahead-log.ts'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'owlery-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function segment(name: string): string {
  const path = join(folder, name)
  writeFileSync(path, 'x')
  return path
}

test('commits that wait together share one sync', async () => {
  const log = new WriteAheadLog()
  log.noteWrite(segment('a'), 1)
  const [first, second] = [log.flush(), log.flush()]
  expect(first).toBe(second)
  await first
  await log.close()
})

test('a commit that lands while a sync runs waits for the next one', async () => {
  const log = new WriteAheadLog()
  log.noteWrite(segment('a'), 1)
  const order: string[] = []
  // A full group starts its sync at once.
  const running = Promise.all(Array.from({ length: 8 }, () => log.flush())).then(() => order.push('running'))
  log.noteWrite(join(folder, 'missing'), 1)
  const landed = log.flush().catch(() => order.push('landed'))
  await Promise.all([running, landed])
  expect(order).toEqual(['running', 'landed'])
  await log.close()
})

test('what cannot be synced once is never acknowledged again', async () => {
  const log = new WriteAheadLog()
  const path = join(folder, 'late')
  log.noteWrite(path, 1)
  expect(isUnavailable(await log.flush().catch((error: unknown) => error))).toBe(true)
  writeFileSync(path, 'there after all')
  log.noteWrite(path, 1)
  await expect(log.flush()).rejects.toThrow('could not be brought to the disk')
  expect(log.flushNow()).toBe(false)
  await log.close()
})

test('a long life over many segments leaves few of them open', async () => {
  const log = new WriteAheadLog()
  for (let index = 0; index < 50; index++) {
    log.noteWrite(segment(`segment-${index}`), 16)
    await log.flush()
  }
  expect(log.bytesWritten).toBe(800)
  await setTimeout(0)
  await log.close()
})
