//! The cluster's roles, and a database's owner: what a superuser sets up once.

/// Statements for a superuser, run once for each database while connected to it, by `psql` or as one simple query.
///
/// They make the roles of the whole cluster (see `postgres.md`) and hand the database to `touchstone_owner`.
/// Running them again changes nothing; several databases of one cluster may run them at once. `touchstone_app` and
/// `touchstone_owner` get no password: set one with `ALTER ROLE .. PASSWORD` where the server asks for it.
pub fn bootstrap_sql(database: &str) -> String {
    let database = format!("\"{}\"", database.replace('"', "\"\""));
    format!("{ROLES}{}", DATABASE.replace("{database}", &database))
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
  FOREACH scope IN ARRAY ARRAY['tenant', 'account', 'identity', 'worker', 'platform'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'touchstone_' || scope) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', 'touchstone_' || scope);
    END IF;
    IF NOT pg_has_role('touchstone_app', 'touchstone_' || scope, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO touchstone_app', 'touchstone_' || scope);
    END IF;
  END LOOP;
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
GRANT CONNECT ON DATABASE {database} TO touchstone_app;
DO $bootstrap$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'touchstone_backup') THEN
    GRANT CONNECT ON DATABASE {database} TO touchstone_backup;
  END IF;
END
$bootstrap$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
";
