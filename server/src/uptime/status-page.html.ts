import { createHash } from 'node:crypto'
import { escapeHtml } from '../escape-html.ts'
import { overallOf, type PublicComponent, type PublicView } from './public-status-pages.view.ts'
import { script, style } from './status-page.assets.ts'
import { renderMarkdown } from './status-page.markdown.ts'
import {
  componentCard,
  incidentCard,
  maintenanceCard,
  type ShownComponent,
  stateOf,
  time,
} from './status-page.parts.ts'
import { embeddableCss } from './status-pages.css.ts'

export type Html = { readonly content: string; readonly policy: string }

type Branding = PublicView['branding']
type Frame = { readonly title: string; readonly branding: Branding; readonly head?: string; readonly main: string }

const plain: Branding = { logoUrl: null, accentColor: null, footerLinks: [], customCss: null, hideBranding: false }

export function statusPage(view: PublicView): Html {
  const names = new Map(view.monitors.map(({ id, name }) => [id, name]))
  const open = view.incidents.filter(({ resolvedAt }) => resolvedAt === null)
  const past = view.incidents.filter(({ resolvedAt }) => resolvedAt !== null)
  const cards = (list: typeof open) => list.map((incident) => incidentCard(incident, names))
  const shown = view.monitors.map((monitor) => ({ ...monitor, isMaintained: isMaintained(monitor, view) }))
  const overall = overallState(shown)
  const data = `/api/v1/status-pages/public/${view.slug}`
  return frame({
    title: view.title,
    branding: view.branding,
    head: `<link rel="alternate" type="application/atom+xml" title="Incidents" href="${data}/feed.xml">`,
    main: `${view.description ? `<div class="intro">${renderMarkdown(view.description)}</div>` : ''}
<p class="overall ${overall.name}"><span aria-hidden="true">●</span> ${overall.text}</p>
<p class="facts">As of ${time(view.updatedAt)}</p>
${section('Open incidents', cards(open))}
${section(
  'Maintenance',
  view.maintenance.map((window) => maintenanceCard(window, names)),
)}
${byGroup(shown)}
${section('Past incidents', cards(past))}
<section aria-labelledby="subscribe"><h2 id="subscribe">Get mail about incidents</h2>
<form class="card" data-to="${data}/subscribe"><label>E-mail address<input name="email" type="email" autocomplete="email" maxlength="320" required></label>
<button>Subscribe</button><p role="status"></p></form>
<p class="facts"><a href="${data}/feed.xml">Atom feed</a></p></section>`,
  })
}

export function passwordPage(title: string, slug: string, branding: Branding): Html {
  return frame({
    title,
    branding,
    main: `<section aria-labelledby="locked"><h2 id="locked">This page needs a password</h2>
<form class="card" data-to="/api/v1/status-pages/public/${slug}/unlock" data-then="reload"><label>Password<input name="password" type="password" autocomplete="current-password" maxlength="128" required></label>
<button>Show the page</button><p role="status"></p></form></section>`,
  })
}

/** A sentence, and the way to the page that it is about. */
export function noticePage(title: string, text: string, slug?: string): Html {
  const way = slug === undefined ? '' : `\n<p><a href="/status/${escapeHtml(slug)}">To the status page</a></p>`
  return frame({ title, branding: plain, main: `<p>${escapeHtml(text)}</p>${way}` })
}

const overallTexts = {
  up: 'All systems are operational',
  degraded: 'Some systems are degraded',
  down: 'Some systems are down',
  unknown: 'Some systems were not checked yet',
} as const

function isMaintained({ id }: PublicComponent, { maintenance }: PublicView): boolean {
  return maintenance.some(({ status, monitorIds }) => status === 'active' && monitorIds.includes(id))
}

function overallState(shown: readonly ShownComponent[]): { readonly name: string; readonly text: string } {
  if (shown.length === 0) return { name: 'unknown', text: 'Nothing is shown here yet' }
  const others = shown.filter((component) => !component.isMaintained)
  const name = overallOf(others.map(({ lastStatus }) => lastStatus))
  const isAllThereIs = others.length < shown.length && (name === 'up' || others.length === 0)
  return isAllThereIs ? { name: 'maintained', text: 'Maintenance is in progress' } : { name, text: overallTexts[name] }
}

/** With more components than this, a named group that is all well is folded, so that what is not can be seen. */
const mostUnfolded = 12

function byGroup(shown: readonly ShownComponent[]): string {
  const isNamed = shown.some(({ group }) => group !== null)
  const groups = Map.groupBy(shown, ({ group }) => group ?? (isNamed ? 'Other systems' : 'Systems'))
  return [...groups]
    .map(([title, own]) => {
      const cards = own.map(componentCard)
      return isNamed && shown.length > mostUnfolded ? folded(title, own, cards) : section(title, cards)
    })
    .join('\n')
}

function folded(title: string, own: readonly ShownComponent[], cards: readonly string[]): string {
  const isWell = own.every(({ lastStatus, isMaintained }) => lastStatus === 'up' && !isMaintained)
  const state = isWell ? stateOf({ lastStatus: 'up', isMaintained: false }) : ''
  const summary = `<summary><h2>${escapeHtml(title)}</h2>${state}</summary>`
  return `<details class="group"${isWell ? '' : ' open'}>${summary}${listOf(cards)}</details>`
}

function section(title: string, cards: readonly string[]): string {
  if (cards.length === 0) return ''
  return `<section><h2>${escapeHtml(title)}</h2>${listOf(cards)}</section>`
}

function listOf(cards: readonly string[]): string {
  return `<ul class="cards" role="list">${cards.join('\n')}</ul>`
}

const sourceOf = (content: string) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`
const styleSource = sourceOf(style)
const scriptSource = sourceOf(script)

/** The policy names what the page holds by hash, so that a cache may keep the page. */
function frame({ title, branding, head = '', main }: Frame): Html {
  const { logoUrl, accentColor, footerLinks, customCss, hideBranding } = branding
  const accent = accentColor === null ? '' : `:root { --accent: ${accentColor}; }\n`
  const own = accent + embeddableCss(customCss ?? '')
  const logo = logoUrl === null ? undefined : URL.parse(logoUrl)
  const images = ["'self'", 'data:', ...(logo ? [logo.origin] : [])].join(' ')
  const links = footerLinks.map(({ label, url }) => `<li><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></li>`)
  const footer = [
    links.length === 0 ? '' : `<ul>${links.join('')}</ul>`,
    hideBranding ? '' : '<p>Run with Owlery</p>',
  ].join('')
  return {
    policy: `default-src 'none'; style-src ${styleSource} ${sourceOf(own)}; script-src ${scriptSource}; img-src ${images}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    content: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/favicon.ico">
${head}
<style>${style}</style>
<style>${own}</style>
</head>
<body>
<div class="page">
<header class="brand">${logo ? `<img src="${escapeHtml(logo.href)}" alt="">` : ''}<h1>${escapeHtml(title)}</h1></header>
<main>
${main}
</main>
${footer === '' ? '' : `<footer>${footer}</footer>`}
</div>
<script>${script}</script>
</body>
</html>
`,
  }
}
