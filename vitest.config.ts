import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { browserTests, isBrowserInstalled } from './test/support/browser.ts'

const withoutBrowser = isBrowserInstalled() ? [] : browserTests
if (withoutBrowser.length > 0) {
  console.warn(`No Chromium (set CHROMIUM, or install it): ${withoutBrowser.join(', ')} did not run.`)
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...withoutBrowser],
    globalSetup: ['test/support/database-setup.ts', 'test/support/coverage-setup.ts'],
    pool: 'forks',
    // One more than there are cores, since many tests wait. Each may hold an embedded database of about 400 MB.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
