import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Placed } from '@owlery/spec'
import { Scalar } from '@scalar/hono-api-reference'
import { Hono } from 'hono'
import { servedFile } from './docs.files.ts'

type Env = { Bindings: { readonly nonce: string; readonly script: string } }

/** Four megabytes. The page names it with its fingerprint, so a browser fetches each version once. */
export const script = servedFile({
  type: 'text/javascript',
  // The package exports no path to its one-file bundle, which lies beside its entry.
  read: () =>
    readFile(join(dirname(fileURLToPath(import.meta.resolve('@scalar/api-reference'))), 'browser', 'standalone.js')),
  cacheControl: 'public, max-age=31536000, immutable',
})

// The theme's own are too faint to read on its three backgrounds; these stand out by at least 4.5 to 1 on each of them.
const readableColors = `
.light-mode {
  --scalar-color-2: #595959;
  --scalar-color-3: #636363;
  --scalar-color-accent: #0063a8;
  --scalar-color-green: #00704a;
  --scalar-color-blue: #0063a8;
  --scalar-color-yellow: #7a5a00;
  --scalar-color-orange: #a83b00;
  --scalar-color-red: #c00014;
}
.dark-mode {
  --scalar-color-3: #9a9a9a;
  --scalar-color-red: #ff6b6b;
}`

/** The renderer is a Hono middleware, so it gets a Hono app of its own; everything it loads is ours. */
const renderer = new Hono<Env>().get(
  '/',
  Scalar<Env>((c) => ({
    url: '/openapi.yaml',
    cdn: c.env.script,
    nonce: c.env.nonce,
    pageTitle: 'Owlery API',
    favicon: '/favicon.ico',
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    showDeveloperTools: 'never',
    hideClientButton: true,
    persistAuth: false,
    authentication: { preferredSecurityScheme: 'token' },
    // The served file itself, not what the page has made of it.
    documentDownloadType: 'direct',
    defaultOpenAllTags: false,
    theme: 'default',
    customCss: readableColors,
  })),
)

const withoutScript = `<noscript><p>This page needs JavaScript. Without it, read <a href="/openapi.yaml">the document</a> and
<a href="/docs/errors">the error codes</a>.</p></noscript>`

export async function referencePage(nonce: string): Promise<string> {
  const page = await renderer.request('/', undefined, {
    nonce,
    script: `/docs/scalar.js?v=${await script.fingerprint()}`,
  })
  // The renderer has no setting for these two.
  return (await page.text()).replace('<html>', '<html lang="en">').replace('<body>', `<body>\n    ${withoutScript}`)
}

/** Where the page shows the operation. */
export function referenceLink({ tag, operation }: Placed): string {
  const slug = tag.toLowerCase().replaceAll(' ', '-')
  return `/docs#tag/${slug}/${operation.method.toUpperCase()}${operation.path}`
}
