//! The guard before every secret that is checked: reserves the failure, and gives it back on success.

use kernel::{Ctx, Timestamp};

use crate::{
    Digest, Refused,
    ports::Ports,
    throttle::{Rule, Step, Verdict},
};

/// An attempt whose failure is reserved in every counter it falls under.
#[derive(Debug)]
pub(crate) struct Attempt {
    counters: Vec<(String, Rule)>,
    /// Whether any counter is locked: the attempt must fail, like a wrong one.
    pub locked: bool,
}

/// Reserves a failure. A device that signed in to the account before has a counter of its own, so that nobody
/// else can lock its owner out.
pub(crate) async fn reserve(
    ports: &Ports,
    ctx: &Ctx,
    account: &str,
    device: Option<&Digest>,
    now: Timestamp,
) -> Result<Attempt, Refused> {
    let subject = match device {
        Some(Digest(octets)) => format!("device:{account}:{}", crate::encoding::base64url(octets)),
        None => format!("account:{account}"),
    };
    let mut counters = vec![(subject, Rule::Subject)];
    if let Some(address) = ctx.address {
        counters.push((format!("address:{address}"), Rule::Address));
        counters.push((format!("spread:{address}"), Rule::Spread { account: account.to_owned() }));
    }
    let mut locked = false;
    for (key, rule) in &counters {
        let verdict = ports.throttle.step(key, &Step::Reserve(rule.clone()), now).await?;
        locked |= verdict != Verdict::Free;
    }
    Ok(Attempt { counters, locked })
}

impl Attempt {
    /// The password was right and a second factor is missing: the address is no guesser, but the account's
    /// counter stays, so that codes cannot be guessed with a known password.
    pub(crate) async fn password_was_right(mut self, ports: &Ports, now: Timestamp) -> Result<(), Refused> {
        self.counters.retain(|(_, rule)| *rule != Rule::Subject);
        self.succeeded(ports, now).await
    }

    /// It succeeded.
    pub(crate) async fn succeeded(self, ports: &Ports, now: Timestamp) -> Result<(), Refused> {
        for (key, rule) in self.counters {
            ports.throttle.step(&key, &Step::GiveBack(rule), now).await?;
        }
        Ok(())
    }
}
