import type { JsonValue } from '../db/json.ts'
import type { ComponentRow } from './status-pages.components.store.ts'
import type { GivenComponent } from './status-pages.rules.ts'
import type { PageChange, PageRow, SubscriberRow } from './status-pages.store.ts'

export function toStatusPage(row: PageRow, components: readonly ComponentRow[]) {
  return {
    id: row.id,
    organizationId: row.organization_id,
    slug: row.slug,
    title: row.title,
    description: row.description,
    isPublic: row.is_public,
    customDomain: row.custom_domain,
    logoUrl: row.logo_url,
    accentColor: row.accent_color,
    footerLinks: toFooterLinks(row.footer_links),
    customCss: row.custom_css,
    hideBranding: row.hide_branding,
    ipAllowlist: row.ip_allowlist,
    hasPassword: row.has_password,
    components: components.filter((one) => one.status_page_id === row.id).map(toComponent),
    createdAt: row.created_at.toISOString(),
  }
}

export function toComponent(row: ComponentRow) {
  return {
    id: row.id,
    monitorId: row.monitor_id,
    name: row.name ?? row.monitor_name,
    group: row.group_name,
    position: row.position,
  }
}

/** As callers give them, for comparing what was with what shall be. */
export function toGiven(components: readonly ComponentRow[]) {
  return components.map((row) => normalized({ monitorId: row.monitor_id, name: row.name, group: row.group_name }))
}

export function normalized({ monitorId, name, group }: GivenComponent) {
  return { monitorId, name: name ?? null, group: group ?? null }
}

export function toFooterLinks(stored: JsonValue): { label: string; url: string }[] {
  if (!Array.isArray(stored)) return []
  return stored.flatMap((link) => {
    if (typeof link !== 'object' || link === null || Array.isArray(link)) return []
    const { label, url } = link
    return typeof label === 'string' && typeof url === 'string' ? [{ label, url }] : []
  })
}

export function toSubscriber(row: SubscriberRow) {
  return {
    id: row.id,
    email: row.email,
    confirmedAt: row.confirmed_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  }
}

type Given = {
  readonly slug?: string | undefined
  readonly title?: string | undefined
  readonly description?: string | null | undefined
  readonly isPublic?: boolean | undefined
  readonly customDomain?: string | null | undefined
  readonly logoUrl?: string | null | undefined
  readonly accentColor?: string | null | undefined
  readonly footerLinks?: readonly { readonly label: string; readonly url: string }[] | undefined
  readonly customCss?: string | null | undefined
  readonly hideBranding?: boolean | undefined
  readonly ipAllowlist?: readonly string[] | undefined
}

export function columnsOf(given: Given): PageChange {
  return {
    slug: given.slug,
    title: given.title,
    description: given.description,
    is_public: given.isPublic,
    custom_domain: given.customDomain,
    logo_url: given.logoUrl,
    accent_color: given.accentColor,
    footer_links: given.footerLinks && JSON.stringify(given.footerLinks),
    custom_css: given.customCss,
    hide_branding: given.hideBranding,
    ip_allowlist: given.ipAllowlist && [...given.ipAllowlist],
  }
}
