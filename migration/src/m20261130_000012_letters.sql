-- What became of the newest letter about each thing people are asked for, and which links of its letters still open it.
CREATE TABLE platform.letters (
  organization_id uuid NOT NULL,
  about_id uuid NOT NULL,
  kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 255),
  parent_id uuid,
  letter_id uuid,
  status text CHECK (status IN ('queued', 'sent', 'refused', 'bounced')),
  code text,
  status_at timestamptz,
  links_from timestamptz,
  newest_link_at timestamptz,
  earlier_links_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, about_id),
  CONSTRAINT letters_newest_check CHECK ((letter_id IS NULL) = (status IS NULL) AND (status IS NULL) = (status_at IS NULL)),
  CONSTRAINT letters_links_check CHECK ((newest_link_at IS NULL) = (earlier_links_until IS NULL))
);
COMMENT ON COLUMN platform.letters.kind IS 'what it is about: 1 an assignment of a campaign, 2 a coaching session, 3 joining an organisation';
COMMENT ON COLUMN platform.letters.links_from IS 'links made before open nothing';
COMMENT ON COLUMN platform.letters.earlier_links_until IS 'until when links made before newest_link_at work beside it';
CREATE INDEX letters_letter ON platform.letters (letter_id);
CREATE TRIGGER touch BEFORE UPDATE ON platform.letters FOR EACH ROW EXECUTE FUNCTION platform.touch();

-- Links are authentic by themselves now; what was kept of their secrets opens nothing any more.
ALTER TABLE assessment.campaign_assignments DROP COLUMN token_digest, DROP COLUMN token_expires_at;
ALTER TABLE assessment.coaching_sessions DROP COLUMN token_digest, DROP COLUMN token_expires_at;

-- A newer letter takes the place of an earlier one a day after a mail server accepted it, not when it is written.
ALTER TABLE identity.one_time_tokens ADD COLUMN replaced_at timestamptz;
