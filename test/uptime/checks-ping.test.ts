import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAddressRange } from '@owlery/server/config/addresses.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { check, depsHere } from '../support/checked.ts'
import { startSink } from '../support/sinks.ts'

const folder = mkdtempSync(join(tmpdir(), 'owlery-ping-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function program(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const works = (command: string, ...args: readonly string[]) => spawnSync(command, args).status === 0

describe('with the ping of this system', () => {
  test('this machine answers; where it may not be asked so, the result says so', async () => {
    const isThere = works('ping', '-n', '-c', '1', '-w', '5', '127.0.0.1')
    expect(await check({ type: 'ping', url: 'app.example' })).toMatchObject({
      status: 'up',
      errorMessage: isThere ? null : 'answered on TCP port 443: there is no ICMP here',
    })
  })

  test('an address that keeps silent is down', async () => {
    // A network of its own with a cable that leads nowhere: the packets leave and nobody says anything to them.
    const silence = [
      'ip link add silent type veth peer name nobody',
      'ip addr add 192.0.2.1/24 dev silent',
      'ip link set silent up',
      'ip link set nobody up',
      'ip neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev silent',
    ].join(' && ')
    const canBeMade = works('unshare', '--net', 'sh', '-c', `${silence} && ping -V`)
    const command = canBeMade
      ? program('silent', `exec unshare --net sh -c '${silence} && exec ping "$@"' sh "$@"`)
      : program('silent', 'exec sleep 60')
    const range = parseAddressRange('192.0.2.0/24')
    const guard = createGuard({ allow: range === undefined ? [] : [range], resolve: async () => [] })
    const deps = depsHere({ guard, pingCommand: command })
    expect(await check({ type: 'ping', url: '192.0.2.9', timeoutMs: 1000 }, deps)).toMatchObject({
      status: 'down',
      responseTimeMs: null,
      errorMessage: 'no answer to the ping',
    })
  })
})

describe('with programs of which it is known what they do', () => {
  const deps = (name: string, script: string) => depsHere({ pingCommand: program(name, script) })

  test('asks with the checked address as one argument', async () => {
    const ok = deps('ok', `printf "%s " "$@" > ${folder}/asked; echo "64 bytes: icmp_seq=1 ttl=64 time=12.4 ms"`)
    expect(await check({ type: 'ping', url: 'app.example' }, ok)).toMatchObject({
      status: 'up',
      responseTimeMs: 12,
      errorMessage: null,
    })
    expect(readFileSync(`${folder}/asked`, 'utf8').trim()).toBe('-n -c 1 -w 5 127.0.0.1')
  })

  test('no answer is down, and so is a program that never ends, which is ended', async () => {
    const lost = { status: 'down', errorMessage: 'no answer to the ping' }
    expect(await check({ type: 'ping', url: 'app.example' }, deps('lost', 'exit 1'))).toMatchObject(lost)
    const endless = deps('endless', `echo $$ > ${folder}/endless.pid; exec sleep 60`)
    expect(await check({ type: 'ping', url: 'app.example', timeoutMs: 500 }, endless)).toMatchObject(lost)
    expect(() => process.kill(Number(readFileSync(`${folder}/endless.pid`, 'utf8')), 0)).toThrow('ESRCH')
  })

  test.each([
    ['is not there', () => depsHere({ pingCommand: '/nowhere/ping' })],
    ['may not', () => deps('refused', 'exit 2')],
  ])('where the program %s, a refused connection proves as much, and the result says so', async (_case, made) => {
    expect(await check({ type: 'ping', url: 'app.example' }, made())).toMatchObject({
      status: 'up',
      errorMessage: 'answered on TCP port 443: there is no ICMP here',
    })
  })

  test('calls no forbidden address, and runs no program for one', async () => {
    await using canary = await startSink(() => undefined, { host: '127.0.0.2' })
    const never = deps('never', `touch ${folder}/ran`)
    expect(await check({ type: 'ping', url: 'inside.example' }, never)).toMatchObject({ status: 'down' })
    expect(existsSync(`${folder}/ran`)).toBe(false)
    expect(canary.connections).toBe(0)
  })
})
