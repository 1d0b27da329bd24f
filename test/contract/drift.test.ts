import { expect, test } from 'vitest'
import { generateAll, readCommitted } from '../../scripts/lib/generate-all.ts'
import { firstDifferences } from '../../scripts/lib/text-diff.ts'

const generated = await generateAll()

test.each([...generated])('%s is what spec/ says', async (path, contents) => {
  const committed = (await readCommitted(path)) ?? ''
  expect(firstDifferences(committed, contents), `${path} is stale. Run: npm run generate`).toBe('')
  // Line ends and the end of the file count too; the differences above go by lines.
  expect(committed === contents).toBe(true)
})

test('the document, the client and the list of operations are among the generated files', () => {
  const paths = [...generated.keys()]
  for (const path of ['openapi.yaml', 'spec/openapi.json', 'spec/operations.txt']) expect(paths).toContain(path)
  expect(paths.filter((path) => path.startsWith('client/src/generated/')).length).toBeGreaterThanOrEqual(4)
})

test('generating again gives the same bytes', async () => {
  expect([...(await generateAll())]).toEqual([...generated])
})
