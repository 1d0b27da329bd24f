import { readFileSync } from 'node:fs'

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

function field(key: string): string {
  const value: unknown = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, key) : undefined
  if (typeof value !== 'string') throw new Error(`package.json has no ${key}`)
  return value
}

export const name = field('name')
export const version = field('version')
