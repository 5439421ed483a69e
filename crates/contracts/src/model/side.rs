//! The work of a domain on both adapters: each does what it is told and answers in words that can be compared.

use std::{collections::HashMap, fmt::Debug};

use kernel::{OrganizationId, Page, PageRequest, Scope, StoreError, Timestamp, UnitOfWork as _};
use uuid::Uuid;

use super::thing::{Model, Thing};
use crate::{
    StorageUnderTest,
    world::{ctx, next_page},
};

/// What an adapter is to do within a unit.
#[derive(Debug, Clone)]
pub(super) enum Act<T: Model> {
    Save(T),
    Edit { of: T, way: u8, outdated: bool, now: Timestamp },
    Read { of: T, keep: bool },
    Call(T::Call),
}

/// What two adapters answered.
pub(super) type Answers = [Vec<String>; 2];

/// A domain's aggregates, and the two adapters that keep them.
pub(super) struct Both<T> {
    known: Vec<T>,
    sides: [Side<T>; 2],
}

impl<T: Model> Both<T> {
    pub(super) fn new(storages: [&StorageUnderTest; 2]) -> Self {
        let side = |storage: &StorageUnderTest| Side { storage: storage.clone(), kept: HashMap::new() };
        Self { known: Vec::new(), sides: storages.map(side) }
    }

    /// One of those of a kind.
    pub(super) fn pick(&self, kind: T::Kind, which: u8) -> Option<&T> {
        let all: Vec<&T> = self.known.iter().filter(|thing| thing.kind() == kind).collect();
        all.get(usize::from(which) % all.len().max(1)).copied()
    }

    /// One of those of a kind, in seven of eight cases one of this organisation.
    pub(super) fn pick_of(
        &self,
        organization: Option<OrganizationId>,
        kind: T::Kind,
        which: u8,
    ) -> Option<&T> {
        let (any, which) = (which.is_multiple_of(8), which / 8);
        let own = self.known.iter().filter(|thing| thing.kind() == kind);
        let own: Vec<&T> = own.filter(|thing| thing.owner().organization() == organization).collect();
        let own = own.get(usize::from(which) % own.len().max(1)).copied();
        own.filter(|_| !any).or_else(|| self.pick(kind, which))
    }

    /// The one with this id.
    pub(super) fn find(&self, id: Uuid) -> Option<&T> {
        self.known.iter().find(|thing| thing.id() == id)
    }

    /// Has both do the acts in a unit, and remembers what was made in it.
    pub(super) async fn unit(&mut self, scope: Scope, acts: Vec<Act<T>>, commit: bool) -> Answers {
        let [left, right] = &mut self.sides;
        let left = left.unit(scope, acts.clone(), commit).await;
        let right = right.unit(scope, acts.clone(), commit).await;
        if left.last().is_some_and(|answer| answer == COMMITTED) {
            self.known.extend(acts.into_iter().filter_map(|act| match act {
                Act::Save(thing) => Some(thing),
                Act::Edit { .. } | Act::Read { .. } | Act::Call(_) => None,
            }));
        }
        if fail_alike(&left, &right, commit) { [left.clone(), left] } else { [left, right] }
    }

    /// Panics unless both hold the same.
    pub(super) async fn agree(&self) {
        let [left, right] = &self.sides;
        for thing in &self.known {
            assert_eq!(left.read(thing).await, right.read(thing).await, "the adapters hold different things");
        }
    }
}

/// Whether two adapters come to the same end, though the second tells later, at the latest by `commit`, that a save
/// came too late. After that the answers are of no use.
fn fail_alike(left: &[String], right: &[String], commit: bool) -> bool {
    let failed = |answers: &[String]| answers.iter().position(|answer| answer.starts_with(FAILED));
    let (Some(left_at), right_at) = (failed(left), failed(right)) else { return false };
    let told = left_at.min(right_at.unwrap_or(left_at));
    left[..told] == right[..told] && right_at.map_or(!commit, |right_at| left_at < right_at)
}

const COMMITTED: &str = "committed";
const FAILED: &str = "failed: ";
const NOTHING: &str = "nothing there";

