CREATE SCHEMA webhook;
GRANT USAGE ON SCHEMA webhook TO touchstone_tenant, touchstone_worker;

CREATE TABLE webhook.endpoints (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  url text NOT NULL CHECK (length(url) BETWEEN 1 AND 4000),
  description text CHECK (length(description) BETWEEN 1 AND 500),
  events text[] NOT NULL CHECK (cardinality(events) BETWEEN 1 AND 50),
  is_paused boolean NOT NULL,
  disabled_reason text CHECK (disabled_reason IN ('gone', 'failing', 'operator')),
  enabled_at timestamptz NOT NULL,
  signature text NOT NULL CHECK (signature IN ('v1', 'v1a')),
  secret bytea NOT NULL CHECK (octet_length(secret) > 0),
  public_key text,
  secret_created_at timestamptz NOT NULL,
  previous_secret bytea,
  previous_public_key text,
  previous_secret_created_at timestamptz,
  previous_secret_expires_at timestamptz,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT endpoints_previous_secret_check CHECK (
    (previous_secret IS NULL) = (previous_secret_created_at IS NULL)
    AND (previous_secret IS NULL) = (previous_secret_expires_at IS NULL)
    AND (previous_secret IS NOT NULL OR previous_public_key IS NULL))
);
COMMENT ON COLUMN webhook.endpoints.url IS 'often a secret by itself: it stands in no log';
COMMENT ON COLUMN webhook.endpoints.secret IS 'sealed together with the id; requests are signed with what is in it';
COMMENT ON COLUMN webhook.endpoints.previous_secret IS 'signs as well, until it expires';

-- Whoever changes deliveries of an endpoint locks its row here first, several in the order of endpoints.
CREATE TABLE webhook.queues (
  organization_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  due_at timestamptz,
  taken_until timestamptz,
  failing_since timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, endpoint_id)
) WITH (fillfactor = 70);
COMMENT ON COLUMN webhook.queues.due_at IS 'when the first of its deliveries is due; while it is taken, when the lease ends';
COMMENT ON COLUMN webhook.queues.failing_since IS 'NULL: the last attempt succeeded, or there was none';
CREATE INDEX queues_due ON webhook.queues (due_at) WHERE due_at IS NOT NULL AND failing_since IS NULL;
CREATE INDEX queues_due_failing ON webhook.queues (due_at) WHERE due_at IS NOT NULL AND failing_since IS NOT NULL;

CREATE TABLE webhook.deliveries (
  organization_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  id uuid NOT NULL,
  event_id uuid NOT NULL,
  event_type text NOT NULL,
  occurred_at timestamptz NOT NULL,
  target_kind text NOT NULL,
  target_id uuid NOT NULL,
  target_version bigint,
  body text NOT NULL,
  status text NOT NULL CHECK (status IN ('waiting', 'succeeded', 'given_up', 'dropped')),
  attempts integer NOT NULL CHECK (attempts >= 0),
  due_at timestamptz,
  replayed_at timestamptz,
  record jsonb NOT NULL CHECK (jsonb_typeof(record) = 'array'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, endpoint_id, id),
  CONSTRAINT deliveries_event_key UNIQUE (organization_id, endpoint_id, event_id),
  CONSTRAINT deliveries_due_at_check CHECK (due_at IS NULL OR status = 'waiting')
) WITH (fillfactor = 85);
COMMENT ON COLUMN webhook.deliveries.due_at IS 'NULL of what waits: another of the same thing is on its way';
COMMENT ON COLUMN webhook.deliveries.body IS 'what is sent, to the byte: each attempt signs the same';
CREATE INDEX deliveries_due ON webhook.deliveries (organization_id, endpoint_id, due_at NULLS FIRST, id)
  WHERE status = 'waiting';
CREATE UNIQUE INDEX deliveries_on_its_way_key
  ON webhook.deliveries (organization_id, endpoint_id, target_kind, target_id) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_of_thing
  ON webhook.deliveries (organization_id, endpoint_id, target_kind, target_id, occurred_at, event_id)
  WHERE status = 'waiting';
CREATE INDEX deliveries_lost ON webhook.deliveries (organization_id, endpoint_id, occurred_at, event_id)
  WHERE status IN ('given_up', 'dropped');
CREATE INDEX deliveries_age ON webhook.deliveries (created_at) WHERE status <> 'waiting';
