import type { Migration } from './index.ts'

/** Makes the audit log tamper-evident, and quick to read by any of its filters. */
export const auditChain: Migration = {
  name: '0002-audit-chain',
  statements: [
    // One chain for each organization; chain 0 is of the rows that belong to none. There is no foreign key to the row:
    // that a row is gone must show as a break, and not be undone by a cascade.
    `CREATE TABLE audit_seals (
      chain integer NOT NULL,
      position bigint NOT NULL,
      audit_log_id bigint NOT NULL,
      hash bytea NOT NULL,
      sealed_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (chain, position),
      CONSTRAINT audit_seals_row_key UNIQUE (audit_log_id)
    )`,
    `CREATE FUNCTION refuse_seal_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_seals is append-only' USING ERRCODE = 'insufficient_privilege';
      END
    $$`,
    `CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE ON audit_seals
      FOR EACH ROW EXECUTE FUNCTION refuse_seal_change()`,
    `CREATE TRIGGER audit_seals_never_truncated BEFORE TRUNCATE ON audit_seals
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_seal_change()`,

    // Rows commit in another order than their ids were given out, so no "everything up to id N" is ever complete. What
    // waits for its seal stands here instead, written with the row itself: it appears exactly when the row does.
    `CREATE TABLE audit_unsealed (
      audit_log_id bigint PRIMARY KEY,
      chain integer NOT NULL
    )`,
    `INSERT INTO audit_unsealed (audit_log_id, chain) SELECT id, coalesce(organization_id, 0) FROM audit_logs`,
    `CREATE FUNCTION await_audit_seal() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO audit_unsealed (audit_log_id, chain) SELECT id, coalesce(organization_id, 0) FROM written;
        RETURN NULL;
      END
    $$`,
    `CREATE TRIGGER audit_logs_await_seal AFTER INSERT ON audit_logs REFERENCING NEW TABLE AS written
      FOR EACH STATEMENT EXECUTE FUNCTION await_audit_seal()`,

    // Newest first is by time, so that a range of time is a range of every index; the id decides between equals.
    `CREATE INDEX audit_logs_by_time ON audit_logs (organization_id, created_at DESC, id DESC)`,
    `CREATE INDEX audit_logs_by_action ON audit_logs (organization_id, action, created_at DESC, id DESC)`,
    `CREATE INDEX audit_logs_by_actor ON audit_logs (organization_id, actor_user_id, created_at DESC, id DESC)`,
    `CREATE INDEX audit_logs_by_token ON audit_logs (organization_id, actor_pat_id, created_at DESC, id DESC)
      WHERE actor_pat_id IS NOT NULL`,
    `CREATE INDEX audit_logs_by_resource ON audit_logs (organization_id, resource, created_at DESC, id DESC)`,
    `DROP INDEX audit_logs_by_organization`,
  ],
}
