import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watchNameServers } from '@owlery/server/uptime/checks/name-servers.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { check, depsHere } from '../support/checked.ts'
import { startSink } from '../support/sinks.ts'
import { recordsOf, recordTypes, startRecordServer } from '../support/sinks-dns-records.ts'

describe('dns', async () => {
  const server = await startRecordServer((name, type) => {
    if (name.startsWith('silent.')) return 'silent'
    if (name.startsWith('failing.')) return 'failure'
    if (name !== 'shop.example') return 'unknown'
    switch (type) {
      case recordTypes.A:
        return [recordsOf.a(192, 0, 2, 1), recordsOf.a(192, 0, 2, 2)]
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
    ['dns://shop.example?type=AAAA', null, 'the name has no AAAA record'],
    ['other.example', null, 'the name has no A record'],
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

describe('ping', () => {
  const folder = mkdtempSync(join(tmpdir(), 'owlery-ping-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const program = (name: string, script: string) => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return depsHere({ pingCommand: path })
  }

  test('asks the system, with the checked address as one argument', async () => {
    const deps = program('ok', `printf "%s " "$@" > ${folder}/asked; echo "64 bytes: icmp_seq=1 ttl=64 time=12.4 ms"`)
    expect(await check({ type: 'ping', url: 'app.example' }, deps)).toMatchObject({
      status: 'up',
      responseTimeMs: 12,
      errorMessage: null,
    })
    expect(readFileSync(`${folder}/asked`, 'utf8').trim()).toBe('-n -c 1 -w 5 127.0.0.1')
  })

  test('no answer is down', async () => {
    expect(await check({ type: 'ping', url: 'app.example' }, program('lost', 'exit 1'))).toMatchObject({
      status: 'down',
      errorMessage: 'no answer to the ping',
    })
  })

  test.each([
    ['is not there', '/nowhere/ping'],
    ['may not', undefined],
  ])('where the program %s, a refused connection proves as much, and the result says so', async (_case, path) => {
    const deps = path === undefined ? program('refused', 'exit 2') : depsHere({ pingCommand: path })
    const result = await check({ type: 'ping', url: 'app.example' }, deps)
    expect(result).toMatchObject({
      status: 'up',
      errorMessage: 'answered on TCP port 443: there is no ICMP here',
    })
  })

  test('calls no forbidden address, and runs no program for one', async () => {
    await using canary = await startSink(() => undefined, { host: '127.0.0.2' })
    const deps = program('never', `touch ${folder}/ran`)
    expect(await check({ type: 'ping', url: 'inside.example' }, deps)).toMatchObject({ status: 'down' })
    expect(existsSync(`${folder}/ran`)).toBe(false)
    expect(canary.connections).toBe(0)
  })
})
