//! A client of the running binary, and a server whose every word is kept.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    time::Duration,
};

use embedded_postgres::{Access, Cluster, Installation};
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use crate::run::{Place, get, pid, wait_until};

pub(crate) const PASSWORD: &str = "plinth-orbit-walnut-sieve";

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// A connection that takes one request after the other.
pub(crate) struct Connection(TcpStream);

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self(stream))
    }

    /// Sends JSON, if anything. An answer that is cut off is an error, not an answer. `operation` is method and
    /// path; headers are lines.
    pub(crate) fn call(&mut self, operation: &str, headers: &[String], body: &str) -> io::Result<Answer> {
        let json = (!body.is_empty()).then(|| "Content-Type: application/json".to_owned());
        let headers: Vec<String> = headers.iter().cloned().chain(json).collect();
        self.send(operation, &headers, body)
    }

    /// Sends a body of any kind, which a header names.
    pub(crate) fn send(&mut self, operation: &str, headers: &[String], body: &str) -> io::Result<Answer> {
        let mut lines = vec![format!("{operation} HTTP/1.1"), "Host: touchstone".to_owned()];
        lines.extend_from_slice(headers);
        if !body.is_empty() {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        self.0.write_all(format!("{}\r\n\r\n{body}", lines.join("\r\n")).as_bytes())?;
        let mut answer = Vec::new();
        let mut piece = [0; 16 * 1024];
        let mut whole = usize::MAX;
        let mut head = 0;
        while answer.len() < whole {
            let read = self.0.read(&mut piece)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            answer.extend_from_slice(&piece[..read]);
            let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
            if let (usize::MAX, Some(end)) = (whole, end) {
                head = end + 4;
                whole = head + length(&String::from_utf8_lossy(&answer[..head]));
            }
        }
        let status = String::from_utf8_lossy(&answer[9..12]).parse().map_err(io::Error::other)?;
        Ok(Answer { status, text: String::from_utf8_lossy(&answer[head..]).into_owned() })
    }
}

fn length(head: &str) -> usize {
    let head = head.to_ascii_lowercase();
    assert!(!head.contains("transfer-encoding"), "answers say how long they are: {head}");
    head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0)
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// One request on a connection of its own, which must be answered so.
#[track_caller]
pub(crate) fn call(
    address: SocketAddr,
    operation: &str,
    headers: &[String],
    body: &Value,
    status: u16,
) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = Connection::open(address).unwrap().call(operation, headers, &body).unwrap();
    assert_eq!(answer.status, status, "{operation}: {}", answer.text);
    answer
}

/// Registers and opens the link of the letter.
pub(crate) fn sign_up(place: &Place, address: SocketAddr, email: &str, password: &str) {
    let register = json!({ "email": email, "password": password, "full_name": "Ann Lee" });
    call(address, "POST /v1/auth/register", &[], &register, 202);
    let token = link_token(&letter(place, "verify-email", email));
    call(address, "POST /v1/auth/verify-email", &[], &json!({ "token": token }), 204);
}

/// The newest letter of this kind to this address; waits until there is one.
pub(crate) fn letter(place: &Place, kind: &str, to: &str) -> String {
    letter_in(&place.data(), kind, to)
}

/// The same in a data folder.
pub(crate) fn letter_in(data: &Path, kind: &str, to: &str) -> String {
    let mut found = None;
    wait_until(&format!("a letter {kind} to {to}"), || {
        let Ok(folder) = fs::read_dir(data.join("mail")) else { return false };
        let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let named = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.contains(kind) && !name.starts_with('.')
        };
        let letters = files.into_iter().rev().filter(named).filter_map(|path| fs::read_to_string(path).ok());
        found = letters.into_iter().find(|text| text.contains(to));
        found.is_some()
    });
    found.unwrap()
}

/// What stands after `token=` in the letter's link.
pub(crate) fn link_token(letter: &str) -> String {
    let token = link_text(letter);
    assert_eq!(token.len(), 43, "{letter}");
    token
}

