import { describe, expect, test } from 'vitest'
import { coverageFaults, documentedAnswers, listedAnswers } from '../support/coverage.ts'

const documented = ['a.b.get 200', 'a.b.get 404 NOT_FOUND', 'a.b.get 500 INTERNAL']
const exact = { documented, seen: ['a.b.get 200', 'a.b.get 404 NOT_FOUND'], listed: ['a.b.get 500 INTERNAL'] }

describe('the list of what no test has seen', () => {
  test('is fine when it is exact and has not grown', () => {
    expect(coverageFaults({ ...exact, before: undefined })).toEqual([])
    expect(coverageFaults({ ...exact, before: ['a.b.get 500 INTERNAL', 'a.b.get 404 NOT_FOUND'] })).toEqual([])
  })

  test.each([
    ['misses an answer', { ...exact, listed: [], before: undefined }, 'no test has seen a.b.get 500 INTERNAL'],
    [
      'is stale',
      { ...exact, seen: documented, before: undefined },
      'a test has seen a.b.get 500 INTERNAL: strike it from uncovered.txt',
    ],
    [
      'names what does not exist',
      { ...exact, listed: [...exact.listed, 'a.b.get 409 GONE'], before: undefined },
      'the document has no a.b.get 409 GONE: strike it from uncovered.txt',
    ],
    [
      'says something twice',
      { ...exact, listed: [...exact.listed, ...exact.listed], before: undefined },
      'uncovered.txt has a.b.get 500 INTERNAL twice',
    ],
    [
      'has grown',
      { ...exact, before: ['a.b.get 404 NOT_FOUND'] },
      'uncovered.txt has gained a.b.get 500 INTERNAL: write the test instead',
    ],
  ])('is refused when it %s', (_, coverage, fault) => {
    expect(coverageFaults(coverage)).toEqual([fault])
  })

  test('is read without its remarks', () => {
    expect(listedAnswers('# why\n\na.b.get 200\n  a.b.get 404 NOT_FOUND \n')).toEqual(exact.seen)
  })
})

test('every operation has documented answers, and each is listed once', () => {
  const answers = documentedAnswers()
  expect(new Set(answers).size).toBe(answers.length)
  expect(answers).toContain('platform.tokens.create 201')
  expect(answers).toContain('platform.tokens.delete 404 NOT_FOUND')
  expect(answers).toContain('platform.health.ready 503 SERVICE_UNAVAILABLE')
})
