//! A domain as the rest of Touchstone sees it: everything that is listed of each domain, said once.

use crate::{ActionNote, CodeNote, KeyScope, ReasonNote, Rule, Unique};

/// What a domain declares of itself. The app, the storage adapters, the generated documents and the tests that walk all
/// domains read these lists and no others, so that a domain is registered by naming its constant once.
#[derive(Clone, Copy)]
pub struct Domain {
    /// What the domain is called, such as `identity`; at most one domain has the name.
    pub name: &'static str,
    /// The PostgreSQL schema its tables lie in.
    pub schema: &'static str,
    /// Who may do what: the matrix, rule by rule.
    pub rules: &'static [&'static dyn Rule],
    /// The scopes API keys can be given for its rules.
    pub key_scopes: &'static [KeyScope],
    /// Every action it puts on record, by name.
    pub actions: &'static [ActionNote],
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

impl std::fmt::Debug for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
