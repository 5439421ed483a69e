//! What is served: all the shell is told about an API, so that it names no domain itself.

use actix_web::App;
use kernel::Domain;
use utoipa::openapi::{Info, OpenApi};
use utoipa_actix_web::{AppExt as _, service_config::ServiceConfig};

use super::{health, openapi};

/// An API: its operations, and what the documents say of them.
pub struct Api {
    /// Title, version and introduction of the OpenAPI document.
    pub info: Info,
    /// Adds the operations, such as `http_identity::routes`; only `.service(..)` is described.
    pub routes: fn(&mut ServiceConfig<'_>),
    /// Adds to the description what is no operation, such as the webhooks that are sent.
    pub describe: fn(&mut OpenApi),
    /// The domains they are of, in the order the documentation page shows them: their groups of operations, and the
    /// codes they refuse with.
    pub domains: &'static [&'static Domain],
    /// Paths beside the operations that answer GET; their handlers come with [`super::Parts::services`].
    pub pages: &'static [&'static str],
}

impl Api {
    /// The OpenAPI document, from the routes themselves.
    pub fn document(&self) -> OpenApi {
        let (_, mut document) =
            App::new().into_utoipa_app().configure(|cfg| self.serve(cfg)).split_for_parts();
        (self.describe)(&mut document);
        openapi::complete(&mut document, self);
        document
    }

    /// Adds every operation, and those that tell how the server is.
    pub(crate) fn serve(&self, cfg: &mut ServiceConfig<'_>) {
        cfg.service(health::live).service(health::ready);
        (self.routes)(cfg);
    }
}
