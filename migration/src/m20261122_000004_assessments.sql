CREATE SCHEMA assessment;
GRANT USAGE ON SCHEMA assessment TO touchstone_tenant, touchstone_account, touchstone_worker, touchstone_platform;

CREATE FUNCTION platform.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of %.% is refused: its rows are only ever added to', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;
REVOKE ALL ON FUNCTION platform.refuse() FROM PUBLIC;

-- Here `version` is the draft's major.minor, as the requirement names it, and `revision` counts saves, which is what
-- `version` does in every other table.
CREATE TABLE assessment.custom_assessments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  created_by uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  name text NOT NULL,
  slug text COLLATE "C" NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  version text NOT NULL DEFAULT '1.0' CHECK (version ~ '^[0-9]{1,4}\.[0-9]{1,4}$'),
  description text,
  definition jsonb NOT NULL,
  source_markdown text,
  source_type text NOT NULL DEFAULT 'upload' CHECK (source_type IN ('upload', 'builder', 'imported')),
  assessment_type text NOT NULL DEFAULT 'multi-dimensional'
    CHECK (assessment_type IN ('single-outcome', 'multi-dimensional', 'comparative')),
  interview_style_default integer NOT NULL DEFAULT 3 CHECK (interview_style_default BETWEEN 1 AND 5),
  interview_style_allow_override boolean NOT NULL DEFAULT true,
  result_disclosure text NOT NULL DEFAULT 'full' CHECK (result_disclosure IN ('full', 'teaser', 'none')),
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'archived')),
  template text CHECK (template IN ('industry4', 'archetype', 'education')),
  is_template boolean GENERATED ALWAYS AS (template IS NOT NULL) STORED,
  latest_version_id uuid,
  latest_version text,
  marketplace_status text NOT NULL DEFAULT 'private'
    CHECK (marketplace_status IN ('private', 'pending_review', 'published', 'rejected')),
  marketplace_price_tier text CHECK (marketplace_price_tier IN ('free', 'starter', 'professional', 'enterprise')),
  review_note text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz,
  revision bigint NOT NULL DEFAULT 1,
  CONSTRAINT custom_assessments_organization_id_id_key UNIQUE (organization_id, id),
  CONSTRAINT custom_assessments_organization_id_slug_key UNIQUE (organization_id, slug),
  CONSTRAINT custom_assessments_organization_id_template_key UNIQUE (organization_id, template),
  CONSTRAINT custom_assessments_definition_check CHECK ((
    jsonb_typeof(definition -> 'dimensions') = 'array' AND jsonb_typeof(definition -> 'resultCategories') = 'array'
    AND definition -> 'dimensions' <> '[]'
    AND NOT definition @? '$.dimensions[*] ? (!(exists(@.name) && exists(@.weight) && exists(@.description)))'
  ) IS TRUE),
  CONSTRAINT custom_assessments_latest_check CHECK ((latest_version_id IS NULL) = (latest_version IS NULL))
);
CREATE INDEX custom_assessments_list ON assessment.custom_assessments (organization_id, created_at, id);
CREATE INDEX custom_assessments_status ON assessment.custom_assessments (organization_id, status, created_at, id);

-- Write-once: what happened names one of these, and it stays as it was.
CREATE TABLE assessment.custom_assessment_versions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  assessment_id uuid NOT NULL,
  major smallint NOT NULL CHECK (major BETWEEN 0 AND 9999),
  minor smallint NOT NULL CHECK (minor BETWEEN 0 AND 9999),
  definition jsonb NOT NULL,
  source_markdown text,
  checksum bytea NOT NULL CHECK (octet_length(checksum) = 32),
  published_by uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  published_at timestamptz NOT NULL,
  CONSTRAINT custom_assessment_versions_assessment_version_key UNIQUE (organization_id, assessment_id, major, minor),
  CONSTRAINT custom_assessment_versions_organization_id_id_key UNIQUE (organization_id, assessment_id, id),
  CONSTRAINT custom_assessment_versions_definition_check CHECK ((
    jsonb_typeof(definition -> 'dimensions') = 'array' AND jsonb_typeof(definition -> 'resultCategories') = 'array'
    AND definition -> 'dimensions' <> '[]'
    AND NOT definition @? '$.dimensions[*] ? (!(exists(@.name) && exists(@.weight) && exists(@.description)))'
  ) IS TRUE),
  FOREIGN KEY (organization_id, assessment_id) REFERENCES assessment.custom_assessments (organization_id, id)
    ON DELETE RESTRICT
);
CREATE INDEX custom_assessment_versions_list
  ON assessment.custom_assessment_versions (organization_id, assessment_id, published_at, id);

