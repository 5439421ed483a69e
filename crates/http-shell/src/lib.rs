//! The HTTP shell: everything between a socket and a domain service, so that a handler only parses, calls and
//! answers.
//!
//! It names no domain: an [`Api`] tells it which routes there are. [`server::app`] puts it together, for the real
//! server and for tests alike. What a handler needs is re-exported here.
//!
//! # Handlers
//!
//! A handler parses, calls one service method, and maps the answer. All of them look like this:
//!
//! ```
//! use actix_web::{HttpRequest, get, patch, post, web::Data};
//! use kernel::{Ctx, OrganizationId, StoreError};
//! use serde::{Deserialize, Serialize};
//! use http_shell::{
//!     Caller, Checker, Field, HandlerResult, Idempotent, IfMatch, Json, PathParams, Problem, created, tagged,
//!     versioned,
//! };
//! use utoipa::ToSchema;
//! # use kernel::Name;
//! # struct Team { id: OrganizationId, name: String, version: i64 }
//! # #[derive(Clone)] struct Teams;
//! # impl Teams {
//! #     async fn found(&self, _: &Ctx, _: Name) -> Result<Team, StoreError> { todo!() }
//! #     async fn get(&self, _: &Ctx, _: OrganizationId) -> Result<Team, StoreError> { todo!() }
//! #     async fn edit(&self, _: &Ctx, _: OrganizationId, _: i64, _: Option<Name>) -> Result<Team, StoreError> {
//! #         todo!()
//! #     }
//! # }
//!
//! /// A team to be founded.
//! #[derive(Debug, Deserialize, ToSchema)]
//! #[serde(deny_unknown_fields)]
//! #[schema(as = NewTeam)]
//! struct NewTeam {
//!     /// What it is called, 1 to 120 characters.
//!     #[schema(example = "Research", min_length = 1, max_length = 120)]
//!     name: String,
//! }
//!
//! impl NewTeam {
//!     fn check(&self) -> Result<Name, Problem> {
//!         let mut check = Checker::new();
//!         let name = check.take("/name", Name::new(&self.name));
//!         check.finish(name)
//!     }
//! }
//!
//! /// A change of a team: fields that are left out stay as they are.
//! #[derive(Debug, Deserialize, ToSchema)]
//! #[serde(deny_unknown_fields)]
//! #[schema(as = TeamChange)]
//! struct TeamChange {
//!     /// What it is called from now on; cannot be taken away.
//!     #[serde(default)]
//!     #[schema(value_type = Option<String>, nullable = false, example = "Discovery")]
//!     name: Field<String>,
//! }
//!
//! impl TeamChange {
//!     fn check(self) -> Result<Option<Name>, Problem> {
//!         let mut check = Checker::new();
//!         let name = check.replace("/name", self.name, |name| Name::new(&name));
//!         check.finish(name)
//!     }
//! }
//!
//! /// A team.
//! #[derive(Debug, Serialize, ToSchema)]
//! #[schema(as = Team)]
//! struct TeamView {
//!     #[schema(value_type = uuid::Uuid)]
//!     id: OrganizationId,
//!     name: String,
//! }
//! # impl From<&Team> for TeamView { fn from(team: &Team) -> Self { Self { id: team.id, name: team.name.clone() } } }
//!
//! /// Found a team.
//! ///
//! /// Anyone who is signed in.
//! #[utoipa::path(
//!     operation_id = "teams.found",
//!     tag = "identity",
//!     security(("bearer" = [])),
//!     params(Idempotent),
//!     request_body(content = NewTeam, example = json!({ "name": "Research" })),
//!     responses(
//!         (status = 201, description = "It was founded", body = TeamView,
//!             example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "name": "Research" })),
//!         (status = 409, description = "`teams.name_taken`"),
//!     ),
//! )]
//! #[post("/v1/teams")]
//! async fn found(
//!     ctx: Caller,
//!     idempotent: Idempotent,
//!     body: Json<NewTeam>,
//!     teams: Data<Teams>,
//! ) -> HandlerResult {
//!     let name = body.check()?;
//!     let respond = |team: Team| created(format!("/v1/teams/{}", team.id), team.version, &TeamView::from(&team));
//!     idempotent.run(
//!         &ctx,
//!         &body.raw(),
//!         async |ctx| Ok(respond(teams.found(ctx, name).await?)),
//!         async |ctx, saved| {
//!             let saved = saved.ok_or_else(Problem::not_found)?;
//!             Ok(respond(teams.get(ctx, OrganizationId::from_uuid(saved.id)).await?))
//!         },
//!     )
//!     .await
//! }
//!
//! /// A team.
//! #[utoipa::path(
//!     operation_id = "teams.get",
//!     tag = "identity",
//!     security(("bearer" = []), ("api_key" = [])),
//!     responses(
//!         (status = 200, description = "It", body = TeamView,
//!             example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "name": "Research" })),
//!         (status = 304, description = "It is still what `If-None-Match` says"),
//!     ),
//! )]
//! #[get("/v1/teams/{team_id}")]
//! async fn get_one(
//!     req: HttpRequest,
//!     ctx: Caller,
//!     PathParams(team): PathParams<OrganizationId>,
//!     teams: Data<Teams>,
//! ) -> HandlerResult {
//!     let team = teams.get(&ctx, team).await?;
//!     Ok(tagged(&req, team.version, &TeamView::from(&team)))
//! }
//!
//! /// Change a team.
//! #[utoipa::path(
//!     operation_id = "teams.edit",
//!     tag = "identity",
//!     security(("bearer" = [])),
//!     params(IfMatch),
//!     request_body(content = TeamChange, content_type = "application/merge-patch+json",
//!         example = json!({ "name": "Discovery" })),
//!     responses((status = 200, description = "As it is now", body = TeamView,
//!         example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "name": "Discovery" }))),
//! )]
//! #[patch("/v1/teams/{team_id}")]
//! async fn edit(
//!     ctx: Caller,
//!     PathParams(team): PathParams<OrganizationId>,
//!     IfMatch(version): IfMatch,
//!     body: Json<TeamChange>,
//!     teams: Data<Teams>,
//! ) -> HandlerResult {
//!     let team = teams.edit(&ctx, team, version, body.into_inner().check()?).await?;
//!     Ok(versioned(team.version, &TeamView::from(&team)))
//! }
//! ```
//!
//! What goes without saying is added to the description by [`openapi`]: 400, 408, 413, 415 and 422 where
//! there is a body, 401 where there is `security`, 403 with the codes of the gate where there is `security`, too, 404
//! where the path names something, 412 and 428 with `IfMatch`, 409 with `Idempotent`, 429, 500 and 503 everywhere, and
//! the body of every error. So a handler lists what is its own: success, and the codes of its domain that it can be
//! refused with, each under its status.
//!
//! Extractors run in the order of the arguments: take the [`Caller`] first, so that a stranger learns
//! nothing else, and the body last.
#![deny(missing_docs)]

