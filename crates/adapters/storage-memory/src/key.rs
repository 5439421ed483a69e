//! What every row is found by, whatever it holds: an id, and keys made of plain bytes.

use kernel::{AccountId, Digest, EmailAddress, Id, OrganizationId, Unique};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Identifies a row among those of its type, and orders rows of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct RowId {
    of: Uuid,
    part: Uuid,
}

impl RowId {
    /// The row of a thing that has one.
    pub(crate) const fn of<T>(thing: Id<T>) -> Self {
        Self::of_uuid(thing.uuid())
    }

    /// The row of a thing that has one.
    pub(crate) const fn of_uuid(thing: Uuid) -> Self {
        Self::pair(thing, Uuid::nil())
    }

    /// The row of a thing that belongs to another.
    pub(crate) const fn pair(of: Uuid, part: Uuid) -> Self {
        Self { of, part }
    }

    /// The row with a number in a thing.
    pub(crate) const fn numbered<T>(of: Id<T>, number: u32) -> Self {
        Self::pair(of.uuid(), Uuid::from_u128(number as u128))
    }

    /// The row with a name in a thing. Half a SHA-256 stands for the name: no two names share it by chance.
    pub(crate) fn named(of: Uuid, name: &[u8]) -> Self {
        let Digest(digest) = Digest::of(name);
        Self::pair(of, Uuid::from_bytes(std::array::from_fn(|at| digest[at])))
    }

    /// What it is the row of, or in.
    pub(crate) const fn thing(self) -> Uuid {
        self.of
    }
}

/// What rows of a type are found by, besides their id: the name of the key, then the values that make it up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    name: &'static str,
    values: Vec<u8>,
}

impl Key {
    /// Every row of the type.
    pub(crate) const ALL: Self = Self::new("all");

    /// The key of this name. Those who put rows under it and those who look there add the same values in one order.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, values: Vec::new() }
    }

    /// A key only one row may have.
    pub(crate) const fn unique(rule: Unique) -> Self {
        Self::new(rule.0)
    }

    /// The rule that makes it unique.
    pub(crate) const fn rule(&self) -> Unique {
        Unique(self.name)
    }

    /// What belongs to an organisation.
    pub(crate) fn organization(id: OrganizationId) -> Self {
        Self::new("organization").id(id)
    }

    /// What belongs to an account.
    pub(crate) fn account(id: AccountId) -> Self {
        Self::new("account").id(id)
    }

    /// What a mailbox is told of, however its address is spelt.
    pub(crate) fn email(address: &EmailAddress) -> Self {
        Self::new("email").email_address(address)
    }

    /// What belongs to a thing, such as the versions of an assessment or the answers of a session.
    pub(crate) fn parent<T>(id: Id<T>) -> Self {
        Self::new("parent").id(id)
    }

    pub(crate) fn id<T>(self, id: Id<T>) -> Self {
        self.uuid(id.uuid())
    }

    pub(crate) fn uuid(self, id: Uuid) -> Self {
        self.bytes(id.as_bytes())
    }

    pub(crate) fn digest(self, digest: &Digest) -> Self {
        self.bytes(&digest.0)
    }

    pub(crate) fn email_address(self, address: &EmailAddress) -> Self {
        self.text(&address.normalized())
    }

    /// A text, and a byte after it that no text holds: what follows is not taken for a part of it.
    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0xFF])
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.values.extend_from_slice(bytes);
        self
    }
}