-- Checked at the commit: an assessment and its version may be saved in any order.
ALTER TABLE assessment.custom_assessments ADD FOREIGN KEY (organization_id, id, latest_version_id)
  REFERENCES assessment.custom_assessment_versions (organization_id, assessment_id, id) ON DELETE RESTRICT
  DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE assessment.campaigns (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  created_by uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  name text NOT NULL,
  message text NOT NULL DEFAULT '',
  assessment_type text NOT NULL CHECK (assessment_type IN ('industry4', 'archetype', 'education', 'custom')),
  custom_assessment_id uuid NOT NULL,
  version_id uuid NOT NULL,
  assessment_version text NOT NULL,
  terms jsonb NOT NULL CHECK (jsonb_typeof(terms) = 'object'),
  interview_style_override integer GENERATED ALWAYS AS ((terms ->> 'style')::integer) STORED
    CHECK (interview_style_override BETWEEN 1 AND 5),
  opens_at timestamptz,
  closes_at timestamptz,
  remind_hours integer CHECK (remind_hours BETWEEN 1 AND 720),
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'closed')),
  activated_at timestamptz,
  closed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT campaigns_organization_id_id_key UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, custom_assessment_id, version_id)
    REFERENCES assessment.custom_assessment_versions (organization_id, assessment_id, id) ON DELETE RESTRICT
);
CREATE INDEX campaigns_list ON assessment.campaigns (organization_id, created_at, id);
CREATE INDEX campaigns_status ON assessment.campaigns (organization_id, status, created_at, id);
CREATE INDEX campaigns_created_by ON assessment.campaigns (organization_id, created_by, created_at, id);
CREATE INDEX campaigns_custom_assessment
  ON assessment.campaigns (organization_id, custom_assessment_id, created_at, id);

