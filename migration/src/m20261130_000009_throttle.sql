-- When the last attempt on each of `accounts` failed, in their order, and when each attempt under way was reserved.
ALTER TABLE identity.auth_throttle
  ADD COLUMN failed_at timestamptz[] NOT NULL DEFAULT '{}',
  ADD COLUMN under_way timestamptz[] NOT NULL DEFAULT '{}';

-- What was counted by other rules: bans of a day go with it.
TRUNCATE identity.auth_throttle;
