import { diffOf } from '@owlery/server/audit/diff.ts'
import { expect, test } from 'vitest'

const secret = new Set(['webhook'])

test('says what changed, from what to what', () => {
  const before = { name: 'Shop', port: 80, tags: ['a'], keyword: null, paused: false }
  const after = { name: 'Shop', port: 443, tags: ['a', 'b'], keyword: 'ok', paused: undefined }
  expect(diffOf(before, after, secret)).toEqual({
    changedFields: ['keyword', 'port', 'tags'],
    diff: {
      port: { from: 80, to: 443 },
      tags: { from: ['a'], to: ['a', 'b'] },
      keyword: { from: null, to: 'ok' },
    },
  })
})

test.each([
  ['set', null, 'https://example.com/hook'],
  ['changed', 'https://example.com/a', 'https://example.com/longer'],
  ['cleared', 'https://example.com/a', null],
  ['set where it was absent', undefined, 'https://example.com/hook'],
])('shows the same of a secret that was %s', (_, from, to) => {
  expect(diffOf({ webhook: from }, { webhook: to }, secret)).toEqual({
    changedFields: ['webhook'],
    diff: { webhook: { redacted: true } },
  })
})

test('leaves out what stayed as it was, secrets too, whatever the order of its parts', () => {
  const before = { webhook: 'x', headers: { a: '1', b: '2' }, port: null }
  const after = { webhook: 'x', headers: { b: '2', a: '1' }, port: null, keyword: null }
  expect(diffOf(before, after, secret)).toEqual({ changedFields: [], diff: {} })
})
