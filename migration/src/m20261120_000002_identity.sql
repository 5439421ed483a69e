CREATE SCHEMA identity;
GRANT USAGE ON SCHEMA identity TO touchstone_tenant, touchstone_account, touchstone_identity, touchstone_platform;

-- Addresses are compared by email_normalized (lower case, NFC), bytewise, so that policies can use its index.
CREATE TABLE identity.accounts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text,
  email_normalized text COLLATE "C",
  pending_email text,
  email_verified_at timestamptz,
  password_hash text,
  password_changed_at timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'suspended', 'erased')),
  platform_role text NOT NULL CHECK (platform_role IN ('user', 'super_admin')),
  full_name text,
  display_name text,
  avatar_url text,
  profession text,
  timezone text NOT NULL DEFAULT 'UTC',
  preferences jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(preferences) = 'object'),
  login_streak integer NOT NULL DEFAULT 0,
  login_streak_max integer NOT NULL DEFAULT 0,
  login_streak_last_date date,
  quiz_streak integer NOT NULL DEFAULT 0,
  quiz_streak_max integer NOT NULL DEFAULT 0,
  quiz_streak_last_date date,
  last_login_at timestamptz,
  epoch bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT accounts_email_key UNIQUE (email_normalized),
  CONSTRAINT accounts_email_check CHECK ((email IS NULL) = (email_normalized IS NULL))
);
CREATE INDEX accounts_created ON identity.accounts (created_at, id);

CREATE TABLE identity.data_keys (
  account_id uuid PRIMARY KEY REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  wrapped_key bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);

CREATE TABLE identity.registrations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL,
  email_normalized text COLLATE "C" NOT NULL,
  password_hash text NOT NULL,
  full_name text,
  timezone text NOT NULL,
  expires_at timestamptz NOT NULL,
  completed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX registrations_email ON identity.registrations (email_normalized, created_at);

CREATE TABLE identity.sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  counter bigint NOT NULL DEFAULT 0 CHECK (counter >= 0),
  rotated_at timestamptz NOT NULL,
  authenticated_at timestamptz NOT NULL,
  assurance text NOT NULL CHECK (assurance IN ('aal1', 'aal2')),
  expires_at timestamptz NOT NULL,
  idle_expires_at timestamptz NOT NULL,
  idle_seconds bigint NOT NULL CHECK (idle_seconds >= 0),
  user_agent text,
  ip_address text,
  revoked_at timestamptz,
  revoked_reason text CHECK (revoked_reason IN ('logout', 'revoked', 'reuse', 'password_changed',
    'credentials_changed', 'suspended', 'erased', 'too_many')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT sessions_revoked_check CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);
CREATE INDEX sessions_account ON identity.sessions (account_id, created_at, id);

CREATE TABLE identity.known_devices (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  last_seen_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT known_devices_account_id_digest_key UNIQUE (account_id, digest)
);

CREATE TABLE identity.second_factors (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  sealed_secret bytea NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'confirmed')),
  last_step bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT second_factors_account_id_key UNIQUE (account_id),
  CONSTRAINT second_factors_account_id_id_key UNIQUE (account_id, id)
);

CREATE TABLE identity.recovery_codes (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL,
  second_factor_id uuid NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  used_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT recovery_codes_digest_key UNIQUE (account_id, second_factor_id, digest),
  FOREIGN KEY (account_id, second_factor_id) REFERENCES identity.second_factors (account_id, id) ON DELETE RESTRICT
);

-- subject_id is a registration, an account or an invitation, as the purpose says.
CREATE TABLE identity.one_time_tokens (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  purpose text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password', 'change_email', 'invitation')),
  subject_id uuid NOT NULL,
  binding text NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT one_time_tokens_digest_key UNIQUE (digest, purpose)
);
CREATE INDEX one_time_tokens_subject ON identity.one_time_tokens (subject_id, purpose);

CREATE TABLE identity.organizations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  slug text,
  requires_second_factor boolean NOT NULL DEFAULT false,
  settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
  status text NOT NULL CHECK (status IN ('active', 'closed')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT organizations_slug_key UNIQUE (slug)
);

CREATE TABLE identity.memberships (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  account_id uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  roles text[] NOT NULL CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['owner', 'admin', 'manager', 'recruiter',
    'interviewer', 'practitioner', 'member', 'candidate']),
  job_title text,
  department text,
  status text NOT NULL CHECK (status IN ('active', 'suspended', 'ended')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT memberships_organization_id_account_id_key UNIQUE (organization_id, account_id)
);
CREATE INDEX memberships_organization ON identity.memberships (organization_id, created_at, id);
CREATE INDEX memberships_account ON identity.memberships (account_id, created_at, id);

CREATE TABLE identity.invitations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  email text,
  email_normalized text COLLATE "C",
  roles text[] NOT NULL CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['owner', 'admin', 'manager', 'recruiter',
    'interviewer', 'practitioner', 'member', 'candidate']),
  invited_by uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  status text NOT NULL CHECK (status IN ('pending', 'accepted', 'declined', 'revoked')),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT invitations_email_check CHECK ((email IS NULL) = (email_normalized IS NULL))
);
CREATE UNIQUE INDEX invitations_open_key ON identity.invitations (organization_id, email_normalized)
  WHERE status = 'pending';
CREATE INDEX invitations_organization ON identity.invitations (organization_id, created_at, id);
CREATE INDEX invitations_email ON identity.invitations (email_normalized, created_at, id);

CREATE TABLE identity.api_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES identity.organizations (id) ON DELETE RESTRICT,
  name text NOT NULL,
  scopes text[] NOT NULL CHECK (scopes <@ ARRAY['organization.read', 'members.read', 'members.write',
    'invitations.read', 'invitations.write']),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  created_by uuid NOT NULL REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX api_keys_organization ON identity.api_keys (organization_id, created_at, id);

CREATE TABLE identity.admin_settings (
  account_id uuid PRIMARY KEY REFERENCES identity.accounts (id) ON DELETE RESTRICT,
  settings jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);

CREATE TABLE identity.auth_throttle (
  key text COLLATE "C" PRIMARY KEY CHECK (length(key) <= 200),
  count bigint NOT NULL CHECK (count >= 0),
  since timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  locked_until timestamptz,
  accounts text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);

CREATE TABLE identity.signing_keys (
  kid text COLLATE "C" PRIMARY KEY,
  sealed_private_key bytea NOT NULL,
  public_jwk jsonb NOT NULL,
  signs_from timestamptz NOT NULL,
  verifies_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1
);
