import { openSync } from 'node:fs'
import { check, depsHere } from './checked.ts'

// A program of its own, since it takes every file descriptor that its process may have.

const types = ['tcp', 'port', 'ssl', 'smtp', 'ping', 'http', 'keyword'] as const

// What is loaded or opened once and then kept must not be what fails.
const deps = depsHere()
const ask = (type: (typeof types)[number], port: string) => {
  const url = type === 'http' || type === 'keyword' ? `http://127.0.0.1:${port}/` : `127.0.0.1:${port}`
  return check({ type, url, keyword: 'x', timeoutMs: 2000 }, deps)
}
await Promise.all(types.map((type) => ask(type, '1')))
process.stdout.write('')
try {
  for (;;) openSync('/dev/null', 'r')
} catch {
  // There are none left.
}
const results: Record<string, unknown> = {}
for (const type of types) results[type] = await ask(type, '1')
// Node keeps the time limit of a program that it could not start, and the process with it.
process.stdout.write(JSON.stringify(results), () => process.exit())
