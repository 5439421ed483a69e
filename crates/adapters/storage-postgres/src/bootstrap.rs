//! The cluster's roles, and a database's owner: what a superuser sets up once.

use crate::classes::SCOPE_ROLES;

/// Statements for a superuser, run once for each database while connected to it, by `psql` or as one simple query.
///
/// They make the roles of the whole cluster (see `docs/operations.md`) and hand the database to `touchstone_owner`.
/// Running them again changes nothing but what a newer version needs besides; several databases of one cluster may run
/// them at once. The roles that log in get no password: set one with `ALTER ROLE .. PASSWORD` where the server asks for
/// it.
pub fn bootstrap_sql(database: &str) -> String {
    let database = format!("\"{}\"", database.replace('"', "\"\""));
    format!("{}{}", ROLES.replace("{scopes}", &scopes()), DATABASE.replace("{database}", &database))
}

/// The lock is the one thing databases of a cluster share; who may not take it is told by a failing CREATE ROLE.
const ROLES: &str = "
DO $bootstrap$
DECLARE
  scope text;
BEGIN
  BEGIN
    LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'touchstone_owner') THEN
    CREATE ROLE touchstone_owner LOGIN NOINHERIT;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'touchstone_app') THEN
    CREATE ROLE touchstone_app LOGIN NOINHERIT;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'touchstone_collector') THEN
    CREATE ROLE touchstone_collector LOGIN NOINHERIT;
  END IF;
  FOREACH scope IN ARRAY {scopes} LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = scope) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', scope);
    END IF;
    IF NOT pg_has_role('touchstone_app', scope, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO touchstone_app', scope);
    END IF;
  END LOOP;
  IF NOT pg_has_role('touchstone_collector', 'touchstone_ballot', 'MEMBER') THEN
    GRANT touchstone_ballot TO touchstone_collector;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'touchstone_backup') THEN
    BEGIN
      CREATE ROLE touchstone_backup LOGIN BYPASSRLS;
      GRANT pg_read_all_data TO touchstone_backup;
      ALTER ROLE touchstone_backup SET default_transaction_read_only = on;
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE NOTICE 'touchstone_backup was not made: that needs a superuser';
    END;
  END IF;
END
$bootstrap$;
";

const DATABASE: &str = "
DO $bootstrap$
BEGIN
  IF (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()) <> 'touchstone_owner' THEN
    ALTER DATABASE {database} OWNER TO touchstone_owner;
  END IF;
END
$bootstrap$;
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO touchstone_app, touchstone_collector;
DO $bootstrap$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'touchstone_backup') THEN
    GRANT CONNECT ON DATABASE {database} TO touchstone_backup;
  END IF;
END
$bootstrap$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
";

const MISSING: &str = "
WITH login (role) AS (VALUES ('touchstone_app'), ('touchstone_collector')),
scope (role) AS (SELECT unnest({scopes})),
member (role, login) AS (
  SELECT role, 'touchstone_app' FROM scope UNION ALL VALUES ('touchstone_ballot', 'touchstone_collector')
)
SELECT statement FROM (
  SELECT 1, format('CREATE ROLE %I LOGIN NOINHERIT;', role) FROM login WHERE to_regrole(role) IS NULL
  UNION ALL SELECT 1, format('CREATE ROLE %I NOLOGIN NOINHERIT;', role) FROM scope WHERE to_regrole(role) IS NULL
  UNION ALL SELECT 2, format('GRANT %I TO %I;', role, login) FROM member
    WHERE pg_has_role(to_regrole(login)::oid, to_regrole(role)::oid, 'MEMBER') IS NOT TRUE
) AS missing (at, statement) ORDER BY at, statement";

/// A query for what [`bootstrap_sql`] says of roles and the server lacks, a statement a row.
pub(crate) fn missing_roles() -> String {
    MISSING.replace("{scopes}", &scopes())
}

fn scopes() -> String {
    format!("ARRAY['{}']", SCOPE_ROLES.join("', '"))
}
