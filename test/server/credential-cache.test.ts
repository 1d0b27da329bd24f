import { migrate } from '@owlery/server/db/migrate.ts'
import { createNotifications, type Notifications } from '@owlery/server/db/notifications.ts'
import type { Actor } from '@owlery/server/http/actor.ts'
import { type CredentialCache, createCredentialCache, followChanges } from '@owlery/server/http/credential-cache.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { insertAccount, insertMembership, insertOrganization } from '@owlery/server/platform/accounts.store.ts'
import { findSession, findToken } from '@owlery/server/platform/credentials.store.ts'
import { insertSession } from '@owlery/server/platform/sessions.store.ts'
import { insertToken } from '@owlery/server/platform/tokens.store.ts'
import { mintToken } from '@owlery/server/security/tokens.ts'
import { Client } from 'pg'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDatabase, postgresServer } from '../support/database.ts'

const someone = (userId: number): Actor => ({
  kind: 'session',
  sessionId: `session of ${userId}`,
  userId,
  userUuid: 'c2a0b1f4-6f2e-4b57-9f0e-1d5b3b1c7a10',
  email: `user-${userId}@example.com`,
  role: 'member',
  organizationId: 1,
})

function countedLoad(userId = 1) {
  return vi.fn(async (): Promise<Actor | undefined> => someone(userId))
}

