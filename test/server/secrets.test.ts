import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { createSecretBox, SealError } from '@owlery/server/security/secrets.ts'
import { createSessionTokens } from '@owlery/server/security/sessions-jwt.ts'
import { equalBytes, hashToken, mintToken, tokenKind, tokenPrefixes } from '@owlery/server/security/tokens.ts'
import { jwtVerify, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { settableClock } from '../support/clock.ts'

describe('envelopes', async () => {
  const one = { id: 'one', key: randomBytes(32).toString('hex') }
  const two = { id: 'two', key: randomBytes(32).toString('hex') }
  const box = await createSecretBox([one])
  const rotated = await createSecretBox([two, one])

  function faultOf(open: () => string): string {
    try {
      return `opened: ${open()}`
    } catch (error) {
      return error instanceof SealError ? error.fault : `untyped: ${String(error)}`
    }
  }

  test('open where they were sealed', () => {
    for (const plaintext of ['', 'a', 'ключ 🔑', 'x'.repeat(100_000)]) {
      expect(box.open(box.seal(plaintext, 'monitors.headers:42'), 'monitors.headers:42')).toBe(plaintext)
    }
  })

  test('say version and key, hide the rest, and never repeat', () => {
    const first = box.seal('the same', 'here:1')
    expect(JSON.parse(first)).toMatchObject({ v: 2, kid: 'one' })
    expect(first).not.toContain('the same')
    expect(box.seal('the same', 'here:1')).not.toBe(first)
  })

  test('do not open in another row, column or table', () => {
    const sealed = box.seal('mine', 'monitors.headers:42')
    for (const place of ['monitors.headers:43', 'monitors.url:42', 'webhooks.headers:42', 'monitors.headers:4', '']) {
      expect(faultOf(() => box.open(sealed, place))).toBe('NOT_AUTHENTIC')
    }
  })

  test('do not open after any bit was changed', () => {
    const sealed: Record<'iv' | 'tag' | 'data', string> = JSON.parse(box.seal('nine bytes', 'here:1'))
    for (const part of ['iv', 'tag', 'data'] as const) {
      const bytes = Buffer.from(sealed[part], 'base64')
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const forged = JSON.stringify({ ...sealed, [part]: changed.toString('base64') })
        expect(faultOf(() => box.open(forged, 'here:1'))).toBe('NOT_AUTHENTIC')
      }
    }
  })

  test('malformed ones are told apart, short tags among them', () => {
    const sealed: Record<string, unknown> = JSON.parse(box.seal('text', 'here:1'))
    const tag = Buffer.from(String(sealed['tag']), 'base64')
    const malformed = [
      '',
      'null',
      '[]',
      '"text"',
      'plain text',
      JSON.stringify({ ...sealed, v: 1 }),
      JSON.stringify({ ...sealed, data: undefined }),
      JSON.stringify({ ...sealed, tag: tag.subarray(0, 4).toString('base64') }),
      JSON.stringify({ ...sealed, iv: '' }),
      JSON.stringify({ ...sealed, data: '!!!!' }),
    ]
    for (const envelope of malformed) expect(faultOf(() => box.open(envelope, 'here:1'))).toBe('MALFORMED')
  })

  test('rotation: the new key seals, the old one still opens, and what is old says so', async () => {
    const old = box.seal('before', 'here:1')
    expect(rotated.open(old, 'here:1')).toBe('before')
    expect([rotated.needsRotation(old), box.needsRotation(old)]).toEqual([true, false])
    const fresh = rotated.seal('after', 'here:1')
    expect(rotated.needsRotation(fresh)).toBe(false)
    expect(faultOf(() => box.open(fresh, 'here:1'))).toBe('UNKNOWN_KEY')
    const impostor = await createSecretBox([{ id: 'one', key: two.key }])
    expect(faultOf(() => impostor.open(old, 'here:1'))).toBe('NOT_AUTHENTIC')
    const relabelled = JSON.stringify({ ...JSON.parse(old), kid: 'two' })
    expect(faultOf(() => rotated.open(relabelled, 'here:1'))).toBe('NOT_AUTHENTIC')
  })
})

