//! What became of letters that ask people for something.

use async_trait::async_trait;
use kernel::{
    OrganizationId, Scope, StoreError,
    letters::{LetterHistory, Letters},
};
use uuid::Uuid;

use crate::{
    key::{Key, RowId},
    row::{Access, Row, if_allowed},
    unit::MemoryUnit,
};

fn newest(letter: Uuid) -> Key {
    Key::new("newest letter").uuid(letter)
}

impl Row for LetterHistory {
    fn row_id(&self) -> RowId {
        RowId::of_uuid(self.about.id)
    }
    fn keys(&self) -> Vec<Key> {
        self.newest.iter().map(|of| newest(of.letter)).collect()
    }
    fn access(&self, scope: Scope) -> Access {
        let inside = scope == Scope::Tenant(self.about.organization);
        if_allowed(inside || matches!(scope, Scope::Identity | Scope::Worker), Access::Full)
    }
}

#[async_trait]
impl Letters for MemoryUnit {
    async fn letters(
        &mut self,
        organization: OrganizationId,
        about: &[Uuid],
    ) -> Result<Vec<LetterHistory>, StoreError> {
        self.read(|view| {
            let found = about.iter().filter_map(|id| view.get::<LetterHistory>(RowId::of_uuid(*id)));
            let own = |of: &&LetterHistory| of.visible(view.scope) && of.about.organization == organization;
            found.filter(own).cloned().collect()
        })
    }

    async fn letters_with(&mut self, letter: Uuid) -> Result<Option<LetterHistory>, StoreError> {
        Ok(self.list(&newest(letter), |_: &LetterHistory| true)?.pop())
    }

    async fn put_letters(&mut self, history: &LetterHistory) -> Result<(), StoreError> {
        self.put(history.clone())
    }
}
