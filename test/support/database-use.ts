import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const databases = join(import.meta.dirname, 'database.ts')
const localImport = /^(?:import|export|\}).*'(\.{1,2}\/[^']+\.ts)'/gm

/** The test files that never open a database of the run's kind: with another kind they would do the very same again. */
export function testsWithoutDatabase(): string[] {
  const known = new Map([[databases, true]])
  const reachesDatabase = (file: string): boolean => {
    const found = known.get(file)
    if (found !== undefined) return found
    // Until it is known: an import that leads back here adds nothing.
    known.set(file, false)
    const reaches = importsOf(file).some(reachesDatabase)
    known.set(file, reaches)
    return reaches
  }
  return globSync('test/**/*.test.ts', { cwd: root }).filter((file) => !reachesDatabase(join(root, file)))
}

/** Those in the folder of the tests; nothing outside of it knows which database they are about. */
function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(localImport)]
    .map(([, path = '']) => join(dirname(file), path))
    .filter((path) => path.startsWith(join(root, 'test/')))
}
