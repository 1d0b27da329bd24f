import { type Kysely, sql } from 'kysely'
import { violated } from '../db/constraints.ts'
import type { Tables } from '../db/tables.ts'

const pageColumns = [
  'id',
  'organization_id',
  'version',
  'slug',
  'title',
  'description',
  'is_public',
  'custom_domain',
  'logo_url',
  'accent_color',
  'footer_links',
  'custom_css',
  'hide_branding',
  'ip_allowlist',
  'created_at',
] as const

function selectPages(db: Kysely<Tables>, organizationId: number) {
  return db
    .selectFrom('status_pages')
    .select(pageColumns)
    .select(sql<boolean>`password_hash IS NOT NULL`.as('has_password'))
    .where('organization_id', '=', organizationId)
}

export type PageRow = Awaited<ReturnType<typeof listPages>>[number]
export type Paging = { readonly limit: number; readonly before: number | undefined }

export function listPages(db: Kysely<Tables>, organizationId: number, { limit, before }: Paging) {
  return selectPages(db, organizationId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export function findPage(db: Kysely<Tables>, organizationId: number, id: number): Promise<PageRow | undefined> {
  return selectPages(db, organizationId).where('id', '=', id).executeTakeFirst()
}

/** Nobody else changes or deletes it until the transaction ends. */
export function lockPage(db: Kysely<Tables>, organizationId: number, id: number): Promise<PageRow | undefined> {
  return selectPages(db, organizationId).where('id', '=', id).forUpdate().executeTakeFirst()
}

export type PageColumns = {
  readonly slug: string
  readonly title: string
  readonly description: string | null
  readonly is_public: boolean
  readonly custom_domain: string | null
  readonly logo_url: string | null
  readonly accent_color: string | null
  readonly footer_links: string
  readonly custom_css: string | null
  readonly hide_branding: boolean
  readonly ip_allowlist: string[]
}

/** `undefined` leaves a column as it is. */
export type PageChange = { readonly [C in keyof PageColumns]?: PageColumns[C] | undefined }

export type Clash = 'slug_taken' | 'domain_taken'

function clashOf(error: unknown): Clash {
  const constraint = violated(error)
  if (constraint === 'status_pages_slug_key') return 'slug_taken'
  if (constraint === 'status_pages_domain_key') return 'domain_taken'
  throw error
}

type NewPage = PageChange & { readonly slug: string; readonly title: string; readonly created_at: Date }

export async function insertPage(db: Kysely<Tables>, organizationId: number, page: NewPage): Promise<number | Clash> {
  try {
    const { id } = await db
      .insertInto('status_pages')
      .values({ organization_id: organizationId, ...page })
      .returning('id')
      .executeTakeFirstOrThrow()
    return id
  } catch (error) {
    return clashOf(error)
  }
}

/** One version further. The row must be locked. */
export async function updatePage(db: Kysely<Tables>, id: number, change: PageChange): Promise<'updated' | Clash> {
  try {
    await db
      .updateTable('status_pages')
      .set((eb) => ({ ...change, version: eb('version', '+', 1) }))
      .where('id', '=', id)
      .execute()
    return 'updated'
  } catch (error) {
    return clashOf(error)
  }
}

export function setPagePassword(
  db: Kysely<Tables>,
  organizationId: number,
  id: number,
  password: { readonly hash: string | null; readonly at: Date },
) {
  return db
    .updateTable('status_pages')
    .set((eb) => ({
      password_hash: password.hash,
      password_changed_at: password.at,
      version: eb('version', '+', 1),
    }))
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .returning('slug')
    .executeTakeFirst()
}

export function deletePage(db: Kysely<Tables>, organizationId: number, id: number) {
  return db
    .deleteFrom('status_pages')
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .returning(['slug', 'title', 'custom_domain'])
    .executeTakeFirst()
}

export type SubscriberRow = Awaited<ReturnType<typeof listSubscribers>>[number]

export function listSubscribers(db: Kysely<Tables>, pageId: number, { limit, before }: Paging) {
  // As the index has it: the primary key's own order would walk over the subscribers of every other page.
  const ordinal = sql<number>`id + 0`
  return db
    .selectFrom('status_page_subscribers')
    .select(['id', 'email', 'confirmed_at', 'created_at'])
    .where('status_page_id', '=', pageId)
    .$if(before !== undefined, (query) => query.where(ordinal, '<', before ?? 0))
    .orderBy(ordinal, 'desc')
    .limit(limit)
    .execute()
}

export function deleteSubscriber(db: Kysely<Tables>, pageId: number, id: number) {
  return db
    .deleteFrom('status_page_subscribers')
    .where('status_page_id', '=', pageId)
    .where('id', '=', id)
    .returning('email')
    .executeTakeFirst()
}
