//! The ways there are.

use super::{Case, checkpoints::checkpoints, log::Log};
use crate::client::sql;

/// A change of each column, as an expression that is never what was there.
const COLUMNS: [(&str, &str); 23] = [
    ("occurred_at", "occurred_at + interval '1 microsecond'"),
    ("organization_id", "gen_random_uuid()"),
    ("subject_id", "gen_random_uuid()"),
    ("actor_kind", "CASE actor_kind WHEN 'system' THEN 'anonymous' ELSE 'system' END"),
    ("actor_id", "gen_random_uuid()"),
    ("session_id", "gen_random_uuid()"),
    ("action", "action || 's'"),
    ("outcome", "CASE outcome WHEN 'denied' THEN 'success' ELSE 'denied' END"),
    ("reason", "coalesce(reason, '') || '.'"),
    ("target_kind", "'thing'"),
    ("target_id", "gen_random_uuid()"),
    ("target_version", "coalesce(target_version, 0) + 1"),
    ("difference", "'[{\"op\":\"remove\",\"path\":\"/\"}]'"),
    ("secrets", "secrets || '/password_hash'::text"),
    ("personal_key", "CASE WHEN personal_key IS NULL THEN NULL ELSE gen_random_uuid() END"),
    ("personal_box", "set_byte(personal_box, 40, 255 - get_byte(personal_box, 40))"),
    ("address_key", "CASE WHEN address_key IS NULL THEN NULL ELSE gen_random_uuid() END"),
    ("address_box", "set_byte(address_box, 20, 255 - get_byte(address_box, 20))"),
    ("request_id", "gen_random_uuid()"),
    ("route", "'GET /'"),
    ("idempotency_claim", "gen_random_uuid()"),
    ("schema", "schema + 1"),
    ("salt", "set_byte(salt, 0, 255 - get_byte(salt, 0))"),
];

/// Values no program ever wrote, which must be told and not stumbled over.
const NONSENSE: [(&str, &str); 6] = [
    ("occurred_at", "'infinity'"),
    ("occurred_at", "'4714-11-24 00:00:00 BC'"),
    ("outcome", "'perhaps'"),
    ("salt", "'\\x00'"),
    ("target_version", "-9223372036854775808"),
    ("schema", "-32768"),
];

pub(super) fn all(log: &Log) -> Vec<Case> {
    [columns(log), rows(log), leaves_and_tiles(), rewritten(log), checkpoints(log)]
        .into_iter()
        .flatten()
        .collect()
}

fn event(index: u64) -> String {
    format!("(SELECT event_id FROM audit.leaves WHERE index = {index})")
}

fn update(index: u64, column: &str, value: &str) -> String {
    format!("UPDATE audit.events SET {column} = {value} WHERE id = {}", event(index))
}

/// Every column is altered in an event of its own, and each place is named; the leaf is what was signed.
fn columns(log: &Log) -> Vec<Case> {
    let names = sql(
        log.access(),
        "SELECT string_agg(column_name, ' ') FROM information_schema.columns
         WHERE table_schema = 'audit' AND table_name = 'events' AND column_name NOT IN ('id', 'seq', 'tx')",
    );
    for name in names.split(' ') {
        assert!(COLUMNS.iter().any(|(column, _)| *column == name), "nobody alters {name}");
    }
    let update = |(index, (column, value)): (u64, &(&str, &str))| update(index, column, value);
    let each = |columns: &[(&str, &str)], first: u64| -> Vec<String> {
        (first..).zip(columns).map(update).collect()
    };
    let altered = Case::broken("every column", each(&COLUMNS, 400).join(";"), &["23 findings"]);
    let nonsense = Case::broken(
        "nonsense",
        each(&NONSENSE, 500).join(";"),
        &["6 findings", "note: entry 502: its row cannot"],
    );
    let disagree = |index| format!("broken: entry {index} and its leaf disagree: the entry was altered");
    vec![
        Case { says: altered.says.into_iter().chain((400..423).map(disagree)).collect(), ..altered },
        Case {
            says: nonsense
                .says
                .into_iter()
                .chain((500..506).map(|index| format!("broken: entry {index} ")))
                .collect(),
            ..nonsense
        },
        Case::broken(
            "one column",
            update((430, &COLUMNS[6])),
            &["entry 430 and its leaf disagree", "1 finding"],
        ),
    ]
}

fn rows(log: &Log) -> Vec<Case> {
    let swap = format!(
        "CREATE TEMP TABLE two AS SELECT {} AS a, {} AS b;
         UPDATE audit.events SET id = '00000000-0000-4000-8000-000000000000' FROM two WHERE id = a;
         UPDATE audit.events SET id = a FROM two WHERE id = b;
         UPDATE audit.events SET id = b FROM two WHERE id = '00000000-0000-4000-8000-000000000000'",
        event(310),
        event(311)
    );
    let last = log.sizes.last().unwrap();
    vec![
        Case::broken(
            "a row deleted",
            format!("DELETE FROM audit.events WHERE id = {}", event(320)),
            &[
                "entry 320 is missing, only its leaf is there",
                "note: entry 320: its row is missing",
                "1 finding",
            ],
        ),
        Case::broken(
            "an id",
            update(330, "id", "gen_random_uuid()"),
            &[
                "entry 330 is missing, only its leaf is there",
                "1 event in the tables, older than the newest numbered one, without a place in the log",
            ],
        ),
        Case::broken(
            "two rows swapped",
            swap,
            &["entry 310 and its leaf disagree", "entry 311 and its leaf disagree"],
        ),
        Case::broken(
            "all rows gone",
            "TRUNCATE audit.events",
            &["entry 0 is missing", &format!("and {} more", last - 100)],
        ),
        Case::broken(
            "everything gone",
            "TRUNCATE audit.events, audit.leaves, audit.tiles, audit.checkpoints",
            &[&format!(
                "the log has 0 entries, but a checkpoint was signed over {last}: its end was cut off"
            )],
        ),
        Case::broken(
            "a row forged among old ones",
            forged(350),
            &["1 event in the tables, older than the newest"],
        ),
        Case::broken(
            "a row and its leaf deleted",
            format!(
                "DELETE FROM audit.events WHERE id = {}; DELETE FROM audit.leaves WHERE index = 340",
                event(340)
            ),
            &["entry 340 is missing with its leaf"],
        ),
    ]
}

