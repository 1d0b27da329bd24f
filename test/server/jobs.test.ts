import { randomBytes, randomUUID } from 'node:crypto'
import { GiveUp, type JobHandlers } from '@owlery/server/jobs/jobs.ts'
import { createQueue, type Queue, QueueUnavailable } from '@owlery/server/jobs/queue.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { createSecretBox } from '@owlery/server/security/secrets.ts'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { freshDatabase } from '../support/database.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
beforeAll(async () => {
  database = await freshDatabase()
  // Puts the tables there that every test cleans up.
  await newQueue(false).start()
})
afterAll(() => database.close())

const secrets = await createSecretBox([{ id: 'default', key: randomBytes(32).toString('hex') }])
let lines: string[] = []
const log = createLogTo({ write: (line: string) => void lines.push(line) }, 'debug')

const open: Queue[] = []
function newQueue(works = true): Queue {
  const queue = createQueue({ database, log, secrets, works })
  open.push(queue)
  return queue
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.stop(1000)))
  await sql`DELETE FROM jobs.job`.execute(database.db)
  lines = []
})

type Row = { name: string; state: string; data: unknown; output: unknown; start_after: Date }
async function row(id: string | undefined): Promise<Row | undefined> {
  const { rows } = await sql<Row>`SELECT name, state, data, output, start_after FROM jobs.job WHERE id = ${id}`.execute(
    database.db,
  )
  return rows[0]
}

const mail = (text: string) => ({ to: 'jane@example.org', subject: 'Set a new password', text })
const soon = { timeout: 8000, interval: 50 }

function handlersFor(send: JobHandlers['mail.send'], sweep: JobHandlers['sweep'] = async () => undefined): JobHandlers {
  const nothing = async () => undefined
  return {
    'mail.send': send,
    'password-reset.mail': nothing,
    'status-page.subscribe': nothing,
    'uptime.event': nothing,
    'alert.send': nothing,
    'check-retention': nothing,
    sweep,
  }
}

describe('sending', () => {
  test('a job exists if and only if its transaction commits', async () => {
    const worked: string[] = []
    const queue = newQueue()
    await queue.start(handlersFor(async ({ text }) => void worked.push(text)))
    const kept = await database.db.transaction().execute((tx) => queue.send('mail.send', mail('committed'), { tx }))
    const undone = database.db.transaction().execute(async (tx) => {
      await queue.send('mail.send', mail('rolled back'), { tx })
      throw new Error('the effect failed')
    })
    await expect(undone).rejects.toThrow('the effect failed')
    await queue.send('mail.send', mail('plain'))
    await vi.waitFor(() => expect(worked).toHaveLength(2), soon)
    expect(worked.toSorted()).toEqual(['committed', 'plain'])
    await vi.waitFor(async () => expect(await row(kept)).toMatchObject({ state: 'completed' }), soon)
    expect(await sql`SELECT 1 FROM jobs.job`.execute(database.db)).toMatchObject({ rows: { length: 2 } })
  })

  test('before the start a send waits; within a transaction it is refused rather than locked up', async () => {
    const queue = newQueue(false)
    const early = queue.send('mail.send', mail('early'))
    const locked = database.db.transaction().execute((tx) => queue.send('mail.send', mail('too early'), { tx }))
    await expect(locked).rejects.toBeInstanceOf(QueueUnavailable)
    await queue.start()
    expect(await row(await early)).toMatchObject({ name: 'mail.send', state: 'created' })
    await queue.stop(1000)
    await expect(queue.send('mail.send', mail('late'))).rejects.toBeInstanceOf(QueueUnavailable)
  })

  test('sends that wait for a queue that never starts are refused at its end', async () => {
    const queue = newQueue(false)
    const early = expect(queue.send('mail.send', mail('early'))).rejects.toBeInstanceOf(QueueUnavailable)
    await queue.stop(1000)
    await early
  })

  test.each([1, 3, 6])('starts once the database is back that went away at statement %i', async (last) => {
    let statements = 0
    let isBack = false
    const flaky = {
      kind: database.kind,
      executeSql: async (text: string, values: unknown[]) => {
        statements += 1
        if (statements >= last && !isBack) throw new Error('Connection terminated unexpectedly')
        return database.executeSql(text, values)
      },
    }
    const queue = createQueue({ database: flaky, log, secrets, works: true })
    open.push(queue)
    const worked: string[] = []
    const handlers = handlersFor(async ({ text }) => void worked.push(text))
    const early = expect(queue.send('mail.send', mail('early'))).rejects.toBeInstanceOf(QueueUnavailable)
    await expect(queue.start(handlers)).rejects.toThrow('Connection terminated')
    await early
    isBack = true
    const waiting = queue.send('mail.send', mail('waited'))
    await queue.start(handlers)
    expect(await waiting).toBeDefined()
    await vi.waitFor(() => expect(worked).toEqual(['waited']), soon)
  })

  test('an exclusive job waits once', async () => {
    const queue = newQueue(false)
    await queue.start()
    expect(await queue.send('sweep', null)).toBeDefined()
    expect(await queue.send('sweep', null)).toBeUndefined()
    expect(await queue.send('sweep', null, { singletonKey: 'another' })).toBeDefined()
  })

  test('what a mail says stands neither in the database nor in the log', async () => {
    const canary = randomUUID()
    const queue = newQueue()
    await queue.start(
      handlersFor(async ({ text }) => {
        expect(text).toContain(canary)
        throw Object.assign(new Error('no answer'), { message: 'no answer', sent: text })
      }),
    )
    const id = await queue.send('mail.send', mail(`https://owlery.example/reset?token=${canary}`))
    await vi.waitFor(async () => expect(await row(id)).toMatchObject({ state: 'retry' }), soon)
    expect(JSON.stringify(await row(id))).toContain('no answer')
    expect(JSON.stringify(await row(id))).not.toContain(canary)
    expect(lines.join()).toContain('will be tried again')
    expect(lines.join()).not.toContain(canary)
  })
})

