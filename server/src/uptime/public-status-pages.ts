import type { contract } from '@owlery/spec'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { wantsHtml } from '../http/accept.ts'
import type { Handlers } from '../http/bind.ts'
import { tagOf } from '../http/content-tag.ts'
import type { ApiError } from '../http/problem.ts'
import { OtherwiseReply, TextReply } from '../http/reply.ts'
import { hashToken } from '../security/tokens.ts'
import type { Services } from '../services.ts'
import {
  accessTo,
  cookieName,
  isForEverybody,
  unlockSeconds,
  unlockToken,
  type Visitor,
} from './public-status-pages.access.ts'
import { noticeAs, pageAt, refusalPage } from './public-status-pages.pages.ts'
import {
  couldBeName,
  findPublicPage,
  findShown,
  type PageName,
  type PublicPageRow,
} from './public-status-pages.store.ts'
import { incidentsOf, toPublicPage } from './public-status-pages.view.ts'
import { atomFeed } from './status-page.feed.ts'
import { confirmSubscription, unsubscribe } from './status-page-subscribers.store.ts'
import { pageUrl } from './status-page-subscribers.ts'

type Records = typeof contract.uptime.publicStatusPages

const subscribed = { message: 'If the address is right, a mail with a link is on its way.' }
const confirmed = { message: 'You will get mail about incidents from now on.' }
const stale = { message: 'This link is not valid any more; subscribe again' }
const unsubscribed = { message: 'You will get no more mail.' }

export const publicStatusPages: Handlers<Records> = {
  get: ({ params }, context) => answer({ slug: params.slug }, context),

  getByHost: ({ params }, context) => answer({ host: params.host.toLowerCase() }, context),

  async getFeed({ params }, context) {
    const { db, services, now } = context
    const page = await openPage({ slug: params.slug }, context)
    const pageAddress = pageUrl(services, page)
    const content = atomFeed({
      title: page.title,
      pageUrl: pageAddress,
      feedUrl: `${services.config.publicUrl}/api/v1/status-pages/public/${page.slug}/feed.xml`,
      since: page.created_at.toISOString(),
      incidents: await incidentsOf(db, page, await findShown(db, page.id), now),
    })
    return new TextReply('application/atom+xml', content, {
      'Content-Type': 'application/atom+xml; charset=utf-8',
      'Cache-Control': cacheControl(page),
      ETag: tagOf(content),
    })
  },

  async unlock({ params, body }, context) {
    const { db, services, now, error, setHeader, commit } = context
    const page = await findPublicPage(db, { slug: params.slug })
    if (page === undefined || accessTo(page, visitorOf(context)) === 'absent') throw error('NOT_FOUND')
    const { password_hash: stored } = page
    const isRight = stored === null || (await services.passwords.verify(body.password, stored))
    if (!isRight) throw error('STATUS_PAGE_PASSWORD_INVALID')
    const token = unlockToken(page, services.config.jwtSecret, now)
    const secure = services.config.publicUrl.startsWith('https:') ? '; Secure' : ''
    setHeader(
      'Set-Cookie',
      `${cookieName(page.id)}=${token}; Path=/; Max-Age=${unlockSeconds}; HttpOnly; SameSite=Lax${secure}`,
    )
    setHeader('Cache-Control', 'no-store')
    return commit(async () => ({ ok: true, token, expiresIn: unlockSeconds }))
  },

  async subscribe({ params, body }, context) {
    const { db, services } = context
    const page = await openPage({ slug: params.slug }, context)
    // A known address is looked up by the job, where nobody can time it.
    await services.queue.send('status-page.subscribe', { pageId: page.id, email: body.email }, { tx: db })
    return subscribed
  },

  async confirmSubscription({ params: { slug }, query }, { db, now, headers, error, setHeader }) {
    setHeader('Vary', 'Accept')
    const isName = couldBeName(slug)
    if (isName && (await confirmSubscription(db, slug, hashToken(query.token), now))) {
      return noticeAs(headers, 'Subscribed', confirmed, slug)
    }
    if (wantsHtml(headers)) return refusalPage('Not subscribed', stale, isName ? slug : undefined)
    throw error('VALIDATION_FAILED', { fields: [{ path: 'token', code: 'custom', ...stale }] })
  },

  unsubscribe: endSubscription,
  unsubscribeByMail: endSubscription,

  page: ({ params }, context) => showPage({ slug: params.slug }, context),

  pageByHost: (_input, context) => showPage({ host: hostOf(context.headers) }, context),
}

type Facts = {
  readonly db: Kysely<Tables>
  readonly services: Services
  readonly address: string
  readonly headers: Headers
  readonly now: Date
  setHeader(name: string, value: string): void
}

function visitorOf({ address, headers, now, services }: Facts): Visitor {
  return { address, headers, now, secret: services.config.jwtSecret }
}

type Refusing = { error(code: 'NOT_FOUND' | 'STATUS_PAGE_PASSWORD_REQUIRED'): ApiError }

async function openPage(name: PageName, context: Facts & Refusing): Promise<PublicPageRow> {
  const page = await findPublicPage(context.db, name)
  const access = page === undefined ? 'absent' : accessTo(page, visitorOf(context))
  if (page === undefined || access === 'absent') throw context.error('NOT_FOUND')
  if (access === 'locked') throw context.error('STATUS_PAGE_PASSWORD_REQUIRED')
  return page
}

async function answer(name: PageName, context: Facts & Refusing) {
  const page = await openPage(name, context)
  const view = await toPublicPage(context.db, page, context.now)
  context.setHeader('Cache-Control', cacheControl(page))
  context.setHeader('ETag', tagOf(JSON.stringify(view)))
  return view
}

async function showPage(name: PageName, context: Facts) {
  const { page, html, status } = await pageAt(name, context.db, visitorOf(context))
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': html.policy,
    'Cache-Control': page === undefined ? 'no-store' : cacheControl(page),
    ETag: tagOf(html.content),
  }
  return status === 404 ? new OtherwiseReply(html.content, headers) : new TextReply('text/html', html.content, headers)
}

function cacheControl(page: PublicPageRow): string {
  return isForEverybody(page) ? 'public, max-age=15' : 'private, no-store'
}

function hostOf(headers: Headers): string {
  return (headers.get('host') ?? '').toLowerCase().replace(/:\d+$/, '')
}

async function endSubscription({ query }: { query: { token: string } }, { db, headers, setHeader }: Facts) {
  await unsubscribe(db, hashToken(query.token))
  setHeader('Vary', 'Accept')
  return noticeAs(headers, 'Unsubscribed', unsubscribed)
}
