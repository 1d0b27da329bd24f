import type { Notifications } from '../db/notifications.ts'
import type { Actor } from './actor.ts'

type Entry = { readonly actor: Actor; readonly until: number }

export type CredentialCache = {
  find(key: string, load: () => Promise<Actor | undefined>): Promise<Actor | undefined>
  /**
   * Forgets every entry that `concerns` picks, and whatever is being loaded right now. It resolves once no other
   * process answers from before the change, so an answer that waits for it can promise that.
   */
  forget(concerns: (actor: Actor) => boolean): Promise<void>
  /** Another process has changed something of this person. */
  forgetUser(userId: number): void
  forgetAll(): void
}

/** While it is not hearing, changes by others pass unheard and nothing may be kept. */
export type Peers = Pick<Notifications, 'isHearing' | 'settle'>

const mostEntries = 10_000

/**
 * Who a credential stands for, remembered for a moment. Every entry ends `lifetimeMs` after its load began: a process
 * that hears nothing of a change has forgotten by itself when whoever waits for it gives up.
 */
export function createCredentialCache(lifetimeMs: number, peers?: Peers): CredentialCache {
  const entries = new Map<string, Entry>()
  // A load that began before a change must not be kept after it.
  let generation = 0
  const drop = (concerns: (actor: Actor) => boolean) => {
    generation++
    for (const [key, { actor }] of entries) if (concerns(actor)) entries.delete(key)
  }
  return {
    find: async (key, load) => {
      const now = performance.now()
      const known = entries.get(key)
      if (known !== undefined && known.until > now) return known.actor
      const began = generation
      const mayKeep = peers?.isHearing() ?? true
      const actor = await load()
      entries.delete(key)
      if (actor !== undefined && mayKeep && began === generation) {
        if (entries.size >= mostEntries) evictOldest(entries)
        entries.set(key, { actor, until: now + lifetimeMs })
      }
      return actor
    },
    forget: async (concerns) => {
      drop(concerns)
      await peers?.settle(lifetimeMs)
    },
    forgetUser: (userId) => drop((actor) => actor.userId === userId),
    forgetAll: () => drop(() => true),
  }
}

/** Triggers on all that a credential stands on send the person's id in the transaction that changes it. */
export function followChanges(credentials: CredentialCache, notifications: Notifications): void {
  notifications.listen({
    channel: 'credentials',
    heard: (userId) => credentials.forgetUser(Number(userId)),
    missed: () => credentials.forgetAll(),
  })
}

function evictOldest(entries: Map<string, Entry>): void {
  const oldest = entries.keys().next()
  if (!oldest.done) entries.delete(oldest.value)
}
