import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generateAll, readCommitted, root } from './lib/generate-all.ts'
import { firstDifferences } from './lib/text-diff.ts'

const check = process.argv.includes('--check')
let stale = 0
for (const [path, contents] of await generateAll()) {
  const committed = await readCommitted(path)
  if (committed === contents) continue
  stale++
  if (check) {
    console.error(`${path} is not what spec/ says:\n${firstDifferences(committed ?? '', contents)}\n`)
  } else {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), contents)
    console.log(`wrote ${path}`)
  }
}
if (check && stale > 0) {
  console.error('Run: npm run generate')
  process.exitCode = 1
} else if (stale === 0) {
  console.log('everything generated is up to date')
}
