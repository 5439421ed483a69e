//! A log of some hundred events with several checkpoints, and copies of it to alter.

use std::{fs, net::SocketAddr, path::PathBuf, process::Output};

use audit::CheckpointFile;
use embedded_postgres::{Access, Cluster, Installation, Settings};
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    client::{Connection, PASSWORD, Recorded, access, bearer, call, sign, sign_in, sign_up, sql},
    run::{Place, bare},
};

/// What is in the way of a superuser who knows what they do.
const UNPROTECTED: &str = "
DO $$
DECLARE found record;
BEGIN
  FOR found IN SELECT c.oid::regclass AS name, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'audit'::regnamespace AND NOT t.tgisinternal
  LOOP EXECUTE format('DROP TRIGGER %I ON %s', found.tgname, found.name); END LOOP;
  FOR found IN SELECT c.oid::regclass AS name, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE c.relnamespace = 'audit'::regnamespace AND k.contype = 'c'
  LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.name, found.conname); END LOOP;
END $$;

-- What there was, to begin each alteration from.
CREATE SCHEMA pristine;
CREATE TABLE pristine.events AS TABLE audit.events;
CREATE TABLE pristine.leaves AS TABLE audit.leaves;
CREATE TABLE pristine.tiles AS TABLE audit.tiles;
CREATE TABLE pristine.checkpoints AS TABLE audit.checkpoints;
CREATE TABLE pristine.signers AS TABLE audit.signers;
CREATE TABLE pristine.sequencer AS TABLE audit.sequencer;";

const RESET: &str = "
TRUNCATE audit.events, audit.leaves, audit.tiles, audit.checkpoints, audit.signers, audit.sequencer;
INSERT INTO audit.events OVERRIDING SYSTEM VALUE TABLE pristine.events;
INSERT INTO audit.leaves TABLE pristine.leaves;
INSERT INTO audit.tiles TABLE pristine.tiles;
INSERT INTO audit.checkpoints TABLE pristine.checkpoints;
INSERT INTO audit.signers TABLE pristine.signers;
INSERT INTO audit.sequencer TABLE pristine.sequencer;";

const EMAIL: &str = "ann@example.org";
/// How many events there are at least between two checkpoints: more than a tile holds.
const APART: usize = 260;

/// The log, in a cluster that runs without the program.
pub(super) struct Log {
    place: Place,
    cluster: Option<Cluster>,
    /// The sizes of the checkpoints.
    pub(super) sizes: Vec<u64>,
}

impl Log {
    pub(super) fn make() -> Self {
        let place = Place::new();
        let sizes = write(&place);
        let mut settings = Settings::new(Installation::find_named().unwrap(), place.data().join("postgres"));
        settings.durable = false;
        let cluster = block_on_many(Cluster::start(&settings, &|_| {})).unwrap();
        let log = Self { place, cluster: Some(cluster), sizes };
        sql(log.access(), UNPROTECTED);
        log
    }

    pub(super) fn access(&self) -> &Access {
        self.cluster.as_ref().unwrap().access()
    }

    /// Everything as it was, to be altered: the tables, and the file of checkpoints in a folder of its own.
    pub(super) fn anew(&self) -> Altered<'_> {
        sql(self.access(), RESET);
        let folder = tempfile::tempdir_in(self.place.path("")).unwrap();
        let checkpoints = folder.path().join("checkpoints");
        for end in ["", ".key"] {
            let from = self.place.data().join(format!("audit/checkpoints{end}"));
            fs::copy(from, folder.path().join(format!("checkpoints{end}"))).unwrap();
        }
        Altered { log: self, folder, checkpoints }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(cluster) = self.cluster.take() {
            let _ = block_on_many(cluster.stop());
        }
    }
}

/// The log while it is altered.
pub(super) struct Altered<'a> {
    log: &'a Log,
    folder: TempDir,
    pub(super) checkpoints: PathBuf,
}

