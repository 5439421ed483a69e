//! The HTTP API end to end, on real sockets, over both kinds of storage.

mod answers;
mod assessment;
mod audit;
mod conventions;
mod demotions;
mod documents;
mod flows;
mod identity;
mod lanes;
mod letters;
mod neighbours;
mod notification_mails;
mod notifications;
pub(crate) mod openapi;
mod organization_letters;
mod permissions;
mod personal_data;
mod quotas;
mod refusals;
mod schemas;
mod webhooks;
mod world;
