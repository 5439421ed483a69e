//! The rows of the trail, read from their tables in pages, and hashed while the next pages are read.

use std::{collections::VecDeque, sync::Arc};

use audit::{
    Hash, Piece,
    ports::{Entry, Ledger},
};
use kernel::StoreError;
use tokio::task::JoinHandle;

use crate::exit::Failure;

/// How many entries are read at a time.
const PAGE: u32 = 2_000;
/// How many pages are read and hashed at a time: more would only wait for one another.
const AHEAD: usize = 3;

/// An entry that was read, and hashed anew.
#[derive(Debug, Clone)]
pub(super) struct HashedEntry {
    pub(super) index: u64,
    pub(super) stored: Hash,
    pub(super) computed: Option<Hash>,
    /// Why there is no event.
    pub(super) fault: Option<String>,
}

impl HashedEntry {
    fn of(Entry { leaf, event }: Entry) -> Self {
        let computed = event.and_then(|event| event.leaf().map_err(|error| error.to_string()));
        let (computed, fault) = match computed {
            Ok(hash) => (Some(hash), None),
            Err(fault) => (None, Some(fault)),
        };
        Self { index: leaf.index, stored: leaf.hash, computed, fault }
    }

    pub(super) fn piece(&self) -> Piece {
        Piece::Entry { index: self.index, stored: Some(self.stored), computed: self.computed }
    }
}

/// What a page of the log came to.
enum FetchedPage {
    /// These, all within the page.
    Entries(Vec<HashedEntry>),
    /// Nothing in the page; the log goes on here.
    Later(u64),
    /// Nothing any more.
    End,
}

/// The entries of a log in their order, a page at a time.
pub(super) struct Rows {
    ledger: Arc<dyn Ledger>,
    size: u64,
    next: u64,
    ahead: VecDeque<JoinHandle<Result<FetchedPage, StoreError>>>,
}

impl Rows {
    /// The first `size` entries.
    pub(super) fn of(ledger: Arc<dyn Ledger>, size: u64) -> Self {
        Self { ledger, size, next: 0, ahead: VecDeque::new() }
    }

    /// The next entries; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<HashedEntry>>, Failure> {
        loop {
            while self.ahead.len() < AHEAD && self.next < self.size {
                let end = self.next.saturating_add(PAGE.into()).min(self.size);
                self.ahead.push_back(tokio::spawn(page(self.ledger.clone(), self.next, end)));
                self.next = end;
            }
            let Some(page) = self.ahead.pop_front() else { return Ok(None) };
            match page.await.map_err(Failure::fault)?.map_err(super::verify::not_read)? {
                FetchedPage::Entries(entries) => return Ok(Some(entries)),
                // A gap may be as wide as numbers go.
                FetchedPage::Later(index) => self.go_on_at(index.min(self.size)),
                FetchedPage::End => self.go_on_at(self.size),
            }
        }
    }

    fn go_on_at(&mut self, index: u64) {
        self.ahead.drain(..).for_each(|page| page.abort());
        self.next = index;
    }
}

/// Pages are asked for before those before them are there, so that each keeps to its own numbers.
async fn page(ledger: Arc<dyn Ledger>, from: u64, end: u64) -> Result<FetchedPage, StoreError> {
    let entries = ledger.entries(from, PAGE).await?;
    let Some(first) = entries.first().map(|entry| entry.leaf.index) else { return Ok(FetchedPage::End) };
    if first >= end {
        return Ok(FetchedPage::Later(first));
    }
    let within = entries.into_iter().filter(|entry| entry.leaf.index < end);
    Ok(FetchedPage::Entries(within.map(HashedEntry::of).collect()))
}
