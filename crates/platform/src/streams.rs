//! The open streams of this process: who is told that their inbox changed, and how many streams there may be.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kernel::AccountId;
use notification::{
    Signal, Streams, Subscription,
    ports::{Announced, Announcements, Inboxes},
};
use tokio::{sync::watch, time};
use tracing::debug;

use crate::shutdown::Stopping;

/// The most streams of one person.
const MOST_OF_A_PERSON: usize = 5;
/// The most streams of the process.
const MOST: usize = 2_000;
/// Changes of other processes are looked for so often where no word of them comes.
const LOOK: Duration = Duration::from_secs(1);
/// And where it does, which may be lost.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// Inboxes are looked at so many at a time.
const LOOKED_AT_A_TIME: usize = 1_000;

/// Holds the streams of this process, and passes word of changes on to them.
pub struct StreamHub {
    announcements: Arc<dyn Announcements>,
    inboxes: Arc<dyn Inboxes>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    people: HashMap<AccountId, Person>,
    open: usize,
    last: u64,
    is_stopping: bool,
}

#[derive(Default)]
struct Person {
    /// How often their inbox had changed when it was last looked at.
    revision: i64,
    /// Oldest first.
    places: Vec<Place>,
}

struct Place {
    id: u64,
    told: watch::Sender<Signal>,
}

impl State {
    fn changed(&self, account: AccountId) {
        for place in self.people.get(&account).iter().flat_map(|person| &person.places) {
            place.told.send_replace(Signal::Changed);
        }
    }

    fn leave(&mut self, account: AccountId, id: u64) {
        let Some(person) = self.people.get_mut(&account) else { return };
        let before = person.places.len();
        person.places.retain(|place| place.id != id);
        self.open -= before - person.places.len();
        if person.places.is_empty() {
            self.people.remove(&account);
        }
    }
}

fn held(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StreamHub {
    pub(crate) fn new(announcements: Arc<dyn Announcements>, inboxes: Arc<dyn Inboxes>) -> Self {
        Self { announcements, inboxes, state: Arc::default() }
    }

    /// How many streams are open.
    pub fn open_streams(&self) -> usize {
        held(&self.state).open
    }

    /// Passes word on until it is time to stop, and then ends all streams.
    pub(crate) async fn run(self: Arc<Self>, mut stopping: Stopping) {
        let pause = if self.announcements.hears_others() { LOOK_AGAIN } else { LOOK };
        let mut look = time::interval(pause);
        look.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopping.stopped() => break,
                announced = self.announcements.announced() => match announced {
                    Announced::Accounts(accounts) => {
                        let state = held(&self.state);
                        for account in accounts {
                            state.changed(account);
                        }
                    }
                    Announced::Anybody => {
                        let state = held(&self.state);
                        state.people.keys().for_each(|account| state.changed(*account));
                    }
                },
                _ = look.tick() => tokio::select! {
                    () = stopping.stopped() => break,
                    () = self.look() => {}
                },
            }
        }
        let mut state = held(&self.state);
        state.is_stopping = true;
        for place in state.people.values().flat_map(|person| &person.places) {
            place.told.send_replace(Signal::Stopping);
        }
    }

    /// Looks which inboxes changed.
    async fn look(&self) {
        let accounts: Vec<AccountId> = held(&self.state).people.keys().copied().collect();
        for some in accounts.chunks(LOOKED_AT_A_TIME) {
            let revisions = match self.inboxes.revisions(some).await {
                Ok(revisions) => revisions,
                Err(error) => return debug!(%error, "inboxes could not be looked at"),
            };
            let mut state = held(&self.state);
            for (account, revision) in revisions {
                let has_changed = state
                    .people
                    .get_mut(&account)
                    .is_some_and(|person| std::mem::replace(&mut person.revision, revision) != revision);
                if has_changed {
                    state.changed(account);
                }
            }
        }
    }
}

impl Streams for StreamHub {
    fn open(&self, account: AccountId) -> Option<Box<dyn Subscription>> {
        let mut state = held(&self.state);
        let own = state.people.get(&account).map(|person| &person.places[..]).unwrap_or_default();
        match own.first() {
            // Its sender goes, by which it hears of it.
            Some(oldest) if own.len() >= MOST_OF_A_PERSON => {
                let oldest = oldest.id;
                state.leave(account, oldest);
            }
            _ if state.open >= MOST => return None,
            _ => {}
        }
        let (told, hears) = watch::channel(Signal::Changed);
        if state.is_stopping {
            told.send_replace(Signal::Stopping);
        }
        state.last += 1;
        state.open += 1;
        let id = state.last;
        state.people.entry(account).or_default().places.push(Place { id, told });
        Some(Box::new(Open { state: self.state.clone(), account, id, hears }))
    }
}

impl fmt::Debug for StreamHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamHub")
    }
}

/// An open stream.
struct Open {
    state: Arc<Mutex<State>>,
    account: AccountId,
    id: u64,
    hears: watch::Receiver<Signal>,
}

#[async_trait]
impl Subscription for Open {
    async fn next(&mut self) -> Signal {
        match self.hears.changed().await {
            Ok(()) => *self.hears.borrow_and_update(),
            Err(_) => Signal::Replaced,
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        held(&self.state).leave(self.account, self.id);
    }
}
