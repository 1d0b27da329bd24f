import type { Migration } from './index.ts'

/** Counters of requests that processes share, and the word that goes round when a credential changes. */
export const limits: Migration = {
  name: '0004-limits',
  statements: [
    // Unlogged: a crash of the database may forget counters, and each request would cost a sync of the log otherwise.
    // Free space in the pages lets an update stay beside its row and leave the indexes alone.
    `CREATE UNLOGGED TABLE rate_limits (
      key text PRIMARY KEY,
      used double precision NOT NULL,
      since timestamptz NOT NULL,
      expires_at timestamptz NOT NULL
    ) WITH (fillfactor = 60)`,
    `CREATE INDEX rate_limits_by_expiry ON rate_limits (expires_at)`,

    // Triggers, so that no writer can forget it and the word leaves exactly when the change commits. What is noted at
    // every use is left out by name; a column that comes later counts until it is named here.
    `CREATE FUNCTION tell_credential_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('credentials', (to_jsonb(OLD) ->> TG_ARGV[0]));
        RETURN NULL;
      END
    $$`,
    `CREATE TRIGGER tokens_tell_change AFTER UPDATE ON tokens FOR EACH ROW
      WHEN (to_jsonb(OLD) - 'last_used_at' IS DISTINCT FROM to_jsonb(NEW) - 'last_used_at')
      EXECUTE FUNCTION tell_credential_change('user_id')`,
    `CREATE TRIGGER tokens_tell_end AFTER DELETE ON tokens FOR EACH ROW
      EXECUTE FUNCTION tell_credential_change('user_id')`,
    `CREATE TRIGGER sessions_tell_change AFTER UPDATE ON sessions FOR EACH ROW
      WHEN (
        to_jsonb(OLD) - 'last_seen_at' - 'expires_at' IS DISTINCT FROM to_jsonb(NEW) - 'last_seen_at' - 'expires_at'
      )
      EXECUTE FUNCTION tell_credential_change('user_id')`,
    `CREATE TRIGGER sessions_tell_end AFTER DELETE ON sessions FOR EACH ROW
      EXECUTE FUNCTION tell_credential_change('user_id')`,
    `CREATE TRIGGER memberships_tell_change AFTER UPDATE OR DELETE ON memberships FOR EACH ROW
      EXECUTE FUNCTION tell_credential_change('user_id')`,
    `CREATE TRIGGER users_tell_change AFTER UPDATE ON users FOR EACH ROW
      WHEN (
        to_jsonb(OLD) - 'last_login_at' - 'password_hash'
          IS DISTINCT FROM to_jsonb(NEW) - 'last_login_at' - 'password_hash'
      )
      EXECUTE FUNCTION tell_credential_change('id')`,
  ],
}
