//! What campaigns and coaching sessions have in common: whom they ask, to take what, how, and the letters about it.

pub mod assessment_choice;
pub mod delivery;
mod extra_time;
pub mod mails;
pub(crate) mod source;
pub(crate) mod validation;

use std::collections::HashMap;

use kernel::{
    OrganizationId, StoreError, Timestamp,
    invitation::{Invited, Invitee},
    letters::{LetterHistory, letters_about},
};
use uuid::Uuid;

pub(crate) use self::source::InvitationSource;
pub use self::{assessment_choice::AssessmentChoice, extra_time::ExtraTime};
use crate::{
    participants::participation::Participation, reading::Asked, refusal::Refused,
    sessions::interview_session::Origin, unit::Unit,
};

/// With how far the newest letter to each has come.
pub(crate) async fn delivered<T: Send>(
    unit: &mut Unit,
    organization: OrganizationId,
    asked: Vec<T>,
    key: impl Fn(&T) -> (Uuid, &Invitee) + Send + Sync,
) -> Result<Vec<Asked<T>>, StoreError> {
    let ids: Vec<Uuid> = asked.iter().map(|of| key(of).0).collect();
    let letters = if ids.is_empty() { Vec::new() } else { unit.letters(organization, &ids).await? };
    let letters: HashMap<Uuid, LetterHistory> = letters.into_iter().map(|of| (of.about.id, of)).collect();
    let with = |of| {
        let (id, invitee) = key(&of);
        let delivery = LetterHistory::status(letters.get(&id), invitee.asked_at());
        Asked { of, delivery }
    };
    Ok(asked.into_iter().map(with).collect())
}

/// Whether the newest letter about it did not reach the person.
pub(crate) async fn is_undelivered(unit: &mut Unit, about: Invited) -> Result<bool, StoreError> {
    Ok(letters_about(unit, about).await?.newest.is_some_and(|of| of.status.failed()))
}

/// Whether the address of an invitation can be corrected.
pub(crate) fn correctable(invitee: &Invitee, was_opened: bool) -> Result<(), Refused> {
    if was_opened {
        return Err(Refused::Closed("somebody has opened it at this address; take it back and ask anew"));
    }
    if invitee.email.is_none() {
        return Err(Refused::Closed("it asks a member, whose address is that of their account"));
    }
    Ok(())
}

/// The address that was asked is another now: no link of a letter to the one before opens anything.
pub(crate) async fn revoke_links(unit: &mut Unit, about: Invited, now: Timestamp) -> Result<(), StoreError> {
    let mut history = letters_about(unit, about).await?;
    history.links.revoke(now);
    unit.put_letters(&history).await
}

/// Notes for whom invitations are: for accounts, and for whoever registers with an address.
pub(crate) async fn note(
    unit: &mut Unit,
    organization: OrganizationId,
    invited: impl Iterator<Item = (&Invitee, Origin)> + Clone + Send,
    now: Timestamp,
) -> Result<(), StoreError> {
    let of = |(invitee, origin): (&Invitee, Origin)| {
        Some(Participation::of(invitee.account?, organization, origin, now))
    };
    let participations: Vec<Participation> = invited.clone().filter_map(of).collect();
    unit.put_participations(&participations).await?;
    let of =
        |(invitee, origin): (&Invitee, Origin)| Some((invitee.email.clone()?, origin.invited(organization)));
    let pending: Vec<_> = invited.filter_map(of).collect();
    unit.put_pending_email_invitations(&pending, now).await
}