pub mod accept;
pub mod admin;
pub mod allowed_methods;
pub mod api;
pub mod checker;
pub mod connections;
pub mod context;
mod delivery;
pub mod extract;
pub mod health;
pub mod idempotency;
pub mod layers;
pub mod openapi;
pub mod problem;
pub mod proxies;
pub mod response;
pub mod schema;
pub mod server;
pub mod settings;
pub mod state;
pub mod tasks;
mod unsubscribing;

#[cfg(test)]
mod tests;

pub use accept::preferred;
pub use api::Api;
pub use checker::{Checked, Checker, named};
pub use context::{Anonymous, Authenticator, Caller, bearer_token, proved};
pub use delivery::DeliveryView;
pub use extract::{
    Document, Field, IfMatch, Json, ListQuery, OptionalJson, PageQuery, PathParams, Query, Text,
};
pub use idempotency::Idempotent;
pub use layers::Deadline;
pub use problem::Problem;
pub use response::{
    AsItCame, HandlerResult, Paged, accepted, created, has, no_content, not_modified, ok, tagged, versioned,
};
pub use schema::{NamedSchema, TextSchema};
pub use settings::Settings;
pub use state::{AppState, Parts};
pub use unsubscribing::UnsubscribeToken;

/// Any JSON object. It has a name of its own because utoipa tells types by their names: a `Value` would be described as
/// anything at all.
pub type Object = serde_json::Value;
