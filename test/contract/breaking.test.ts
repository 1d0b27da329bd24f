import { describe, expect, it } from 'vitest'
import { approvalLine, judge } from '../../scripts/lib/breaking/approvals.ts'
import { compare, keyOf } from '../../scripts/lib/breaking/compare.ts'
import { UnreadableDocument } from '../../scripts/lib/breaking/json.ts'
import { passes, renderVerdict } from '../../scripts/lib/breaking/report.ts'
import { type RuleName, rules } from '../../scripts/lib/breaking/rules.ts'
import {
  baseDocument,
  drop,
  type Edit,
  edited,
  placesForMembers,
  put,
  type RuleCases,
} from './breaking/document-edits.ts'
import { operationCases } from './breaking/operation-cases.ts'
import { requestCases } from './breaking/request-cases.ts'
import { responseCases } from './breaking/response-cases.ts'

const cases: Record<RuleName, RuleCases> = { ...operationCases, ...requestCases, ...responseCases }

function changesAfter(edits: readonly Edit[]) {
  return compare(baseDocument(), edited(edits))
}

function keysAfter(edits: readonly Edit[]) {
  return changesAfter(edits).map(keyOf)
}

describe('the rules', () => {
  it('has a reported and a silent case for every rule, and no case without a rule', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(rules).sort())
    for (const [rule, { reported, silent }] of Object.entries(cases)) {
      expect(silent.length, rule).toBeGreaterThan(0)
      expect(reported.length, rule).toBeGreaterThan(0)
      for (const { keys } of reported)
        expect(
          keys.some((key) => key.startsWith(`${rule} `)),
          rule,
        ).toBe(true)
    }
  })

  const reported = Object.entries(cases).flatMap(([rule, { reported }]) =>
    reported.map(({ edits, keys }, at) => ({ name: `${rule} ${at + 1}`, edits, keys })),
  )
  it.each(reported)('reports $name', ({ edits, keys }) => {
    expect(keysAfter(edits).sort()).toEqual([...keys].sort())
  })

  const silent = Object.entries(cases).flatMap(([rule, { silent }]) =>
    silent.map((edits, at) => ({ name: `${rule} ${at + 1}`, edits })),
  )
  it.each(silent)('is silent beside $name', ({ edits }) => {
    expect(JSON.stringify(edited(edits))).not.toBe(JSON.stringify(baseDocument()))
    expect(keysAfter(edits)).toEqual([])
  })
})

describe('what the gate cannot classify', () => {
  // A member that nobody has heard of, put into every object of the document in turn.
  it.each(placesForMembers())('is breaking at %s', (pointer) => {
    const changes = changesAfter([put(`${pointer}/x-unheard`, true)])
    expect(changes.map(({ level }) => level)).toContain('breaking')
    expect(changes[0]?.message).toContain('x-unheard')
  })

  it('is silent while it stays the same, also behind references', () => {
    const unknown = put('/components/schemas/Monitor/not', { $ref: '#/components/schemas/Ok' })
    expect(compare(edited([unknown]), edited([unknown]))).toEqual([])
    const laterToo = [unknown, put('/components/schemas/Ok/properties/ok', { const: false })]
    const keys = compare(edited([unknown]), edited(laterToo)).map(keyOf)
    expect(keys).toContain('unclassified-change schemas/Monitor /not')
  })

  it.each([
    ['a list of paths', put('/paths', [])],
    ['a reference to nothing', put('/components/schemas/Monitor', { $ref: '#/components/schemas/Nobody' })],
    ['a reference out of the components', put('/components/schemas/Monitor', { $ref: '#/paths' })],
    ['a reference to itself', put('/components/schemas/Monitor', { $ref: '#/components/schemas/Monitor' })],
    ['a bound in words', put('/components/schemas/Monitor/properties/name/maxLength', 'long')],
    ['a security scheme that does not exist', drop('/components/securitySchemes/token')],
  ])('refuses %s', (_, edit) => {
    expect(() => changesAfter([edit])).toThrow(UnreadableDocument)
  })
})

