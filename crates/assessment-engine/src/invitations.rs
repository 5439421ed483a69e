//! What campaigns and coaching sessions have in common: whom they ask, to take what, how, and the letters about it.

pub mod assessment_choice;
pub mod delivery;
mod extra_time;
pub mod mails;
pub(crate) mod source;
pub(crate) mod validation;

use kernel::{OrganizationId, StoreError, Timestamp, invitation::Invitee};

pub(crate) use self::source::InvitationSource;
pub use self::{assessment_choice::AssessmentChoice, extra_time::ExtraTime};
use crate::{participants::participation::Participation, sessions::interview_session::Origin, unit::Unit};

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
