import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** `pem` may hold the certificates of the issuers below the leaf's; `key` is the leaf's. */
export type Certificate = { readonly pem: string; readonly key: string }

type Validity = { readonly from: Date; readonly to: Date }

/** A self-signed certificate in X.509 (RFC 5280), its own authority: whoever trusts it trusts this server alone. */
export function selfSignedCertificate(name: string, validity: Validity = aroundNow()): Certificate {
  const { pem, privateKey } = certify({ name, isAuthority: true, validity })
  return { pem, key: pem8(privateKey) }
}

export type Chain = {
  readonly root: string
  /** As a server has to send it: the leaf, then the authority between it and the root. */
  readonly complete: Certificate
  /** What a server sends that was given the leaf alone. */
  readonly incomplete: Certificate
}

/** A server's certificate that the root vouches for through another authority, which may end before the others do. */
export function certificateChain(name: string, all: Validity, middle: Validity = all): Chain {
  const root = certify({ name: 'Root', isAuthority: true, validity: all })
  const between = certify({ name: 'Between', isAuthority: true, validity: middle, issuer: root })
  const leaf = certify({ name, isAuthority: false, validity: all, issuer: between })
  const key = pem8(leaf.privateKey)
  return { root: root.pem, complete: { pem: leaf.pem + between.pem, key }, incomplete: { pem: leaf.pem, key } }
}

/** The root was once vouched for by an older one, and the server still sends that certificate though nobody needs it. */
export function crossSignedChain(name: string, all: Validity, cross: Validity): Pick<Chain, 'root' | 'complete'> {
  const old = certify({ name: 'Old root', isAuthority: true, validity: all })
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const root = certify({ name: 'Root', isAuthority: true, validity: all, keys })
  const vouched = certify({ name: 'Root', isAuthority: true, validity: cross, issuer: old, keys })
  const leaf = certify({ name, isAuthority: false, validity: all, issuer: root })
  return { root: root.pem, complete: { pem: leaf.pem + vouched.pem, key: pem8(leaf.privateKey) } }
}

type Issuer = { readonly name: string; readonly privateKey: KeyObject }
type Wanted = {
  readonly name: string
  readonly isAuthority: boolean
  readonly validity: Validity
  /** Itself unless given. */
  readonly issuer?: Issuer
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

function certify({ name, isAuthority, validity, issuer, keys }: Wanted): Issuer & { readonly pem: string } {
  const { publicKey, privateKey } = keys ?? generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
  const constraints = isAuthority ? [tagged(0x01, Buffer.from([0xff]))] : []
  const extensions = sequence(
    sequence(objectId(0x55, 0x1d, 0x11), octets(sequence(tagged(0x82, Buffer.from(name))))),
    sequence(objectId(0x55, 0x1d, 0x13), octets(sequence(...constraints))),
  )
  const unsigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    distinguished(issuer?.name ?? name),
    sequence(time(validity.from), time(validity.to)),
    distinguished(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions),
  )
  const signature = bits(sign('sha256', unsigned, issuer?.privateKey ?? privateKey))
  const lines =
    sequence(unsigned, ecdsaWithSha256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return {
    name,
    privateKey,
    pem: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  }
}

function pem8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function distinguished(name: string): Buffer {
  return sequence(set(sequence(objectId(0x55, 0x04, 0x03), utf8(name))))
}

const dayMs = 86_400_000

function aroundNow() {
  return { from: new Date(Date.now() - dayMs), to: new Date(Date.now() + dayMs) }
}

function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...content: readonly Buffer[]) => tagged(0x30, ...content)
const set = (...content: readonly Buffer[]) => tagged(0x31, ...content)
const objectId = (...bytes: readonly number[]) => tagged(0x06, Buffer.from(bytes))
const integer = (bytes: Buffer) => tagged(0x02, bytes)
const utf8 = (text: string) => tagged(0x0c, Buffer.from(text))
const octets = (bytes: Buffer) => tagged(0x04, bytes)
const bits = (bytes: Buffer) => tagged(0x03, Buffer.from([0]), bytes)
const time = (date: Date) => tagged(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))
