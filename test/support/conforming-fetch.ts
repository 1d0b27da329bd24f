import type { App } from '@owlery/server/app.ts'
import { type DocumentedOperation, isObject, object, operationFor, pointer, resolved } from './document.ts'
import { requestFaults, responseFaults } from './schemas.ts'
import { sawAnswer } from './seen.ts'

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export class ContractBreach extends Error {
  override readonly name = 'ContractBreach'
}

type Options = {
  /** Set where a test sends what the document forbids. Answers are held to the document always. */
  readonly checkRequests: boolean
  readonly address?: string
}

/** `fetch` against the app in this process; nothing that is not in openapi.yaml passes unseen. */
export function conformingFetch(app: App, { checkRequests, address = '127.0.0.1' }: Options): Fetch {
  const env = { incoming: { socket: { remoteAddress: address } } }
  return async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const operation = operationFor(request.method, url.pathname)
    if (checkRequests) await expectFittingRequest(request.clone(), operation)
    const response = await app.fetch(request, env)
    await expectFittingAnswer(request.method, url.pathname, operation, response.clone())
    return response
  }
}

async function expectFittingRequest(request: Request, operation: DocumentedOperation | undefined): Promise<void> {
  if (operation === undefined) throw new ContractBreach(`the document has no ${request.method} ${request.url}`)
  if (operation.bodyPointer === undefined) return
  const isLeftOut = request.body === null && object(operation.raw.requestBody).required !== true
  if (isLeftOut) return
  const faults = requestFaults(operation.bodyPointer, await request.json())
  if (faults.length > 0) throw new ContractBreach(`${operation.id} request: ${faults.join('; ')}`)
}

async function expectFittingAnswer(
  method: string,
  path: string,
  operation: DocumentedOperation | undefined,
  response: Response,
): Promise<void> {
  if (response.headers.get('x-request-id') === null && method !== 'OPTIONS') {
    throw new ContractBreach(`${method} ${path} answered without X-Request-Id`)
  }
  if (operation === undefined) return expectEnvelope(method, path, response)
  const { id, raw } = operation
  const status = String(response.status)
  const declared = object(raw.responses)[status]
  if (declared === undefined) {
    throw new ContractBreach(`${id} answered ${status}, which is not documented: ${await response.text()}`)
  }
  const content = resolved(declared).content
  const type = response.headers.get('content-type')?.split(';')[0]
  if (!isObject(content)) {
    if ((await response.arrayBuffer()).byteLength > 0) throw new ContractBreach(`${id} ${status} has a body`)
    sawAnswer(id, response.status, undefined)
    return
  }
  if (type === undefined || content[type] === undefined) {
    throw new ContractBreach(
      `${id} ${status} has the content type ${String(type)}, documented: ${Object.keys(content)}`,
    )
  }
  if (method === 'HEAD' && operation.method === 'HEAD') {
    // Without a body nobody reads the code; where the status has only one, it is that one.
    const [code, ...others] = operation.codes.get(response.status) ?? []
    sawAnswer(id, response.status, others.length === 0 ? code : undefined)
    return
  }
  if (type !== 'application/json' || method === 'HEAD' || (response.ok && isDocumentItself(operation))) {
    sawAnswer(id, response.status, undefined)
    return
  }
  const body: unknown = await response.json()
  const place = schemaPointer(operation, status, declared)
  const faults = responseFaults(place, body)
  if (faults.length > 0) {
    throw new ContractBreach(`${id} ${status}: ${faults.slice(0, 5).join('; ')}\n${JSON.stringify(body)}`)
  }
  sawAnswer(id, response.status, codeOf(response.status, body))
}

function schemaPointer(operation: DocumentedOperation, status: string, declared: unknown): string {
  const reference = isObject(declared) ? declared.$ref : undefined
  const base =
    typeof reference === 'string'
      ? reference
      : pointer('paths', operation.path, operation.method.toLowerCase(), 'responses', status)
  return `${base}/content/application~1json/schema`
}

function codeOf(status: number, body: unknown): string | undefined {
  return status >= 400 && isObject(body) && typeof body.code === 'string' ? body.code : undefined
}

/** What no operation answers still speaks the one envelope. */
async function expectEnvelope(method: string, path: string, response: Response): Promise<void> {
  if (response.status === 204 && method === 'OPTIONS') return
  if (method === 'HEAD') return
  const body: unknown = await response.json()
  const fits = isObject(body) && ['error', 'code', 'requestId'].every((key) => typeof body[key] === 'string')
  if (!fits) throw new ContractBreach(`${method} ${path} answered outside the envelope: ${JSON.stringify(body)}`)
}

/** The document describes itself as text; its JSON form is compared with the file by a test of its own. */
function isDocumentItself(operation: DocumentedOperation): boolean {
  return operation.path === '/openapi.json'
}