/// One adapter, with the copies that were saved to it or read of it for outdated edits.
struct Side<T> {
    storage: StorageUnderTest,
    kept: HashMap<Uuid, T>,
}

impl<T: Model> Side<T> {
    async fn begin(&self, scope: Scope) -> Box<T::Unit> {
        T::store(&self.storage).begin(&ctx(scope)).await.expect("a unit can be begun")
    }

    /// Does the acts in one unit and answers for each, and for the end.
    async fn unit(&mut self, scope: Scope, acts: Vec<Act<T>>, commit: bool) -> Vec<String> {
        let mut unit = self.begin(scope).await;
        let mut answers = Vec::new();
        for act in acts {
            answers.push(self.act(&mut *unit, act).await);
        }
        if commit {
            let committed = unit.commit().await;
            answers.push(committed.map_or_else(|error| word(&error, true), |()| COMMITTED.to_owned()));
        }
        answers
    }

    async fn act(&mut self, unit: &mut T::Unit, act: Act<T>) -> String {
        match act {
            Act::Save(mut thing) => {
                let answer = save(unit, &mut thing).await;
                self.kept.insert(thing.id(), thing);
                answer
            }
            Act::Call(call) => T::call(call, unit).await.unwrap_or_else(|error| word(&error, true)),
            Act::Edit { of, way, outdated: true, now } => match self.kept.get(&of.id()).cloned() {
                Some(mut thing) => {
                    thing.edit(way, now);
                    save(unit, &mut thing).await
                }
                None => "nothing kept".to_owned(),
            },
            Act::Edit { of, way, outdated: false, now } => match of.read(unit).await {
                Ok(Some(mut thing)) => {
                    self.kept.insert(thing.id(), thing.clone());
                    thing.edit(way, now);
                    save(unit, &mut thing).await
                }
                Ok(None) => NOTHING.to_owned(),
                Err(error) => word(&error, false),
            },
            Act::Read { of, keep } => match of.read(unit).await {
                Ok(Some(thing)) => {
                    let shown = show(&thing, unit).await;
                    if keep {
                        self.kept.insert(thing.id(), thing);
                    }
                    shown
                }
                Ok(None) => NOTHING.to_owned(),
                Err(error) => word(&error, false),
            },
        }
    }

    /// What is there now.
    async fn read(&self, thing: &T) -> String {
        let mut unit = self.begin(thing.scope()).await;
        match thing.read(&mut *unit).await.expect("it can be read") {
            Some(thing) => show(&thing, &mut *unit).await,
            None => NOTHING.to_owned(),
        }
    }
}

async fn show<T: Model>(thing: &T, unit: &mut T::Unit) -> String {
    let beside = thing.beside(unit).await.unwrap_or_else(|error| word(&error, false));
    format!("{} {beside}", thing.shown())
}

async fn save<T: Thing>(unit: &mut T::Unit, thing: &mut T) -> String {
    let update = !thing.is_new();
    match thing.save(unit).await {
        Ok(()) => format!("saved {}", thing.shown()),
        Err(error) => word(&error, update),
    }
}

/// An update of what cannot be seen is refused in either of two words.
pub(super) fn word(error: &StoreError, update: bool) -> String {
    match error {
        StoreError::Stale | StoreError::OutOfScope if update => format!("{FAILED}refused"),
        error => format!("{FAILED}{error:?}"),
    }
}

/// Reads a list to its end, three items a page.
pub(super) async fn all<T: Debug>(
    fetch: impl AsyncFn(PageRequest) -> Result<Page<T>, StoreError>,
) -> Vec<String> {
    let mut answers = Vec::new();
    let mut page: PageRequest = next_page::<()>(3, None);
    loop {
        match fetch(page.clone()).await {
            Ok(Page { items, next }) => {
                answers.extend(items.into_iter().map(|item| format!("{item:?}")));
                if next.is_none() {
                    return answers;
                }
                page.after = next;
            }
            Err(error) => {
                answers.push(word(&error, false));
                return answers;
            }
        }
    }
}
