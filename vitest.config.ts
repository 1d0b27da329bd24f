import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { browserTests, isBrowserInstalled } from './test/support/browser.ts'
import { testsWithoutDatabase } from './test/support/database-use.ts'

const withoutBrowser = isBrowserInstalled() ? [] : browserTests
if (withoutBrowser.length > 0) {
  console.warn(`No Chromium (set CHROMIUM, or install it): ${withoutBrowser.join(', ')} did not run.`)
}

const sameOnAnyDatabase = process.env.OWLERY_TESTS === 'database' ? testsWithoutDatabase() : []

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...withoutBrowser, ...sameOnAnyDatabase],
    globalSetup: ['test/support/database-setup.ts', 'test/support/coverage-setup.ts'],
    pool: 'forks',
    // Loading the service takes longer than most files' tests; each has its own service and database all the same.
    isolate: false,
    // Each may hold an embedded database, which takes about 400 MB.
    maxWorkers: Math.min(4, availableParallelism()),
    // Only for what hangs: a shared machine can be slow, and no test is about time.
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
})
