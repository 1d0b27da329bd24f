import type { Actor } from './actor.ts'

type Entry = { readonly actor: Actor; readonly until: number }

export type CredentialCache = {
  find(key: string, load: () => Promise<Actor | undefined>): Promise<Actor | undefined>
  /** Forgets every entry that `concerns` picks, and whatever is being loaded right now. */
  forget(concerns: (actor: Actor) => boolean): void
}

const mostEntries = 10_000

/**
 * Who a credential stands for, remembered for a moment. A change of a token, a session or a role is forgotten at once
 * in the process that made it; other processes learn of it within `lifetimeMs`.
 */
export function createCredentialCache(lifetimeMs: number): CredentialCache {
  const entries = new Map<string, Entry>()
  // A load that began before a change must not be kept after it.
  let generation = 0
  return {
    find: async (key, load) => {
      const now = performance.now()
      const known = entries.get(key)
      if (known !== undefined && known.until > now) return known.actor
      const began = generation
      const actor = await load()
      entries.delete(key)
      if (actor !== undefined && began === generation) {
        if (entries.size >= mostEntries) evictOldest(entries)
        entries.set(key, { actor, until: now + lifetimeMs })
      }
      return actor
    },
    forget: (concerns) => {
      generation++
      for (const [key, { actor }] of entries) if (concerns(actor)) entries.delete(key)
    },
  }
}

function evictOldest(entries: Map<string, Entry>): void {
  const oldest = entries.keys().next()
  if (!oldest.done) entries.delete(oldest.value)
}
