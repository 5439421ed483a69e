//! The actions the domains list, and how each is exported.

use kernel::{ActionNote, Domain, OcsfClass};

/// Every action the domains list, by name.
#[derive(Debug)]
pub struct Actions(Vec<ActionNote>);

impl Actions {
    /// Those of these domains.
    pub fn of(domains: &[&Domain]) -> Self {
        let mut all: Vec<ActionNote> = domains.iter().flat_map(|domain| domain.actions).copied().collect();
        all.sort_by_key(|note| note.action);
        Self(all)
    }

    /// All of them, by name.
    pub fn all(&self) -> &[ActionNote] {
        &self.0
    }

    /// The class of the Open Cybersecurity Schema Framework (<https://schema.ocsf.io>) an action belongs to. What no
    /// domain lists, such as reading the trail itself, is API activity.
    pub fn class(&self, action: &str) -> OcsfClass {
        let listed = self.0.binary_search_by_key(&action, |note| note.action).ok();
        listed.map_or(OcsfClass::ApiActivity, |place| self.0[place].class)
    }
}
