//! Aggregates with every field filled, and what each may become: round trips compare them field by field.

use std::collections::BTreeSet;

use identity::{
    Account, AccountState, AccountStatus, AdminSettings, AdminSettingsState, ApiKey, ApiKeyState, Digest,
    EmailAddress, EndReason, FactorStatus, Invitation, InvitationState, InvitationStatus, Membership,
    MembershipState, MembershipStatus, OneTimeToken, OneTimeTokenState, Organization, OrganizationState,
    OrganizationStatus, PasswordHash, Preferences, Profile, Purpose, RecoveryCode, Registration,
    RegistrationState, Role, Roles, SecondFactor, SecondFactorState, Session, SessionState, Slug, Streak,
    WebAddress,
    permission::{INVITATIONS_WRITE, MEMBERS_READ},
    text::Name,
};
use kernel::{Assurance, OrganizationId, PlatformRole, Timestamp};
use serde_json::json;
use time::macros::date;

use crate::{
    aggregate::Aggregate as _,
    world::{TestPeople, World, hours, minutes},
};

/// Texts as people write them: quotes, other scripts, line breaks of both kinds, and no end of the last line.
pub(crate) const PROSE: &str = "“Größe” \\ 'x' %_\r\n\tÅ 漢字 🦀 \u{200f}עברית\n\nend ";

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a sound name")
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::new(text).expect("a sound address")
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::new(text).expect("a sound slug")
}

pub(crate) fn preferences(value: serde_json::Value) -> Preferences {
    Preferences::new(value).expect("a small object")
}

