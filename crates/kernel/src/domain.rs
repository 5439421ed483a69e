//! A domain as the rest of Touchstone sees it: everything that is listed of each domain, said once.

use crate::{ActionNote, CodeNote, KeyScope, PublicEvent, QuotaRefused, ReasonNote, Rule, Unique, task};

/// What a domain declares of itself. The app, the storage adapters, the generated documents and the tests that walk all
/// domains read these lists and no others, so that a domain is registered by naming its constant once.
#[derive(Clone, Copy)]
pub struct Domain {
    /// The domain's name, such as `identity`; no other domain has it.
    pub name: &'static str,
    /// The PostgreSQL schema its tables lie in.
    pub schema: &'static str,
    /// Who may do what: the matrix, rule by rule.
    pub rules: &'static [&'static dyn Rule],
    /// The scopes API keys can be given: exactly those its rules ask for.
    pub key_scopes: &'static [KeyScope],
    /// Every action it puts on record, by name.
    pub actions: &'static [ActionNote],
    /// Those of its actions that programs outside can be told of, by their public names.
    pub events: &'static [PublicEvent],
    /// The reasons only the audit trail gives.
    pub reasons: &'static [ReasonNote],
    /// Every code of its own, list by list.
    pub codes: &'static [&'static [CodeNote]],
    /// The constraints that keep its uniqueness rules.
    pub uniques: &'static [Unique],
    /// How its operations are grouped in the OpenAPI document.
    pub tags: &'static [Tag],
}

/// A group of operations in the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// What the group is called.
    pub name: &'static str,
    /// What its operations are about.
    pub description: &'static str,
}

impl Tag {
    /// A group of this name and description.
    pub const fn new(name: &'static str, description: &'static str) -> Self {
        Self { name, description }
    }
}

impl std::fmt::Debug for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The rules of a matrix from all of its actions.
///
/// # Panics
/// If there are none; in a constant that is an error of the compiler.
pub const fn rules<A: Rule + 'static, const N: usize>(actions: &'static [A; N]) -> [&'static dyn Rule; N] {
    let mut rules: [&'static dyn Rule; N] = [&actions[0]; N];
    let mut at = 1;
    while at < N {
        rules[at] = &actions[at];
        at += 1;
    }
    rules
}

/// What the platform itself has beneath all domains: tasks, the outbox, idempotency keys.
pub const PLATFORM: Domain = Domain {
    name: "platform",
    schema: "platform",
    rules: &task::Action::RULES,
    key_scopes: &[],
    actions: &task::ACTIONS,
    events: &[],
    reasons: &[],
    codes: &[task::TaskRefused::CODES, QuotaRefused::CODES],
    uniques: &[],
    tags: &[Tag::new("tasks", "Work that goes on beside requests")],
};
