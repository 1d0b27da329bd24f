import { parseAddressRange } from '../config/addresses.ts'
import type { Fault } from '../http/problem.ts'
import { faultOfCss } from './status-pages.css.ts'

export type GivenComponent = {
  readonly monitorId: number
  readonly name?: string | null | undefined
  readonly group?: string | null | undefined
}

type Given = {
  readonly slug?: string | undefined
  readonly customCss?: string | null | undefined
  readonly ipAllowlist?: readonly string[] | undefined
  readonly components?: readonly GivenComponent[] | undefined
}

/** Words that stand where a slug could, in the addresses of the public endpoints. */
const reservedSlugs = ['by-host', 'unsubscribe']

/** What schemas cannot say of a page. */
export function faultsOf({ slug, customCss, ipAllowlist = [], components = [] }: Given): Fault[] {
  const faults: Fault[] = []
  const refuse = (path: string, message: string) => faults.push({ path, code: 'custom', message })
  if (slug !== undefined && reservedSlugs.includes(slug)) refuse('slug', 'This word is taken by the service itself')
  const fault = customCss ? faultOfCss(customCss) : undefined
  if (fault !== undefined) refuse('customCss', fault)
  for (const [index, range] of ipAllowlist.entries()) {
    if (parseAddressRange(range) === undefined) refuse(`ipAllowlist.${index}`, 'Not an address or a range of them')
  }
  const seen = new Set<number>()
  for (const [index, { monitorId }] of components.entries()) {
    if (seen.has(monitorId)) refuse(`components.${index}.monitorId`, 'This monitor is on the page already')
    seen.add(monitorId)
  }
  return faults.slice(0, 100)
}