describe('components', () => {
  const narrower = put('/components/schemas/Monitor/properties/id/type', 'string')

  it('reports a shared change once, with every operation that reaches it and no other', () => {
    const [change, ...others] = changesAfter([narrower])
    expect(others).toEqual([])
    expect(change).toMatchObject({
      rule: 'response-type-widened',
      level: 'breaking',
      subject: 'schemas/Monitor',
      operations: ['monitors.list', 'monitors.create', 'monitors.get'],
    })
    const [taken] = changesAfter([drop('/components/schemas/ErrorNameTaken/properties/error')])
    expect(taken?.operations).toEqual(['monitors.create'])
  })

  it('compares the bodies of codes that come before any operation is found', () => {
    const [change, ...others] = changesAfter([drop('/components/schemas/ErrorWrongMethod/required/0')])
    expect(others).toEqual([])
    expect(change).toMatchObject({ subject: 'schemas/ErrorWrongMethod', path: '/properties/error', operations: [] })
    expect(keysAfter([drop('/components/schemas/ErrorWrongMethod')])).toEqual([
      'unclassified-change document /components/schemas/WRONG_METHOD',
    ])
  })

  it('ends on schemas that contain themselves, and finds what is inside and behind them', () => {
    const selfOnly = put('/components/schemas/Monitor', {
      type: 'array',
      items: { $ref: '#/components/schemas/Monitor' },
    })
    expect(compare(edited([selfOnly]), edited([selfOnly]))).toEqual([])
    expect(keysAfter([put('/components/schemas/Failure/properties/reason/type', 'integer')])).toEqual([
      'response-type-widened schemas/Failure /properties/reason/type',
    ])
  })

  it('judges a component by the role it plays, and by both roles where it has both', () => {
    const kind = '/components/schemas/HttpTarget/properties/path/type'
    expect(keysAfter([put(kind, ['string', 'integer'])])).toEqual([])
    const base = [put('/components/schemas/Monitor/properties/target', { $ref: '#/components/schemas/Target' })]
    const widened = compare(edited(base), edited([...base, put(kind, ['string', 'integer'])]))
    expect(widened.map(keyOf)).toEqual(['response-type-widened schemas/HttpTarget /properties/path/type'])
    const replaced = compare(edited(base), edited([...base, put(kind, 'integer')]))
    expect(replaced.map(({ rule }) => rule)).toEqual(['request-type-narrowed', 'response-type-widened'])
  })

  it('compares by what is on the wire, not by the names of components', () => {
    const monitor = {
      type: 'object',
      required: ['items', 'next'],
      properties: {
        items: { type: 'array', items: { $ref: '#/components/schemas/Monitor' } },
        next: { type: ['string', 'null'] },
      },
    }
    const schema = '/paths/~1monitors/get/responses/200/content/application~1json/schema'
    const renamed = [put('/components/schemas/Page', monitor), put(schema, { $ref: '#/components/schemas/Page' })]
    expect(keysAfter(renamed)).toEqual([])
    expect(keysAfter([put(schema, monitor)])).toEqual([])
    const alsoChanged = [...renamed, drop('/components/schemas/Page/required/1')]
    expect(keysAfter(alsoChanged)).toEqual([
      'response-property-became-optional schemas/MonitorPage=>Page /properties/next',
    ])
  })

  it('reads properties that are called like members of every object', () => {
    const odd = put('/components/schemas/Monitor/properties/constructor', { type: 'string' })
    expect(keysAfter([odd])).toEqual([])
    expect(compare(edited([odd]), baseDocument()).map(keyOf)).toEqual([
      'response-property-removed schemas/Monitor /properties/constructor',
    ])
  })

  it('does not mind the order of members', () => {
    const reversed = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, inner]) => [key, reversed(inner)]),
          )
    expect(compare(baseDocument(), reversed(baseDocument()))).toEqual([])
  })
})

