import { escapeHtml } from '../escape-html.ts'
import type { PublicComponent, PublicIncident, PublicView } from './public-status-pages.view.ts'
import { renderMarkdown } from './status-page.markdown.ts'

/** A component as the page shows it: while somebody works on it, that says more than that it fails. */
export type ShownComponent = PublicComponent & { readonly isMaintained: boolean }

const stateWords = { up: 'Operational', degraded: 'Degraded', down: 'Down' } as const

export function stateOf({ lastStatus, isMaintained }: Pick<ShownComponent, 'lastStatus' | 'isMaintained'>): string {
  if (isMaintained) return state('In maintenance', 'maintained')
  return lastStatus === null ? state('Not checked yet', 'unknown') : state(stateWords[lastStatus], lastStatus)
}

function state(word: string, name: string): string {
  return `<span class="state ${name}">${word}</span>`
}

export function componentCard(component: ShownComponent): string {
  const { name, uptime24h, uptime30d, uptime90d } = component
  return `<li class="card">
<div class="head"><h3>${escapeHtml(name)}</h3>${stateOf(component)}</div>
${bars(component)}
<div class="ends" aria-hidden="true"><span>90 days ago</span><span>Today</span></div>
<dl class="figures">
${figure('24 hours', uptime24h)}${figure('30 days', uptime30d)}${figure('90 days', uptime90d)}${response(component)}
</dl>
</li>`
}

function figure(label: string, percent: number | null): string {
  return `<div><dt>${label}</dt><dd>${percentText(percent)}</dd></div>`
}

const percentText = (percent: number | null) => (percent === null ? 'no data' : `${percent}\u00a0%`)

/** A day is fine above three nines short of one; that much is a minute and a half. */
function dayClass(percent: number | null): string {
  if (percent === null) return ''
  if (percent >= 99.9) return 'up'
  return percent >= 97 ? 'degraded' : 'down'
}

const step = 5

function bars({ daily, uptime90d }: PublicComponent): string {
  const rects = daily.map(({ date, uptimePct }, day) => {
    const title = `${date}: ${percentText(uptimePct)}`
    return `<rect class="${dayClass(uptimePct)}" x="${day * step}" width="${step - 1}" height="30" rx="1"><title>${title}</title></rect>`
  })
  const troubled = daily.filter(({ uptimePct }) => uptimePct !== null && uptimePct < 99.9).length
  const days = troubled === 1 ? '1 day' : `${troubled} days`
  const label =
    uptime90d === null
      ? 'No data of the last 90 days'
      : `Uptime of the last 90 days: ${uptime90d} %, ${days} with interruptions`
  return `<svg class="bars" viewBox="0 0 ${daily.length * step - 1} 30" preserveAspectRatio="none" role="img" aria-label="${label}">${rects.join('')}</svg>`
}

function response({ responseHourly }: PublicComponent): string {
  const known = responseHourly.filter((value) => value !== null)
  if (known.length === 0) return ''
  // One hour by itself draws nothing that anybody could read.
  const line = known.length === 1 ? '' : sparkline(responseHourly, Math.max(1, ...known))
  return `<div class="wide"><dt>Response</dt><dd>${meanOf(known)}\u00a0ms ${line}</dd></div>`
}

function meanOf(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length)
}

function sparkline(hourly: readonly (number | null)[], most: number): string {
  let pen = 'M'
  let path = ''
  for (const [hour, value] of hourly.entries()) {
    if (value === null) {
      pen = 'M'
      continue
    }
    path += `${pen}${hour} ${(19 - (value / most) * 18).toFixed(1)}`
    // A lone hour is a dash, since a point has no length to draw.
    if (pen === 'M' && typeof hourly[hour + 1] !== 'number') path += 'h.4'
    pen = 'L'
  }
  const label = `Response times of the last 24 hours, at most ${most} ms`
  return `<svg class="spark" viewBox="0 0 ${hourly.length} 20" preserveAspectRatio="none" role="img" aria-label="${label}"><path d="${path}"/></svg>`
}

const moments = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

export function time(iso: string): string {
  return `<time datetime="${iso}">${moments.format(new Date(iso))}\u00a0UTC</time>`
}

export function incidentCard(incident: PublicIncident, names: ReadonlyMap<number, string>): string {
  const { id, title, status, severity, monitorId, startedAt, resolvedAt, updates, postmortem } = incident
  const color = resolvedAt !== null ? 'up' : severity === 'minor' || severity === 'none' ? 'degraded' : 'down'
  const told = updates.map(
    (update) => `<li><strong>${capitalized(update.status)}</strong> ${time(update.createdAt)}
<div class="told">${renderMarkdown(update.body)}</div></li>`,
  )
  const end = resolvedAt === null ? '' : ` · ended ${time(resolvedAt)}`
  // The titles that the service gives begin with the name already.
  const name = names.get(monitorId) ?? ''
  const began = title.startsWith(name) ? 'Began' : `${escapeHtml(name)} · began`
  return `<li class="card" id="incident-${id}">
<div class="head"><h3>${escapeHtml(title)}</h3>${state(capitalized(status), color)}</div>
<p class="facts">${began} ${time(startedAt)}${end}</p>
${told.length === 0 ? '' : `<ol class="updates">${told.join('\n')}</ol>`}
${postmortem === null ? '' : `<details><summary>Postmortem</summary><div class="told">${renderMarkdown(postmortem)}</div></details>`}
</li>`
}

export function maintenanceCard(window: PublicView['maintenance'][number], names: ReadonlyMap<number, string>): string {
  const { title, status, startsAt, endsAt, monitorIds } = window
  const isAll = names.size > 1 && monitorIds.length === names.size
  const concerned = isAll ? 'All systems' : monitorIds.flatMap((id) => names.get(id) ?? []).join(', ')
  return `<li class="card">
<div class="head"><h3>${escapeHtml(title)}</h3>${status === 'active' ? state('In progress', 'maintained') : state('Scheduled', 'unknown')}</div>
<p class="facts">${escapeHtml(concerned)}</p>
<p class="facts">${time(startsAt)} to ${time(endsAt)}</p>
</li>`
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
