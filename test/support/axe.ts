import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe-core finds on the page as it is now, one line for each fault: how bad it is, what it is, and where. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  // Through the debugger, which the page's own policy against scripts does not reach.
  await page.evaluate(axe.source)
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target, failureSummary }) => impact + ' ' + id + ' at ' + target.join(' ') + ': ' + failureSummary)))`)
}