describe('approvals', () => {
  const edits = [drop('/components/schemas/Monitor/properties/uptime'), drop('/components/schemas/Monitor/required/1')]
  const changes = changesAfter(edits)
  const uptime = 'response-property-removed schemas/Monitor /properties/uptime'
  const name = 'response-property-became-optional schemas/Monitor /properties/name'

  it('let exactly the named changes through', () => {
    const half = judge(changes, '', `# Approved\n\n${uptime}  # nobody read it\n`)
    expect(half.unapproved.map(keyOf)).toEqual([name])
    expect(half.approved.map(keyOf)).toEqual([uptime])
    expect(passes(half)).toBe(false)
    expect(passes(judge(changes, '', `${uptime}  # nobody read it\n${name} # old rows have none`))).toBe(true)
  })

  it.each([
    ['has no reason', uptime],
    ['has an empty reason', `${uptime}  # `],
    ['keeps the placeholder for a reason', `${uptime}  # REASON`],
    ['names no rule', 'property-removed schemas/Monitor /properties/uptime  # gone'],
    ['names a place that did not change', `${uptime}s  # gone`],
    ['approves a notice', 'rate-limit-changed monitors.list /x-rate-limit  # fine'],
    ['approves the loss of an error code', 'error-code-forgotten document /components/schemas/ErrorCode/enum/X  # no'],
  ])('are faulty when a new line %s', (_, line) => {
    const verdict = judge(changes, '', line)
    expect(verdict.faults).toHaveLength(1)
    expect(verdict.faults[0]).toContain(line.trim())
    expect(verdict.unapproved).toHaveLength(2)
  })

  it('leave the lines of the base alone: they neither fail nor approve', () => {
    const history = `${uptime}  # an earlier time\ngone-rule monitors.list /  # long ago\n`
    const verdict = judge(changes, history, history)
    expect(verdict.faults).toEqual([])
    expect(verdict.unapproved.map(keyOf)).toContain(uptime)
    const again = judge(changes, history, `${history}${uptime}  # an earlier time\n`)
    expect(again.unapproved.map(keyOf)).toEqual([name])
  })

  it('never cover the loss of an error code', () => {
    const lost = changesAfter([drop('/components/schemas/ErrorCode/enum/0')])
    const verdict = judge(lost, '', lost.map((change) => `${keyOf(change)}  # please`).join('\n'))
    expect(passes(verdict)).toBe(false)
    expect(renderVerdict(verdict)).toContain('Never approved')
  })

  it('can be copied from the report, which names what is reached', () => {
    const output = renderVerdict(judge(changes, '', ''))
    for (const change of changes) expect(output.split('\n')).toContain(approvalLine(change))
    expect(output).toContain('reached by: monitors.list, monitors.create, monitors.get')
    const copied = changes.map((change) => approvalLine(change).replace('REASON', 'agreed with all callers'))
    expect(passes(judge(changes, '', copied.join('\n')))).toBe(true)
  })

  it('are one word per part, whatever the names in the document', () => {
    const spaced = put('/components/schemas/Monitor/properties/two words', { type: 'string' })
    const [change] = compare(edited([spaced]), baseDocument())
    expect(change?.path).toBe('/properties/two%20words')
  })

  it('are not needed for notices, which take one line however many operations they concern', () => {
    const status = { description: 'Down.', content: { 'text/plain': { schema: { type: 'string' } } } }
    const routes = ['/paths/~1monitors/get', '/paths/~1monitors/post']
    const verdict = judge(changesAfter(routes.map((route) => put(`${route}/responses/502`, status))), '', '')
    expect(passes(verdict)).toBe(true)
    const line = 'error-status-added /responses/502: 502 may be answered now [monitors.create, monitors.list]'
    expect(renderVerdict(verdict)).toContain(line)
  })
})
