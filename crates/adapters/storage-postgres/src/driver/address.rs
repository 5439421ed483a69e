//! Where PostgreSQL is, and who asks: the address of libpq, with what the environment adds to it.

use std::{collections::HashMap, env, path::PathBuf, str::FromStr as _};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio_postgres::{Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use super::{
    passwords,
    tls::{self, Certificates},
};

/// How long it may take to reach a server.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Where to connect and how, read once.
#[derive(Clone)]
pub(crate) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads `url`. What it leaves out comes from PostgreSQL's variables, as sqlx reads them for migrations; passwords
    /// and certificates sqlx does not tell, so that they are read once more. `session` is set for each session.
    pub(crate) fn new(url: &str, session: &[(&str, &str)]) -> Result<Self, String> {
        let options = PgConnectOptions::from_str(url).map_err(|error| error.to_string())?;
        let options = options.application_name("touchstone").options(session.iter().copied());
        let parsed = Url::parse(url).map_err(|error| error.to_string())?;
        let said: HashMap<_, _> = parsed.query_pairs().into_owned().collect();
        let (host, port, user) = (options.get_host(), options.get_port(), options.get_username());
        let database = options.get_database().unwrap_or(user);
        let mut config = Config::new();
        config
            .user(user)
            .dbname(database)
            .port(port)
            .connect_timeout(PATIENCE)
            .application_name("touchstone");
        config.options(options.get_options().unwrap_or_default());
        let mode = options.get_ssl_mode();
        match options.get_socket().cloned().or_else(|| host.starts_with('/').then(|| PathBuf::from(host))) {
            Some(folder) => config.host_path(folder).ssl_mode(SslMode::Disable),
            None => config.host(host).ssl_mode(match mode {
                PgSslMode::Disable => SslMode::Disable,
                PgSslMode::Allow | PgSslMode::Prefer => SslMode::Prefer,
                PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => SslMode::Require,
            }),
        };
        let in_address = password_in(&parsed).or_else(|| said.get("password").cloned());
        let password = in_address.or_else(|| env::var("PGPASSWORD").ok());
        if let Some(password) = password.or_else(|| passwords::find(host, port, database, user)) {
            config.password(password);
        }
        let file = |names: [&str; 3]| {
            let in_address = names[..2].iter().find_map(|name| said.get(*name).cloned());
            in_address.or_else(|| env::var(names[2]).ok()).map(PathBuf::from)
        };
        let certificates = Certificates {
            authorities: file(["sslrootcert", "ssl-root-cert", "PGSSLROOTCERT"]),
            own: file(["sslcert", "ssl-cert", "PGSSLCERT"]),
            key: file(["sslkey", "ssl-key", "PGSSLKEY"]),
        };
        Ok(Self { config, tls: MakeRustlsConnect::new(tls::client(mode, &certificates)?) })
    }
}

fn password_in(url: &Url) -> Option<String> {
    let encoded = url.password()?;
    Some(percent_encoding::percent_decode_str(encoded).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::Host;

    use super::*;

    fn read(url: &str) -> Config {
        Address::new(url, &[("jit", "off")]).unwrap_or_else(|error| panic!("{url}: {error}")).config
    }

    #[test]
    fn an_address_says_where_and_who() {
        let config = read("postgres://some%20one:p%40ss@db.example.org:5433/shop?sslmode=verify-full");
        assert_eq!(config.get_hosts(), [Host::Tcp("db.example.org".to_owned())]);
        assert_eq!((config.get_ports(), config.get_user()), (&[5433][..], Some("some one")));
        assert_eq!((config.get_dbname(), config.get_password()), (Some("shop"), Some(&b"p@ss"[..])));
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        assert!(config.get_options().is_some_and(|options| options.contains("jit=off")));
    }

    #[test]
    fn a_folder_is_a_socket_without_encryption() {
        let config = read("postgres://app@localhost/touchstone?host=%2Frun%2Fpg&sslmode=require");
        assert_eq!(config.get_hosts(), [Host::Unix(PathBuf::from("/run/pg"))]);
        assert_eq!(config.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert!(Address::new("no address", &[]).is_err());
        let missing = Address::new("postgres://a@b/c?sslmode=verify-full&sslrootcert=/no/such.pem", &[]);
        assert!(missing.is_err_and(|error| error.contains("/no/such.pem")));
    }
}
