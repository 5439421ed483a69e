//! What several routes of the domain show.

use http_shell::{Checked, Checker, Object, named};
use identity::{Account, Membership, Organization, Role, Roles, Session, directory::MemberOrganization};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::schemas;

/// A person's account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = identity::Account, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "email": "ann@example.org", "is_email_verified": true, "pending_email": null, "full_name": "Ann Lee", "display_name": "Ann", "avatar_url": null, "profession": "Nurse", "timezone": "Europe/Vienna", "preferences": { "theme": "dark" }, "platform_role": "user", "status": "active", "is_active": true, "login_streak": 3, "login_streak_max": 8, "login_streak_last_date": "2026-11-20", "quiz_streak": 0, "quiz_streak_max": 0, "quiz_streak_last_date": null, "last_login_at": "2026-11-20T12:00:00Z", "password_expires_at": null, "created_at": "2026-11-20T12:00:00Z", "version": 4 }))]
pub(super) struct AccountView {
    id: Uuid,
    /// `null` once erased.
    #[schema(example = "ann@example.org")]
    email: Option<String>,
    is_email_verified: bool,
    /// The address it is about to change to.
    pending_email: Option<String>,
    full_name: Option<String>,
    display_name: Option<String>,
    avatar_url: Option<String>,
    profession: Option<String>,
    /// IANA name of the time zone the streaks follow.
    #[schema(example = "Europe/Vienna")]
    timezone: String,
    /// Whatever clients keep: a JSON object of at most 16 KiB. `language` in it, a tag such as `de-CH` (BCP 47), is the
    /// language the person wants to be addressed in.
    preferences: Object,
    #[schema(value_type = schemas::PlatformRole)]
    platform_role: &'static str,
    #[schema(value_type = schemas::AccountStatus)]
    status: &'static str,
    is_active: bool,
    /// Days in a row with a login.
    login_streak: i32,
    login_streak_max: i32,
    #[schema(format = Date)]
    login_streak_last_date: Option<String>,
    /// Days in a row with a quiz.
    quiz_streak: i32,
    quiz_streak_max: i32,
    #[schema(format = Date)]
    quiz_streak_last_date: Option<String>,
    last_login_at: Option<Timestamp>,
    /// Until when a temporary password works: nothing can be done before it is changed. `null` where the owner chose
    /// the password.
    password_expires_at: Option<Timestamp>,
    created_at: Timestamp,
    /// The same number as in `ETag`.
    version: i64,
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> Self {
        let profile = &account.profile;
        Self {
            id: account.id.uuid(),
            email: account.email.as_ref().map(ToString::to_string),
            is_email_verified: account.email_verified_at.is_some(),
            pending_email: account.pending_email.as_ref().map(ToString::to_string),
            full_name: profile.full_name.as_ref().map(ToString::to_string),
            display_name: profile.display_name.as_ref().map(ToString::to_string),
            avatar_url: profile.avatar_url.as_ref().map(|url| url.as_str().to_owned()),
            profession: profile.profession.as_ref().map(ToString::to_string),
            timezone: profile.timezone.clone(),
            preferences: profile.preferences.to_json(),
            platform_role: account.platform_role.name(),
            status: account.status.name(),
            is_active: account.is_active(),
            login_streak: account.login_streak.current,
            login_streak_max: account.login_streak.max,
            login_streak_last_date: account.login_streak.last_date.map(|day| day.to_string()),
            quiz_streak: account.quiz_streak.current,
            quiz_streak_max: account.quiz_streak.max,
            quiz_streak_last_date: account.quiz_streak.last_date.map(|day| day.to_string()),
            last_login_at: account.last_login_at,
            password_expires_at: account.password_expires_at,
            created_at: account.created_at,
            version: account.version(),
        }
    }
}

/// One sign-in on one device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = identity::Session, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "is_current": true, "user_agent": "curl/8.5.0", "ip_address": "192.0.2.7", "assurance": "aal1", "created_at": "2026-11-20T12:00:00Z", "last_used_at": "2026-11-20T12:00:00Z", "expires_at": "2026-12-04T12:00:00Z" }))]
pub(super) struct SessionView {
    id: Uuid,
    /// Whether it is the session of this request.
    is_current: bool,
    user_agent: Option<String>,
    /// Where it was begun from.
    ip_address: Option<String>,
    /// `aal1` with one factor, `aal2` with two.
    #[schema(value_type = schemas::Assurance)]
    assurance: &'static str,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
}

impl SessionView {
    pub(super) fn of(session: &Session, current: Option<kernel::SessionId>) -> Self {
        Self {
            id: session.id.uuid(),
            is_current: current == Some(session.id),
            user_agent: session.user_agent.clone(),
            ip_address: session.address.map(|address| address.to_string()),
            assurance: session.assurance.name(),
            created_at: session.created_at,
            last_used_at: session.rotated_at,
            expires_at: session.expires_at.min(session.idle_expires_at),
        }
    }
}

/// An organisation, with what the reader is in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = identity::Organization, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "name": "North Wind", "slug": "north-wind", "requires_second_factor": false, "settings": {}, "status": "active", "roles": ["owner"], "created_at": "2026-11-20T12:00:00Z", "version": 1 }))]
pub(super) struct OrganizationView {
    id: Uuid,
    #[schema(example = "North Wind")]
    name: String,
    #[schema(example = "north-wind")]
    slug: Option<String>,
    /// Whether all members need a second factor.
    requires_second_factor: bool,
    /// Whatever clients keep: a JSON object of at most 16 KiB.
    settings: Object,
    #[schema(value_type = schemas::OrganizationStatus)]
    status: &'static str,
    /// The reader's roles; for an API key, those of its maker.
    #[schema(value_type = Vec<schemas::Role>)]
    roles: Vec<&'static str>,
    created_at: Timestamp,
    /// The same number as in `ETag`.
    version: i64,
}

impl OrganizationView {
    fn new(organization: &Organization, membership: &Membership) -> Self {
        Self {
            id: organization.id.uuid(),
            name: organization.name.to_string(),
            slug: organization.slug.as_ref().map(|slug| slug.as_str().to_owned()),
            requires_second_factor: organization.requires_second_factor,
            settings: organization.settings.to_json(),
            status: organization.status.name(),
            roles: membership.roles.names(),
            created_at: organization.created_at,
            version: organization.version(),
        }
    }
}

impl From<&MemberOrganization> for OrganizationView {
    fn from(own: &MemberOrganization) -> Self {
        Self::new(&own.organization, &own.membership)
    }
}

/// Reads role names; each that is none is told at its place.
pub(super) fn read_roles(check: &mut Checker, names: Vec<String>) -> Checked<Roles> {
    let roles = check.each("/roles", names, |name| named::<Role>(&name));
    roles.and_then(|roles| check.take("/roles", Roles::new(roles)))
}