describe('working', () => {
  test('a failed job is tried again later, with its number of attempts, until it succeeds', async () => {
    const attempts: number[] = []
    const queue = newQueue()
    await queue.start(
      handlersFor(async (_mail, { attempt }) => {
        attempts.push(attempt)
        if (attempt === 1) throw new Error('no answer')
      }),
    )
    const id = await queue.send('mail.send', mail('again'))
    await vi.waitFor(async () => expect(await row(id)).toMatchObject({ state: 'retry' }), soon)
    expect((await row(id))?.start_after.getTime()).toBeGreaterThan(Date.now() + 2000)
    await sql`UPDATE jobs.job SET start_after = now() WHERE id = ${id}`.execute(database.db)
    await vi.waitFor(async () => expect(await row(id)).toMatchObject({ state: 'completed' }), soon)
    expect(attempts).toEqual([1, 2])
  })

  test('what another attempt cannot mend ends at once: given up, not sealed, not ours, moved from another row', async () => {
    const worked: string[] = []
    const queue = newQueue()
    const sender = newQueue(false)
    await sender.start()
    const givenUp = await sender.send('mail.send', mail('give up'))
    const moved = await sender.send('mail.send', mail('moved'))
    const plain = await sender.send('mail.send', mail('plain'))
    await sql`UPDATE jobs.job SET data = ${{ to: 'eve@example.org', subject: 'x', text: 'x' }} WHERE id = ${plain}`.execute(
      database.db,
    )
    await sql`UPDATE jobs.job SET data = (SELECT data FROM jobs.job WHERE id = ${givenUp}) WHERE id = ${moved}`.execute(
      database.db,
    )
    await queue.start(
      handlersFor(async ({ text }) => {
        worked.push(text)
        throw new GiveUp('no such mailbox')
      }),
    )
    for (const id of [givenUp, moved, plain]) {
      await vi.waitFor(async () => expect(await row(id)).toMatchObject({ state: 'completed' }), soon)
    }
    expect(worked).toEqual(['give up'])
    expect(lines.filter((line) => line.includes('job failed for good'))).toHaveLength(3)
  })

  test('a sender leaves the work to the worker', async () => {
    const worked: string[] = []
    const [sender, worker] = [newQueue(false), newQueue()]
    await sender.start(handlersFor(async () => void worked.push('by the sender')))
    const id = await sender.send('mail.send', mail('for the worker'))
    await worker.start(handlersFor(async ({ text }) => void worked.push(text)))
    await vi.waitFor(async () => expect(await row(id)).toMatchObject({ state: 'completed' }), soon)
    expect(worked).toEqual(['for the worker'])
  })

  test('the end waits for a running job, but not beyond its deadline', async () => {
    const short = newQueue()
    let ended = false
    const started = Promise.withResolvers<void>()
    await short.start(
      handlersFor(async () => {
        started.resolve()
        await new Promise((resolve) => setTimeout(resolve, 600))
        ended = true
      }),
    )
    const shortId = await short.send('mail.send', mail('short'))
    await started.promise
    await short.stop(5000)
    expect(ended).toBe(true)
    expect(await row(shortId)).toMatchObject({ state: 'completed' })

    const long = newQueue()
    const aborted = Promise.withResolvers<void>()
    const running = Promise.withResolvers<void>()
    await long.start(
      handlersFor(async (_mail, { signal }) => {
        running.resolve()
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        aborted.resolve()
      }),
    )
    const longId = await long.send('mail.send', mail('long'))
    await running.promise
    const begin = performance.now()
    await long.stop(1000)
    await aborted.promise
    expect(performance.now() - begin).toBeLessThan(3000)
    expect(await row(longId)).toMatchObject({ state: 'retry' })
  })
})

test('schedules and queues are settled once and follow a change', async () => {
  const stamps = async () => {
    const schedules = await sql`SELECT name, cron, updated_on FROM jobs.schedule`.execute(database.db)
    const queues =
      await sql`SELECT name, policy, retry_limit, updated_on FROM jobs.queue WHERE name NOT LIKE '\\_%' ORDER BY name`.execute(
        database.db,
      )
    return { schedules: schedules.rows, queues: queues.rows }
  }
  const first = newQueue()
  await first.start(handlersFor(async () => undefined))
  await first.schedule('sweep', '*/15 * * * *')
  const before = await stamps()
  expect(before).toMatchObject({
    schedules: [{ name: 'sweep', cron: '*/15 * * * *' }],
    queues: expect.arrayContaining([
      expect.objectContaining({ name: 'mail.send', policy: 'standard', retry_limit: 8 }),
      expect.objectContaining({ name: 'password-reset.mail', policy: 'standard', retry_limit: 5 }),
      expect.objectContaining({ name: 'sweep', policy: 'exclusive', retry_limit: 1 }),
    ]),
  })
  const second = newQueue()
  await second.start(handlersFor(async () => undefined))
  await second.schedule('sweep', '*/15 * * * *')
  expect(await stamps()).toEqual(before)
  await sql`UPDATE jobs.queue SET retry_limit = 3 WHERE name = 'mail.send'`.execute(database.db)
  const third = newQueue()
  await third.start(handlersFor(async () => undefined))
  await third.schedule('sweep', '*/30 * * * *')
  expect(await stamps()).toMatchObject({
    schedules: [{ cron: '*/30 * * * *' }],
    queues: expect.arrayContaining([expect.objectContaining({ name: 'mail.send', retry_limit: 8 })]),
  })
})
