import type { Tables } from '@owlery/server/db/tables.ts'
import { type Kysely, sql } from 'kysely'

/** Rows of one organization as months of use would leave them: many actors, few tokens, some rare actions. */
export async function writeAuditRows(db: Kysely<Tables>, organizationId: number, count: number): Promise<void> {
  const perStatement = 50_000
  for (let first = 1; first <= count; first += perStatement) {
    const last = Math.min(first + perStatement - 1, count)
    await sql`
      INSERT INTO audit_logs (organization_id, actor_user_id, actor_pat_id, actor_email, action, resource, meta, created_at)
      SELECT ${organizationId}::integer, 1 + n % 500, CASE n % 3 WHEN 0 THEN 1 + n % 40 END,
        'user-' || (n % 500) || '@example.com',
        CASE WHEN n % 10000 = 0 THEN 'UPDATE_MEMBER_ROLE' WHEN n % 7 = 0 THEN 'LOGIN' ELSE 'UPDATE_MONITOR' END,
        'monitor:' || (n::bigint * 7919 % 20000),
        jsonb_build_object('ip', '203.0.113.9', 'ua', 'curl/8.5.0', 'changedFields', jsonb_build_array('intervalSec'),
          'diff', jsonb_build_object('intervalSec', jsonb_build_object('from', 60, 'to', n))),
        now() - make_interval(secs => (${count}::integer - n) * 2)
      FROM generate_series(${first}::integer, ${last}::integer) AS n`.execute(db)
  }
  await sql`VACUUM ANALYZE audit_logs`.execute(db)
}