impl Altered<'_> {
    #[track_caller]
    pub(super) fn sql(&self, statements: &str) -> String {
        sql(self.log.access(), statements)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program on the altered tables and the altered file.
    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = bare(self.folder.path());
        command.args(arguments).arg("--data").arg(self.folder.path());
        command.env("DATABASE_URL", self.log.access().url("touchstone_app", "touchstone"));
        command.env("TOUCHSTONE_KEY_FILE", self.log.place.data().join("keys"));
        command.env("TOUCHSTONE_AUDIT__CHECKPOINT_FILE", &self.checkpoints);
        command.output().unwrap()
    }

    pub(super) fn verify(&self, arguments: &[&str]) -> Output {
        self.run(&[&["audit", "verify"], arguments].concat())
    }

    /// Leaves and tiles are made anew from the rows, by the program itself, so that they fit whatever was done to them.
    pub(super) fn renumber(&self) {
        self.sql("DELETE FROM audit.leaves; DELETE FROM audit.tiles; UPDATE audit.sequencer SET home = NULL, tx = '0', seq = 0");
        let draft = self.path("renumbered.ndjson");
        // It numbers everything, and refuses to sign what is not what was signed.
        let _ = self.run(&["audit", "export", "--output", draft.to_str().unwrap()]);
        assert_ne!(self.sql("SELECT count(*) FROM audit.leaves"), "0");
        let _ = fs::remove_file(draft);
    }
}

/// What is awaited here runs tasks beside.
fn block_on_many<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future)
}

/// Ann does everything that leaves its own kind of event, and then edits their profile again and again. Returns the
/// sizes of the checkpoints that were signed meanwhile.
fn write(place: &Place) -> Vec<u64> {
    let mut server = Recorded::start(place, &[]);
    let superuser = access(&place.data());
    every_kind(place, server.address);
    let token = sign_in(server.address, EMAIL);
    sign(&superuser);
    for _ in 0..3 {
        edit(server.address, &token, APART);
        sign(&superuser);
    }
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
    let file = CheckpointFile::parse(&fs::read(place.data().join("audit/checkpoints")).unwrap());
    file.checkpoints.iter().map(|signed| signed.unverified().size).collect()
}

/// Events with an organisation, a reason, secrets, an idempotency key and everything else a row can hold.
fn every_kind(place: &Place, address: SocketAddr) {
    sign_up(place, address, EMAIL, PASSWORD);
    let wrong = json!({ "email": EMAIL, "password": "gravel-teapot-mosaic-wren" });
    call(address, "POST /v1/auth/login", &[], &wrong, 401);
    let token = sign_in(address, EMAIL);
    let headers = [bearer(&token), "Idempotency-Key: tampered-with".to_owned()];
    call(address, "POST /v1/organizations", &headers, &json!({ "name": "North Wind" }), 201);
    let change = json!({ "current_password": PASSWORD, "new_password": "gravel-teapot-mosaic-wren" });
    call(address, "POST /v1/auth/change-password", &[bearer(&token)], &change, 204);
    let login = json!({ "email": EMAIL, "password": "gravel-teapot-mosaic-wren" });
    let token = call(address, "POST /v1/auth/login", &[], &login, 200).json();
    let token = token["access_token"].as_str().unwrap();
    let back = json!({ "current_password": "gravel-teapot-mosaic-wren", "new_password": PASSWORD });
    call(address, "POST /v1/auth/change-password", &[bearer(token)], &back, 204);
}

fn edit(address: SocketAddr, token: &str, times: usize) {
    let mut connection = Connection::open(address).unwrap();
    let me = connection.call("GET /v1/me", &[bearer(token)], "").unwrap().json();
    let first = me["version"].as_u64().unwrap();
    for version in (first..).take(times) {
        let headers = [bearer(token), format!("If-Match: \"{version}\"")];
        let body = json!({ "display_name": format!("Ann {version}"), "timezone": "Europe/Berlin" });
        let answer = connection.call("PATCH /v1/me", &headers, &body.to_string()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}
