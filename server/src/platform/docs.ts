import { randomBytes } from 'node:crypto'
import { type contract, errorCodes, errors, type Placed, placedOperations, possibleErrors } from '@owlery/spec'
import { wantsHtml } from '../http/accept.ts'
import type { Handlers } from '../http/bind.ts'
import { documentJson, documentYaml } from '../http/document-file.ts'
import { TextReply } from '../http/reply.ts'
import { servedFile, withCharset } from './docs.files.ts'
import { errorPage, errorsPage, icon, type PageOfError } from './docs.pages.ts'
import { referenceLink, referencePage, script } from './docs.reference.ts'

// A new version of the service has a new contract at once; asking costs a 304.
const asked = 'public, no-cache'
const yaml = servedFile({ type: 'application/yaml', read: async () => documentYaml, cacheControl: asked })
const json = servedFile({ type: 'application/json', read: async () => documentJson, cacheControl: asked })

const described = describeErrors()

function describeErrors(): ReadonlyMap<string, PageOfError> {
  const operations = new Map<string, Set<Placed>>(errorCodes.map((code) => [code, new Set()]))
  for (const placed of placedOperations()) {
    for (const { code } of possibleErrors(placed.operation)) operations.get(code)?.add(placed)
  }
  return new Map(
    errorCodes.map((code) => {
      const answering = [...(operations.get(code) ?? [])].map((placed) => ({
        id: placed.id,
        link: referenceLink(placed),
      }))
      return [code, { code, ...errors[code], operations: answering }]
    }),
  )
}

function asJson({ operations, ...rest }: PageOfError) {
  return { ...rest, operations: operations.map(({ id }) => id) }
}

export const docs: Handlers<typeof contract.platform.docs> = {
  page: reference,
  pageOpenapi: reference,
  pageApi: reference,

  script: (_input, { headers }) => script.reply(headers),

  icon: () => new TextReply('image/svg+xml', icon, { 'Cache-Control': 'public, max-age=300' }),

  errors(_input, { headers, setHeader }) {
    setHeader('Vary', 'Accept')
    const all = [...described.values()]
    return wantsHtml(headers) ? html((nonce) => errorsPage(all, nonce)) : all.map(asJson)
  },

  error({ params }, { headers, setHeader, error }) {
    setHeader('Vary', 'Accept')
    const found = described.get(params.code)
    if (found === undefined)
      throw error('NOT_FOUND', { message: 'There is no such error code; /docs/errors lists all' })
    return wantsHtml(headers) ? html((nonce) => errorPage(found, nonce)) : asJson(found)
  },

  documentYaml: (_input, { headers }) => yaml.reply(headers),

  documentJson: (_input, { headers }) => json.reply(headers),
}

async function reference(): Promise<TextReply<'text/html'>> {
  const nonce = freshNonce()
  return page(await referencePage(nonce), {
    // Scalar sets styles from its script, hence unsafe-inline for styles; nothing may come from another origin.
    'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  })
}

function html(render: (nonce: string) => string): TextReply<'text/html'> {
  const nonce = freshNonce()
  return page(render(nonce), {
    'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  })
}

/** A nonce is good for one answer, so no page is stored. */
function page(content: string, headers: Readonly<Record<string, string>>): TextReply<'text/html'> {
  return new TextReply('text/html', content, {
    'Content-Type': withCharset('text/html'),
    'Cache-Control': 'no-store',
    ...headers,
  })
}

function freshNonce(): string {
  return randomBytes(16).toString('base64')
}
