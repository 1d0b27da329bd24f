/**
 * Text and what it stands on keep a contrast of at least 4.5, in the light and in the dark; a page's own accent color
 * is for what carries no text, because nobody has checked it.
 */
export const style = `
:root { color-scheme: light dark; --text: #1b2430; --muted: #566171; --ground: #f6f7f9; --card: #fff; --line: #dfe3e8;
  --link: #0a58b8; --up: #1f7a3d; --degraded: #8a5300; --down: #b3261e; --unknown: #5a6472; --none: #d5dae0; --accent: #31568f;
  --up-day: #2da44e; --degraded-day: #c77c0a; --down-day: #d1242f; }
@media (prefers-color-scheme: dark) { :root { --text: #e7ecf2; --muted: #a3afbd; --ground: #10151b; --card: #19202a; --line: #2c3643;
  --link: #8dbbff; --up: #6fcf8f; --degraded: #f0b45a; --down: #ff8f87; --unknown: #a3afbd; --none: #3a4552; --accent: #6f9ae0;
  --up-day: #56b878; --degraded-day: #e0a03f; --down-day: #f47067; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  border-top: .3rem solid var(--accent); overflow-wrap: anywhere; }
.page { max-width: 56rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
a { color: var(--link); } a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; } h3 { font-size: 1rem; margin: 0; }
.brand { display: flex; align-items: center; gap: 1rem; } .brand img { max-height: 3rem; max-width: 10rem; }
.intro { margin-top: .75rem; color: var(--muted); } .intro > * { margin: .5rem 0 0; }
.overall { display: flex; align-items: center; gap: .75rem; margin: 1.75rem 0 0; padding: 1rem 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-left: .5rem solid currentColor; border-radius: .6rem; font-size: 1.15rem; font-weight: 600; }
.up { color: var(--up); } .degraded { color: var(--degraded); } .down { color: var(--down); } .unknown { color: var(--unknown); } .maintained { color: var(--link); }
.cards { list-style: none; margin: 0; padding: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; margin: 0 0 .75rem; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .25rem 1rem; }
.state { font-weight: 600; white-space: nowrap; }
.bars { display: block; width: 100%; height: 2.1rem; margin: .7rem 0 .3rem; }
.bars rect { fill: var(--none); } .bars .up { fill: var(--up-day); } .bars .degraded { fill: var(--degraded-day); } .bars .down { fill: var(--down-day); }
.ends { display: flex; justify-content: space-between; font-size: .8rem; color: var(--muted); }
.figures { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem; margin: .6rem 0 0; font-size: .875rem; }
.figures div { display: flex; align-items: center; gap: .4rem; }
.figures dt, .figures dd { white-space: nowrap; } .figures dt { color: var(--muted); } .figures dd { display: flex; align-items: center; gap: .75rem; margin: 0; font-variant-numeric: tabular-nums; }
.spark { width: 7.5rem; height: 1.5rem; color: var(--muted); }
.spark path { fill: none; stroke: currentColor; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.facts, time { font-size: .875rem; color: var(--muted); } .facts { margin: .2rem 0 0; }
.updates { list-style: none; margin: .75rem 0 0; padding: 0; } .updates > li { border-top: 1px solid var(--line); padding: .6rem 0 0; margin-top: .6rem; }
.told p, .told ul, .told ol, .told pre, .told blockquote { margin: .3rem 0; } .told .title { margin-top: .9rem; } .told ul { list-style: disc; }
.told blockquote { border-left: .2rem solid var(--line); padding-left: .9rem; color: var(--muted); } hr { border: 0; border-top: 1px solid var(--line); margin: .75rem 0; }
.told pre { overflow-x: auto; background: var(--ground); padding: .6rem; border-radius: .4rem; }
details { margin-top: .75rem; } summary { cursor: pointer; font-weight: 600; }
.group { margin-top: 1.5rem; } .group > summary { margin-bottom: .75rem; } .group h2 { display: inline; } .group > summary .state { margin-left: .75rem; }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; } label { display: block; font-size: .875rem; font-weight: 600; flex: 1 1 14rem; }
input { display: block; width: 100%; margin-top: .25rem; padding: .55rem .7rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--muted); border-radius: .4rem; }
input, button { height: 2.75rem; } button { padding: .55rem 1.1rem; font: inherit; font-weight: 600; color: var(--card); background: var(--text); border: 1px solid transparent; border-radius: .4rem; cursor: pointer; }
[role=status] { flex-basis: 100%; margin: 0; } [role=status]:empty { position: absolute; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: .875rem; color: var(--muted); }
footer ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; } footer p { margin: .5rem 0 0; }
@media (max-width: 36rem) { .figures { display: grid; grid-template-columns: repeat(3, auto); gap: .4rem .75rem; } .figures div { display: block; } .figures .wide { grid-column: 1 / -1; display: flex; }
  .page { padding: 1.25rem .9rem 2rem; } .card { padding: .85rem .9rem; } .overall { padding: .85rem .9rem; font-size: 1.05rem; } }
`

/**
 * Forms speak JSON to the same endpoints as everybody; the page says aloud what they answer. Times are in UTC, and in
 * the visitor's own zone for whoever points at one.
 */
export const script = `
for (const time of document.querySelectorAll('time')) time.title = new Date(time.dateTime).toLocaleString()
for (const form of document.querySelectorAll('form[data-to]')) form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const said = form.querySelector('[role=status]'), button = form.querySelector('button')
  button.disabled = true
  said.textContent = ''
  try {
    const body = JSON.stringify(Object.fromEntries(new FormData(form)))
    const answer = await fetch(form.dataset.to, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { message, error } = await answer.json()
    if (answer.ok && form.dataset.then === 'reload') return location.reload()
    said.textContent = message ?? error
  } catch { said.textContent = 'That did not work. Please try again.' }
  button.disabled = false
})
`
