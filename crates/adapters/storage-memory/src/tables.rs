//! The list of all tables: a table missing here does not compile anywhere else.

use assessment_engine::{
    AssessmentResult, Assignment, Campaign, CoachingSession, CustomAssessment, InterviewSession, Listing,
    Participation, PublishedVersion,
};
use identity::{
    Account, AdminSettings, ApiKey, Invitation, Membership, OneTimeToken, Organization, Registration,
    SecondFactor, Session,
};
use kernel::{StoreError, task::Task};

use crate::{
    overlay::Overlay,
    rows::{
        AnswerRow, DataKey, DisclosedSummary, KnownDevice, OlderRun, OutputPart, PendingEmailInvitation,
        RatingRow, TurnRow,
    },
    table::{Row, Table},
};

/// A row that has a table.
pub(crate) trait HasTable: Row {
    fn table(tables: &Tables) -> &Table<Self>;
    fn overlay(overlays: &Overlays) -> &Overlay<Self>;
    fn overlay_mut(overlays: &mut Overlays) -> &mut Overlay<Self>;
}

macro_rules! tables {
    ($($name:ident: $row:ty),+ $(,)?) => {
        /// What is committed.
        #[derive(Default)]
        pub(crate) struct Tables {
            $(pub(crate) $name: Table<$row>),+
        }

        /// What one unit changed.
        #[derive(Default)]
        pub(crate) struct Overlays {
            $($name: Overlay<$row>),+
        }

        impl Overlays {
            pub(crate) fn check(&self, tables: &Tables) -> Result<(), StoreError> {
                $(self.$name.check(&tables.$name)?;)+
                Ok(())
            }

            pub(crate) fn apply(self, tables: &mut Tables) {
                $(self.$name.apply(&mut tables.$name);)+
            }
        }

        $(impl HasTable for $row {
            fn table(tables: &Tables) -> &Table<Self> {
                &tables.$name
            }
            fn overlay(overlays: &Overlays) -> &Overlay<Self> {
                &overlays.$name
            }
            fn overlay_mut(overlays: &mut Overlays) -> &mut Overlay<Self> {
                &mut overlays.$name
            }
        })+
    };
}

tables! {
    accounts: Account,
    admin_settings: AdminSettings,
    answers: AnswerRow,
    api_keys: ApiKey,
    pending_email_invitations: PendingEmailInvitation,
    assignments: Assignment,
    campaigns: Campaign,
    coaching_sessions: CoachingSession,
    custom_assessments: CustomAssessment,
    data_keys: DataKey,
    interview_sessions: InterviewSession,
    invitations: Invitation,
    known_devices: KnownDevice,
    listings: Listing,
    memberships: Membership,
    older_runs: OlderRun,
    one_time_tokens: OneTimeToken,
    organizations: Organization,
    outputs: OutputPart,
    participations: Participation,
    published_versions: PublishedVersion,
    ratings: RatingRow,
    registrations: Registration,
    results: AssessmentResult,
    second_factors: SecondFactor,
    sessions: Session,
    disclosed_summaries: DisclosedSummary,
    tasks: Task,
    turns: TurnRow,
}