/// A copy of a row right behind it, with the numbers it would have had.
fn forged(index: u64) -> String {
    let columns = "occurred_at, organization_id, subject_id, actor_kind, actor_id, session_id, action, outcome, reason, \
                   target_kind, target_id, target_version, difference, secrets, personal_key, personal_box, address_key, \
                   address_box, request_id, route, idempotency_claim, schema, salt";
    format!(
        "INSERT INTO audit.events (id, seq, tx, {columns}) OVERRIDING SYSTEM VALUE
         SELECT gen_random_uuid(), seq, tx, {columns} FROM audit.events WHERE id = {}",
        event(index)
    )
}

fn leaves_and_tiles() -> Vec<Case> {
    let tile = |what: &str| format!("UPDATE audit.tiles SET {what} WHERE level = 0 AND index = 1");
    vec![
        Case::broken(
            "a leaf",
            "UPDATE audit.leaves SET hash = set_byte(hash, 31, 255 - get_byte(hash, 31)) WHERE index = 333",
            &[
                "entry 333 and its leaf disagree: the leaf was altered",
                "the tile 0/1 does not hold the leaf of entry 333",
            ],
        ),
        Case::broken(
            "a leaf cut short",
            "UPDATE audit.leaves SET hash = '\\x00' WHERE index = 334",
            &["entry 334"],
        ),
        Case::broken(
            "a leaf deleted",
            "DELETE FROM audit.leaves WHERE index = 335",
            &[
                "entry 335 is missing with its leaf",
                "1 event in the tables, older than the newest numbered one, without a place in the log",
            ],
        ),
        Case::broken(
            "a leaf moved far away",
            "UPDATE audit.leaves SET index = 4611686018427387904 WHERE index = 336",
            &["entry 336 is missing"],
        ),
        Case::broken(
            "a hash of a tile",
            tile("hashes = set_byte(hashes, 32 * 5, 255 - get_byte(hashes, 32 * 5))"),
            &["the tile 0/1 does not hold the leaf of entry 261", "1 finding"],
        ),
        Case::broken("a tile cut short", tile("hashes = substr(hashes, 1, 100)"), &["the tile 0/1"]),
        Case::broken(
            "the root of a tile",
            tile("root = set_byte(root, 0, 255 - get_byte(root, 0))"),
            &["the root of the tile 0/1 is not the one over its hashes", "1 finding"],
        ),
        Case::broken(
            "a tile deleted",
            "DELETE FROM audit.tiles WHERE index = 1",
            &["the tile 0/1 is missing", "1 finding"],
        ),
        Case::broken(
            "a tile too many",
            "INSERT INTO audit.tiles SELECT level, 77, root, hashes FROM audit.tiles WHERE index = 0",
            &["the tile 0/77 stands over entries that are not in the log", "1 finding"],
        ),
    ]
}

/// Rows, leaves and tiles fit one another: only checkpoints can tell.
fn rewritten(log: &Log) -> Vec<Case> {
    let [.., before, after, last] = log.sizes[..] else { panic!("there are checkpoints: {:?}", log.sizes) };
    let between = before + 100;
    let around =
        format!("the log agrees with the checkpoint of {before} entries and not with that of {after}");
    let first = log.sizes[0];
    let cut = |size: u64| {
        format!(
            "DELETE FROM audit.events WHERE id IN (SELECT event_id FROM audit.leaves WHERE index >= {size});
             DELETE FROM audit.leaves WHERE index >= {size};
             DELETE FROM audit.tiles WHERE (index + 1) * 256 > {size}"
        )
    };
    vec![
        Case::broken("a row altered, all made to fit", update(between, "action", "'account.view'"), &[&around]).renumbered(),
        Case::broken("a row put in, all made to fit", forged(between), &[&around]).renumbered(),
        Case::broken(
            "a row taken out, all made to fit",
            format!("DELETE FROM audit.events WHERE id = {}", event(between)),
            &[&around, &format!("the log has {} entries, but a checkpoint was signed over {last}", last - 1)],
        )
        .renumbered(),
        Case::broken("the first row altered, all made to fit", update(0, "action", "'account.view'"), &[
            &format!("the log does not agree with its first checkpoint, of {first} entries"),
        ])
        .renumbered(),
        Case::broken("the end cut off", cut(last - 30), &[
            &format!("the log has {} entries, but a checkpoint was signed over {last}", last - 30),
        ]),
        Case::broken(
            "the end cut off with its checkpoint",
            format!("{}; DELETE FROM audit.checkpoints WHERE size = {last}", cut(last - 30)),
            &[&format!("a checkpoint was signed over {last}"), "is in the file, and its row is missing"],
        ),
        Case::broken(
            "another log signed with another key",
            "UPDATE audit.signers SET verifier = 'touchstone/audit/0+5ff5b6b7+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
             UPDATE audit.checkpoints SET note = replace(note, '—', '— somebody else')",
            &["is not what was signed"],
        ),
    ]
}
