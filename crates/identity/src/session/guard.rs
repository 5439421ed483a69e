//! The guard before every secret that is checked: reserves the failure, and gives it back on success.

use std::net::IpAddr;

use kernel::{AuditedAttempt, Ctx, Refusal as _, Timestamp};

use crate::{
    Digest, Refused,
    actions::LOCKED,
    ports::Ports,
    throttle::{Step, ThrottleRule, Verdict},
};

/// An attempt whose failure is reserved in every counter it falls under.
#[derive(Debug)]
pub(crate) struct GuardedAttempt {
    counters: Vec<(String, ThrottleRule)>,
    audited: AuditedAttempt,
    /// Whether any counter is locked: the attempt must fail, like a wrong one.
    pub locked: bool,
}

/// Reserves a failure. A device that signed in to the account before has a counter of its own, so that nobody
/// else can lock its owner out. `audited` is what the right secret would lead to.
pub(crate) async fn reserve(
    ports: &Ports,
    ctx: &Ctx,
    account: &str,
    device: Option<&Digest>,
    audited: AuditedAttempt,
    now: Timestamp,
) -> Result<GuardedAttempt, Refused> {
    let subject = match device {
        Some(Digest(octets)) => format!("device:{account}:{}", crate::encoding::base64url(octets)),
        None => format!("account:{account}"),
    };
    let mut counters = vec![(subject, ThrottleRule::Subject)];
    if let Some(address) = ctx.address.map(network) {
        counters.push((format!("address:{address}"), ThrottleRule::Address));
        counters.push((format!("spread:{address}"), ThrottleRule::Spread { account: account.to_owned() }));
    }
    let mut locked = false;
    for (key, rule) in &counters {
        let verdict = ports.throttle.step(key, &Step::Reserve(rule.clone()), now).await?;
        locked |= verdict != Verdict::Free;
    }
    Ok(GuardedAttempt { counters, audited, locked })
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
    /// What became of it, told by how it ended: only a wrong guess stays counted everywhere, and the trail is told of
    /// it. `blocked` is why the right secret would not have opened anything either; only the trail learns it, and which
    /// of the secrets was wrong.
    pub(crate) async fn settle<T>(
        self,
        ports: &Ports,
        ctx: &Ctx,
        blocked: Option<&'static str>,
        now: Timestamp,
        outcome: Result<T, Refused>,
    ) -> Result<T, Refused> {
        match outcome {
            Ok(done) => {
                self.succeeded(ports, now).await?;
                Ok(done)
            }
            Err(wrong @ (Refused::WrongCredentials | Refused::WrongCode)) => {
                let locked = self.locked.then_some(LOCKED);
                let reason = locked.or(blocked).unwrap_or_else(|| wrong.code());
                ports.audit_failure(ctx, self.audited, reason).await?;
                Err(Refused::WrongCredentials)
            }
            Err(Refused::SecondFactorRequired) => {
                self.password_was_right(ports, now).await?;
                Err(Refused::SecondFactorRequired)
            }
            Err(undecided) => {
                self.cancelled(ports, now).await?;
                Err(undecided)
            }
        }
    }

    /// It was never decided.
    async fn cancelled(self, ports: &Ports, now: Timestamp) -> Result<(), Refused> {
        for (key, rule) in self.counters {
            ports.throttle.step(&key, &Step::Cancel(rule), now).await?;
        }
        Ok(())
    }

    /// The password was right and a second factor is missing: the address is no guesser, but the account's
    /// counter stays, so that codes cannot be guessed with a known password.
    async fn password_was_right(mut self, ports: &Ports, now: Timestamp) -> Result<(), Refused> {
        self.counters.retain(|(_, rule)| *rule != ThrottleRule::Subject);
        self.succeeded(ports, now).await
    }

    /// It succeeded.
    async fn succeeded(self, ports: &Ports, now: Timestamp) -> Result<(), Refused> {
        for (key, rule) in self.counters {
            ports.throttle.step(&key, &Step::GiveBack(rule), now).await?;
        }
        Ok(())
    }
}
