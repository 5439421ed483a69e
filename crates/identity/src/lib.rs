//! Accounts, organisations, sessions and everything that proves who somebody is.
#![deny(missing_docs)]

pub mod account;
pub mod admin_settings;
pub mod api_key;
pub mod credentials;
pub mod digest;
pub mod directory;
pub mod email;
mod encoding;
pub mod invitation;
pub mod membership;
pub mod one_time_token;
pub mod organization;
pub mod permission;
pub mod registration;
pub mod role;
pub mod rotation;
pub mod second_factor;
pub mod session;
pub mod streak;
pub mod text;
pub mod throttle;
pub mod unit;

pub use account::{Account, AccountState, AccountStatus, PasswordHash, Preferences, Profile};
pub use admin_settings::{AdminSettings, AdminSettingsState};
pub use api_key::{ApiKey, ApiKeyId, ApiKeyState};
pub use digest::Digest;
pub use directory::Directory;
pub use email::EmailAddress;
pub use invitation::{Invitation, InvitationId, InvitationState, InvitationStatus};
pub use membership::{Membership, MembershipId, MembershipState, MembershipStatus};
pub use one_time_token::{OneTimeToken, OneTimeTokenId, OneTimeTokenState, Purpose};
pub use organization::{Organization, OrganizationProfile, OrganizationState, OrganizationStatus};
pub use permission::{Action, KeyScope, Reach};
pub use registration::{Registration, RegistrationId, RegistrationState};
pub use role::{Role, Roles};
pub use rotation::{RefreshRotation, Rotation};
pub use second_factor::{FactorStatus, RecoveryCode, SecondFactor, SecondFactorId, SecondFactorState};
pub use session::{EndReason, Lifetime, NewSession, Session, SessionState};
pub use streak::Streak;
pub use text::{Line, Name, Slug, TextError, WebAddress};
pub use throttle::Throttle;
pub use unit::{IdentityUnit, Unit};
