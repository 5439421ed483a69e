//! What the domain knows of values, as the description tells it: see [`http_shell::schema`].

use http_shell::{NamedSchema, TextSchema};
use kernel::{Form, Formed};

pub(crate) type AccountStatus = NamedSchema<identity::AccountStatus>;
pub(crate) type Assurance = NamedSchema<kernel::Assurance>;
pub(crate) type InvitationStatus = NamedSchema<identity::InvitationStatus>;
pub(crate) type OrganizationStatus = NamedSchema<identity::OrganizationStatus>;
pub(crate) type PlatformRole = NamedSchema<kernel::PlatformRole>;
pub(crate) type Role = NamedSchema<identity::Role>;

pub(crate) type EmailAddress = TextSchema<identity::EmailAddress>;
pub(crate) type Name = TextSchema<identity::Name>;
pub(crate) type OneTimeToken = TextSchema<MailedToken>;
pub(crate) type Slug = TextSchema<identity::Slug>;
pub(crate) type TotpCode = TextSchema<SixDigits>;
pub(crate) type WebAddress = TextSchema<identity::WebAddress>;

/// The token in a mailed link.
pub(crate) enum MailedToken {}

impl Formed for MailedToken {
    const NAME: &'static str = "OneTimeToken";
    const FORM: Form = Form::of(43, 43, "^[A-Za-z0-9_-]+$");
}

/// What an authenticator app shows.
pub(crate) enum SixDigits {}

impl Formed for SixDigits {
    const NAME: &'static str = "TotpCode";
    const FORM: Form = Form::of(6, 6, "^[0-9]+$");
}
