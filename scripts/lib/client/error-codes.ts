import { type JsonObject, objectOf, textOf, textsOf } from './json.ts'
import { docComment } from './print.ts'

export type ErrorCodeModel = {
  readonly code: string
  readonly status: number
  readonly meaning: string
  readonly remedy: string
  readonly retry: string
}

const retries = ['never', 'later', 'same-key']

export function readErrorCodes(document: JsonObject): ErrorCodeModel[] {
  const schemas = objectOf(objectOf(document['components'])['schemas'])
  return textsOf(objectOf(schemas['ErrorCode'])['enum']).map((code) => {
    const entry = objectOf(objectOf(document['x-errors'])[code])
    const read = (name: string) => textOf(entry[name], `x-errors.${code}.${name}`)
    const retry = read('retry')
    if (!retries.includes(retry)) throw new Error(`x-errors.${code}.retry: ${retry} is none of ${retries.join(', ')}`)
    return { code, status: Number(entry['status']), meaning: read('meaning'), remedy: read('remedy'), retry }
  })
}

export function printErrorCodes(errorCodes: readonly ErrorCodeModel[]): string {
  const described = errorCodes.map(
    ({ code, status, meaning, remedy, retry }) =>
      `${docComment([`${meaning} ${remedy}`], '  ')}  ${code}: { readonly status: ${status}; readonly retry: '${retry}' }`,
  )
  const retried = errorCodes.filter(({ retry }) => retry !== 'never')
  return [
    '/** What each error code means and what to do about it. */',
    'export interface ErrorCodes {',
    ...described,
    '}',
    '',
    'export type ErrorCode = keyof ErrorCodes',
    '',
    'export const errorCodes = [',
    ...errorCodes.map(({ code }) => `  '${code}',`),
    '] as const satisfies readonly ErrorCode[]',
    '',
    '/** The codes whose request may go out again: after a pause, or only if sending it twice does it once. */',
    `export const retryOf: { readonly [Code in ErrorCode]?: Exclude<ErrorCodes[Code]['retry'], 'never'> } = {`,
    ...retried.map(({ code, retry }) => `  ${code}: '${retry}',`),
    '}',
    '',
  ].join('\n')
}
