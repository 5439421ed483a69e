//! The words every domain of Touchstone shares.
//!
//! A domain crate is written against these types alone: [`Id`]s that cannot be mixed up, the [`Ctx`] that says
//! who asks and how far they may see, the [`UnitOfWork`] that makes a change whole or not at all, and the
//! [`Refusal`] that says no in a form every client can read. Nothing here does I/O.
//!
//! ```
//! use kernel::{Actor, Ctx, Scope, Limit, Refusal};
//!
//! let ctx = Ctx::new(Actor::System, Scope::Worker);
//! assert_eq!(ctx.scope, Scope::Worker);
//!
//! // A limit is checked when it is made; what is wrong is said.
//! let refused = Limit::new(500).unwrap_err();
//! assert_eq!(refused.code(), "request.limit_out_of_range");
//! assert_eq!(Limit::default().get(), 25);
//! ```
#![deny(missing_docs)]

// Macros of this crate name it alike inside and outside.
extern crate self as kernel;

#[doc(hidden)]
pub use {serde, uuid};

mod access;
mod action;
mod aggregate;
mod change;
pub mod claims;
mod context;
mod currency;
mod denial;
pub mod digest;
pub mod document;
mod domain;
pub mod email;
pub mod encoding;
pub mod entitlement;
mod form;
mod health;
mod id;
mod idempotency;
pub mod invitation;
mod key_scope;
mod keyed;
pub mod letters;
mod mail;
mod money;
mod named;
mod notice;
mod offsets;
pub mod outbound;
mod outbox;
mod page;
mod people;
mod personal_data;
mod ports;
mod public_event;
mod quota;
mod refusal;
mod refusals;
mod role;
mod sealing;
mod secret;
mod store;
pub mod task;
pub mod text;
mod timestamp;

pub use access::{AccessDenied, Gate, Permit, Reach, Rule};
pub use action::{ActionNote, OcsfClass, ReasonNote};
pub use change::{Change, Changes, Class, FieldChange, OutboxChangeEntry, Recorded, Target, Timer};
pub use context::{Actor, Assurance, Ctx, IdempotencyKey, Leave, PlatformRole, RequestId, Scope};
pub use currency::{Currency, UnknownCurrency};
pub use denial::{AuditedAttempt, Denial, Denials, Outcome};
pub use digest::Digest;
pub use domain::{Domain, PLATFORM, Tag, rules};
pub use email::EmailAddress;
pub use form::{Form, Formed};
pub use health::{Health, HealthCheck};
pub use id::{
    AccountId, AccountTag, Id, OrganizationId, OrganizationTag, ParseIdError, SessionId, SessionTag,
};
pub use idempotency::{IdempotencyState, IdempotencyStore, IdempotentRequest, SavedTarget};
pub use key_scope::KeyScope;
pub use keyed::{Keyed, Owner};
pub use mail::{
    Attachment, CalendarMethod, CalendarPart, CalendarWriter, LetterWish, Mail, MailError, Mailer, SentFor,
};
pub use money::{Money, MoneyError, Ratio};
pub use named::Named;
pub use notice::{Notice, NoticeKind, NoticePriority, NoticeText, NoticeTextError, Recipients};
pub use offsets::{Boundary, Offsets};
pub use outbox::{
    Admitted, Delivery, DeliveryState, EventHandler, EventHandlerError, Lane, Outbox, OutboxEntry, Room,
};
pub use page::{Cursor, Limit, Page, PageRefusal, PageRequest};
pub use people::{Asking, Member, Members, OrganizationCard, People, Person};
pub use personal_data::{Erasure, PersonalData};
pub use ports::{Clock, Ids, Random, TimeZones};
pub use public_event::PublicEvent;
pub use quota::{Allotment, Quota, QuotaRefused};
pub use refusal::{CodeNote, Kind, Refusal};
pub use role::{NoRole, Role, Roles, UnknownRole};
pub use sealing::{PersonalKey, PersonalKeys, Place, Resealed, Sealing, Unsealable};
pub use secret::Secret;
pub use store::{Store, StoreError, Unique, UnitOfWork};
pub use text::{Name, SingleLine, TextError};
pub use timestamp::{ParseTimestampError, Timestamp};
