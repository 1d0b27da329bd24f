import type { Migration } from './index.ts'

/** Checks and what is made of them: rollups, incidents, deliveries, maintenance, status pages, webhook subscriptions. */
export const uptime: Migration = {
  name: '0005-uptime',
  statements: [
    // Partitions by day, made ahead of time and dropped when they are old: retention deletes no rows. Keyed by tenant
    // first, so that a distributed Postgres can shard it as it is.
    `CREATE SEQUENCE checks_id_seq AS bigint`,
    `CREATE TABLE checks (
      organization_id integer NOT NULL,
      monitor_id integer NOT NULL,
      id bigint NOT NULL DEFAULT nextval('checks_id_seq'),
      checked_at timestamptz NOT NULL,
      region text NOT NULL,
      status text NOT NULL CONSTRAINT checks_status_known CHECK (status IN ('up', 'degraded', 'down')),
      response_time_ms integer,
      status_code smallint,
      error_message text,
      in_maintenance boolean NOT NULL DEFAULT false,
      PRIMARY KEY (organization_id, monitor_id, checked_at, id)
    ) PARTITION BY RANGE (checked_at)`,
    `CREATE FUNCTION ensure_check_partitions(first_day date, days integer) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        one date;
      BEGIN
        FOR one IN SELECT first_day + offset_days FROM generate_series(0, days - 1) AS offset_days LOOP
          IF to_regclass('checks_' || to_char(one, 'YYYYMMDD')) IS NULL THEN
            EXECUTE format(
              'CREATE TABLE IF NOT EXISTS %I PARTITION OF checks FOR VALUES FROM (%L) TO (%L)',
              'checks_' || to_char(one, 'YYYYMMDD'), one::timestamp AT TIME ZONE 'UTC', (one + 1)::timestamp AT TIME ZONE 'UTC');
          END IF;
        END LOOP;
      END
    $$`,

    // Kept up to date by the statement that records checks. \`histogram\` counts response times in the buckets that
    // server/src/uptime/rollups.ts names, which is what percentiles over long windows are read from.
    ...['hourly', 'daily'].map(
      (grain) => `CREATE TABLE check_rollups_${grain} (
        organization_id integer NOT NULL,
        monitor_id integer NOT NULL,
        starts_at timestamptz NOT NULL,
        up integer NOT NULL,
        degraded integer NOT NULL,
        down integer NOT NULL,
        in_maintenance integer NOT NULL,
        response_count integer NOT NULL,
        response_sum_ms bigint NOT NULL,
        response_min_ms integer,
        response_max_ms integer,
        histogram integer[] NOT NULL,
        PRIMARY KEY (organization_id, monitor_id, starts_at)
      ) WITH (fillfactor = 80)`,
    ),
    `CREATE FUNCTION add_histograms(a integer[], b integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY position)
      FROM unnest(a, b) WITH ORDINALITY AS both_of (x, y, position)
    $$`,

    // What a worker holds until \`until\`; a worker that dies gives it back by no longer renewing.
    `ALTER TABLE monitor_states ADD COLUMN claimed_until timestamptz`,
    `ALTER TABLE monitor_states ADD COLUMN opened_at timestamptz`,
    `CREATE TABLE region_results (
      monitor_id integer NOT NULL REFERENCES monitors ON DELETE CASCADE,
      region text NOT NULL,
      status text NOT NULL CONSTRAINT region_results_status_known CHECK (status IN ('up', 'degraded', 'down')),
      error_message text,
      checked_at timestamptz NOT NULL,
      PRIMARY KEY (monitor_id, region)
    )`,
    `CREATE TABLE monitor_dependencies (
      monitor_id integer NOT NULL REFERENCES monitors ON DELETE CASCADE,
      depends_on_id integer NOT NULL REFERENCES monitors ON DELETE CASCADE,
      PRIMARY KEY (monitor_id, depends_on_id),
      CONSTRAINT monitor_dependencies_not_itself CHECK (monitor_id <> depends_on_id)
    )`,
    `CREATE INDEX monitor_dependencies_by_parent ON monitor_dependencies (depends_on_id)`,

    `CREATE TABLE incidents (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
      monitor_id integer REFERENCES monitors ON DELETE SET NULL,
      log_alert_id integer,
      cause text NOT NULL CONSTRAINT incidents_cause_known CHECK (cause IN ('down', 'degraded', 'slo', 'log_alert')),
      monitor_name text NOT NULL,
      title text NOT NULL,
      status text NOT NULL DEFAULT 'investigating'
        CONSTRAINT incidents_status_known CHECK (status IN ('investigating', 'identified', 'monitoring', 'resolved')),
      severity text NOT NULL
        CONSTRAINT incidents_severity_known CHECK (severity IN ('critical', 'major', 'minor', 'none')),
      error_message text,
      suppressed_by_id integer,
      started_at timestamptz NOT NULL,
      acknowledged_at timestamptz,
      acknowledged_by_user_id integer,
      resolved_at timestamptz,
      resolved_by_user_id integer,
      auto_resolved boolean NOT NULL DEFAULT false,
      postmortem text,
      postmortem_published_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      version integer NOT NULL DEFAULT 1
    )`,
    `CREATE INDEX incidents_by_organization ON incidents (organization_id, id DESC)`,
    `CREATE INDEX incidents_open_by_organization ON incidents (organization_id, id DESC) WHERE resolved_at IS NULL`,
    `CREATE INDEX incidents_by_monitor ON incidents (monitor_id, id DESC)`,
    // Never two open incidents of one monitor for one kind of cause.
    `CREATE UNIQUE INDEX incidents_one_open ON incidents (monitor_id, (cause = 'slo')) WHERE resolved_at IS NULL`,
    `CREATE TABLE incident_updates (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      incident_id integer NOT NULL REFERENCES incidents ON DELETE CASCADE,
      status text NOT NULL
        CONSTRAINT incident_updates_status_known CHECK (status IN ('investigating', 'identified', 'monitoring', 'resolved')),
      body text NOT NULL,
      author_user_id integer,
      created_at timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE INDEX incident_updates_by_incident ON incident_updates (incident_id, id)`,
    // One row per incident, transition and channel: what makes a delivery happen once, and shows that it did.
    `CREATE TABLE incident_deliveries (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      incident_id integer NOT NULL REFERENCES incidents ON DELETE CASCADE,
      transition text NOT NULL CONSTRAINT incident_deliveries_transition_known CHECK (transition IN ('opened', 'resolved')),
      channel text NOT NULL,
      status text NOT NULL DEFAULT 'pending'
        CONSTRAINT incident_deliveries_status_known CHECK (status IN ('pending', 'sent', 'failed', 'suppressed')),
      attempts integer NOT NULL DEFAULT 0,
      error_message text,
      created_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz,
      CONSTRAINT incident_deliveries_key UNIQUE (incident_id, transition, channel)
    )`,

    `CREATE TABLE maintenance_windows (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
      title text NOT NULL,
      whole_organization boolean NOT NULL,
      starts_at timestamptz NOT NULL,
      ends_at timestamptz NOT NULL,
      created_by_user_id integer,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT maintenance_windows_forward CHECK (ends_at > starts_at)
    )`,
    `CREATE INDEX maintenance_windows_by_organization ON maintenance_windows (organization_id, ends_at DESC, id DESC)`,
    `CREATE TABLE maintenance_window_monitors (
      window_id integer NOT NULL REFERENCES maintenance_windows ON DELETE CASCADE,
      monitor_id integer NOT NULL REFERENCES monitors ON DELETE CASCADE,
      PRIMARY KEY (window_id, monitor_id)
    )`,
    `CREATE INDEX maintenance_window_monitors_by_monitor ON maintenance_window_monitors (monitor_id)`,

    `CREATE TABLE status_pages (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
      version integer NOT NULL DEFAULT 1,
      slug text NOT NULL,
      title text NOT NULL,
      description text,
      is_public boolean NOT NULL DEFAULT true,
      custom_domain text,
      logo_url text,
      accent_color text,
      footer_links jsonb NOT NULL DEFAULT '[]',
      custom_css text,
      hide_branding boolean NOT NULL DEFAULT false,
      ip_allowlist text[] NOT NULL DEFAULT '{}',
      password_hash text,
      password_changed_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT status_pages_slug_key UNIQUE (slug),
      CONSTRAINT status_pages_domain_key UNIQUE (custom_domain)
    )`,
    `CREATE INDEX status_pages_by_organization ON status_pages (organization_id, id DESC)`,
    `CREATE TABLE status_page_components (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      status_page_id integer NOT NULL REFERENCES status_pages ON DELETE CASCADE,
      monitor_id integer NOT NULL REFERENCES monitors ON DELETE CASCADE,
      name text,
      group_name text,
      position integer NOT NULL,
      CONSTRAINT status_page_components_key UNIQUE (status_page_id, monitor_id)
    )`,
    `CREATE INDEX status_page_components_by_monitor ON status_page_components (monitor_id)`,
    `CREATE TABLE status_page_subscribers (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      status_page_id integer NOT NULL REFERENCES status_pages ON DELETE CASCADE,
      email text NOT NULL,
      confirm_hash bytea,
      confirm_expires_at timestamptz,
      confirmed_at timestamptz,
      unsubscribe_hash bytea NOT NULL,
      sealed_unsubscribe_token text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT status_page_subscribers_key UNIQUE (status_page_id, email),
      CONSTRAINT status_page_subscribers_confirm_key UNIQUE (confirm_hash),
      CONSTRAINT status_page_subscribers_unsubscribe_key UNIQUE (unsubscribe_hash)
    )`,

    `CREATE TABLE webhook_subscriptions (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
      version integer NOT NULL DEFAULT 1,
      url text NOT NULL,
      event_types text[] NOT NULL DEFAULT '{}',
      description text,
      enabled boolean NOT NULL DEFAULT true,
      disabled_at timestamptz,
      disabled_reason text,
      consecutive_failures integer NOT NULL DEFAULT 0,
      last_delivery_at timestamptz,
      last_delivery_status text,
      last_delivery_status_code integer,
      created_at timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE INDEX webhook_subscriptions_by_organization ON webhook_subscriptions (organization_id, id DESC)`,
    // An event waits here, in the order it happened, until its receiver has taken it or every attempt is spent.
    `CREATE TABLE webhook_deliveries (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      subscription_id integer NOT NULL REFERENCES webhook_subscriptions ON DELETE CASCADE,
      event_type text NOT NULL,
      event_id text NOT NULL,
      payload text NOT NULL,
      attempt integer NOT NULL DEFAULT 0,
      status text NOT NULL DEFAULT 'pending'
        CONSTRAINT webhook_deliveries_status_known CHECK (status IN ('pending', 'delivered', 'failed', 'dead')),
      status_code integer,
      error_message text,
      response_excerpt text,
      next_attempt_at timestamptz,
      delivered_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT webhook_deliveries_event_key UNIQUE (subscription_id, event_id)
    )`,
    `CREATE INDEX webhook_deliveries_by_subscription ON webhook_deliveries (subscription_id, id DESC)`,
    `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status IN ('pending', 'failed')`,
  ],
}
