import { hash } from '@node-rs/argon2'
import { Overloaded } from '@owlery/server/security/bounded-work.ts'
import { passwordFault } from '@owlery/server/security/password-rules.ts'
import { createPasswords } from '@owlery/server/security/passwords.ts'
import { describe, expect, test } from 'vitest'

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

describe('hashing', () => {
  const passwords = createPasswords({ running: 1, waiting: 3 })

  test('tells the right password from a wrong one, however it was composed', async () => {
    const stored = await passwords.hash('rosé-à-midi')
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=32768,t=3,p=1\$/)
    expect(await passwords.verify('rosé-à-midi', stored)).toBe(true)
    expect(await passwords.verify('rosé-à-midi'.normalize('NFD'), stored)).toBe(true)
    expect(await passwords.verify('rosé-à-mid', stored)).toBe(false)
    expect(await passwords.hash('rosé-à-midi')).not.toBe(stored)
  })

  test('nobody has no password, and takes as long as somebody', async () => {
    const stored = await passwords.hash('a wrong password')
    const time = async (hashed: string | undefined) => {
      const start = performance.now()
      expect(await passwords.verify('another password', hashed)).toBe(false)
      return performance.now() - start
    }
    const somebody: number[] = []
    const nobody: number[] = []
    for (let round = 0; round < 15; round += 1) {
      somebody.push(await time(stored))
      nobody.push(await time(undefined))
    }
    expect(median(nobody)).toBeGreaterThan(median(somebody) * 0.6)
    expect(median(nobody)).toBeLessThan(median(somebody) * 1.6)
  })

  test('a hash made at another cost is due for a new one', async () => {
    expect(passwords.needsRehash(await hash('some password', { memoryCost: 19456, timeCost: 2 }))).toBe(true)
    expect(passwords.needsRehash(await passwords.hash('some password'))).toBe(false)
  })

  test('a flood is turned away, a bounded number waits, and the line is free again afterwards', async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 12 }, () => passwords.verify('some password', undefined)),
    )
    const refused = attempts.filter((attempt) => attempt.status === 'rejected')
    expect(refused).toHaveLength(8)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(Overloaded)
    expect(await passwords.verify('some password', undefined)).toBe(false)
  })
})

describe('rules for new passwords', () => {
  test.each([
    'Password123!',
    'p@ssw0rd2024',
    'passwordpassword',
    'qwertyuiop',
    'qwertyuiop123',
    '1234567890',
    '0987654321',
    '123456789012',
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    'abcdefghij',
    'asdfghjkl123',
    '1q2w3e4r5t',
    'iloveyou123',
    'Welcome2024!',
    'letmein12345',
    'adminadmin',
    'Liverpool2023',
    'correcthorsebatterystaple',
    'dragonmonkey',
    '1111111111',
    '!!!!!!!!!!',
    'trustno1!!',
    'Changeme123',
  ])('%s is guessed first', (password) => {
    expect(passwordFault(password)).toBeDefined()
  })

  test.each(['jane.doe123', 'JaneDoe2024', 'owlery2024!', 'example-2024', 'Nightshift1!', 'jane.doe@example.org'])(
    '%s is built from what belongs to the account',
    (password) => {
      expect(passwordFault(password, ['jane.doe@example.org', 'JaneDoe', 'Nightshift'])).toBeDefined()
    },
  )

  test.each([
    'quiet-lamp-borrowed-7',
    'mein Dackel frisst Kohl',
    'xK9#mQ2$vL',
    'owlery feeds at midnight',
    'summer rain on tin roofs',
    'пароль-для-моей-совы',
    '白い梟が夜に飛んで行く',
    'my password is a long walk',
    'jane likes thunderstorms',
  ])('%s is allowed', (password) => {
    expect(passwordFault(password, ['jane.doe@example.org', 'JaneDoe'])).toBeUndefined()
  })

  test('length counts in characters, from 10 to 256', () => {
    const varied = (length: number) => Array.from({ length }, (_, at) => 'mzkqtvhw'[(at * at + at * 3) % 8]).join('')
    expect(passwordFault('🦉🌙🌲💡🪶🐭🍂🎻🚲')).toContain('at least 10')
    expect(passwordFault('🦉🌙🌲💡🪶🐭🍂🎻🚲🧭')).toBeUndefined()
    expect(passwordFault(`${varied(248)} ok then`)).toBeUndefined()
    expect(passwordFault(varied(257))).toContain('at most 256')
  })

  test('a hostile password costs no time', () => {
    const start = performance.now()
    for (const password of [`${'ab'.repeat(127)}c!`, 'a1'.repeat(128), `${'0'.repeat(255)}x`, `${'!'.repeat(250)}a`]) {
      passwordFault(
        password,
        Array.from({ length: 1000 }, () => 'x@y.z'.repeat(1000)),
      )
    }
    expect(performance.now() - start).toBeLessThan(250)
  })
})