-- One person is asked: a member by account, whoever has an address by that.
CREATE TABLE assessment.campaign_assignments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  account_id uuid REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  email text,
  email_normalized text COLLATE "C",
  full_name text,
  token_digest bytea CHECK (octet_length(token_digest) = 32),
  token_expires_at timestamptz,
  invited_at timestamptz,
  reminded_at timestamptz,
  extra_minutes integer CHECK (extra_minutes BETWEEN 1 AND 10080),
  extra_reason text,
  session_id uuid,
  withdrawn_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT campaign_assignments_organization_id_id_key UNIQUE (organization_id, id),
  CONSTRAINT campaign_assignments_email_check CHECK ((email IS NULL) = (email_normalized IS NULL)),
  CONSTRAINT campaign_assignments_token_check CHECK ((token_digest IS NULL) = (token_expires_at IS NULL)),
  CONSTRAINT campaign_assignments_extra_check CHECK ((extra_minutes IS NULL) = (extra_reason IS NULL)),
  FOREIGN KEY (organization_id, campaign_id) REFERENCES assessment.campaigns (organization_id, id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX campaign_assignments_account_key
  ON assessment.campaign_assignments (organization_id, campaign_id, account_id) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX campaign_assignments_email_key
  ON assessment.campaign_assignments (organization_id, campaign_id, email_normalized) WHERE withdrawn_at IS NULL;
CREATE INDEX campaign_assignments_list
  ON assessment.campaign_assignments (organization_id, campaign_id, created_at, id);
CREATE INDEX campaign_assignments_to_invite
  ON assessment.campaign_assignments (organization_id, campaign_id, created_at, id)
  WHERE withdrawn_at IS NULL AND invited_at IS NULL;

CREATE TABLE assessment.coaching_sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  coach_id uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  coachee_id uuid REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  email text,
  email_normalized text COLLATE "C",
  full_name text,
  token_digest bytea CHECK (octet_length(token_digest) = 32),
  token_expires_at timestamptz,
  invited_at timestamptz,
  reminded_at timestamptz,
  title text NOT NULL,
  message text NOT NULL DEFAULT '',
  assessment_type text NOT NULL DEFAULT 'archetype' CHECK (assessment_type IN ('archetype', 'custom')),
  custom_assessment_id uuid NOT NULL,
  version_id uuid NOT NULL,
  assessment_version text NOT NULL,
  terms jsonb NOT NULL CHECK (jsonb_typeof(terms) = 'object'),
  interview_style_override integer GENERATED ALWAYS AS ((terms ->> 'style')::integer) STORED
    CHECK (interview_style_override BETWEEN 1 AND 5),
  scheduled_at timestamptz,
  closes_at timestamptz,
  extra_minutes integer CHECK (extra_minutes BETWEEN 1 AND 10080),
  extra_reason text,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
  session_id uuid,
  closed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT coaching_sessions_organization_id_id_key UNIQUE (organization_id, id),
  CONSTRAINT coaching_sessions_email_check CHECK ((email IS NULL) = (email_normalized IS NULL)),
  CONSTRAINT coaching_sessions_token_check CHECK ((token_digest IS NULL) = (token_expires_at IS NULL)),
  CONSTRAINT coaching_sessions_extra_check CHECK ((extra_minutes IS NULL) = (extra_reason IS NULL)),
  FOREIGN KEY (organization_id, custom_assessment_id, version_id)
    REFERENCES assessment.custom_assessment_versions (organization_id, assessment_id, id) ON DELETE RESTRICT
);
CREATE INDEX coaching_sessions_list ON assessment.coaching_sessions (organization_id, created_at, id);
CREATE INDEX coaching_sessions_coach ON assessment.coaching_sessions (organization_id, coach_id, created_at, id);
CREATE INDEX coaching_sessions_custom_assessment
  ON assessment.coaching_sessions (organization_id, custom_assessment_id);

-- What it belongs to is an assignment or a coaching session: `origin_id`, as `session_type` says. The keys are of the
-- column that is derived from both.
CREATE TABLE assessment.interview_sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  session_type text NOT NULL CHECK (session_type IN ('campaign', 'coaching')),
  origin_id uuid NOT NULL,
  campaign_id uuid,
  assignment_id uuid GENERATED ALWAYS AS (CASE session_type WHEN 'campaign' THEN origin_id END) STORED,
  coaching_session_id uuid GENERATED ALWAYS AS (CASE session_type WHEN 'coaching' THEN origin_id END) STORED,
  run_by uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  custom_assessment_id uuid NOT NULL,
  version_id uuid NOT NULL,
  assessment_version text NOT NULL,
  account_id uuid REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  interview_style_override integer CHECK (interview_style_override BETWEEN 1 AND 5),
  rules jsonb NOT NULL CHECK (jsonb_typeof(rules) = 'object'),
  release jsonb NOT NULL CHECK (jsonb_typeof(release) = 'object'),
  raters text NOT NULL CHECK (raters IN ('person', 'anyone')),
  progress jsonb NOT NULL CHECK (progress ->> 'status' = status),
  status text NOT NULL CHECK (status IN ('not_started', 'in_progress', 'paused', 'submitted', 'abandoned',
    'needs_rating', 'scored', 'released', 'voided')),
  started_at timestamptz,
  deadline timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT interview_sessions_organization_id_id_key UNIQUE (organization_id, id),
  CONSTRAINT interview_sessions_origin_key UNIQUE (organization_id, origin_id, session_type),
  CONSTRAINT interview_sessions_campaign_check CHECK ((campaign_id IS NOT NULL) = (session_type = 'campaign')),
  FOREIGN KEY (organization_id, campaign_id) REFERENCES assessment.campaigns (organization_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (organization_id, assignment_id) REFERENCES assessment.campaign_assignments (organization_id, id)
    ON DELETE RESTRICT,
  FOREIGN KEY (organization_id, coaching_session_id) REFERENCES assessment.coaching_sessions (organization_id, id)
    ON DELETE RESTRICT,
  FOREIGN KEY (organization_id, custom_assessment_id, version_id)
    REFERENCES assessment.custom_assessment_versions (organization_id, assessment_id, id) ON DELETE RESTRICT
);
CREATE INDEX interview_sessions_campaign ON assessment.interview_sessions (organization_id, campaign_id, status)
  WHERE campaign_id IS NOT NULL;
