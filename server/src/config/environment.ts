import { regionSettings, type Setting, settings } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const ownPrefix = 'OWLERY_'

/** Reads one setting after the other and gathers the faults; no message quotes a value. */
export function readerOf(env: Environment, faults: string[]): <T>(setting: Setting<T>) => T {
  return (setting) => {
    const text = env[setting.name]?.trim()
    if (text === undefined || text === '') return setting.initial
    const parsed = setting.parse(text)
    if ('value' in parsed) return parsed.value
    faults.push(`${setting.name} must be ${parsed.mustBe}`)
    return setting.initial
  }
}

/** A misspelt setting would otherwise be silently without effect. */
export function unknownSettings(env: Environment): string[] {
  const all = [...Object.values(settings), ...Object.values(regionSettings)]
  const own = all.flatMap(({ name }) => (name.startsWith(ownPrefix) ? [name] : []))
  return Object.keys(env)
    .filter((name) => name.startsWith(ownPrefix) && !own.includes(name))
    .map((name) => `${name} is not a setting; those that start with ${ownPrefix} are ${own.join(', ')}`)
}
