//! Signing in and out: passwords, second factors, and the tokens a session lives by.

use std::sync::Arc;

use kernel::{AccountId, Ctx, Scope, Secret, SessionId, Timestamp};

use crate::{
    Account, Digest, EmailAddress, EndReason, Lifetime, NewSession, PasswordHash, Refused, Session, Unit,
    access,
    actions::{EXPIRED, SUSPENDED},
    credentials::AccessClaims,
    password::policy,
    ports::{Ports, Settings},
    second_factor::proof::{self, SecondFactorProof},
    session::{
        AuthenticationService, bearer, guard,
        reauthentication::{check_own_password, unchanged_credentials},
    },
};

/// The sign-in service.
#[derive(Debug, Clone)]
pub struct SignInService {
    pub(crate) ports: Ports,
    settings: Arc<Settings>,
    pub(crate) authentication: Arc<AuthenticationService>,
}

/// Someone signs in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The account's address.
    pub email: EmailAddress,
    /// Its password.
    pub password: Secret,
    /// The second factor, where one is set up.
    pub proof: Option<SecondFactorProof>,
    /// What an earlier sign-in on this device returned.
    pub device_token: Option<Secret>,
}

/// What a signed-in client holds.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The session they belong to.
    pub session: SessionId,
    /// Goes with every request.
    pub access_token: Secret,
    /// How long it works, in seconds.
    pub expires_in: u64,
    /// Fetches the next pair; works once.
    pub refresh_token: Secret,
    /// Until when, if not used.
    pub refresh_expires_at: Timestamp,
    /// Recognises this device at the next sign-in; only when one was made.
    pub device_token: Option<Secret>,
}

