import { operation } from '../operation.ts'
import { anyone } from '../policy.ts'
import { z } from '../primitives.ts'
import {
  PublicStatusPage,
  StatusPageNotice,
  StatusPageUnlock,
  StatusPageUnlocked,
} from './public-status-pages.schemas.ts'
import { StatusPageSubscribe } from './status-pages.schemas.ts'

// A slug that cannot be one is a page that is not there rather than a faulty request.
const params = z.strictObject({
  slug: z.string().min(1).max(16384).openapi({ description: 'The slug of the page.', example: 'acme' }),
})
const query = z.strictObject({
  token: z.string().min(1).max(200).openapi({
    description: 'The token from the mail.',
    example: 'mF2gQ8pZ1cV7rT5yXw3nB9kD6hJ4sL0aE2uI8oP5qRc',
  }),
})
const common = { origin: '24observe', access: anyone, limit: 'api' } as const
const guarded = ['NOT_FOUND', 'STATUS_PAGE_PASSWORD_REQUIRED'] as const
const guard =
  'Not there for pages that are not public, nor for addresses off the page’s list. With a password it takes an unlock token, as the header X-Status-Page-Token or as the cookie.'

const unsubscribing = {
  ...common,
  path: '/api/v1/status-pages/public/unsubscribe',
  query,
  success: {
    status: 200,
    description: 'No more mail, also if there was none before.',
    body: StatusPageNotice,
    texts: ['text/html'],
  },
  errors: [],
} as const

export const publicStatusPages = {
  get: operation({
    ...common,
    method: 'get',
    path: '/api/v1/status-pages/public/{slug}',
    summary: 'What a status page shows',
    description: guard,
    params,
    success: {
      status: 200,
      description: 'The page as data.',
      body: PublicStatusPage,
      headers: { 'Cache-Control': 'For 15 seconds by everybody, or not at all if not everybody may read it.' },
    },
    errors: guarded,
    revalidates: true,
    anyOrigin: true,
  }),
  getByHost: operation({
    ...common,
    method: 'get',
    path: '/api/v1/status-pages/public/by-host/{host}',
    summary: 'The status page of a host',
    description: `By its custom domain. ${guard}`,
    params: z.strictObject({
      host: z.string().min(1).max(16384).openapi({ description: 'A host name.', example: 'status.example.com' }),
    }),
    success: { status: 200, description: 'The page as data.', body: PublicStatusPage },
    errors: guarded,
    revalidates: true,
    anyOrigin: true,
  }),
  getFeed: operation({
    ...common,
    method: 'get',
    path: '/api/v1/status-pages/public/{slug}/feed.xml',
    summary: 'Incidents as an Atom feed',
    description: `An entry for each incident, which changes with every update. ${guard}`,
    params,
    success: { status: 200, description: 'The feed.', texts: ['application/atom+xml'] },
    errors: guarded,
    revalidates: true,
    anyOrigin: true,
  }),
  unlock: operation({
    ...common,
    method: 'post',
    path: '/api/v1/status-pages/public/{slug}/unlock',
    summary: 'Unlock a status page',
    description: 'Answers a token and sets it as a cookie that scripts cannot read. It lasts 12 hours.',
    limit: 'status-page-unlock',
    params,
    body: StatusPageUnlock,
    success: {
      status: 200,
      description: 'Unlocked.',
      body: StatusPageUnlocked,
      headers: { 'Set-Cookie': 'The same token.' },
    },
    errors: ['NOT_FOUND', 'STATUS_PAGE_PASSWORD_INVALID'],
    slow: true,
  }),
  subscribe: operation({
    ...common,
    method: 'post',
    path: '/api/v1/status-pages/public/{slug}/subscribe',
    summary: 'Ask for mail about incidents',
    description:
      'Sends a mail with a link that has to be followed within 48 hours. The answer is the same for every address.',
    limit: 'status-page-subscribe',
    params,
    body: StatusPageSubscribe,
    success: { status: 202, description: 'Taken.', body: StatusPageNotice },
    errors: guarded,
  }),
  confirmSubscription: operation({
    ...common,
    method: 'get',
    path: '/api/v1/status-pages/public/{slug}/subscribe/confirm',
    summary: 'Confirm an address',
    description: 'What the link in the mail leads to: a page for browsers, else JSON. Following it again is fine.',
    params,
    query,
    success: { status: 200, description: 'Confirmed.', body: StatusPageNotice, texts: ['text/html'] },
    otherwise: {
      status: 400,
      description: 'The link is not valid: a page for browsers, else JSON.',
      text: 'text/html',
    },
    errors: [],
  }),
  unsubscribe: operation({
    ...unsubscribing,
    method: 'get',
    summary: 'End a subscription',
    description: 'What the link in every mail leads to: a page for browsers, else JSON.',
  }),
  unsubscribeByMail: operation({
    ...unsubscribing,
    method: 'post',
    summary: 'End a subscription from a mail program',
    description: 'The one click of RFC 8058. What is sent as a body is not read.',
  }),
  page: operation({
    ...common,
    method: 'get',
    path: '/status/{slug}',
    summary: 'The status page itself',
    description: 'For people. With a password it asks for it; everything else as for the data.',
    origin: 'owlery',
    params,
    success: { status: 200, description: 'The page.', texts: ['text/html'] },
    otherwise: { status: 404, description: 'A page that says that there is none.', text: 'text/html' },
    errors: [],
    revalidates: true,
    client: false,
  }),
  pageByHost: operation({
    ...common,
    method: 'get',
    path: '/',
    summary: 'The status page of this host',
    description: 'At the custom domain of a status page, that page.',
    origin: 'owlery',
    success: { status: 200, description: 'The page.', texts: ['text/html'] },
    otherwise: { status: 404, description: 'A page that says that there is none.', text: 'text/html' },
    errors: [],
    revalidates: true,
    client: false,
  }),
}
