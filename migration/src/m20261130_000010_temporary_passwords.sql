-- Until when a password works that somebody else chose; NULL for one that its owner chose.
ALTER TABLE identity.accounts ADD COLUMN password_expires_at timestamptz;
