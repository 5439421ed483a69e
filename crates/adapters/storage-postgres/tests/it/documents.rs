//! What the table of documents refuses, whoever writes.

use sqlx::{AssertSqlSafe, Executor as _, error::DatabaseError};
use storage_postgres::testing::fresh_database;

use crate::support::superuser;

const KEEP: &str = "
INSERT INTO document.documents (organization_id, id, original_filename, file_type, document_category, file_size, sha256,
  active_content, wrapped_key, status, extraction_status, extraction_preview, legal_hold)
VALUES (gen_random_uuid(), gen_random_uuid(), 'cv.pdf', 'pdf', 'cv', 1, sha256(''), '{}', 'sealed', 'available', 'done',
  'sealed', false)";

/// A document has its key while it can be read or scanned, and neither key nor name nor preview afterwards; one that a
/// legal hold keeps is not shredded.
#[tokio::test]
async fn a_document_and_its_content_go_together() {
    let database = fresh_database().await;
    let mut admin = superuser(&database).await;
    admin.execute(KEEP).await.expect("a document");
    let gone = "wrapped_key = NULL, original_filename = NULL, extraction_preview = NULL";
    for (set, constraint) in [
        (gone.to_owned(), Some("documents_content_check")),
        ("status = 'rejected'".to_owned(), Some("documents_content_check")),
        (format!("{gone}, status = 'quarantined'"), Some("documents_content_check")),
        (
            "status = 'shredded', wrapped_key = NULL, extraction_preview = NULL".to_owned(),
            Some("documents_content_check"),
        ),
        (
            "status = 'shredded', wrapped_key = NULL, original_filename = NULL".to_owned(),
            Some("documents_content_check"),
        ),
        (format!("{gone}, status = 'shredded', legal_hold = true"), Some("documents_legal_hold_check")),
        ("related_type = 'candidate'".to_owned(), Some("documents_related_check")),
        ("related_id = id".to_owned(), Some("documents_related_check")),
        ("sha256 = 'short'".to_owned(), Some("documents_sha256_check")),
        ("file_size = -1".to_owned(), Some("documents_file_size_check")),
        ("legal_hold = true".to_owned(), None),
        (format!("{gone}, status = 'rejected'"), None),
        ("status = 'shredded', legal_hold = false".to_owned(), None),
    ] {
        let done = admin.execute(AssertSqlSafe(format!("UPDATE document.documents SET {set}"))).await;
        let refused = done.as_ref().err().and_then(|error| error.as_database_error());
        assert_eq!(refused.and_then(DatabaseError::constraint), constraint, "{set}");
        assert_eq!(done.is_ok(), constraint.is_none(), "{set}");
    }
}
