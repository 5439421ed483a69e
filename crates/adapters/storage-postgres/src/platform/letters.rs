//! What became of letters that ask people for something.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows pub")]

use async_trait::async_trait;
use kernel::{
    OrganizationId, StoreError, Timestamp,
    invitation::Invited,
    letters::{LetterHistory, LetterOutcome, LetterStatus, Letters, Links},
};
use sea_orm::entity::prelude::*;

use crate::{
    col::{Col, Word},
    read::FromRow,
    unit::PostgresUnit,
    upsert::replace,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "platform", table_name = "letters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub about_id: Uuid,
    pub kind: Col<u8>,
    pub parent_id: Option<Uuid>,
    pub letter_id: Option<Uuid>,
    pub status: Option<Word<LetterStatus>>,
    pub code: Option<String>,
    pub status_at: Option<Col<Timestamp>>,
    pub links_from: Option<Col<Timestamp>>,
    pub newest_link_at: Option<Col<Timestamp>>,
    pub earlier_links_until: Option<Col<Timestamp>>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    fn of(LetterHistory { about, newest, links }: &LetterHistory) -> Self {
        let (newest_link_at, earlier_links_until) = links.newest.unzip();
        Self {
            organization_id: Col::of(about.organization),
            about_id: about.id,
            kind: Col::of(about.kind),
            parent_id: about.parent,
            letter_id: newest.as_ref().map(|of| of.letter),
            status: newest.as_ref().map(|of| Col::of(of.status)),
            code: newest.as_ref().and_then(|of| of.code.clone()),
            status_at: newest.as_ref().map(|of| Col::of(of.at)),
            links_from: links.from.map(Col::of),
            newest_link_at: newest_link_at.map(Col::of),
            earlier_links_until: earlier_links_until.map(Col::of),
            version: 1,
        }
    }
}

impl FromRow<Model> for LetterHistory {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let about = Invited {
            kind: row.kind.0,
            organization: row.organization_id.0,
            parent: row.parent_id,
            id: row.about_id,
        };
        let outcome = row.letter_id.zip(row.status).zip(row.status_at);
        let newest = outcome.map(|((letter, status), at)| LetterOutcome {
            letter,
            status: status.0,
            code: row.code,
            at: at.0,
        });
        let newest_link = row.newest_link_at.zip(row.earlier_links_until);
        let links = Links {
            from: row.links_from.map(Col::into_inner),
            newest: newest_link.map(|(at, until)| (at.0, until.0)),
        };
        Ok(Self { about, newest, links })
    }
}

#[async_trait]
impl Letters for PostgresUnit {
    async fn letters(
        &mut self,
        organization: OrganizationId,
        about: &[Uuid],
    ) -> Result<Vec<LetterHistory>, StoreError> {
        let of = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::AboutId.eq_any(about.to_vec()));
        self.tx.find_all(of).await
    }

    async fn letters_with(&mut self, letter: Uuid) -> Result<Option<LetterHistory>, StoreError> {
        self.tx.find_one(Entity::find().filter(Column::LetterId.eq(letter))).await
    }

    async fn put_letters(&mut self, history: &LetterHistory) -> Result<(), StoreError> {
        let columns = [
            Column::LetterId,
            Column::Status,
            Column::Code,
            Column::StatusAt,
            Column::LinksFrom,
            Column::NewestLinkAt,
            Column::EarlierLinksUntil,
        ];
        let conflict = replace([Column::OrganizationId, Column::AboutId], columns, Column::Version);
        self.tx.put(Model::of(history), conflict).await.map(drop)
    }
}