pub(crate) fn hash(text: &str) -> PasswordHash {
    PasswordHash(format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ${text}"))
}

impl World {
    /// An account with every field filled.
    pub(crate) fn account_sample(&self, address: &str) -> Account {
        let now = self.tick();
        let state = AccountState {
            id: self.id(),
            email: Some(email(address)),
            pending_email: Some(email("Next.Address@Example.org")),
            email_verified_at: Some(now.minus(hours(1))),
            password_hash: Some(hash("first")),
            password_changed_at: now.minus(hours(2)),
            password_expires_at: Some(now.plus(hours(22))),
            status: AccountStatus::Active,
            platform_role: PlatformRole::User,
            profile: Profile {
                full_name: Some(name("Ann Ångström")),
                display_name: Some(name("Ann 🦀")),
                avatar_url: Some(WebAddress::new("https://example.org/ann.png?size=2").expect("an address")),
                profession: Some(name("Psychologist")),
                timezone: "Europe/Stockholm".to_owned(),
                preferences: preferences(
                    json!({ "theme": "dark", "list": [1, true, null], "deep": { "a": "ü" } }),
                ),
            },
            login_streak: Streak { current: 3, max: 9, last_date: Some(date!(2030 - 02 - 28)) },
            quiz_streak: Streak { current: 1, max: 2, last_date: Some(date!(2029 - 12 - 31)) },
            last_login_at: Some(now.minus(minutes(5))),
            epoch: 4,
            created_at: now,
        };
        Account::restore(state, 0).mark(now)
    }

    /// The same account with everything else in it.
    pub(crate) fn changed_account(&self, account: &Account) -> Account {
        let now = self.tick();
        let state = AccountState {
            email: Some(email("New.Address@example.org")),
            pending_email: None,
            email_verified_at: Some(now),
            password_hash: Some(hash("second")),
            password_changed_at: now,
            password_expires_at: None,
            status: AccountStatus::Suspended,
            platform_role: PlatformRole::SuperAdmin,
            profile: Profile::default(),
            login_streak: Streak { current: 1, max: 10, last_date: Some(date!(2030 - 03 - 01)) },
            quiz_streak: Streak::default(),
            last_login_at: Some(now),
            epoch: 5,
            ..account.state().clone()
        };
        Account::restore(state, account.version()).mark(now)
    }

    /// An administrator's settings.
    pub(crate) fn settings_sample(&self, people: &TestPeople) -> AdminSettings {
        let state = AdminSettingsState {
            account: people.ann,
            settings: preferences(json!({ "columns": ["a", "b"] })),
        };
        AdminSettings::restore(state, 0).mark(self.tick())
    }

    /// An API key.
    pub(crate) fn key_sample(&self, people: &TestPeople) -> ApiKey {
        let now = self.tick();
        let state = ApiKeyState {
            id: self.id(),
            organization: people.north,
            name: name("Payroll"),
            scopes: BTreeSet::from([MEMBERS_READ, INVITATIONS_WRITE]),
            digest: self.digest(),
            created_by: people.ann,
            created_at: now,
            expires_at: now.plus(hours(24)),
            revoked_at: None,
        };
        ApiKey::restore(state, 0).mark(now)
    }

    /// An invitation to the first organisation.
    pub(crate) fn invitation_sample(&self, people: &TestPeople) -> Invitation {
        self.invitation_to(people.north, people, "Carl.Larsson@example.org")
    }

    /// An invitation.
    pub(crate) fn invitation_to(
        &self,
        organization: OrganizationId,
        people: &TestPeople,
        to: &str,
    ) -> Invitation {
        let now = self.tick();
        let state = InvitationState {
            id: self.id(),
            organization,
            email: Some(email(to)),
            roles: Roles::new([Role::Manager, Role::Candidate]).expect("two roles"),
            invited_by: people.ann,
            status: InvitationStatus::Pending,
            created_at: now,
            expires_at: now.plus(Invitation::LIFE),
        };
        Invitation::restore(state, 0).mark(now)
    }

    /// The second person's membership in the first organisation.
    pub(crate) fn membership_sample(&self, people: &TestPeople) -> Membership {
        let now = self.tick();
        let state = MembershipState {
            id: self.id(),
            organization: people.north,
            account: people.bob,
            roles: Roles::new([Role::Recruiter, Role::Member]).expect("two roles"),
            job_title: Some(name("Head of Hiring")),
            department: Some(name("People & Culture")),
            status: MembershipStatus::Active,
            created_at: now,
        };
        Membership::restore(state, 0).mark(now)
    }

    /// The same membership with everything else in it.
    pub(crate) fn changed_membership(&self, membership: &Membership) -> Membership {
        let state = MembershipState {
            roles: Roles::only(Role::Interviewer),
            job_title: None,
            department: Some(name("Hiring")),
            status: MembershipStatus::Ended,
            ..membership.state().clone()
        };
        Membership::restore(state, membership.version()).mark(self.tick())
    }

    /// An unused token.
    pub(crate) fn token_sample(&self, people: &TestPeople) -> OneTimeToken {
        let now = self.tick();
        let state = OneTimeTokenState {
            id: self.id(),
            purpose: Purpose::ResetPassword,
            subject: people.ann.uuid(),
            binding: "what must hold".to_owned(),
            digest: self.digest(),
            created_at: now,
            expires_at: now.plus(minutes(15)),
            used_at: None,
            replaced_at: None,
        };
        OneTimeToken::restore(state, 0).mark(now)
    }

    /// An organisation.
    pub(crate) fn organization_sample(&self, address: &str) -> Organization {
        let now = self.tick();
        let state = OrganizationState {
            id: self.id(),
            name: name("North Wind AB"),
            slug: Some(slug(address)),
            requires_second_factor: true,
            settings: preferences(json!({ "week_starts": "monday", "logo": null })),
            status: OrganizationStatus::Active,
            created_at: now,
        };
        Organization::restore(state, 0).mark(now)
    }

    /// The same organisation with everything else in it.
    pub(crate) fn changed_organization(&self, organization: &Organization) -> Organization {
        let state = OrganizationState {
            name: name("South Wind AB"),
            slug: None,
            requires_second_factor: false,
            settings: Preferences::default(),
            status: OrganizationStatus::Closed,
            ..organization.state().clone()
        };
        Organization::restore(state, organization.version()).mark(self.tick())
    }

    /// A registration.
    pub(crate) fn registration_sample(&self, address: &str) -> Registration {
        let now = self.tick();
        let state = RegistrationState {
            id: self.id(),
            email: email(address),
            password_hash: hash("registered"),
            full_name: Some(name("Dora")),
            timezone: "America/Lima".to_owned(),
            created_at: now,
            expires_at: now.plus(Registration::LIFE),
            completed_at: None,
        };
        Registration::restore(state, 0).mark(now)
    }

    /// A confirmed second factor with its codes.
    pub(crate) fn factor_sample(&self, people: &TestPeople) -> SecondFactor {
        let now = self.tick();
        let state = SecondFactorState {
            id: self.id(),
            account: people.ann,
            sealed_secret: vec![0, 1, 254, 255],
            status: FactorStatus::Confirmed,
            last_step: 63_286_560,
            recovery_codes: self.codes(None),
            created_at: now,
        };
        SecondFactor::restore(state, 0).mark(now)
    }

    /// The same factor with everything else in it.
    pub(crate) fn changed_factor(&self, factor: &SecondFactor) -> SecondFactor {
        let now = self.tick();
        let state = SecondFactorState {
            sealed_secret: vec![7; 48],
            last_step: 63_286_561,
            recovery_codes: self.codes(Some(now)),
            ..factor.state().clone()
        };
        SecondFactor::restore(state, factor.version()).mark(now)
    }

    fn codes(&self, first_used_at: Option<Timestamp>) -> Vec<RecoveryCode> {
        let mut digests: Vec<Digest> = (0..SecondFactor::RECOVERY_CODES).map(|_| self.digest()).collect();
        digests.sort();
        let used_at = |place| if place == 0 { first_used_at } else { None };
        let code = |(place, digest)| RecoveryCode { digest, used_at: used_at(place) };
        digests.into_iter().enumerate().map(code).collect()
    }

    /// The first person's session.
    pub(crate) fn session_sample(&self, people: &TestPeople) -> Session {
        let now = self.tick();
        let state = SessionState {
            id: self.id(),
            account: people.ann,
            counter: 0,
            rotated_at: now,
            authenticated_at: now,
            assurance: Assurance::Aal1,
            created_at: now,
            expires_at: now.plus(hours(24)),
            idle_expires_at: now.plus(hours(1)),
            idle_seconds: 3600,
            user_agent: Some("Firefox/141 (X11; “quoted”)".to_owned()),
            address: Some("2001:db8::7".parse().expect("an address")),
            ended: None,
        };
        Session::restore(state, 0).mark(now)
    }

    /// The same session, proved again and ended.
    pub(crate) fn changed_session(&self, session: &Session) -> Session {
        let now = self.tick();
        let state = SessionState {
            authenticated_at: now,
            assurance: Assurance::Aal2,
            ended: Some((now, EndReason::CredentialsChanged)),
            ..session.state().clone()
        };
        Session::restore(state, session.version()).mark(now)
    }
}
