import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { wantsHtml } from '../http/accept.ts'
import { OtherwiseReply, TextReply } from '../http/reply.ts'
import { accessTo, type Visitor } from './public-status-pages.access.ts'
import { findPublicPage, type PageName, type PublicPageRow } from './public-status-pages.store.ts'
import { toPublicPage } from './public-status-pages.view.ts'
import { type Html, noticePage, passwordPage, statusPage } from './status-page.html.ts'
import { toFooterLinks } from './status-pages.view.ts'

type Shown = {
  readonly page: PublicPageRow | undefined
  readonly html: Html
  readonly status: 200 | 404
}

/** The page, the form that asks for its password, or that there is none. */
export async function pageAt(name: PageName, db: Kysely<Tables>, visitor: Visitor): Promise<Shown> {
  const page = await findPublicPage(db, name)
  const access = page === undefined ? 'absent' : accessTo(page, visitor)
  if (page === undefined || access === 'absent') {
    const html = noticePage('Not found', 'There is no status page here.')
    return { page: undefined, html, status: 404 }
  }
  if (access === 'locked') {
    // What it is called and how it is dressed is all that a visitor without the password sees.
    const branding = {
      logoUrl: page.logo_url,
      accentColor: page.accent_color,
      footerLinks: toFooterLinks(page.footer_links),
      customCss: page.custom_css,
      hideBranding: page.hide_branding,
    }
    return { page, html: passwordPage(page.title, page.slug, branding), status: 200 }
  }
  return { page, html: statusPage(await toPublicPage(db, page, visitor.now)), status: 200 }
}

type Notice = { readonly message: string }

/** The sentence as a small page for browsers, else as data. */
export function noticeAs(headers: Headers, title: string, notice: Notice, slug?: string) {
  if (!wantsHtml(headers)) return notice
  const { content, headers: own } = small(title, notice, slug)
  return new TextReply('text/html', content, own)
}

/** For who follows a link that leads nowhere any more. */
export function refusalPage(title: string, notice: Notice, slug?: string): OtherwiseReply<string> {
  const { content, headers } = small(title, notice, slug)
  return new OtherwiseReply(content, headers)
}

function small(title: string, { message }: Notice, slug: string | undefined) {
  const { content, policy } = noticePage(title, message, slug)
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-store',
  }
  return { content, headers }
}
