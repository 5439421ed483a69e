//! The guard before every secret that is checked: reserves the attempt, and settles it once it is known how it ended.

use std::net::IpAddr;

use kernel::{AccountId, AuditedAttempt, Ctx, Refusal as _, Timestamp};

use crate::{
    Account, Digest, EmailAddress, Refused,
    actions::LOCKED,
    ports::Ports,
    throttle::{AddressLimits, AttemptOutcome, Step, ThrottleRule, Verdict},
};

/// How soon whoever finds no room comes back, in seconds: an attempt takes a tenth of one.
const BUSY: u64 = 1;

/// A counter an attempt falls under.
pub(crate) type Guarding = (String, ThrottleRule);

/// The counters of a sign-in, the widest first. A device that signed in to the account before has one of its own, so
/// that neither strangers nor its neighbours at the address can lock its owner out.
pub(crate) fn of_sign_in(
    ctx: &Ctx,
    email: &EmailAddress,
    account: Option<&Account>,
    device: Option<&Digest>,
    limits: AddressLimits,
) -> Vec<Guarding> {
    if let (Some(account), Some(Digest(octets))) = (account, device) {
        let device = crate::encoding::base64url(octets);
        return vec![(format!("device:{}:{device}", account.id), ThrottleRule::Subject)];
    }
    let subject = match account {
        Some(account) => format!("account:{}", account.id),
        None => format!("unknown:{}", email.fingerprint()),
    };
    let rule = ThrottleRule::Address { account: subject.clone(), limits };
    let address = ctx.address.map(|address| (format!("address:{}", network(address)), rule));
    address.into_iter().chain([(subject, ThrottleRule::Subject)]).collect()
}

/// The counter of a signed-in person's own password: whoever holds a session must not be able to lock sign-in, nor the
/// other way round.
pub(crate) fn of_own_password(account: AccountId) -> Vec<Guarding> {
    vec![(format!("own:{account}"), ThrottleRule::Subject)]
}

/// An attempt that is reserved in every counter it falls under.
#[derive(Debug)]
pub(crate) struct GuardedAttempt {
    reserved: Vec<Guarding>,
    reserved_at: Timestamp,
    audited: AuditedAttempt,
    /// Whether the account is locked: the attempt must fail, like a wrong one.
    pub locked: bool,
}

/// Reserves an attempt. Refused where its address is banned, or where there is no room now. `audited` is what the right
/// secret would lead to.
pub(crate) async fn reserve(
    ports: &Ports,
    ctx: &Ctx,
    counters: Vec<Guarding>,
    audited: AuditedAttempt,
    now: Timestamp,
) -> Result<GuardedAttempt, Refused> {
    let mut attempt = GuardedAttempt { reserved: Vec::new(), reserved_at: now, audited, locked: false };
    for (key, rule) in counters {
        let refused = match ports.throttle.step(&key, &Step::Reserve(rule.clone()), now).await? {
            Verdict::Free => {
                attempt.reserved.push((key, rule));
                continue;
            }
            Verdict::Locked { .. } if rule == ThrottleRule::Subject => {
                attempt.locked = true;
                continue;
            }
            Verdict::Locked { until } => Refused::AddressBanned { retry_after: seconds_until(until, now) },
            Verdict::Busy => Refused::Busy { retry_after: BUSY },
        };
        return Err(attempt.refused(ports, ctx, refused).await?);
    }
    Ok(attempt)
}

/// Whole seconds, the last one begun.
fn seconds_until(until: Timestamp, now: Timestamp) -> u64 {
    let wait = until.since(now);
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// What one client can be expected to have to itself: an IPv4 address, or a /64 of IPv6 (RFC 6177).
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

impl GuardedAttempt {
    /// It is not made at all. The trail is told of one from a banned address.
    async fn refused(self, ports: &Ports, ctx: &Ctx, refused: Refused) -> Result<Refused, Refused> {
        self.settle_each(ports, |_| AttemptOutcome::Undecided).await?;
        if matches!(refused, Refused::AddressBanned { .. }) {
            ports.audit_failure(ctx, self.audited, LOCKED).await?;
        }
        Ok(refused)
    }

    /// What became of it, told by how it ended: only a wrong guess counts everywhere, and the trail is told of it.
    /// `blocked` is why the right secret would not have opened anything either; only the trail learns it, and which of
    /// the secrets was wrong. What was locked is not looked at, and so decides nothing.
    pub(crate) async fn settle<T>(
        self,
        ports: &Ports,
        ctx: &Ctx,
        blocked: Option<&'static str>,
        outcome: Result<T, Refused>,
    ) -> Result<T, Refused> {
        use AttemptOutcome::{Failed, Succeeded, Undecided};
        let ended = |rule: &ThrottleRule| match &outcome {
            _ if self.locked => Undecided,
            Err(Refused::WrongCredentials | Refused::WrongCode) => Failed,
            // The password was right: the address is no guesser. But codes cannot be guessed with a known password.
            Err(Refused::SecondFactorRequired) if *rule == ThrottleRule::Subject => Failed,
            Ok(_) | Err(Refused::SecondFactorRequired) => Succeeded,
            Err(_) => Undecided,
        };
        self.settle_each(ports, ended).await?;
        match outcome {
            Err(wrong @ (Refused::WrongCredentials | Refused::WrongCode)) => {
                let locked = self.locked.then_some(LOCKED);
                let reason = locked.or(blocked).unwrap_or_else(|| wrong.code());
                ports.audit_failure(ctx, self.audited, reason).await?;
                Err(Refused::WrongCredentials)
            }
            outcome => outcome,
        }
    }

    async fn settle_each(
        &self,
        ports: &Ports,
        outcome: impl Fn(&ThrottleRule) -> AttemptOutcome,
    ) -> Result<(), Refused> {
        let now = ports.clock.now();
        for (key, rule) in &self.reserved {
            let (rule, reserved_at, outcome) = (rule.clone(), self.reserved_at, outcome(rule));
            ports.throttle.step(key, &Step::Settle { rule, reserved_at, outcome }, now).await?;
        }
        Ok(())
    }
}
