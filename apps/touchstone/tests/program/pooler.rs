//! The same two processes behind a pooler, `pgbouncer`, set up as docs/operations.md says.

use std::{
    fs,
    io::Write as _,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    process::{Child, Command, Stdio},
};

use crate::{
    client::{Recorded, access, sql},
    pair::everything_is_done_once,
    run::{Place, wait_until},
};

/// From this version on, prepared statements work in transaction mode.
const PREPARES: (u32, u32) = (1, 21);

/// A running pooler. Dropping it kills it.
struct Pooler {
    child: Child,
    address: SocketAddr,
}

impl Pooler {
    /// In front of the database of `host`. There are fewer connections behind it than clients in transaction mode.
    fn start(host: &Place, mode: &str) -> Self {
        let superuser = access(&host.data());
        for (name, value) in [
            ("statement_timeout", "5s"),
            ("lock_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "10s"),
        ] {
            sql(&superuser, &format!("ALTER ROLE touchstone_app SET {name} = '{value}'"));
        }
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (socket, port) = (superuser.socket_dir(), address.port());
        let (size, prepared) =
            if mode == "session" { (25, "") } else { (6, "max_prepared_statements = 200") };
        let settings = format!(
            "[databases]\ntouchstone = host={} port=5432 user=touchstone_app\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = {size}\n\
             ignore_startup_parameters = options, extra_float_digits\n{prepared}\n",
            socket.display()
        );
        let file = host.path(&format!("{mode}.ini"));
        fs::File::create(&file).unwrap().write_all(settings.as_bytes()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let owner = fs::metadata(socket).unwrap();
        let child = Command::new(program())
            .arg("--quiet")
            .arg(file)
            .uid(owner.uid())
            .gid(owner.gid())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pooler = Self { child, address };
        wait_until("PgBouncer listens", || TcpStream::connect(address).is_ok());
        pooler
    }

    fn url(&self) -> String {
        format!("postgres://touchstone_app@{}/touchstone?sslmode=disable", self.address)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `PGBOUNCER` names another than the one that is installed.
fn program() -> String {
    std::env::var("PGBOUNCER").unwrap_or_else(|_| "pgbouncer".to_owned())
}

/// None where there is none.
fn version() -> Option<(u32, u32)> {
    let output = Command::new(program()).arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers =
        said.lines().next()?.strip_prefix("PgBouncer ")?.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// Each process with where it listens; `direct` stands for the address that leads past the pooler.
fn two_processes_behind(mode: &str, listen: [&str; 2]) {
    let [host, one, two] = [Place::new(), Place::new(), Place::new()];
    let _database = Recorded::start(&host, &[("TOUCHSTONE_WORKERS__ENABLED", "false")]);
    let direct = access(&host.data()).url("touchstone_app", "touchstone");
    let pooler = Pooler::start(&host, mode);
    let serve = |place, listen: &str| {
        let listen = if listen == "direct" { &*direct } else { listen };
        Recorded::beside(place, &host, &pooler.url(), &[("TOUCHSTONE_DATABASE__LISTEN", listen)])
    };
    let servers = [serve(&one, listen[0]), serve(&two, listen[1])];
    everything_is_done_once(&host, servers.each_ref());
    for server in &servers {
        let log = server.log();
        assert!(!log.contains("\"level\":\"ERROR\"") && !log.contains("\"level\":\"WARN\""), "{log}");
    }
}

#[test]
#[ignore = "needs PgBouncer; run it with: just pooler"]
fn two_processes_behind_a_pooler_of_sessions_do_everything_once() {
    if version().is_none() {
        return println!("there is no PgBouncer");
    }
    two_processes_behind("session", ["true", "true"]);
}

#[test]
#[ignore = "needs PgBouncer 1.21 or newer; run it with: just pooler"]
fn two_processes_behind_a_pooler_of_transactions_do_everything_once() {
    let found = version();
    if found.is_none_or(|version| version < PREPARES) {
        return println!("PgBouncer {found:?} cannot prepare statements in transaction mode");
    }
    two_processes_behind("transaction", ["direct", "false"]);
}
