//! What is answered, said and concluded in a session: rows of their own, so that keeping one touches nothing else.

pub(super) mod answers;
pub(super) mod ratings;
pub(super) mod turns;

use assessment_engine::InterviewSessionId;
use kernel::StoreError;
use sea_orm::{EntityTrait, QueryFilter as _, sea_query::Expr};

use crate::{driver::Query, tx::Tx};

/// Rows are found by the organisation first; a person's scope does not know it, and asks the session.
fn of_session(session: InterviewSessionId) -> Expr {
    const OF: &str = "session_id = $1 \
                      AND organization_id = (SELECT organization_id FROM assessment.interview_sessions WHERE id = $1)";
    Expr::cust_with_values(OF, [session.uuid()])
}

/// Erases all that was answered, said and concluded in a session.
pub(super) async fn erase(tx: &Tx, session: InterviewSessionId) -> Result<(), StoreError> {
    erase_from::<answers::Entity>(tx, session).await?;
    erase_from::<turns::Entity>(tx, session).await?;
    erase_from::<ratings::Entity>(tx, session).await
}

async fn erase_from<E: EntityTrait>(tx: &Tx, session: InterviewSessionId) -> Result<(), StoreError> {
    let all = tx.of_tenant::<E, _>(E::delete_many().filter(of_session(session)));
    tx.execute(Query::of(&all)).await.map(drop)
}
