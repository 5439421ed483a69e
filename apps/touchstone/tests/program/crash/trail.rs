//! What a crash must not do to the audit trail: lose an event of a change that is there, keep one of a change that
//! is not, leave one without its number.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, ScopedJoinHandle},
    time::Duration,
};

use embedded_postgres::Access;

use crate::{
    client::{block_on, sql},
    run::{Place, stderr, wait_until},
};

/// Sessions that write an event, hold it for a while as a slow request would, and then take it back or keep it.
/// They take numbers that are never used, and make later events be committed before earlier ones.
pub(super) struct Holders<'scope> {
    threads: Vec<ScopedJoinHandle<'scope, u64>>,
    stop: &'scope AtomicBool,
}

const HOLDERS: u64 = 4;

impl<'scope> Holders<'scope> {
    pub(super) fn start(
        scope: &'scope thread::Scope<'scope, '_>,
        access: &'scope Access,
        stop: &'scope AtomicBool,
    ) -> Self {
        let holder = |number| {
            scope.spawn(move || {
                let mut kept = 0;
                let mut turn = number;
                while !stop.load(Ordering::Relaxed) {
                    turn += 1;
                    let keep = turn % 3 == 0;
                    let end = if keep { "COMMIT" } else { "ROLLBACK" };
                    let held = hold(turn % 7 * 30, end);
                    match block_on(access.sql("touchstone", &held)) {
                        Ok(_) => kept += u64::from(keep),
                        // The database was killed; whether it was kept, nobody was told.
                        Err(_) => thread::sleep(Duration::from_millis(50)),
                    }
                }
                kept
            })
        };
        Self { threads: (0..HOLDERS).map(holder).collect(), stop }
    }

    /// How many events they were told were kept.
    pub(super) fn finish(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        std::mem::take(&mut self.threads).into_iter().map(|thread| thread.join().unwrap()).sum()
    }
}

impl Drop for Holders<'_> {
    /// Also when an assertion fails, since the scope waits for them.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn hold(milliseconds: u64, end: &str) -> String {
    format!(
        "BEGIN;
         INSERT INTO audit.events (id, occurred_at, actor_kind, action, outcome, target_kind, difference, secrets, schema, salt)
         VALUES (gen_random_uuid(), clock_timestamp(), 'system', 'thing.hold', 'success', 'thing', '[]', '{{}}', 1,
           uuid_send(gen_random_uuid()));
         SELECT pg_sleep({milliseconds} / 1000.0);
         {end}"
    )
}

/// Everything that is there left its event, and nothing else did; each has its number, and it all is what was signed.
pub(crate) fn is_whole(place: &Place, access: &Access, held: u64) {
    wait_until("every event has its number", || {
        sql(
            access,
            "SELECT count(*) FROM audit.events e WHERE NOT EXISTS (SELECT FROM audit.leaves l WHERE l.event_id = e.id)",
        ) == "0"
    });
    for (what, wrong) in [
        (
            "versions of accounts without an event",
            "identity.accounts a CROSS JOIN generate_series(1, a.version) v WHERE NOT EXISTS (SELECT FROM audit.events e
             WHERE e.target_kind = 'account' AND e.target_id = a.id AND e.target_version = v AND e.outcome = 'success')",
        ),
        (
            "edits of a profile with several events",
            "(SELECT FROM audit.events WHERE action = 'account.edit_profile' AND outcome = 'success'
              GROUP BY target_id, target_version HAVING count(*) > 1) e",
        ),
        (
            "events of accounts' versions that are not there",
            "audit.events e JOIN identity.accounts a ON a.id = e.target_id WHERE e.target_version > a.version",
        ),
        (
            "organisations without the one event of their founding",
            "identity.organizations o WHERE (SELECT count(*) FROM audit.events e
             WHERE e.action = 'organization.found' AND e.outcome = 'success' AND e.target_id = o.id) <> 1",
        ),
        (
            "events of organisations that are not there",
            "audit.events e WHERE e.action = 'organization.found' AND e.outcome = 'success'
             AND NOT EXISTS (SELECT FROM identity.organizations o WHERE o.id = e.target_id)",
        ),
        ("leaves without an event", "audit.leaves l WHERE NOT EXISTS (SELECT FROM audit.events e WHERE e.id = l.event_id)"),
        ("gaps in the numbers", "(SELECT max(index) + 1 - count(*) AS gap FROM audit.leaves) l WHERE gap <> 0"),
    ] {
        assert_eq!(sql(access, &format!("SELECT count(*) FROM {wrong}")), "0", "{what}");
    }
    let kept: u64 =
        sql(access, "SELECT count(*) FROM audit.events WHERE action = 'thing.hold'").parse().unwrap();
    assert!(kept >= held, "{held} were told that they were kept, and there are {kept}");
    let verified = place.run(&["audit", "verify"]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert_eq!(verified.status.code(), Some(0), "{said}{}", stderr(&verified));
    assert!(said.contains("sound: "), "{said}");
}
