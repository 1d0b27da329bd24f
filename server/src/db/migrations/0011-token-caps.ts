import type { Migration } from './index.ts'

/** A token's use counts against the daily caps of the tokens that it comes from. */
export const tokenCaps: Migration = {
  name: '0011-token-caps',
  statements: [
    // Caps never change and tokens are never deleted one by one, so whoever mints can write the whole line down: nobody
    // has to follow it at each request. Its end is bounded, because each change counts in a row of every one of them.
    `ALTER TABLE tokens ADD COLUMN capped_by integer[] NOT NULL DEFAULT '{}'
      CONSTRAINT tokens_capped_by_few CHECK (cardinality(capped_by) <= 16)`,

    // Who minted the tokens that exist already, the audit log knows.
    `WITH RECURSIVE minted AS (
        SELECT DISTINCT ON (tokens.id) tokens.id, audit_logs.actor_pat_id AS minter
        FROM audit_logs
        JOIN tokens ON audit_logs.resource = 'token:' || tokens.id
          AND audit_logs.organization_id = tokens.organization_id
        WHERE audit_logs.action = 'CREATE_TOKEN' AND audit_logs.actor_pat_id < tokens.id
        ORDER BY tokens.id, audit_logs.id
      ), lines AS (
        SELECT id, minter AS ancestor FROM minted
        UNION
        SELECT lines.id, minted.minter FROM lines JOIN minted ON minted.id = lines.ancestor
      ), capped AS (
        SELECT lines.id, (array_agg(ancestors.id ORDER BY ancestors.id))[1:16] AS ancestors
        FROM lines
        JOIN tokens AS ancestors ON ancestors.id = lines.ancestor
        WHERE ancestors.daily_mutation_limit IS NOT NULL OR ancestors.daily_log_bytes_limit IS NOT NULL
        GROUP BY lines.id
      )
      UPDATE tokens SET capped_by = capped.ancestors FROM capped WHERE capped.id = tokens.id`,
  ],
}
