//! Whoever owns the database, its superuser and its disk alters the trail in every way there is, and `audit verify`
//! tells each. The log is made once by the program itself, and each alteration begins with all of it anew.

mod cases;
mod checkpoints;
mod log;

use std::{fs, path::Path, process::Output};

use self::log::Log;
use crate::run::stderr;

/// Something done to a log, and what must be said of it.
struct Case {
    name: &'static str,
    /// What the superuser does.
    sql: String,
    /// What is done to the file of checkpoints and its key.
    file: Option<fn(&Path)>,
    /// Whether leaves and tiles are then made anew by the program, so that they fit the rows.
    renumber: bool,
    code: i32,
    /// What must be among the words.
    says: Vec<String>,
}

impl Case {
    fn broken(name: &'static str, sql: impl Into<String>, says: &[&str]) -> Self {
        let says = says.iter().map(|words| (*words).to_owned()).collect();
        Self { name, sql: sql.into(), file: None, renumber: false, code: 1, says }
    }

    fn file(name: &'static str, change: fn(&Path), code: i32, says: &[&str]) -> Self {
        Self { file: Some(change), code, ..Self::broken(name, "", says) }
    }

    fn renumbered(self) -> Self {
        Self { renumber: true, ..self }
    }

    fn run(&self, log: &Log) -> Result<(), String> {
        let altered = log.anew();
        altered.sql(&self.sql);
        if self.renumber {
            altered.renumber();
        }
        if let Some(change) = self.file {
            change(&altered.checkpoints);
        }
        let output = altered.verify(&[]);
        let said = said(&output);
        let is_code = output.status.code() == Some(self.code);
        match self.says.iter().find(|words| !said.contains(*words)) {
            None if is_code => Ok(()),
            None => Err(format!("{}: exit code {:?} after:\n{said}", self.name, output.status.code())),
            Some(words) => Err(format!("{}: {words:?} is missing from:\n{said}", self.name)),
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(output))
}

#[test]
fn every_alteration_is_told_and_where_it_is() {
    let log = Log::make();
    let sound = log.anew().verify(&[]);
    let words = said(&sound);
    assert_eq!(sound.status.code(), Some(0), "{words}");
    assert!(words.starts_with("sound: ") && words.lines().count() == 1, "nothing is reported: {words}");

    let cases = cases::all(&log);
    let failed: Vec<String> = cases.iter().filter_map(|case| case.run(&log).err()).collect();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), cases.len(), failed.join("\n"));
    one_event_is_shown_to_be_in_the_log_or_altered(&log);
    a_log_signed_anew_with_the_true_key_contradicts_a_copy_of_its_checkpoints(&log);
}

fn one_event_is_shown_to_be_in_the_log_or_altered(log: &Log) {
    let altered = log.anew();
    let id = altered.sql("SELECT event_id FROM audit.leaves WHERE index = 300");
    let shown = altered.verify(&["--event", &id]);
    assert_eq!(shown.status.code(), Some(0), "{}", said(&shown));
    assert!(said(&shown).contains(&format!("the event {id} is entry 300, its leaf ")), "{}", said(&shown));
    altered.sql(&format!("UPDATE audit.events SET action = 'account.view' WHERE id = '{id}'"));
    let told = altered.verify(&["--event", &id]);
    assert_eq!(told.status.code(), Some(1), "{}", said(&told));
    assert!(said(&told).contains("entry 300 and its leaf disagree"), "{}", said(&told));
    altered.renumber();
    let told = altered.verify(&["--event", &id]);
    assert_eq!(told.status.code(), Some(1), "{}", said(&told));
    assert!(said(&told).contains("is not what the checkpoint of"), "{}", said(&told));
    for nobody in ["00000000-0000-4000-8000-000000000000", "nonsense"] {
        let told = altered.verify(&["--event", nobody]);
        assert_eq!(told.status.code(), Some(2), "{}", said(&told));
    }
}

/// Who holds database, file and keys can sign another history. They cannot take back what was kept elsewhere.
fn a_log_signed_anew_with_the_true_key_contradicts_a_copy_of_its_checkpoints(log: &Log) {
    let altered = log.anew();
    let elsewhere = altered.path("elsewhere");
    fs::copy(&altered.checkpoints, &elsewhere).unwrap();
    altered.sql(
        "UPDATE audit.events SET action = 'account.view' WHERE id = (SELECT event_id FROM audit.leaves WHERE index = 300);
         DELETE FROM audit.checkpoints",
    );
    fs::remove_file(&altered.checkpoints).unwrap();
    altered.renumber();
    let here = altered.verify(&[]);
    assert_eq!(here.status.code(), Some(0), "here nothing tells any more: {}", said(&here));
    let told = altered.verify(&["--checkpoints", elsewhere.to_str().unwrap()]);
    let words = said(&told);
    assert_eq!(told.status.code(), Some(1), "{words}");
    assert!(words.contains("signed over another log"), "{words}");
}
