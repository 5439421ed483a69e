//! Assessments over HTTP, on both kinds of storage.

mod authoring;
mod campaigns;
mod coaching;
mod flights;
mod marketplace;
mod participants;
mod ratings;
mod results;
pub(super) mod sessions;

use kernel::OrganizationId;
use serde_json::Value;

use super::world::Server;

async fn servers() -> [Server; 2] {
    [Server::on_memory().await, Server::on_postgres().await]
}

/// Where the assessments of an organisation are.
fn place(organization: OrganizationId) -> String {
    format!("/v1/organizations/{organization}/custom-assessments")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
