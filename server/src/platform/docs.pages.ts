import { escapeHtml } from '../escape-html.ts'

export type PageOfError = {
  readonly code: string
  readonly status: number
  readonly message: string
  readonly meaning: string
  readonly remedy: string
  readonly retry: 'never' | 'later' | 'same-key'
  readonly operations: readonly { readonly id: string; readonly link: string }[]
}

export const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#5b4636" d="M5 5l6 4h10l6-4v14a11 11 0 0 1-22 0z"/><circle cx="11.5" cy="15" r="4" fill="#fff"/><circle cx="20.5" cy="15" r="4" fill="#fff"/><circle cx="11.5" cy="15" r="1.8"/><circle cx="20.5" cy="15" r="1.8"/><path fill="#e8a33d" d="M16 18l2 3.5-2 2-2-2z"/></svg>'

const retries: Readonly<Record<PageOfError['retry'], string>> = {
  never: 'The same request fails again; change it first.',
  later: 'Try again later, after the seconds in Retry-After.',
  'same-key': 'Try again with the same Idempotency-Key.',
}

const style = `
:root { color-scheme: light dark; --text: light-dark(#1b1b1f, #e8e8ea); --page: light-dark(#fff, #0f0f0f);
  --soft: light-dark(#f4f4f5, #1c1c1e); --line: light-dark(#d9d9de, #38383c); --link: light-dark(#0b57a4, #8ec5ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; list-style: none; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 .75rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: 0 0 1rem; }
main { padding-bottom: 4rem; }
a { color: var(--link); }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .9em; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .55rem 1rem .55rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } tbody th { font-weight: 400; } th:last-child, td:last-child { padding-right: 0; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .9rem 1rem; overflow-x: auto; }
.operations { columns: 18rem; padding-left: 1.2rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) { table { font-size: .9rem; } th, td { padding-right: .6rem; } }
`

type Page = { readonly title: string; readonly nonce: string; readonly body: string }

function page({ title, nonce, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Owlery</title>
<link rel="icon" href="/favicon.ico">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<header><nav aria-label="Documentation"><ul>
<li><a href="/docs">Reference</a></li><li><a href="/docs/errors">Error codes</a></li><li><a href="/openapi.yaml">openapi.yaml</a></li>
</ul></nav></header>
<main>
${body}
</main>
</body>
</html>
`
}

export function errorsPage(all: readonly PageOfError[], nonce: string): string {
  const rows = all.map(
    ({ code, status, meaning }) =>
      `<tr><th scope="row"><a href="/docs/errors/${code}"><code>${breakable(code)}</code></a></th><td>${status}</td><td>${prose(meaning)}</td></tr>`,
  )
  const body = `<h1>Error codes</h1>
<p>Every error is <code>{ error, code, fields?, requestId }</code>. Branch on <code>code</code>: codes are added, never renamed
and never reused. <a href="/docs">The reference</a> lists the codes of each operation.</p>
<table>
<caption>${all.length} codes, by name.</caption>
<thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>`
  return page({ title: 'Error codes', nonce, body })
}

export function errorPage(one: PageOfError, nonce: string): string {
  const fields = [{ path: 'name', code: 'too_small', message: 'Must have at least 1 character' }]
  const example = {
    error: one.message,
    code: one.code,
    ...(one.code === 'VALIDATION_FAILED' && { fields }),
    requestId: '019a5c1e7b3f4d2c9e8a',
  }
  const operations = one.operations.map(
    ({ id, link }) => `<li><a href="${escapeHtml(link)}"><code>${escapeHtml(id)}</code></a></li>`,
  )
  const body = `<h1><code>${breakable(one.code)}</code></h1>
<p>${prose(one.message)}.</p>
<h2>Status</h2><p>${one.status}</p>
<h2>What it means</h2><p>${prose(one.meaning)}</p>
<h2>What to do</h2><p>${prose(one.remedy)}</p>
<h2>Trying again</h2><p>${retries[one.retry]}</p>
<h2>Looks like</h2>
<pre tabindex="0">${escapeHtml(JSON.stringify(example, null, 2))}</pre>
<h2>Operations that may answer with it</h2>
${operations.length === 0 ? '<p>None: it comes from the server as a whole.</p>' : `<ul class="operations">${operations.join('\n')}</ul>`}`
  return page({ title: one.code, nonce, body })
}

/** Sentences of the catalogue, whose only markup is code between backticks. */
function prose(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

/** The longest codes are wider than a telephone. */
function breakable(code: string): string {
  return escapeHtml(code).replaceAll('_', '_<wbr>')
}
