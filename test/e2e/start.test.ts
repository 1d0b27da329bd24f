import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { root } from '../../scripts/lib/generate-all.ts'
import { startServer } from '../../scripts/lib/server-process.ts'
import { object } from '../support/document.ts'

/** The program as an operator starts it: a process, an environment, a folder. */

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'owlery-start-'))
  folders.push(folder)
  return folder
}

type Ended = { readonly code: number | null; readonly output: string }

function runToEnd(env: Readonly<Record<string, string>>, argv: readonly string[] = []): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'server/src/main.ts'), ...argv], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, output })))
}

async function me(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status
}

describe('the first start', () => {
  it('makes an owner, prints a working token once, and stops cleanly', async () => {
    const env = { DATA_DIR: freshFolder(), OWLERY_BOOTSTRAP_EMAIL: 'ada@example.com' }
    const first = await startServer({ env })
    const token = /obs_[A-Za-z0-9_-]{43}/.exec(first.output())?.[0] ?? ''
    expect(first.output()).toContain('/docs')
    expect(await me(first.url, token)).toBe(200)
    for (const file of ['secrets.json']) {
      expect(statSync(join(env.DATA_DIR, file)).mode & 0o777, file).toBe(0o600)
    }
    first.signal('SIGTERM')
    expect(await first.ended).toBe(0)

    const second = await startServer({ env })
    expect(second.output()).not.toContain('obs_')
    expect(await me(second.url, token)).toBe(200)
    expect(second.startMs).toBeLessThan(10_000)
    second.signal('SIGTERM')
    expect(await second.ended).toBe(0)
  })

  it('takes the first token from the environment and does not print it', async () => {
    const token = `obs_${'t'.repeat(43)}`
    const server = await startServer({ env: { DATA_DIR: freshFolder(), OWLERY_BOOTSTRAP_TOKEN: token } })
    expect(await me(server.url, token)).toBe(200)
    expect(server.output()).not.toContain(token)
    server.signal('SIGTERM')
    expect(await server.ended).toBe(0)
  })
})

describe('a start that cannot be right', () => {
  it('says one line for each fault and ends', async () => {
    const { code, output } = await runToEnd({
      DATA_DIR: freshFolder(),
      PORT: 'many',
      PUBLIC_URL: 'here',
      OWLERY_TYPO: '1',
    })
    expect(code).toBe(1)
    const lines = output.trim().split('\n')
    expect(lines).toHaveLength(3)
    for (const name of ['PORT', 'PUBLIC_URL', 'OWLERY_TYPO']) expect(output).toContain(name)
  })

  it('refuses generated secrets in production', async () => {
    const { code, output } = await runToEnd({ DATA_DIR: freshFolder(), NODE_ENV: 'production' })
    expect(code).toBe(1)
    expect(output).toContain('JWT_SECRET')
    expect(output).toContain('ENCRYPTION_KEY')
  })

  it('lists every setting under --help', async () => {
    const { code, output } = await runToEnd({}, ['--help'])
    expect(code).toBe(0)
    for (const name of [
      'PORT',
      'HOST',
      'DATA_DIR',
      'DATABASE_URL',
      'PUBLIC_URL',
      'OWLERY_BOOTSTRAP_TOKEN',
      'JWT_SECRET',
    ]) {
      expect(output).toContain(name)
    }
  })

  it('names the process that holds the data folder, and leaves its data alone', async () => {
    const env = { DATA_DIR: freshFolder(), OWLERY_BOOTSTRAP_TOKEN: `obs_${'u'.repeat(43)}` }
    const holder = await startServer({ env })
    const refused = await runToEnd({ ...env, PORT: '0' })
    expect(refused.code).toBe(1)
    expect(refused.output).toContain(String(holder.pid))
    expect(await me(holder.url, env.OWLERY_BOOTSTRAP_TOKEN)).toBe(200)
    holder.signal('SIGKILL')
    await holder.ended
    const next = await startServer({ env })
    expect(await me(next.url, env.OWLERY_BOOTSTRAP_TOKEN)).toBe(200)
    next.signal('SIGTERM')
    expect(await next.ended).toBe(0)
  })
})

describe('SIGTERM', () => {
  it('answers what is in flight before it ends', async () => {
    const env = { DATA_DIR: freshFolder(), OWLERY_BOOTSTRAP_TOKEN: `obs_${'v'.repeat(43)}` }
    const server = await startServer({ env })
    const calls = Array.from({ length: 50 }, (_, index) =>
      fetch(`${server.url}/api/v1/me/tokens`, {
        method: 'POST',
        headers: { authorization: `Bearer ${env.OWLERY_BOOTSTRAP_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: `token ${index}` }),
      }),
    )
    await calls[0]
    server.signal('SIGTERM')
    const outcomes = await Promise.allSettled(calls)
    const codes = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.status] : []))
    expect(codes).toEqual(Array(codes.length).fill(201))
    expect(codes.length).toBe(50)
    expect(await server.ended).toBe(0)
  })
})

describe('the log', () => {
  it('is JSON lines with request id, operation, actor and duration, and holds no credential', async () => {
    const token = `obs_${'w'.repeat(43)}`
    const env = { DATA_DIR: freshFolder(), OWLERY_BOOTSTRAP_TOKEN: token, LOG_LEVEL: 'info' }
    const server = await startServer({ env })
    await fetch(`${server.url}/api/v1/me`, {
      headers: { authorization: `Bearer ${token}`, 'x-request-id': 'my-request-1' },
    })
    server.signal('SIGTERM')
    await server.ended
    const lines = server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    const line = lines
      .map((text): unknown => JSON.parse(text))
      .find((entry) => JSON.stringify(entry).includes('my-request-1'))
    expect(line).toMatchObject({
      requestId: 'my-request-1',
      operation: 'platform.me.get',
      status: 200,
      actor: 'token:1',
    })
    expect(server.output()).not.toContain(token)
  })
})

describe('a start on any free port', () => {
  it('names the port that it took in everything that links to it', async () => {
    const token = `obs_${'p'.repeat(43)}`
    const env = { DATA_DIR: freshFolder(), PORT: '0', OWLERY_BOOTSTRAP_TOKEN: token, PATH: process.env.PATH }
    const child = spawn(process.execPath, [join(root, 'server/src/main.ts')], { cwd: root, env })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const url = await new Promise<string>((resolve, reject) => {
      let output = ''
      const read = (chunk: Buffer) => {
        output += chunk.toString()
        const found = /API reference\s+(\S+)\/docs/.exec(output)?.[1]
        if (found !== undefined) resolve(found)
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      void ended.then(() => reject(new Error(output)))
    })
    const send = (path: string, body?: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      })
    const created = await send('/api/v1/monitors', { name: 'nightly', url: 'nightly', type: 'heartbeat' })
    const { id } = object(await created.json())
    const { heartbeatUrl } = object(await (await send(`/api/v1/monitors/${id}/rotate-heartbeat-token`)).json())
    expect(String(heartbeatUrl)).toContain(`${url}/api/v1/heartbeats/`)
    expect((await fetch(String(heartbeatUrl), { method: 'POST' })).status).toBe(204)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})
