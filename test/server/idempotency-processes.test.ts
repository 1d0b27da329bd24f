import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { bootstrapToken } from '../../scripts/lib/server-process.ts'
import { onDatabase } from '../../scripts/prove/two-servers.ts'
import { createDatabase, postgresServer } from '../support/database.ts'

const server = await postgresServer()
const database = server && (await createDatabase(server.url))
afterAll(async () => {
  await database?.close()
  await server?.stop()
})

describe.each(database === undefined ? [] : [database])('two processes on one PostgreSQL', ({ url, db }) => {
  it('make one effect of 200 requests with one key', { timeout: 120_000 }, () =>
    onDatabase(url, {}, async ({ here, there }) => {
      const key = randomUUID()
      const mint = (to: string) =>
        fetch(`${to}/api/v1/me/tokens`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${bootstrapToken}`,
            'content-type': 'application/json',
            'idempotency-key': key,
          },
          body: JSON.stringify({ name: key }),
        })
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) => mint(index % 2 === 0 ? here.url : there.url)),
      )
      const made = answers.filter((one) => one.status === 201 && !one.headers.has('idempotent-replayed'))
      const others = answers.filter((one) => !made.includes(one))
      expect(made).toHaveLength(1)
      for (const other of others) {
        const expected = other.headers.has('idempotent-replayed') ? 201 : 409
        expect(other.status).toBe(expected)
      }
      expect(await db.selectFrom('tokens').select('id').where('name', '=', key).execute()).toHaveLength(1)

      const bodies = [await (await mint(here.url)).text(), await (await mint(there.url)).text()]
      expect(new Set([...bodies, await made[0]?.text()]).size).toBe(1)
    }),
  )
})
