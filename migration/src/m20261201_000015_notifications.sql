CREATE SCHEMA notification;
GRANT USAGE ON SCHEMA notification TO touchstone_account, touchstone_worker;

-- Whoever puts a notification counts the inbox up and holds its row to the end: numbers come in the order of commits.
CREATE TABLE notification.inboxes (
  account_id uuid PRIMARY KEY,
  last_number bigint NOT NULL CHECK (last_number > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);
COMMENT ON COLUMN notification.inboxes.last_number IS 'the highest number given in the inbox; some are left out';
COMMENT ON COLUMN notification.inboxes.version IS 'how often the inbox changed, marks included';

CREATE TABLE notification.notifications (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  number bigint NOT NULL,
  organization_id uuid,
  notification_type text NOT NULL CHECK (notification_type IN ('system', 'assessment', 'interview', 'application',
    'proctoring', 'consultation', 'practice', 'wellbeing', 'billing', 'mention', 'task')),
  priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
  message text NOT NULL CHECK (length(message) <= 1000),
  related_entity_type text NOT NULL,
  related_entity_id uuid NOT NULL,
  action_url text CHECK (action_url ~ '^/([^/\\]|$)'),
  dedupe_key text COLLATE "C" NOT NULL CHECK (octet_length(dedupe_key) <= 200),
  is_read boolean GENERATED ALWAYS AS (read_at IS NOT NULL) STORED,
  read_at timestamptz,
  is_archived boolean NOT NULL DEFAULT false,
  mail_due_at timestamptz,
  mail_taken_until timestamptz,
  mailed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT notifications_account_id_number_key UNIQUE (account_id, number),
  CONSTRAINT notifications_account_id_dedupe_key_key UNIQUE (account_id, dedupe_key)
);
COMMENT ON COLUMN notification.notifications.number IS 'the order in which notifications of the account can be seen';
COMMENT ON COLUMN notification.notifications.action_url IS 'a path within the product';
COMMENT ON COLUMN notification.notifications.dedupe_key IS 'the account is told once of each';
COMMENT ON COLUMN notification.notifications.mail_due_at IS 'NULL: it is not mailed, or not any more';
CREATE INDEX notifications_unread ON notification.notifications (account_id, number)
  WHERE read_at IS NULL AND NOT is_archived;
COMMENT ON COLUMN notification.notifications.mail_taken_until IS 'until when whoever took it to mail it has it to themselves';
CREATE INDEX notifications_archived ON notification.notifications (account_id, number) WHERE is_archived;
CREATE INDEX notifications_mail_due ON notification.notifications (account_id, mail_due_at)
  WHERE mail_due_at IS NOT NULL AND mailed_at IS NULL AND read_at IS NULL;
CREATE INDEX notifications_age ON notification.notifications (created_at);

CREATE TABLE notification.preferences (
  account_id uuid PRIMARY KEY,
  channels jsonb NOT NULL CHECK (jsonb_typeof(channels) = 'object'),
  digest_interval text NOT NULL CHECK (digest_interval IN ('daily', 'weekly')),
  digest_hour smallint NOT NULL CHECK (digest_hour BETWEEN 0 AND 23),
  quiet_from smallint CHECK (quiet_from BETWEEN 0 AND 1439),
  quiet_until smallint CHECK (quiet_until BETWEEN 0 AND 1439),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT preferences_quiet_check CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);
COMMENT ON COLUMN notification.preferences.channels IS 'what the person chose, by notification type';
COMMENT ON COLUMN notification.preferences.digest_hour IS 'by the clock of the account''s time zone';
COMMENT ON COLUMN notification.preferences.quiet_from IS 'minutes after midnight, by the same clock';

CREATE TABLE notification.used_tickets (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (account_id, id)
);
COMMENT ON TABLE notification.used_tickets IS 'tickets for streams that were used, until they would have expired';
