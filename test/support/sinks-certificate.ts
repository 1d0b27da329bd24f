import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export type Certificate = { readonly pem: string; readonly key: string }

/** A self-signed certificate in X.509 (RFC 5280), its own authority: whoever trusts it trusts this server alone. */
export function selfSignedCertificate(name: string, validity: { from: Date; to: Date } = aroundNow()): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
  const issuer = sequence(set(sequence(objectId(0x55, 0x04, 0x03), utf8(name))))
  const altNames = sequence(tagged(0x82, Buffer.from(name)))
  const isAuthority = sequence(tagged(0x01, Buffer.from([0xff])))
  const extensions = sequence(
    sequence(objectId(0x55, 0x1d, 0x11), octets(altNames)),
    sequence(objectId(0x55, 0x1d, 0x13), octets(isAuthority)),
  )
  const unsigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    issuer,
    sequence(time(validity.from), time(validity.to)),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions),
  )
  const certificate = sequence(unsigned, ecdsaWithSha256, bits(sign('sha256', unsigned, privateKey)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return {
    pem: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
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
