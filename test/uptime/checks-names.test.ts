import { watchNameServers } from '@owlery/server/uptime/checks/name-servers.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { check, depsHere } from '../support/checked.ts'
import { recordsOf, recordTypes, startRecordServer } from '../support/sinks-dns-records.ts'

describe('dns', async () => {
  const server = await startRecordServer((name, type) => {
    if (name.startsWith('silent.')) return 'silent'
    if (name.startsWith('failing.')) return 'failure'
    if (name.startsWith('bare.')) return []
    if (name !== 'shop.example') return 'unknown'
    switch (type) {
      case recordTypes.A:
        return [recordsOf.a(192, 0, 2, 1), recordsOf.a(192, 0, 2, 2)]
      case recordTypes.AAAA:
        return [recordsOf.aaaa(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7)]
      case recordTypes.MX:
        return [recordsOf.mx(10, 'mail.shop.example')]
      case recordTypes.TXT:
        return [recordsOf.txt('v=spf1 -all')]
      case recordTypes.NS:
        return [recordsOf.ns('ns1.example')]
      case recordTypes.CNAME:
        return [recordsOf.cname('edge.example')]
      default:
        return []
    }
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const deps = depsHere({ nameServerAddresses: [server.server] })

  test.each([
    ['shop.example', '192.0.2.2'],
    ['dns://shop.example?type=AAAA', '2001:db8::7'],
    ['dns://shop.example?type=MX', '10 mail.shop.example'],
    ['dns://shop.example?type=txt', 'v=spf1'],
    ['dns://shop.example?type=NS', 'NS1.example.'],
    ['dns://shop.example?type=CNAME', 'edge.example'],
  ])('%s has %s', async (url, keyword) => {
    expect(await check({ type: 'dns', url, keyword }, deps)).toMatchObject({ status: 'up', errorMessage: null })
    expect(await check({ type: 'dns', url, keyword, keywordMatchType: 'not_contains' }, deps)).toMatchObject({
      status: 'down',
      errorMessage: expect.stringMatching(/^an? [A-Z]+ record has the value that none may have$/),
    })
  })

  test.each([
    ['shop.example', '192.0.2.9', 'no A record has the expected value'],
    ['dns://bare.example?type=AAAA', null, 'the name has no AAAA record'],
    ['other.example', null, 'the name does not exist'],
    ['failing.example', null, 'the name servers report a failure for this name'],
    ['silent.example', null, 'the name servers did not answer for this name'],
    ['dns://shop.example?type=SRV', null, 'the type of record is none of A, AAAA, MX, TXT, NS, CNAME'],
    ['inside.example', null, 'the address belongs to a private or special network, which is not called from here'],
  ])('%s with %s is down: %s', async (url, keyword, errorMessage) => {
    expect(await check({ type: 'dns', url, keyword, timeoutMs: 1000 }, deps)).toMatchObject({
      status: 'down',
      errorMessage,
    })
  })

  test('name servers that are silent for everybody are no fault of the name', async () => {
    const cut = { ...deps, nameServers: { answer: async () => false, haveFallenSilent: async () => true } }
    expect(await check({ type: 'dns', url: 'silent.example', timeoutMs: 500 }, cut)).toMatchObject({
      kind: 'probe_error',
    })
  })
})

describe('the watch over the name servers', () => {
  test('concludes nothing from the silence of those that never answered', async () => {
    await using server = await startRecordServer(() => 'silent')
    const watched = watchNameServers({ servers: [server.server] })
    expect(await watched.answer()).toBe(false)
    expect(await watched.haveFallenSilent()).toBe(false)
  })

  test('takes a refusal of the name for an answer', async () => {
    await using server = await startRecordServer(() => 'unknown')
    const watched = watchNameServers({ servers: [server.server] })
    expect(await watched.answer()).toBe(true)
    expect(await watched.haveFallenSilent()).toBe(false)
  })
})