/// The same, however long it is.
pub(crate) fn link_text(letter: &str) -> String {
    // The link to unsubscribe has `?` before it.
    let link = letter.split_once("#token=").or_else(|| letter.split_once("&token="));
    let (_, rest) = link.expect("the letter has a link");
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[track_caller]
pub(crate) fn sign_in(address: SocketAddr, email: &str) -> String {
    let login = json!({ "email": email, "password": PASSWORD });
    let tokens = call(address, "POST /v1/auth/login", &[], &login, 200).json();
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// The code an authenticator app shows at that moment.
pub(crate) fn totp(secret: &[u8], seconds: u64) -> String {
    totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(seconds).to_string()
}

/// A running server whose every word is kept. Dropping it kills it.
pub(crate) struct Recorded {
    child: Child,
    said: PathBuf,
    logged: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Recorded {
    /// With requests unlimited, organisations that are never new, and these settings.
    pub(crate) fn start(place: &Place, settings: &[(&str, &str)]) -> Self {
        Self::run(place, place.command(&["serve"]), settings)
    }

    /// The same with a command of one's own.
    pub(crate) fn run(place: &Place, mut command: Command, settings: &[(&str, &str)]) -> Self {
        let unlimited = [("TOUCHSTONE_LIMITS__RATE_LIMITS", "false"), ("TOUCHSTONE_QUOTAS__NEW_DAYS", "0")];
        command.envs(unlimited).envs(settings.iter().copied());
        let (said, logged) = (place.path("stdout"), place.path("stderr"));
        command.stdout(File::create(&said).unwrap()).stderr(File::create(&logged).unwrap());
        let child = command.spawn().unwrap();
        let address = SocketAddr::from(([0; 4], 0));
        let mut server = Self { child, said, logged, address };
        wait_until("the server is ready", || {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", server.log());
            server.said().contains("Ctrl-C")
        });
        let url = server.said();
        let url = url.split("http://").nth(1).unwrap();
        server.address = url.split('/').next().unwrap().parse().unwrap();
        server
    }

    /// Another process on the database of `host`, reached at `url`: with its keys, its letters and its checkpoints.
    pub(crate) fn beside(place: &Place, host: &Place, url: &str, settings: &[(&str, &str)]) -> Self {
        let [keys, mail, checkpoints] = ["keys", "mail", "audit/checkpoints"]
            .map(|name| host.data().join(name).into_os_string().into_string().unwrap());
        let shared = [
            ("DATABASE_URL", url),
            ("TOUCHSTONE_KEY_FILE", &keys),
            ("TOUCHSTONE_MAIL__FOLDER", &mail),
            ("TOUCHSTONE_AUDIT__CHECKPOINT_FILE", &checkpoints),
        ];
        Self::start(place, &[&shared, settings].concat())
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What Prometheus reads.
    pub(crate) fn metrics(&self) -> String {
        let said = self.said();
        let (_, url) =
            said.split_once("/metrics").map(|(before, _)| before.rsplit_once("http://").unwrap()).unwrap();
        get(url.parse().unwrap(), "/metrics").1
    }

    /// Standard output.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.said).unwrap()).into_owned()
    }

    /// Standard error.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.logged).unwrap()).into_owned()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(pid(self.child.id()), signal).unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the server ended", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The superuser's way into the database of a running server.
pub(crate) fn access(data: &Path) -> Access {
    let running = block_on(Cluster::attach(&data.join("postgres"))).unwrap().unwrap();
    running.access(Installation::find_named().unwrap())
}

pub(crate) fn sql(access: &Access, sql: &str) -> String {
    block_on(access.sql("touchstone", sql)).unwrap()
}

/// Waits until every event has its number and is covered by a checkpoint.
pub(crate) fn sign(superuser: &Access) {
    wait_until("every event has its number", || {
        let waiting = "SELECT (SELECT count(*) FROM audit.events) = (SELECT count(*) FROM audit.leaves)";
        sql(superuser, waiting) == "t"
    });
    // The checkpoint signer waits ten seconds between checkpoints; these are made to seem older than that.
    sql(
        superuser,
        "ALTER TABLE audit.checkpoints DISABLE TRIGGER frozen;
         UPDATE audit.checkpoints SET signed_at = signed_at - interval '1 hour';
         ALTER TABLE audit.checkpoints ENABLE ALWAYS TRIGGER frozen",
    );
    wait_until("everything is covered by a checkpoint", || {
        let covered =
            "SELECT (SELECT max(size) FROM audit.checkpoints) = (SELECT count(*) FROM audit.leaves)";
        sql(superuser, covered) == "t"
    });
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
