-- What whoever runs the installation decided of an organisation, whatever the settings say.
CREATE TABLE identity.organization_limits (
  organization_id uuid PRIMARY KEY REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  mail_paused_at timestamptz,
  asked_per_day bigint CHECK (asked_per_day >= 0),
  open_invitations bigint CHECK (open_invitations >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);
COMMENT ON COLUMN identity.organization_limits.mail_paused_at IS 'since when its letters wait';
COMMENT ON COLUMN identity.organization_limits.asked_per_day IS 'people it may ask within 24 hours; NULL: as the settings say';
COMMENT ON COLUMN identity.organization_limits.open_invitations IS 'NULL: as the settings say';
CREATE TRIGGER touch BEFORE UPDATE ON identity.organization_limits FOR EACH ROW EXECUTE FUNCTION platform.touch();

-- Who wants no letters of an organisation, whether an account has the address or not: the address itself is not kept.
CREATE TABLE identity.unsubscriptions (
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  fingerprint text COLLATE "C" NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{32}$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, fingerprint)
);
COMMENT ON COLUMN identity.unsubscriptions.fingerprint IS 'the first 16 octets of the SHA-256 of the address';
CREATE TRIGGER touch BEFORE UPDATE ON identity.unsubscriptions FOR EACH ROW EXECUTE FUNCTION platform.touch();
