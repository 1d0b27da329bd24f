import type { Migration } from './index.ts'

/** Accounts, organizations, credentials, sessions, the audit log and what the pipeline keeps of its own. */
export const platform: Migration = {
  name: '0001-platform',
  statements: [
    `CREATE TABLE users (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      uuid uuid NOT NULL DEFAULT gen_random_uuid(),
      email text NOT NULL CONSTRAINT users_email_lowercase CHECK (email = lower(email)),
      name text,
      password_hash text,
      email_verified_at timestamptz,
      last_login_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT users_uuid_key UNIQUE (uuid),
      CONSTRAINT users_email_key UNIQUE (email)
    )`,

    `CREATE TABLE organizations (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      uuid uuid NOT NULL DEFAULT gen_random_uuid(),
      name text NOT NULL,
      slug text NOT NULL,
      plan text NOT NULL DEFAULT 'self-hosted'
        CONSTRAINT organizations_plan_known CHECK (plan IN ('self-hosted', 'free', 'startup', 'pro')),
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT organizations_uuid_key UNIQUE (uuid),
      CONSTRAINT organizations_slug_key UNIQUE (slug)
    )`,

    `CREATE TABLE memberships (
      organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
      user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
      role text NOT NULL CONSTRAINT memberships_role_known CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
      joined_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (organization_id, user_id)
    )`,
    `CREATE INDEX memberships_by_user ON memberships (user_id, organization_id)`,

    // Every kind of key lives here; the prefix of the plaintext says which kind it is. Only the SHA-256 is kept.
    `CREATE TABLE tokens (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text NOT NULL CONSTRAINT tokens_kind_known CHECK (kind IN ('pat')),
      organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
      user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
      name text NOT NULL,
      prefix text NOT NULL,
      hash bytea NOT NULL,
      scopes text[] NOT NULL,
      daily_mutation_limit integer,
      daily_log_bytes_limit bigint,
      last_used_at timestamptz,
      expires_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT tokens_hash_key UNIQUE (hash)
    )`,
    `CREATE INDEX tokens_by_owner ON tokens (organization_id, user_id, id DESC)`,

    `CREATE TABLE sessions (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
      organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
      ip text,
      user_agent text,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_seen_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      revoked_at timestamptz
    )`,
    `CREATE INDEX sessions_by_user ON sessions (user_id) WHERE revoked_at IS NULL`,
    `CREATE INDEX sessions_by_expiry ON sessions (expires_at)`,

    `CREATE TABLE password_resets (
      hash bytea PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE INDEX password_resets_by_user ON password_resets (user_id)`,
    `CREATE INDEX password_resets_by_expiry ON password_resets (expires_at)`,

    // Rows name their actors without foreign keys: the log outlives the accounts it speaks of.
    `CREATE TABLE audit_logs (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      organization_id integer,
      actor_user_id integer,
      actor_pat_id integer,
      actor_email text,
      action text NOT NULL,
      resource text NOT NULL,
      meta jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE INDEX audit_logs_by_organization ON audit_logs (organization_id, id DESC)`,
    `CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_logs is append-only' USING ERRCODE = 'insufficient_privilege';
      END
    $$`,
    `CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs
      FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()`,
    `CREATE TRIGGER audit_logs_never_truncated BEFORE TRUNCATE ON audit_logs
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()`,

    // A row is the stored reply of a finished request. What is still running holds an advisory lock instead, so that
    // a crash frees the key by itself.
    `CREATE TABLE idempotency_keys (
      owner text NOT NULL,
      key_hash bytea NOT NULL,
      fingerprint bytea NOT NULL,
      status smallint NOT NULL,
      headers jsonb NOT NULL,
      body text,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (owner, key_hash)
    )`,
    `CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)`,

    `CREATE TABLE token_usage (
      token_id integer NOT NULL REFERENCES tokens ON DELETE CASCADE,
      day date NOT NULL,
      mutations integer NOT NULL DEFAULT 0,
      log_bytes bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (token_id, day)
    )`,
  ],
}
