import { escapeHtml } from '../mail/password-reset-mail.ts'

export type PageOfError = {
  readonly code: string
  readonly status: number
  readonly message: string
  readonly meaning: string
  readonly remedy: string
  readonly retry: 'never' | 'later' | 'same-key'
  readonly operations: string[]
}

export const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#5b4636" d="M5 5l6 4h10l6-4v14a11 11 0 0 1-22 0z"/><circle cx="11.5" cy="15" r="4" fill="#fff"/><circle cx="20.5" cy="15" r="4" fill="#fff"/><circle cx="11.5" cy="15" r="1.8"/><circle cx="20.5" cy="15" r="1.8"/><path fill="#e8a33d" d="M16 18l2 3.5-2 2-2-2z"/></svg>'

const retries: Readonly<Record<PageOfError['retry'], string>> = {
  never: 'The same request fails again; change it first.',
  later: 'Try again later, after the seconds in Retry-After.',
  'same-key': 'Try again with the same Idempotency-Key.',
}

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); }
dt { font-weight: 600; margin-top: 1rem; } dd { margin: .25rem 0 0; }
pre { background: var(--soft); padding: 1rem; overflow-x: auto; border-radius: .4rem; }
ul { columns: 2; padding-left: 1.2rem; } @media (max-width: 40rem) { ul { columns: 1; } td:nth-child(3) { display: none; } }
`

function page(title: string, nonce: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/favicon.ico">
<style nonce="${nonce}">${style}</style>
</head>
<body>
${body}
</body>
</html>
`
}

export function errorsPage(all: readonly PageOfError[], nonce: string): string {
  const rows = all.map(
    ({ code, status, meaning }) =>
      `<tr><td><a href="/docs/errors/${code}"><code>${code}</code></a></td><td>${status}</td><td>${escapeHtml(meaning)}</td></tr>`,
  )
  return page(
    'Error codes',
    nonce,
    `<h1>Error codes</h1>
<p>Every error is <code>{ error, code, fields?, requestId }</code>. Branch on <code>code</code>: codes are added, never renamed
and never reused. <a href="/docs">The reference</a> lists the codes of each operation.</p>
<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`,
  )
}

export function errorPage(one: PageOfError, nonce: string): string {
  const example = JSON.stringify({ error: one.message, code: one.code, requestId: '019a5c1e7b3f4d2c9e8a' }, null, 2)
  const operations = one.operations.map((id) => `<li><code>${escapeHtml(id)}</code></li>`).join('')
  return page(
    one.code,
    nonce,
    `<p><a href="/docs/errors">All error codes</a></p>
<h1><code>${one.code}</code></h1>
<p>${escapeHtml(one.message)}.</p>
<dl>
<dt>Status</dt><dd>${one.status}</dd>
<dt>What it means</dt><dd>${escapeHtml(one.meaning)}</dd>
<dt>What to do</dt><dd>${escapeHtml(one.remedy)}</dd>
<dt>Trying again</dt><dd>${retries[one.retry]}</dd>
<dt>Looks like</dt><dd><pre>${escapeHtml(example)}</pre></dd>
<dt>Operations that may answer with it</dt><dd>${operations === '' ? 'None: it comes from the server as a whole.' : `<ul>${operations}</ul>`}</dd>
</dl>`,
  )
}