impl SignInService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>, authentication: Arc<AuthenticationService>) -> Self {
        Self { ports, settings, authentication }
    }

    /// Begins a session. Unknown address, wrong password, locked and suspended are one refusal, after the same work.
    /// That a client address is banned tells of no account, and is said.
    pub async fn login(&self, ctx: &Ctx, login: Login) -> Result<Tokens, Refused> {
        let now = self.ports.clock.now();
        let (account, device) = self.account_and_device(ctx, &login).await?;
        let audited = Account::attempt("session.begin");
        let audited =
            account.as_ref().map_or(audited, |known| audited.on(known.id.uuid()).about(known.id.uuid()));
        let limits = self.settings.address_limits;
        let counters = guard::of_sign_in(ctx, &login.email, account.as_ref(), device.as_ref(), limits);
        let attempt = guard::reserve(&self.ports, ctx, counters, audited, now).await?;
        let blocked = account.as_ref().and_then(|known| match known.password_at(now) {
            _ if !known.is_active() => Some(SUSPENDED),
            None => Some(EXPIRED),
            Some(_) => None,
        });
        let account = account.filter(|account| account.is_active() && !attempt.locked);
        let outcome = self.prove_and_begin(ctx, account, &login, device, now).await;
        let (session, epoch, device_token) = attempt.settle(&self.ports, ctx, blocked, outcome).await?;
        Ok(self.tokens(&session, epoch, device_token, now))
    }

    async fn prove_and_begin(
        &self,
        ctx: &Ctx,
        account: Option<Account>,
        login: &Login,
        device: Option<Digest>,
        now: Timestamp,
    ) -> Result<(Session, i64, Option<Secret>), Refused> {
        let (account, rehash) = self.check_password(account, &login.password, now).await?;
        let mut tries = 3;
        loop {
            match self.begin_session(ctx, &account, login, device, rehash.clone(), now).await {
                Err(Refused::Stale) if tries > 1 => tries -= 1,
                done => return done,
            }
        }
    }

    /// Proves again who is signed in, so that sensitive calls go through; answers with a new access token.
    pub async fn step_up(
        &self,
        ctx: &Ctx,
        password: &Secret,
        proof: Option<SecondFactorProof>,
    ) -> Result<Tokens, Refused> {
        const STEP_UP: &str = "session.step_up";
        let (id, session) = access::own_session(&self.ports, ctx, Session::attempt(STEP_UP)).await?;
        let now = self.ports.clock.now();
        let (attempt, checked) = check_own_password(&self.ports, ctx, id, STEP_UP, password, now).await?;
        let outcome = self.prove_again(ctx, &checked, session, proof.as_ref(), now).await;
        let session = attempt.settle(&self.ports, ctx, None, outcome).await?;
        // Access tokens from before the proof are good no more.
        self.authentication.evict([session.id]);
        Ok(self.tokens(&session, checked.epoch, None, now))
    }

    async fn prove_again(
        &self,
        ctx: &Ctx,
        checked: &Account,
        session: SessionId,
        proof: Option<&SecondFactorProof>,
        now: Timestamp,
    ) -> Result<Session, Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(checked.id)).await?;
        unchanged_credentials(&mut *unit, checked).await?;
        let assurance = proof::check(&self.ports, &mut *unit, checked.id, proof, now).await?;
        let session = unit.session(session).await?.filter(|session| session.is_live(now));
        let mut session = session.ok_or(Refused::InvalidToken)?;
        session.stepped_up(assurance, now);
        unit.save_session(&mut session).await?;
        unit.commit().await?;
        Ok(session)
    }

    /// The account of the address, and the device if it signed in to that account before.
    async fn account_and_device(
        &self,
        ctx: &Ctx,
        login: &Login,
    ) -> Result<(Option<Account>, Option<Digest>), Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let Some(account) = unit.account_by_email(&login.email).await? else { return Ok((None, None)) };
        let token = login.device_token.as_ref();
        let device = token.and_then(|token| bearer::read_device_token(&*self.ports.vault, token, &account));
        let device = match device {
            Some(device) if unit.knows_device(account.id, &device).await? => Some(device),
            _ => None,
        };
        Ok((Some(account), device))
    }

    /// The account, if the password is its own; and the hash to keep instead when the stored one is outdated.
    async fn check_password(
        &self,
        account: Option<Account>,
        password: &Secret,
        now: Timestamp,
    ) -> Result<(Account, Option<PasswordHash>), Refused> {
        if !policy::is_plausible(password) {
            return Err(Refused::WrongCredentials);
        }
        let password = policy::normalized(password);
        let hash = account.as_ref().and_then(|account| account.password_at(now));
        let verified = self.ports.hasher.verify(&password, hash).await?;
        match account {
            Some(account) if verified.matches => {
                let rehash =
                    if verified.outdated { Some(self.ports.hasher.hash(&password).await?) } else { None };
                Ok((account, rehash))
            }
            _ => Err(Refused::WrongCredentials),
        }
    }

    async fn begin_session(
        &self,
        ctx: &Ctx,
        checked: &Account,
        login: &Login,
        device: Option<Digest>,
        rehash: Option<PasswordHash>,
        now: Timestamp,
    ) -> Result<(Session, i64, Option<Secret>), Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let mut account = match unchanged_credentials(&mut *unit, checked).await {
            Err(Refused::InvalidToken) => return Err(Refused::WrongCredentials),
            found => found?,
        };
        let assurance = proof::check(&self.ports, &mut *unit, account.id, login.proof.as_ref(), now).await?;

        let today = self.ports.zones.local_date(&account.profile.timezone, now);
        account.logged_in(today, now);
        if let Some(hash) = rehash {
            account.rehash(hash, now);
        }
        unit.save_account(&mut account).await?;

        let (device_token, device) = if let Some(device) = device {
            (None, device)
        } else {
            let (token, device) = bearer::device_token(&*self.ports.vault, &*self.ports.random, &account);
            (Some(token), device)
        };
        let on_new_device = !unit.knows_device(account.id, &device).await?;
        let lifetime = lifetime(&mut *unit, &account).await?;
        let mut session = Session::begin(
            NewSession {
                id: self.ports.ids.next(),
                account: account.id,
                assurance,
                lifetime,
                user_agent: ctx.user_agent.clone(),
                address: ctx.address,
                on_new_device,
            },
            now,
        );
        let live = unit.live_sessions(account.id, now).await?;
        let surplus = (live.len() + 1).saturating_sub(Session::MOST);
        for mut oldest in live.into_iter().take(surplus) {
            oldest.end(EndReason::TooMany, now);
            unit.save_session(&mut oldest).await?;
        }
        unit.save_session(&mut session).await?;
        unit.remember_device(account.id, &device, now).await?;
        unit.commit().await?;
        Ok((session, account.epoch, device_token))
    }

    pub(crate) fn tokens(
        &self,
        session: &Session,
        epoch: i64,
        device_token: Option<Secret>,
        now: Timestamp,
    ) -> Tokens {
        let life = self.settings.access_token_life;
        let claims = AccessClaims {
            account: session.account,
            session: session.id,
            authenticated_at: session.authenticated_at,
            assurance: session.assurance,
            epoch,
            issued_at: now,
            expires_at: now.plus(life).min(session.expires_at),
        };
        Tokens {
            session: session.id,
            expires_in: claims.expires_at.since(now).as_secs(),
            access_token: self.ports.tokens.issue(&claims),
            refresh_token: bearer::refresh_token(&*self.ports.vault, session.id, session.counter),
            refresh_expires_at: session.expires_at.min(session.idle_expires_at),
            device_token,
        }
    }
}

/// Ends all of an account's live sessions but one, and returns which.
pub(crate) async fn end_sessions(
    unit: &mut Unit,
    account: AccountId,
    but: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> Result<Vec<SessionId>, Refused> {
    let mut ended = Vec::new();
    for mut session in unit.live_sessions(account, now).await? {
        if Some(session.id) != but {
            session.end(reason, now);
            unit.save_session(&mut session).await?;
            ended.push(session.id);
        }
    }
    Ok(ended)
}

/// How long a session of the account lives, by its present roles.
pub(crate) async fn lifetime(unit: &mut Unit, account: &Account) -> Result<Lifetime, Refused> {
    let memberships = unit.memberships_of(account.id).await?;
    Ok(Lifetime::of(account.platform_role, memberships.iter().flat_map(|m| m.roles.iter())))
}
