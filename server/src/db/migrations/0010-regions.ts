import type { Migration } from './index.ts'

/** The agents that check from other regions, and what is to be checked from there. */
export const regions: Migration = {
  name: '0010-regions',
  statements: [
    // A running agent. Its key stands for it and not for a person, but only while the credential that it was let in with
    // still holds, which every use of it looks up.
    `CREATE TABLE region_agents (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
      region text NOT NULL,
      name text NOT NULL,
      version text NOT NULL,
      key_hash bytea NOT NULL CONSTRAINT region_agents_key UNIQUE,
      user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
      token_id integer REFERENCES tokens ON DELETE CASCADE,
      session_id uuid REFERENCES sessions ON DELETE CASCADE,
      started_at timestamptz NOT NULL,
      last_seen_at timestamptz NOT NULL
    )`,
    `CREATE INDEX region_agents_by_organization ON region_agents (organization_id, last_seen_at DESC, id DESC)`,
    `CREATE INDEX region_agents_by_user ON region_agents (user_id)`,
    `CREATE INDEX region_agents_by_token ON region_agents (token_id) WHERE token_id IS NOT NULL`,
    `CREATE INDEX region_agents_by_session ON region_agents (session_id) WHERE session_id IS NOT NULL`,

    // One row for every monitor and region that is to check it; none for paused ones. \`next_check_at\` is null until
    // somebody asks: then it is put somewhere into the interval. As in \`monitor_states\`, the due time stays where it is
    // while a check is claimed, so what a dead agent held is simply due again.
    `CREATE TABLE region_checks (
      monitor_id integer NOT NULL REFERENCES monitors ON DELETE CASCADE,
      region text NOT NULL,
      organization_id integer NOT NULL,
      next_check_at timestamptz,
      claimed_until timestamptz,
      claimed_by integer,
      PRIMARY KEY (monitor_id, region)
    ) WITH (fillfactor = 80)`,
    `CREATE INDEX region_checks_due ON region_checks (organization_id, region, next_check_at)`,

    // By trigger, so that no statement can change a monitor and forget its regions. A monitor that is paused, leads
    // elsewhere or has lost a region keeps no vote from before; the local one is the checks' own business.
    `CREATE FUNCTION keep_region_checks() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'UPDATE' THEN
          DELETE FROM region_checks WHERE monitor_id = NEW.id AND (NEW.paused OR region <> ALL (NEW.regions));
          DELETE FROM region_results WHERE monitor_id = NEW.id AND region <> 'local'
            AND (NEW.paused OR NEW.url <> OLD.url OR region <> ALL (NEW.regions));
          IF NEW.interval_sec <> OLD.interval_sec OR NEW.url <> OLD.url THEN
            UPDATE region_checks SET next_check_at = NULL, claimed_until = NULL, claimed_by = NULL
            WHERE monitor_id = NEW.id;
          END IF;
        END IF;
        IF cardinality(NEW.regions) > 1 AND NOT NEW.paused AND NEW.type IN ('http', 'https') THEN
          INSERT INTO region_checks (monitor_id, region, organization_id)
            SELECT NEW.id, region, NEW.organization_id FROM unnest(NEW.regions) AS region WHERE region <> 'local'
            ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
      END
    $$`,
    `CREATE TRIGGER monitors_region_checks AFTER INSERT OR UPDATE OF regions, paused, interval_sec, url ON monitors
      FOR EACH ROW EXECUTE FUNCTION keep_region_checks()`,
    `INSERT INTO region_checks (monitor_id, region, organization_id)
      SELECT id, region, organization_id FROM monitors CROSS JOIN unnest(regions) AS region
      WHERE region <> 'local' AND NOT paused AND type IN ('http', 'https')`,
  ],
}
