-- Extensions lie in a schema of their own, whichever domain needs them.
CREATE SCHEMA extensions;

-- Whoever is nobody's yet sees what is published.
GRANT USAGE ON SCHEMA assessment TO touchstone_public;

-- Who was asked by an address that nobody had registered, until its owner does: for every domain that invites people.
CREATE TABLE platform.pending_invitations (
  email_normalized text COLLATE "C" NOT NULL,
  kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 255),
  invited_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  parent_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (email_normalized, kind, invited_id)
);
COMMENT ON COLUMN platform.pending_invitations.kind IS 'what it is to: 1 an assignment of a campaign, 2 a coaching session';
CREATE TRIGGER touch BEFORE UPDATE ON platform.pending_invitations FOR EACH ROW EXECUTE FUNCTION platform.touch();

-- Policies bind the owner too, who would move nothing.
ALTER TABLE assessment.asked_addresses NO FORCE ROW LEVEL SECURITY;
INSERT INTO platform.pending_invitations (email_normalized, kind, invited_id, organization_id, parent_id, created_at)
  SELECT email_normalized, CASE session_type WHEN 'campaign' THEN 1 ELSE 2 END, origin_id, organization_id, campaign_id,
    created_at
  FROM assessment.asked_addresses;
DROP TABLE assessment.asked_addresses;
