import { Resolver } from 'node:dns/promises'

/**
 * Whether this machine's way to the name servers works. Every check depends on it, so it is also the nearest thing to a
 * test of our own network that asks nobody who does not expect it.
 */
export type NameServers = {
  /** Any answer counts, also that there is no such name. */
  answer(): Promise<boolean>
  /** They have answered before and no longer do. Where they never have, nothing can be concluded from their silence. */
  haveFallenSilent(): Promise<boolean>
}

const freshMs = 3000
const timeoutMs = 1500

export function watchNameServers({ servers }: { readonly servers?: readonly string[] } = {}): NameServers {
  let asked: { readonly at: number; readonly answer: Promise<boolean> } | undefined
  let haveAnswered = false
  const answer = () => {
    if (asked === undefined || performance.now() - asked.at > freshMs) {
      asked = { at: performance.now(), answer: askForRoot(servers) }
    }
    return asked.answer
  }
  return {
    answer: async () => {
      const isAnswered = await answer()
      haveAnswered ||= isAnswered
      return isAnswered
    },
    haveFallenSilent: async () => {
      const isAnswered = await answer()
      const isSilent = haveAnswered && !isAnswered
      haveAnswered ||= isAnswered
      return isSilent
    },
  }
}

async function askForRoot(servers: readonly string[] | undefined): Promise<boolean> {
  const resolver = new Resolver({ timeout: timeoutMs / 3, tries: 2 })
  if (servers !== undefined) resolver.setServers(servers)
  const timer = setTimeout(() => resolver.cancel(), timeoutMs)
  try {
    await resolver.resolveNs('.')
    return true
  } catch (error) {
    return isAnswer(error)
  } finally {
    clearTimeout(timer)
  }
}

/** A resolver on this very machine says SERVFAIL when it reaches nobody itself. */
function isAnswer(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EREFUSED' || code === 'ENOTIMP'
}