describe('in one process', () => {
  it('loads once in a while, not for every request', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const cache = createCredentialCache(2000)
    const load = countedLoad()
    for (let index = 0; index < 5; index++) expect(await cache.find('key', load)).toEqual(someone(1))
    expect(load).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(2001)
    await cache.find('key', load)
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('forgets whom a change concerns, and nobody else', async () => {
    const cache = createCredentialCache(2000)
    const [one, other] = [countedLoad(1), countedLoad(2)]
    await cache.find('one', one)
    await cache.find('other', other)
    await cache.forget((actor) => actor.userId === 1)
    await cache.find('one', one)
    await cache.find('other', other)
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([2, 1])
  })

  it('does not keep what was loaded while a change happened', async () => {
    const cache = createCredentialCache(2000)
    const { promise, resolve } = Promise.withResolvers<Actor | undefined>()
    const stale = cache.find('key', () => promise)
    await cache.forget(() => false)
    resolve(someone(1))
    expect(await stale).toEqual(someone(1))
    const load = countedLoad()
    await cache.find('key', load)
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('remembers nobody who is unknown, so that a new credential works at once', async () => {
    const cache = createCredentialCache(2000)
    expect(await cache.find('key', async () => undefined)).toBeUndefined()
    expect(await cache.find('key', countedLoad())).toEqual(someone(1))
  })

  it('keeps a bounded number', async () => {
    const cache = createCredentialCache(60_000)
    const load = countedLoad()
    await cache.find('first', load)
    for (let index = 0; index < 10_000; index++) await cache.find(`key ${index}`, countedLoad())
    await cache.find('first', load)
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('keeps nothing while changes by others pass unheard', async () => {
    const cache = createCredentialCache(2000, { isHearing: () => false, settle: async () => undefined })
    const load = countedLoad()
    await cache.find('key', load)
    await cache.find('key', load)
    expect(load).toHaveBeenCalledTimes(2)
  })
})

const server = await postgresServer()
const database = server && (await createDatabase(server.url))
if (database !== undefined) await migrate(database)
afterAll(async () => {
  await database?.close()
  await server?.stop()
})

type Process = { readonly cache: CredentialCache; readonly notifications: Notifications }

describe.each(database === undefined ? [] : [database])(
  'between processes on one PostgreSQL',
  ({ db, url, executeSql }) => {
    const log = createLogTo({ write: () => undefined }, 'silent')
    const running: Notifications[] = []
    afterAll(async () => {
      for (const notifications of running) await notifications.stop()
    })

    async function startProcess(): Promise<Process> {
      const notifications = createNotifications({ url, log })
      const cache = createCredentialCache(60_000, notifications)
      followChanges(cache, notifications)
      await notifications.start()
      running.push(notifications)
      return { cache, notifications }
    }

    let people = 0
    async function createPerson() {
      const email = `person-${++people}@example.com`
      const account = await insertAccount(db, { email, name: null, passwordHash: null })
      if (account === 'email_taken') throw new Error(`${email} exists`)
      const organization = await insertOrganization(db, { name: 'Ours', plan: 'self-hosted' }, () => `n${people}`)
      await insertMembership(db, { organizationId: organization.id, userId: account.id, role: 'member' })
      const now = new Date()
      const owner = { organizationId: organization.id, userId: account.id }
      const { hash, shownPrefix } = mintToken('obs_')
      const limits = { dailyMutationLimit: null, dailyLogBytesLimit: null, expiresAt: null }
      const token = await insertToken(db, {
        ...owner,
        ...limits,
        name: 'x',
        prefix: shownPrefix,
        hash,
        scopes: ['*'],
        now,
      })
      const expiresAt = new Date(now.getTime() + 1_000_000)
      const sessionId = await insertSession(db, { ...owner, address: '127.0.0.1', userAgent: null, now, expiresAt })
      return {
        ...owner,
        tokenId: token.id,
        sessionId,
        token: ({ cache }: Process) => cache.find(hash.toString('base64'), () => findToken(db, hash)),
        session: ({ cache }: Process) => cache.find(sessionId, () => findSession(db, sessionId, new Date())),
      }
    }

    it.each<[change: string, statement: string, id: 'tokenId' | 'sessionId' | 'userId' | 'organizationId']>([
      ['the token is revoked', 'UPDATE tokens SET revoked_at = now() WHERE id = $1', 'tokenId'],
      ['the token is deleted', 'DELETE FROM tokens WHERE id = $1', 'tokenId'],
      ['its scopes change', `UPDATE tokens SET scopes = '{logs:read}' WHERE id = $1`, 'tokenId'],
      ['its cap changes', 'UPDATE tokens SET daily_mutation_limit = 1 WHERE id = $1', 'tokenId'],
      ['the session ends', 'UPDATE sessions SET revoked_at = now() WHERE id = $1', 'sessionId'],
      ['the role changes', `UPDATE memberships SET role = 'viewer' WHERE user_id = $1`, 'userId'],
      ['the member is removed', 'DELETE FROM memberships WHERE user_id = $1', 'userId'],
      ['the e-mail address changes', `UPDATE users SET email = 'new-' || email WHERE id = $1`, 'userId'],
      ['the account is deleted', 'DELETE FROM users WHERE id = $1', 'userId'],
      ['the organization is deleted', 'DELETE FROM organizations WHERE id = $1', 'organizationId'],
    ])('all forget when %s, exactly when that commits', async (_change, statement, id) => {
      const [here, there] = [await startProcess(), await startProcess()]
      const person = await createPerson()
      const look = async () => ({ token: await person.token(there), session: await person.session(there) })
      const before = await look()
      expect([before.token, before.session]).not.toContain(undefined)

      const client = new Client({ connectionString: url })
      await client.connect()
      await client.query('BEGIN')
      await client.query(statement, [person[id]])
      await here.notifications.settle(2000)
      expect(await look()).toEqual(before)
      await client.query('COMMIT')
      await here.notifications.settle(2000)
      expect(await look()).not.toEqual(before)
      await client.end()
    })

    it('nobody forgets for what is noted at every use', async () => {
      const [here, there] = [await startProcess(), await startProcess()]
      const person = await createPerson()
      const before = await person.token(there)
      await executeSql('UPDATE tokens SET last_used_at = now()')
      await executeSql('UPDATE sessions SET last_seen_at = now(), expires_at = now()')
      await executeSql(`UPDATE users SET last_login_at = now(), password_hash = 'x'`)
      await here.notifications.settle(2000)
      expect(await person.token(there)).toBe(before)
    })

    it('whoever waits for the others has waited for all of them', async () => {
      const processes = await Promise.all([startProcess(), startProcess(), startProcess(), startProcess()])
      const [here] = processes
      if (here === undefined) throw new Error('no process')
      for (let round = 0; round < 20; round++) {
        const person = await createPerson()
        for (const each of processes) expect(await person.token(each)).toBeDefined()
        await executeSql('UPDATE tokens SET revoked_at = now() WHERE id = $1', [person.tokenId])
        await here.cache.forget((actor) => actor.userId === person.userId)
        for (const each of processes) expect(await person.token(each)).toBeUndefined()
      }
    })

    it('one that says nothing holds the others up for no longer than it may remember', async () => {
      const here = await startProcess()
      const silent = new Client({ connectionString: url })
      await silent.connect()
      await silent.query(`LISTEN owlery_barriers; SET application_name = 'owlery listening'`)
      const started = performance.now()
      await here.notifications.settle(300)
      expect(performance.now() - started).toBeGreaterThanOrEqual(295)
      await silent.end()
      await vi.waitFor(async () => {
        const again = performance.now()
        await here.notifications.settle(300)
        expect(performance.now() - again).toBeLessThan(250)
      })
    })

    it('one that was cut off forgets everything, remembers nothing until it hears again, and then does', async () => {
      const here = await startProcess()
      const person = await createPerson()
      const before = await person.token(here)
      expect(await person.token(here)).toBe(before)
      await executeSql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'owlery listening'`,
      )
      await vi.waitFor(() => expect(here.notifications.isHearing()).toBe(false))
      const unkept = await person.token(here)
      expect(await person.token(here)).not.toBe(unkept)
      await vi.waitFor(() => expect(here.notifications.isHearing()).toBe(true), { timeout: 5000 })
      const kept = await person.token(here)
      expect(await person.token(here)).toBe(kept)
    })
  },
)
