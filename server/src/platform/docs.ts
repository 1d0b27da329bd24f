import { randomBytes } from 'node:crypto'
import { type ErrorCode, errorCodes, errors, isErrorCode, placedOperations, possibleErrors } from '@owlery/spec'
import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { documentJson, documentYaml } from '../http/document-file.ts'
import { TextReply } from '../http/reply.ts'
import { errorPage, errorsPage, icon, type PageOfError } from './docs.pages.ts'
import { referencePage, scalarBundle } from './docs.reference.ts'

const cached = { 'Cache-Control': 'public, max-age=300' } as const

const described = new Map(errorCodes.map((code) => [code, describe(code)]))

function describe(code: ErrorCode): PageOfError {
  const operations = placedOperations()
    .filter(({ operation }) => possibleErrors(operation).some((one) => one.code === code))
    .map(({ id }) => id)
  return { code, ...errors[code], operations }
}

export const docs: Handlers<typeof contract.platform.docs> = {
  page: reference,
  pageOpenapi: reference,
  pageApi: reference,

  script: async () => new TextReply('text/javascript', await scalarBundle(), { 'Cache-Control': 'public, max-age=86400' }),

  icon: () => new TextReply('image/svg+xml', icon, cached),

  errors(_input, { headers }) {
    const all = [...described.values()]
    return wantsHtml(headers) ? html((nonce) => errorsPage(all, nonce)) : all
  },

  error({ params }, { headers }) {
    // The record allows known codes only, so there always is one.
    const found = isErrorCode(params.code) ? described.get(params.code) : undefined
    if (found === undefined) throw new Error(`no description of ${params.code}`)
    return wantsHtml(headers) ? html((nonce) => errorPage(found, nonce)) : found
  },

  documentYaml: () => new TextReply('application/yaml', documentYaml, cached),

  documentJson: () => new TextReply('application/json', documentJson, cached),
}

async function reference(): Promise<TextReply<'text/html'>> {
  const nonce = randomBytes(16).toString('base64')
  return new TextReply('text/html', await referencePage(nonce), {
    // Scalar sets styles from its script, hence unsafe-inline for styles; nothing may come from another origin.
    'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${nonce}' 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Cache-Control': 'no-store',
  })
}

function html(render: (nonce: string) => string): TextReply<'text/html'> {
  const nonce = randomBytes(16).toString('base64')
  return new TextReply('text/html', render(nonce), {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    Vary: 'Accept',
  })
}

function wantsHtml(headers: Headers): boolean {
  const accepted = (headers.get('accept') ?? '').split(',').map((one) => one.split(';')[0]?.trim())
  return accepted.includes('text/html') && !accepted.includes('application/json')
}
