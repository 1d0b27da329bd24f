/**
 * When something was last used, written now and then instead of at every request: `last_used_at` may lag by the
 * interval, and a crash loses no more than that.
 */
export type UseLog<K> = { seen(key: K, moment: Date): void; flush(): Promise<void> }

export function createUseLog<K>(write: (uses: ReadonlyMap<K, Date>) => Promise<void>): UseLog<K> {
  let uses = new Map<K, Date>()
  return {
    seen: (key, moment) => {
      uses.set(key, moment)
    },
    flush: async () => {
      if (uses.size === 0) return
      const pending = uses
      uses = new Map()
      try {
        await write(pending)
      } catch (error) {
        // The next flush takes them along; a use seen since is the later one.
        uses = new Map([...pending, ...uses])
        throw error
      }
    },
  }
}
