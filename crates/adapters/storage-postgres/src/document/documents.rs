//! Documents.

use ::document::{ActiveContent, Document, DocumentFilter, DocumentState, FileKind, ports::DocumentRows};
use async_trait::async_trait;
use kernel::{
    AccountId, Digest, OrganizationId, Page, PageRequest, Scope, StoreError, Timestamp,
    document::{self, DocumentCategory, DocumentId, DocumentStatus, ExtractionStatus, FileName},
};
use sea_orm::entity::prelude::*;

use crate::{
    col::{Col, Format, Named, Plain, Unreadable, Word},
    driver::query,
    page::{Direction, Paged as _, empty_page},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "document", table_name = "documents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Col<OrganizationId>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<DocumentId>,
    pub uploaded_by: Option<Col<AccountId>>,
    pub related_type: Option<String>,
    pub related_id: Option<Uuid>,
    pub original_filename: Option<Col<FileName>>,
    pub file_type: Word<FileKind>,
    pub document_category: Word<DocumentCategory>,
    pub file_size: Col<u64>,
    pub sha256: Col<Digest>,
    pub active_content: Col<Vec<ActiveContent>>,
    pub wrapped_key: Option<Vec<u8>>,
    pub status: Word<DocumentStatus>,
    pub reason: Option<String>,
    pub extraction_status: Word<ExtractionStatus>,
    pub extraction_preview: Option<Vec<u8>>,
    pub retain_until: Option<Col<Timestamp>>,
    pub legal_hold: bool,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Format<Vec<ActiveContent>> for Plain {
    type Raw = Vec<String>;

    fn to_raw(kinds: Vec<ActiveContent>) -> Vec<String> {
        kinds.into_iter().map(Named::to_raw).collect()
    }

    fn from_raw(names: Vec<String>) -> Result<Vec<ActiveContent>, Unreadable> {
        names.into_iter().map(Named::from_raw).collect()
    }
}

impl AggregateRow for Document {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let DocumentState {
            id,
            organization,
            uploaded_by,
            related,
            name,
            kind,
            category,
            size,
            sha256,
            active_content,
            key,
            status,
            reason,
            extraction,
            preview,
            retain_until,
            legal_hold,
            created_at,
        } = self.state().clone();
        let (related_type, related_id) = related.map(|related| (related.kind, related.id)).unzip();
        Model {
            organization_id: Col::of(organization),
            id: Col::of(id),
            uploaded_by: uploaded_by.map(Col::of),
            related_type,
            related_id,
            original_filename: name.map(Col::of),
            file_type: Col::of(kind),
            document_category: Col::of(category),
            file_size: Col::of(size),
            sha256: Col::of(sha256),
            active_content: Col::of(active_content),
            wrapped_key: key,
            status: Col::of(status),
            reason,
            extraction_status: Col::of(extraction),
            extraction_preview: preview,
            retain_until: retain_until.map(Col::of),
            legal_hold,
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Document {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let related = row.related_type.zip(row.related_id);
        let state = DocumentState {
            id: row.id.0,
            organization: row.organization_id.0,
            uploaded_by: row.uploaded_by.map(Col::into_inner),
            related: related.map(|(kind, id)| document::Related { kind, id }),
            name: row.original_filename.map(Col::into_inner),
            kind: row.file_type.0,
            category: row.document_category.0,
            size: row.file_size.0,
            sha256: row.sha256.0,
            active_content: row.active_content.0,
            key: row.wrapped_key,
            status: row.status.0,
            reason: row.reason,
            extraction: row.extraction_status.0,
            preview: row.extraction_preview,
            retain_until: row.retain_until.map(Col::into_inner),
            legal_hold: row.legal_hold,
            created_at: row.created_at.0,
        };
        Ok(Self::restore(state, row.version))
    }
}

const BYTES: &str = "
SELECT coalesce(sum(file_size), 0)::bigint AS bytes FROM document.documents WHERE organization_id = $1 AND has_content";

#[async_trait]
impl DocumentRows for PostgresUnit {
    async fn document(&mut self, id: DocumentId) -> Result<Option<Document>, StoreError> {
        self.tx.find_one(Entity::find().filter(Column::Id.eq(id.uuid()))).await
    }

    async fn documents(
        &mut self,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<Document>, StoreError> {
        self.tx.ensure_open()?;
        let Scope::Tenant(organization) = self.ctx.scope else { return Ok(empty_page()) };
        let list = ("documents", organization, filter);
        let DocumentFilter { category, related, unattached_of } = filter;
        let mut rows = Entity::find();
        if let Some(category) = category {
            rows = rows.filter(Column::DocumentCategory.eq(category.name()));
        }
        if let Some(document::Related { kind, id }) = related {
            rows = rows.filter(Column::RelatedType.eq(kind)).filter(Column::RelatedId.eq(*id));
        }
        if let Some(account) = unattached_of {
            rows = rows.filter(Column::RelatedId.is_null()).filter(Column::UploadedBy.eq(account.uuid()));
        }
        let rows = rows.page((Column::CreatedAt, Column::Id), Direction::NewestFirst, page, &list)?;
        let found = self.tx.find_all(rows).await?;
        Ok(Page::cut(found, page, &list, |of: &Document| (of.created_at, of.id.uuid())))
    }

    async fn document_bytes(&mut self, of: OrganizationId) -> Result<u64, StoreError> {
        self.tx.ensure_open()?;
        if !self.tx.can_read_entity::<Entity>() {
            return Ok(0);
        }
        let row = self.tx.fetch_optional(query(BYTES).bind(of.uuid())).await?;
        let bytes = row.map(|row| self.tx.get::<i64>(&row, "bytes")).transpose()?;
        Ok(bytes.unwrap_or_default().unsigned_abs())
    }

    async fn save_document(&mut self, document: &mut Document) -> Result<(), StoreError> {
        self.save(document).await
    }

    async fn save_resealed_document(&mut self, document: &Document) -> Result<(), StoreError> {
        self.save_unrecorded(document).await
    }
}