describe('tokens', () => {
  test.each(tokenPrefixes)('%s: 256 random bits, recognized by shape', (prefix) => {
    const minted = new Set(Array.from({ length: 200 }, () => mintToken(prefix).plaintext))
    expect(minted.size).toBe(200)
    for (const token of minted) expect(tokenKind(token)).toBe(prefix)
  })

  test('what is stored does not give the token away', () => {
    const { plaintext, shownPrefix, hash } = mintToken('obs_')
    expect(plaintext).toMatch(/^obs_[A-Za-z0-9_-]{43}$/)
    expect(shownPrefix).toBe(plaintext.slice(0, 12))
    expect(hash).toEqual(hashToken(plaintext))
    expect(hash).toHaveLength(32)
  })

  test('other shapes are no tokens', () => {
    const { plaintext } = mintToken('obs_')
    for (const text of [
      '',
      'obs_',
      plaintext.slice(1),
      `${plaintext}x`,
      plaintext.slice(0, -1),
      `${plaintext}\n`,
      plaintext.replace('obs_', 'OBS_'),
      `${plaintext.slice(0, -1)}+`,
    ]) {
      expect(tokenKind(text)).toBeUndefined()
    }
  })

  test('bytes are equal only when all are', () => {
    const bytes = randomBytes(32)
    const other = Buffer.from(bytes)
    other[31] = (other[31] ?? 0) ^ 1
    expect([
      equalBytes(bytes, Buffer.from(bytes)),
      equalBytes(bytes, other),
      equalBytes(bytes, bytes.subarray(1)),
    ]).toEqual([true, false, false])
  })
})

describe('session tokens', () => {
  const secret = randomBytes(64).toString('hex')
  const issuer = 'https://owlery.example'
  const clock = settableClock(new Date('2030-01-01T12:00:00Z'))
  const tokens = createSessionTokens({ secret, issuer, clock })
  const session = { sub: randomUUID(), sid: randomUUID(), org: 7, email: 'jane@example.org' }
  const now = clock.now().getTime() / 1000
  const key = Buffer.from(secret)
  const claims = { ...session, iss: issuer, aud: `${issuer}/sessions`, iat: now, exp: now + 60 }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = (header: object, body: object) => {
    const text = `${part(header)}.${part(body)}`
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
  }
  const header = { alg: 'HS256', typ: 'JWT' }

  test('carry the session through, and another implementation agrees', async () => {
    const token = tokens.sign(session, 60)
    expect(tokens.verify(token)).toEqual({ ...session, iat: now, exp: now + 60 })
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer,
      audience: claims.aud,
      currentDate: clock.now(),
    })
    expect(payload).toEqual(claims)
    expect(tokens.verify(await new SignJWT(claims).setProtectedHeader(header).sign(key))).toBeDefined()
  })

  test('end on time', () => {
    const token = tokens.sign(session, 60)
    clock.advance(59_000)
    expect(tokens.verify(token)).toBeDefined()
    clock.advance(1000)
    expect(tokens.verify(token)).toBeUndefined()
    clock.advance(-60_000)
  })

  test('a rightly signed token for something else is none of ours', () => {
    expect(tokens.verify(signed(header, claims))).toBeDefined()
    const wrong = [
      signed({ ...header, kid: 'x' }, claims),
      signed({ alg: 'none' }, claims),
      signed({ alg: 'HS512', typ: 'JWT' }, claims),
      signed(header, { ...claims, aud: 'other' }),
      signed(header, { ...claims, iss: 'other' }),
      signed(header, { ...claims, exp: undefined }),
      signed(header, { ...claims, exp: String(claims.exp) }),
      signed(header, { ...claims, sid: 5 }),
      signed(header, { ...claims, org: 1.5 }),
      signed(header, [claims]),
    ]
    expect(wrong.map(tokens.verify)).toEqual(wrong.map(() => undefined))
  })

  test('forgeries and nonsense are refused without an exception', () => {
    const token = tokens.sign(session, 60)
    const [head = '', body = '', mac = ''] = token.split('.')
    const stranger = createSessionTokens({ secret: `${secret}x`, issuer, clock })
    const forged = [
      stranger.sign(session, 60),
      `${head}.${body}.`,
      `${head}.${body}`,
      `${head}.${part({ ...claims, org: 8 })}.${mac}`,
      `${token}=`,
      `${token}.`,
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      '',
      '...',
      'a.b.c',
      'x'.repeat(100_000),
    ]
    expect(forged.map(tokens.verify)).toEqual(forged.map(() => undefined))
  })
})