CREATE INDEX interview_sessions_account ON assessment.interview_sessions (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX interview_sessions_voided ON assessment.interview_sessions (id) WHERE status = 'voided';

-- Checked at the commit: a session and what it belongs to may be saved in any order.
ALTER TABLE assessment.campaign_assignments ADD FOREIGN KEY (organization_id, session_id)
  REFERENCES assessment.interview_sessions (organization_id, id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE assessment.coaching_sessions ADD FOREIGN KEY (organization_id, session_id)
  REFERENCES assessment.interview_sessions (organization_id, id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;

-- The newest reply to each item; none where it was taken back. It names the session's account, because policies look
-- at no other table.
CREATE TABLE assessment.session_answers (
  organization_id uuid NOT NULL,
  session_id uuid NOT NULL,
  item text COLLATE "C" NOT NULL,
  account_id uuid,
  sequence bigint NOT NULL CHECK (sequence >= 0),
  reply jsonb,
  answered_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, session_id, item),
  FOREIGN KEY (organization_id, session_id) REFERENCES assessment.interview_sessions (organization_id, id)
    ON DELETE RESTRICT
);

CREATE TABLE assessment.session_turns (
  organization_id uuid NOT NULL,
  session_id uuid NOT NULL,
  number integer NOT NULL CHECK (number >= 1),
  account_id uuid,
  speaker jsonb NOT NULL,
  said text NOT NULL,
  said_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, session_id, number),
  FOREIGN KEY (organization_id, session_id) REFERENCES assessment.interview_sessions (organization_id, id)
    ON DELETE RESTRICT
);

-- A rating without an item is of the interview.
CREATE TABLE assessment.session_ratings (
  organization_id uuid NOT NULL,
  session_id uuid NOT NULL,
  dimension text COLLATE "C" NOT NULL,
  item text COLLATE "C" CHECK (item <> ''),
  rater_kind text NOT NULL CHECK (rater_kind IN ('person', 'model')),
  rater text COLLATE "C" NOT NULL,
  score_hundredths integer CHECK (score_hundredths BETWEEN -10000 AND 10000),
  evidence jsonb NOT NULL CHECK (jsonb_typeof(evidence) = 'array'),
  rated_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT session_ratings_rater_key
    UNIQUE NULLS NOT DISTINCT (organization_id, session_id, dimension, item, rater_kind, rater),
  FOREIGN KEY (organization_id, session_id) REFERENCES assessment.interview_sessions (organization_id, id)
    ON DELETE RESTRICT
);

-- Summaries and re-scoring read the typed columns alone: scores in hundredths, by the places of dimensions and
-- categories in the definition. The rest is for people. No index holds what a re-score changes, and pages keep room, so
-- that many a new run stays on the page of the old one and touches no index.
CREATE TABLE assessment.custom_assessment_results (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  assessment_id uuid NOT NULL,
  session_id uuid NOT NULL,
  session_type text NOT NULL CHECK (session_type IN ('campaign', 'coaching')),
  interview_session_id uuid NOT NULL,
  campaign_id uuid,
  run_by uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  account_id uuid REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  run integer NOT NULL CHECK (run >= 1),
  version_id uuid NOT NULL,
  major smallint NOT NULL,
  assessment_version text NOT NULL,
  scorer_version smallint NOT NULL,
  dimension_hundredths integer[] NOT NULL,
  overall_hundredths integer CHECK (overall_hundredths BETWEEN -10000 AND 10000),
  category_place smallint CHECK (category_place >= 0),
  dimension_scores jsonb NOT NULL CHECK (jsonb_typeof(dimension_scores) = 'object'),
  overall_score numeric(5, 2) GENERATED ALWAYS AS (overall_hundredths / 100.0) STORED,
  matched_category text,
  matched_category_data jsonb,
  ai_insights jsonb,
  scored_at timestamptz NOT NULL,
  completed_at timestamptz NOT NULL,
  released_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT custom_assessment_results_organization_id_id_key UNIQUE (organization_id, id),
  CONSTRAINT custom_assessment_results_origin_key UNIQUE (organization_id, session_id, session_type),
  CONSTRAINT custom_assessment_results_campaign_check CHECK ((campaign_id IS NOT NULL) = (session_type = 'campaign')),
  FOREIGN KEY (organization_id, assessment_id, version_id)
    REFERENCES assessment.custom_assessment_versions (organization_id, assessment_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (organization_id, interview_session_id) REFERENCES assessment.interview_sessions (organization_id, id)
    ON DELETE RESTRICT
) WITH (fillfactor = 70);
CREATE INDEX custom_assessment_results_interview
  ON assessment.custom_assessment_results (organization_id, interview_session_id);
CREATE INDEX custom_assessment_results_list
  ON assessment.custom_assessment_results (organization_id, assessment_id, created_at, id);
CREATE INDEX custom_assessment_results_campaign
  ON assessment.custom_assessment_results (organization_id, campaign_id, created_at, id) WHERE campaign_id IS NOT NULL;
CREATE INDEX custom_assessment_results_run_by
  ON assessment.custom_assessment_results (organization_id, assessment_id, run_by, created_at, id);
CREATE INDEX custom_assessment_results_stored
  ON assessment.custom_assessment_results (organization_id, assessment_id, id);

-- What the result was before it was scored anew. Insert-only.
CREATE TABLE assessment.scoring_runs (
  organization_id uuid NOT NULL,
  result_id uuid NOT NULL,
  run integer NOT NULL CHECK (run >= 1),
  version_id uuid NOT NULL,
  assessment_version text NOT NULL,
  scorer_version smallint NOT NULL,
  dimension_hundredths integer[] NOT NULL,
  overall_hundredths integer,
  category_place smallint,
  dimension_scores jsonb NOT NULL,
  matched_category text,
  matched_category_data jsonb,
  scored_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, result_id, run),
  FOREIGN KEY (organization_id, result_id) REFERENCES assessment.custom_assessment_results (organization_id, id)
    ON DELETE RESTRICT
);

-- The summary that was shown last, so that looking again after one result more does not tell that one.
CREATE TABLE assessment.result_summaries (
  organization_id uuid NOT NULL,
  assessment_id uuid NOT NULL,
  campaign_id uuid,
  run_by uuid,
  major smallint NOT NULL,
  results bigint NOT NULL CHECK (results >= 0),
  summary jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT result_summaries_of_key
    UNIQUE NULLS NOT DISTINCT (organization_id, assessment_id, campaign_id, run_by, major),
  FOREIGN KEY (organization_id, assessment_id) REFERENCES assessment.custom_assessments (organization_id, id)
    ON DELETE RESTRICT
);

-- What a person was asked for, across organisations. It is the person's: no key leads to what an organisation keeps.
CREATE TABLE assessment.participations (
  account_id uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  origin_id uuid NOT NULL,
  session_type text NOT NULL CHECK (session_type IN ('campaign', 'coaching')),
  organization_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (account_id, origin_id)
);
CREATE INDEX participations_list ON assessment.participations (account_id, created_at, origin_id);

-- Who was asked by an address that nobody had registered, until its owner does.
CREATE TABLE assessment.asked_addresses (
  email_normalized text COLLATE "C" NOT NULL,
  origin_id uuid NOT NULL,
  session_type text NOT NULL CHECK (session_type IN ('campaign', 'coaching')),
  campaign_id uuid,
  organization_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (email_normalized, origin_id),
  CONSTRAINT asked_addresses_campaign_check CHECK ((campaign_id IS NOT NULL) = (session_type = 'campaign'))
);

-- A projection: no organisation's table is opened to others, and no key leads from here into one.
CREATE TABLE assessment.marketplace_listings (
  assessment_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  publisher text NOT NULL,
  slug text COLLATE "C" NOT NULL,
  version_id uuid NOT NULL,
  assessment_version text NOT NULL,
  definition jsonb NOT NULL,
  source_markdown text,
  status text NOT NULL CHECK (status IN ('private', 'pending_review', 'published', 'rejected')),
  price_tier text NOT NULL CHECK (price_tier IN ('free', 'starter', 'professional', 'enterprise')),
  offered_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX marketplace_listings_list ON assessment.marketplace_listings (status, offered_at, assessment_id);

CREATE TABLE platform.tasks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  task_name text NOT NULL,
  related_type text NOT NULL,
  related_id uuid NOT NULL,
  parameters jsonb,
  status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
  done bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
  total bigint CHECK (total >= 0),
  cursor jsonb,
  result jsonb,
  error text,
  output_media_type text,
  output_file_name text,
  output_parts integer CHECK (output_parts >= 0),
  output_octets bigint CHECK (output_octets >= 0),
  user_id uuid REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT tasks_organization_id_id_key UNIQUE (organization_id, id),
  CONSTRAINT tasks_output_check
    CHECK (num_nulls(output_media_type, output_file_name, output_parts, output_octets) IN (0, 4))
);
CREATE INDEX tasks_list ON platform.tasks (organization_id, created_at, id);
CREATE INDEX tasks_user ON platform.tasks (organization_id, user_id, created_at, id) WHERE user_id IS NOT NULL;

CREATE TABLE platform.task_outputs (
  organization_id uuid NOT NULL,
  task_id uuid NOT NULL,
  part integer NOT NULL CHECK (part >= 1),
  octets bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, task_id, part),
  FOREIGN KEY (organization_id, task_id) REFERENCES platform.tasks (organization_id, id) ON DELETE RESTRICT
);

-- A guest's session gets an account when he registers, and loses it when he has his data erased: what he said goes with
-- it.
CREATE FUNCTION assessment.follow_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE assessment.session_answers SET account_id = NEW.account_id
    WHERE organization_id = NEW.organization_id AND session_id = NEW.id;
  UPDATE assessment.session_turns SET account_id = NEW.account_id
    WHERE organization_id = NEW.organization_id AND session_id = NEW.id;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION assessment.follow_account() FROM PUBLIC;
CREATE TRIGGER follow_account AFTER UPDATE OF account_id ON assessment.interview_sessions FOR EACH ROW
  WHEN (OLD.account_id IS DISTINCT FROM NEW.account_id) EXECUTE FUNCTION assessment.follow_account();

-- API keys may read and write assessments.
ALTER TABLE identity.api_keys DROP CONSTRAINT api_keys_scopes_check;
ALTER TABLE identity.api_keys ADD CONSTRAINT api_keys_scopes_check CHECK (scopes <@ ARRAY['organization.read',
  'members.read', 'members.write', 'invitations.read', 'invitations.write', 'audit.read', 'assessments.read',
  'assessments.write', 'campaigns.read', 'campaigns.write', 'results.read']);
