import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Scalar } from '@scalar/hono-api-reference'
import { Hono } from 'hono'

type Env = { Bindings: { readonly nonce: string } }

/** The renderer is a Hono middleware, so it gets a Hono app of its own; everything it loads is ours. */
const renderer = new Hono<Env>().get(
  '/',
  Scalar<Env>((c) => ({
    url: '/openapi.yaml',
    cdn: '/docs/scalar.js',
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
    defaultOpenAllTags: false,
    theme: 'default',
  })),
)

export async function referencePage(nonce: string): Promise<string> {
  const page = await renderer.request('/', undefined, { nonce })
  return page.text()
}

let bundle: Promise<Uint8Array<ArrayBuffer>> | undefined

/** Four megabytes that most processes never serve: read at the first request, once. */
export function scalarBundle(): Promise<Uint8Array<ArrayBuffer>> {
  // The package exports no path to its one-file bundle, which lies beside its entry.
  bundle ??= readFile(
    join(dirname(fileURLToPath(import.meta.resolve('@scalar/api-reference'))), 'browser', 'standalone.js'),
  ).then((file) => new Uint8Array(file))
  return bundle
}
