-- Domains declare the scopes of API keys, so the table knows their form alone. As text, an array puts whatever is of
-- another form into quotes, which the pattern refuses like NULL.
ALTER TABLE identity.api_keys DROP CONSTRAINT api_keys_scopes_check;
ALTER TABLE identity.api_keys ADD CONSTRAINT api_keys_scopes_check
  CHECK (scopes::text ~ '^\{([a-z][a-z_]*\.[a-z][a-z_]*(,[a-z][a-z_]*\.[a-z][a-z_]*)*)?\}$');
