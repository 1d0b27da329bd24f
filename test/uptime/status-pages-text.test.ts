import { renderMarkdown } from '@owlery/server/uptime/status-page.markdown.ts'
import { componentCard, maintenanceCard } from '@owlery/server/uptime/status-page.parts.ts'
import { faultOfCss } from '@owlery/server/uptime/status-pages.css.ts'
import { describe, expect, test } from 'vitest'

describe('a style of one’s own', () => {
  test.each([
    '.card { border-radius: 0 } @media (width < 600px) { h1 { font-size: 1rem } }',
    'h1::before { content: "\\201C" } a[href^="https:"] { color: red }',
    '.overall { background: url("data:image/png;base64,AAAA") }',
    '/* words like import and expression say nothing here */ p { margin: 0 }',
    '',
  ])('may be %s', (css) => {
    expect(faultOfCss(css)).toBeUndefined()
  })

  test.each([
    '</style><script>alert(1)</script>',
    '< / style >',
    '<!-- x -->',
    '@import "https://evil.example/x.css";',
    '@IMPORT url(x)',
    '@\\69mport "x"',
    '@im/**/port "x"',
    '@\\i\\mport "x"',
    'a { background: url(https://evil.example/x.png) }',
    'a { background: url( "//evil.example/x" ) }',
    'a { background: u\\72l(https://evil.example/) }',
    'a { background: ur/**/l(/x) }',
    'a { background: url(data:text/html,x) }',
    'a { background: image-set("https://evil.example/x" 1x) }',
    '@font-face { font-family: x; src: url(data:font/woff2,x) }',
    'a { width: expression(alert(1)) }',
    'a { width: exp/**/ression(alert(1)) }',
    'a { behavior: url(x.htc) }',
    'a { -moz-binding: none }',
    'a { background: javascript:alert(1) }',
    // What looks like a comment and is none hides nothing.
    'a::before { content: "/*" } b { background: url(https://evil.example/x) }',
    '.\\2f\\2a {} b { background: url(https://evil.example/x) }',
    '.\\/\\* {} </style>',
    '@\\69\r\nmport "x"',
  ])('must not be %s', (css) => {
    expect(faultOfCss(css)).toEqual(expect.any(String))
  })
})

describe('Markdown', () => {
  test.each([
    ['one\ntwo\n\nthree', '<p>one<br>two</p>\n<p>three</p>'],
    ['**bold** and *slanted* and _so_', '<p><strong>bold</strong> and <em>slanted</em> and <em>so</em></p>'],
    ['a_b_c 2*3*4', '<p>a_b_c 2*3*4</p>'],
    ['`<b> **x**`', '<p><code>&lt;b&gt; **x**</code></p>'],
    ['- one\n- **two**\n\nafter', '<ul><li>one</li><li><strong>two</strong></li></ul>\n<p>after</p>'],
    ['1. one\n2. two', '<ol><li>one</li><li>two</li></ol>'],
    ['```\n<x>\n\n*y*\n```', '<pre tabindex="0"><code>&lt;x&gt;\n\n*y*</code></pre>'],
    ['```\nnever closed', '<pre tabindex="0"><code>never closed</code></pre>'],
    ['## Title', '<p class="title"><strong>Title</strong></p>'],
    [
      'We did:\n- one\n  more of it\nand more\n- two',
      '<p>We did:</p>\n<ul><li>one<br>more of it<br>and more</li><li>two</li></ul>',
    ],
    ['1. one\n\n2. two\n\nafter', '<ol><li>one</li><li>two</li></ol>\n<p>after</p>'],
    ['3. three', '<ol start="3"><li>three</li></ol>'],
    ['in\n2026. that was', '<p>in<br>2026. that was</p>'],
    ['- one\n  - inner\n- two', '<ul><li>one\n<ul><li>inner</li></ul></li><li>two</li></ul>'],
    ['- one\n* * *\ntwo', '<ul><li>one</li></ul>\n<hr>\n<p>two</p>'],
    ['said:\n> one\n> - two', '<p>said:</p>\n<blockquote><p>one</p>\n<ul><li>two</li></ul></blockquote>'],
    [
      'see https://x.example/a_b_c?d=1&e, or **<http://y.example/>**.',
      '<p>see <a href="https://x.example/a_b_c?d=1&amp;e" rel="nofollow noopener">https://x.example/a_b_c?d=1&amp;e</a>, or ' +
        '<strong><a href="http://y.example/" rel="nofollow noopener">http://y.example/</a></strong>.</p>',
    ],
    ['**`a` b**', '<p><strong><code>a</code> b</strong></p>'],
    ['\u00000\u0000', '<p>0</p>'],
    [
      '[a **b**](https://x.example/?q=1&r=2) and [c](http://y.example/)',
      '<p><a href="https://x.example/?q=1&amp;r=2" rel="nofollow noopener">a <strong>b</strong></a> and ' +
        '<a href="http://y.example/" rel="nofollow noopener">c</a></p>',
    ],
    ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
    [
      '[x](https://a.example/"onclick=x)',
      '<p>[x](<a href="https://a.example/" rel="nofollow noopener">https://a.example/</a>&quot;onclick=x)</p>',
    ],
    ['<img src=x onerror=alert(1)>', '<p>&lt;img src=x onerror=alert(1)&gt;</p>'],
    ['', ''],
  ])('%j', (source, html) => {
    expect(renderMarkdown(source)).toBe(html)
  })

  test.each([
    '*',
    '[',
    '`',
    '**a',
    '- ',
    '[a](',
    '_ _',
    '# ',
    '\n',
    '> ',
    '> \n',
    '- \n',
    '- a\n ',
    '- a\n\n',
    'https://',
    '<',
    'https://.',
  ])('is read in a moment, however often it says %j', (piece) => {
    const started = performance.now()
    renderMarkdown(piece.repeat(Math.ceil(50_000 / piece.length)))
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('response times', () => {
  const drawn = (responseHourly: (number | null)[]) => {
    const figures = { uptime24h: 100, uptime30d: 100, uptime90d: 100, daily: [], responseHourly }
    const card = componentCard({ id: 1, name: 'Shop', group: null, lastStatus: 'up', isMaintained: false, ...figures })
    return [/<dd>(\d+)\u00a0ms/.exec(card)?.[1], /<path d="([^"]*)"/.exec(card)?.[1]]
  }

  test.each([
    [[null, null], undefined, undefined],
    [[null, 40], '40', undefined],
    [[40, 20], '30', 'M0 1.0L1 10.0'],
    [[40, null, 20, 20], '27', 'M0 1.0h.4M2 10.0L3 10.0'],
  ])('%j', (hours, mean, line) => {
    expect(drawn(hours)).toEqual([mean, line])
  })
})

test.each([
  [[1], 'Shop'],
  [[1, 2], 'Shop, Login'],
  [[1, 2, 3], 'All systems'],
])('maintenance of %j is of %s', (monitorIds, text) => {
  const names = new Map([
    [1, 'Shop'],
    [2, 'Login'],
    [3, 'Mail'],
  ])
  const moments = { startsAt: '2026-05-13T02:00:00.000Z', endsAt: '2026-05-13T04:00:00.000Z' }
  const card = maintenanceCard({ id: 1, title: 'A disk', status: 'scheduled', monitorIds, ...moments }, names)
  expect(card).toContain(`<p class="facts">${text}</p>`)
})
