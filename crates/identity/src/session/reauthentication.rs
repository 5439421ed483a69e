//! Proving again: the signed-in person gives the password once more.

use kernel::{AccountId, Ctx, Scope, Secret, Timestamp};

use crate::{
    Account, PasswordHash, Refused, Unit,
    password::policy,
    ports::Ports,
    session::guard::{self, GuardedAttempt},
};

/// Checks the signed-in person's own password under the same guard as a login, and returns the account it was
/// checked against. Settle the attempt once everything else is decided, too. `action` is what it is asked for.
pub(crate) async fn check_own_password(
    ports: &Ports,
    ctx: &Ctx,
    account: AccountId,
    action: &'static str,
    password: &Secret,
    now: Timestamp,
) -> Result<(GuardedAttempt, Account), Refused> {
    let account = ports.directory.account(&ctx.within(Scope::Account(account)), account).await?;
    let account = account.filter(Account::is_active).ok_or(Refused::InvalidToken)?;
    let audited = Account::attempt(action).on(account.id.uuid()).about(account.id.uuid());
    let attempt = guard::reserve(ports, ctx, guard::of_own_password(account.id), audited, now).await?;
    let hash = account.password_at(now).filter(|_| !attempt.locked);
    match compare(ports, password, hash).await {
        Ok(()) => Ok((attempt, account)),
        Err(refused) => attempt.settle(ports, ctx, None, Err(refused)).await,
    }
}

async fn compare(ports: &Ports, password: &Secret, hash: Option<&PasswordHash>) -> Result<(), Refused> {
    if !policy::is_plausible(password) {
        return Err(Refused::WrongCredentials);
    }
    let verified = ports.hasher.verify(&policy::normalized(password), hash).await?;
    if verified.matches { Ok(()) } else { Err(Refused::WrongCredentials) }
}

/// The account as it is now, if its password is still the one that was checked and it can be used. Hashing takes a
/// tenth of a second outside any unit, in which a reset may have changed it.
pub(crate) async fn unchanged_credentials(unit: &mut Unit, checked: &Account) -> Result<Account, Refused> {
    let account = unit.account(checked.id).await?;
    let same = |account: &Account| account.is_active() && account.password_hash == checked.password_hash;
    account.filter(same).ok_or(Refused::InvalidToken)
}
