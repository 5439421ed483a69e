//! Proofs for anyone: hashes and numbers alone, so that nobody has to say who they are.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, VARY},
};
use audit::{
    Checkpoint, ConsistencyProof, Hash, SignedCheckpoint,
    event::EventId,
    prover::{Inclusion, Vouched},
};
use http_shell::{HandlerResult, PathParams, Problem, Query, preferred};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::Provers;

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_checkpoint).service(get_consistency).service(get_inclusion);
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";
/// A new checkpoint may be signed every ten seconds.
const FOR_SECONDS: &str = "public, max-age=5";
/// A log only grows: what was proved once stays proved.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// The newest checkpoint: what the log was at a size, signed.
#[derive(Serialize, ToSchema)]
#[schema(as = audit::Checkpoint, example = json!({
    "origin": "touchstone/audit/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "size": 20431,
    "root": "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
    "note": "touchstone/audit/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6\n20431\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— touchstone/audit/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6 Az3grl…\n",
    "key": "touchstone/audit/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "signed_at": "2026-11-20T12:00:00Z"
}))]
struct CheckpointView {
    /// Which log it is.
    origin: String,
    /// How many events it vouches for.
    size: u64,
    /// The root of the Merkle tree over their hashes (RFC 9162, SHA-256), in Base64.
    #[schema(value_type = String)]
    root: Hash,
    /// The signed note that says so (C2SP tlog-checkpoint), whole.
    note: String,
    /// The key that verifies it, as C2SP signed-note writes verifier keys.
    key: String,
    signed_at: Timestamp,
}

impl CheckpointView {
    fn of(Vouched { checkpoint, key }: Vouched) -> Result<Self, Problem> {
        let signed = SignedCheckpoint::parse(checkpoint.note.as_bytes());
        let signed =
            signed.map_err(|error| Problem::fault(&format_args!("the newest checkpoint: {error}")))?;
        let Checkpoint { origin, size, root } = signed.unverified().clone();
        let signed_at = checkpoint.signed_at;
        Ok(Self { origin: origin.to_string(), size, root, note: checkpoint.note, key, signed_at })
    }
}

/// The newest signed checkpoint of the log. For everyone; `Accept: text/plain` gives the note alone.
#[utoipa::path(
    operation_id = "audit.get_checkpoint", tag = "audit",
    responses((status = 200, description = "It",
            content((CheckpointView = "application/json"), (String = "text/plain"))),
        (status = 503, description = "`audit.no_checkpoint`: none was signed yet; see `Retry-After`"))
)]
#[get("/v1/audit/checkpoint")]
async fn get_checkpoint(req: HttpRequest, prover: Provers) -> HandlerResult {
    let vouched = prover.checkpoint().await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, FOR_SECONDS)).insert_header((VARY, "accept, accept-encoding"));
    if preferred(&req, &[JSON, TEXT]) == TEXT {
        return Ok(answer.content_type("text/plain; charset=utf-8").body(vouched.checkpoint.note));
    }
    Ok(answer.json(CheckpointView::of(vouched)?))
}

/// Between which sizes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sizes {
    /// The smaller number of events, at least 1.
    #[param(minimum = 1, example = 1200)]
    from: u64,
    /// The larger one, or the same.
    #[param(minimum = 1, example = 20431)]
    to: u64,
}

/// Shows that the log of `to` events begins with the log of `from` events (RFC 9162, section 2.1.4).
#[derive(Serialize, ToSchema)]
#[schema(as = audit::Consistency, example = json!({
    "from": 1200, "to": 20431, "path": ["CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="]
}))]
struct ConsistencyView {
    from: u64,
    to: u64,
    /// Hashes in Base64, from below.
    #[schema(value_type = Vec<String>)]
    path: Vec<Hash>,
}

/// That the log only grew from one size to another. For everyone.
#[utoipa::path(
    operation_id = "audit.get_consistency", tag = "audit", params(Sizes),
    responses((status = 200, description = "The proof", body = ConsistencyView),
        (status = 422, description = "`audit.size_out_of_range`: `from` is 0, or larger than `to`, or `to` is beyond the log"))
)]
#[get("/v1/audit/consistency")]
async fn get_consistency(Query(Sizes { from, to }): Query<Sizes>, prover: Provers) -> HandlerResult {
    let ConsistencyProof { from, to, path } = prover.consistency(from, to).await?;
    let view = ConsistencyView { from, to, path };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, FOR_GOOD)).json(view))
}

/// Shows that an event is in the log the checkpoint vouches for (RFC 9162, section 2.1.3). Kept as a file it verifies
/// without this server: `touchstone audit verify --event <file> --proof <file>`.
#[derive(Serialize, ToSchema)]
#[schema(as = audit::Inclusion, example = json!({
    "event_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6",
    "leaf_hash": "eRPNbT5mFwWQRJaGl7gzFYzJIFMCu1tbLyJSvwxQAmg=", "index": 20417, "size": 20431,
    "path": ["CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="],
    "checkpoint": "touchstone/audit/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6\n20431\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— touchstone/audit/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6 Az3grl…\n",
    "key": "touchstone/audit/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
}))]
struct InclusionView {
    event_id: Uuid,
    /// SHA-256 of a zero octet and the event in canonical form (RFC 8785), in Base64.
    #[schema(value_type = String)]
    leaf_hash: Hash,
    /// The event's place in the log, from 0.
    index: u64,
    /// How many events the checkpoint vouches for.
    size: u64,
    /// Hashes in Base64, from below.
    #[schema(value_type = Vec<String>)]
    path: Vec<Hash>,
    /// The signed note, whole.
    checkpoint: String,
    /// The key that verifies it.
    key: String,
}

impl From<Inclusion> for InclusionView {
    fn from(Inclusion { event, leaf, proof, vouched }: Inclusion) -> Self {
        Self {
            event_id: event.uuid(),
            leaf_hash: leaf,
            index: proof.index,
            size: proof.size,
            path: proof.path,
            checkpoint: vouched.checkpoint.note,
            key: vouched.key,
        }
    }
}

/// That an event is in the log. For everyone: it tells hashes and numbers alone.
#[utoipa::path(
    operation_id = "audit.get_inclusion", tag = "audit",
    responses((status = 200, description = "The proof", body = InclusionView),
        (status = 503, description = "`audit.not_covered`: the event is newer than the newest checkpoint; see `Retry-After`"))
)]
#[get("/v1/audit/events/{event_id}/proof")]
async fn get_inclusion(id: PathParams<EventId>, prover: Provers) -> HandlerResult {
    let view = InclusionView::from(prover.inclusion(*id).await?);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, FOR_SECONDS)).json(view))
}
