import { operation } from '../operation.ts'
import { anyone } from '../policy.ts'
import { z } from '../primitives.ts'

const ErrorDescription = z
  .object({
    code: z.string(),
    status: z.int(),
    message: z.string(),
    meaning: z.string(),
    remedy: z.string(),
    retry: z.enum(['never', 'later', 'same-key']),
    operations: z.array(z.string()).openapi({ description: 'The ids of the operations that may answer with it.' }),
  })
  .openapi('ErrorDescription', {
    description: 'One error code: what it means and what to do.',
    example: {
      code: 'NOT_FOUND',
      status: 404,
      message: 'Not found',
      meaning: 'There is no such thing, or it belongs to another organization.',
      remedy: 'Check the id and the organization of the credential.',
      retry: 'never',
      operations: ['platform.tokens.delete'],
    },
  })

const open = { access: anyone, limit: null, errors: [], offline: true, origin: 'owlery' } as const

/** The reference page under each of the paths that the three APIs publish it at. */
function referencePage<const P extends `/${string}`>(path: P) {
  return operation({
    ...open,
    method: 'get',
    path,
    summary: 'Interactive reference',
    description: 'Every operation, to read and to try against this server. It loads nothing from elsewhere.',
    success: { status: 200, description: 'The page.', texts: ['text/html'] },
    client: false,
  })
}

export const docs = {
  page: referencePage('/docs'),
  pageOpenapi: referencePage('/docs/openapi'),
  pageApi: referencePage('/docs/api'),
  script: operation({
    ...open,
    method: 'get',
    path: '/docs/scalar.js',
    summary: 'The script of the reference page',
    description: 'Served by this server, so that the page works without any network.',
    query: z.strictObject({
      v: z
        .string()
        .max(64)
        .optional()
        .openapi({ description: 'Names the version, for caches; nothing depends on it.', example: 'mF2gQ8' }),
    }),
    success: { status: 200, description: 'The script.', texts: ['text/javascript'] },
    revalidates: true,
    client: false,
  }),
  icon: operation({
    ...open,
    method: 'get',
    path: '/favicon.ico',
    summary: 'The icon of the pages',
    description: 'An SVG image.',
    success: { status: 200, description: 'The icon.', texts: ['image/svg+xml'] },
    client: false,
  }),
  errors: operation({
    ...open,
    method: 'get',
    path: '/docs/errors',
    summary: 'All error codes',
    description: 'JSON, or a page for readers that ask for HTML.',
    success: {
      status: 200,
      description: 'Every code, sorted.',
      body: z.array(ErrorDescription).max(1000),
      texts: ['text/html'],
    },
  }),
  error: operation({
    ...open,
    method: 'get',
    path: '/docs/errors/{code}',
    summary: 'One error code',
    description: 'JSON, or a page for readers that ask for HTML.',
    params: z.strictObject({
      // Not the list of codes: an unknown one is a page that is not there rather than a faulty request.
      code: z.string().min(1).max(100).openapi({ description: 'An error code.', example: 'NOT_FOUND' }),
    }),
    success: { status: 200, description: 'The code.', body: ErrorDescription, texts: ['text/html'] },
    errors: ['NOT_FOUND'],
  }),
  documentYaml: operation({
    ...open,
    method: 'get',
    path: '/openapi.yaml',
    summary: 'The contract as YAML',
    description: 'The committed document, byte for byte.',
    success: { status: 200, description: 'The document.', texts: ['application/yaml'] },
    revalidates: true,
  }),
  documentJson: operation({
    ...open,
    method: 'get',
    path: '/openapi.json',
    summary: 'The contract as JSON',
    description: 'The same document as /openapi.yaml.',
    origin: '24observe',
    success: { status: 200, description: 'The document.', texts: ['application/json'] },
    revalidates: true,
    client: false,
  }),
}
