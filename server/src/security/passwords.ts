import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, parseOptions, verify } from '@node-rs/argon2'
import { boundedWork } from './bounded-work.ts'

// Argon2id (the library's default) above OWASP's floor of 19 MiB and two passes; about 20 ms of one core.
const cost = { memoryCost: 32 * 1024, timeCost: 3, parallelism: 1 } as const

export type Passwords = {
  /** Rejects with `Overloaded` when too many others wait; so does `verify`. */
  hash(password: string): Promise<string>
  /** Without a stored hash the work is done all the same, so that the time does not tell who has an account. */
  verify(password: string, stored: string | undefined): Promise<boolean>
  needsRehash(stored: string): boolean
}

/**
 * Hashing is kept off at least half of the cores and its line is short: a flood of logins is turned away with
 * `Overloaded` after about a second of waiting, while other requests go on.
 */
export function createPasswords({
  running = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))),
  waiting = running * 50,
}: {
  running?: number
  waiting?: number
} = {}): Passwords {
  const inLine = boundedWork(running, waiting)
  const nobodysHash = hash(randomBytes(32), cost)
  return {
    hash: (password) => inLine(() => hash(normalized(password), cost)),
    verify: (password, stored) =>
      inLine(async () => {
        const matches = await verify(stored ?? (await nobodysHash), normalized(password))
        return matches && stored !== undefined
      }),
    needsRehash: (stored) => {
      const { memoryCost, timeCost, parallelism } = parseOptions(stored)
      return memoryCost !== cost.memoryCost || timeCost !== cost.timeCost || parallelism !== cost.parallelism
    },
  }
}

/** The same text typed on another keyboard or system may be composed differently. */
function normalized(password: string): string {
  return password.normalize('NFKC')
}
