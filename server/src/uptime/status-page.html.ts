import { createHash } from 'node:crypto'
import { escapeHtml } from '../escape-html.ts'
import type { PublicComponent, PublicView } from './public-status-pages.view.ts'
import { script, style } from './status-page.assets.ts'
import { renderMarkdown } from './status-page.markdown.ts'
import { componentCard, incidentCard, maintenanceCard } from './status-page.parts.ts'
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
  const data = `/api/v1/status-pages/public/${view.slug}`
  return frame({
    title: view.title,
    branding: view.branding,
    head: `<link rel="alternate" type="application/atom+xml" title="Incidents" href="${data}/feed.xml">`,
    main: `${view.description ? `<div class="intro">${renderMarkdown(view.description)}</div>` : ''}
<p class="overall ${view.overallStatus}"><span aria-hidden="true">●</span> ${overallText(view)}</p>
${section('Open incidents', cards(open))}
${section(
  'Maintenance',
  view.maintenance.map((window) => maintenanceCard(window, names)),
)}
${byGroup(view.monitors)}
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

export function noticePage(title: string, text: string): Html {
  return frame({ title, branding: plain, main: `<p>${escapeHtml(text)}</p>` })
}

const overallWords = {
  up: 'All systems are operational',
  degraded: 'Some systems are degraded',
  down: 'Some systems are down',
  unknown: 'Some systems were not checked yet',
} as const

function overallText({ overallStatus, monitors }: PublicView): string {
  return monitors.length === 0 ? 'Nothing is shown here yet' : overallWords[overallStatus]
}

function byGroup(monitors: readonly PublicComponent[]): string {
  const groups = new Map<string, PublicComponent[]>()
  for (const monitor of monitors) {
    const title = monitor.group ?? (monitors.some(({ group }) => group !== null) ? 'Other systems' : 'Systems')
    const own = groups.get(title)
    if (own === undefined) groups.set(title, [monitor])
    else own.push(monitor)
  }
  return [...groups].map(([title, own]) => section(title, own.map(componentCard))).join('\n')
}

function section(title: string, cards: readonly string[]): string {
  if (cards.length === 0) return ''
  return `<section><h2>${escapeHtml(title)}</h2><ul class="cards" role="list">${cards.join('\n')}</ul></section>`
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
