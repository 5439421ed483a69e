//! Who may do what with assessments: the matrix of this domain, whole.

use kernel::{KeyScope, PlatformRole, Reach, Role, Rule};

/// The key scope for reading assessments, their versions and what changed.
pub const ASSESSMENTS_READ: KeyScope = KeyScope::new("assessments.read");
/// The key scope for writing, checking and publishing assessments.
pub const ASSESSMENTS_WRITE: KeyScope = KeyScope::new("assessments.write");
/// The key scope for reading campaigns, coaching sessions and who is asked.
pub const CAMPAIGNS_READ: KeyScope = KeyScope::new("campaigns.read");
/// The key scope for running campaigns and coaching sessions, and asking people.
pub const CAMPAIGNS_WRITE: KeyScope = KeyScope::new("campaigns.write");
/// The key scope for reading results and their summaries.
pub const RESULTS_READ: KeyScope = KeyScope::new("results.read");

/// What can be done in an organisation, or on the platform. Taking an assessment takes no role: whoever is asked may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read assessments and their versions.
    ViewAssessments,
    /// Write, publish, archive and offer assessments; own: those one wrote.
    WriteAssessments,
    /// Read campaigns and who is asked; own: those one runs.
    ViewCampaigns,
    /// Run campaigns; own: those one made.
    RunCampaigns,
    /// Read coaching sessions; own: those one coaches.
    ViewCoaching,
    /// Ask coachees; own: as their coach.
    Coach,
    /// Read the results of persons, and export them; own: of what one runs.
    ViewResults,
    /// Read summaries; own: of what one runs.
    ViewSummaries,
    /// Read what was said and rate it; own: in what one runs.
    Rate,
    /// Score stored results anew.
    Rescore,
    /// Decide what the marketplace shows.
    ReviewMarketplace,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::ViewAssessments,
        Self::WriteAssessments,
        Self::ViewCampaigns,
        Self::RunCampaigns,
        Self::ViewCoaching,
        Self::Coach,
        Self::ViewResults,
        Self::ViewSummaries,
        Self::Rate,
        Self::Rescore,
        Self::ReviewMarketplace,
    ];
}

impl Rule for Action {
    fn name(&self) -> &'static str {
        match self {
            Self::ViewAssessments => "custom_assessment.view",
            Self::WriteAssessments => "custom_assessment.author",
            Self::ViewCampaigns => "campaign.view",
            Self::RunCampaigns => "campaign.run",
            Self::ViewCoaching => "coaching_session.view",
            Self::Coach => "coaching_session.coach",
            Self::ViewResults => "assessment_result.view",
            Self::ViewSummaries => "assessment_result.summarize",
            Self::Rate => "interview_session.judge",
            Self::Rescore => "assessment_result.rescore",
            Self::ReviewMarketplace => "marketplace.review",
        }
    }

    fn reach(&self, role: Role) -> Reach {
        use Reach::{None, Own, Tenant};
        use Role::{Admin, Interviewer, Manager, Owner, Practitioner, Recruiter};
        match (self, role) {
            (Self::ReviewMarketplace, _) => None,
            (_, Owner | Admin)
            | (Self::ViewAssessments, Manager | Recruiter | Interviewer | Practitioner)
            | (Self::ViewSummaries, Manager)
            | (Self::Rate, Interviewer) => Tenant,
            (Self::WriteAssessments | Self::ViewResults | Self::Rate, Manager | Recruiter | Practitioner)
            | (Self::ViewCampaigns | Self::RunCampaigns, Manager | Recruiter)
            | (Self::ViewCoaching | Self::Coach, Manager | Practitioner)
            | (Self::ViewSummaries, Recruiter | Practitioner) => Own,
            _ => None,
        }
    }

    fn platform_reach(&self, role: PlatformRole) -> Reach {
        match (self, role) {
            (Self::ReviewMarketplace, PlatformRole::SuperAdmin) => Reach::Platform,
            _ => Reach::None,
        }
    }

    /// A program reads, writes and asks; it neither judges people nor opens what they said.
    fn key_scope(&self) -> Option<KeyScope> {
        match self {
            Self::ViewAssessments => Some(ASSESSMENTS_READ),
            Self::WriteAssessments => Some(ASSESSMENTS_WRITE),
            Self::ViewCampaigns | Self::ViewCoaching => Some(CAMPAIGNS_READ),
            Self::RunCampaigns | Self::Coach => Some(CAMPAIGNS_WRITE),
            Self::ViewResults | Self::ViewSummaries => Some(RESULTS_READ),
            Self::Rate | Self::Rescore | Self::ReviewMarketplace => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line an action: what each role may, in the order of `Role::ALL`.
    #[test]
    fn the_matrix_is_as_written() {
        let letter = |reach| match reach {
            Reach::None => '-',
            Reach::Own => 'o',
            Reach::Assigned => 'a',
            Reach::Tenant => 'T',
            Reach::Platform => 'P',
        };
        let line =
            |action: Action| -> String { Role::ALL.iter().map(|role| letter(action.reach(*role))).collect() };
        let table: Vec<String> =
            Action::ALL.iter().map(|action| format!("{} {action:?}", line(*action))).collect();
        let roles: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
        assert_eq!(
            roles,
            ["owner", "admin", "manager", "recruiter", "interviewer", "practitioner", "member", "candidate"]
        );
        assert_eq!(
            table,
            [
                "TTTTTT-- ViewAssessments",
                "TToo-o-- WriteAssessments",
                "TToo---- ViewCampaigns",
                "TToo---- RunCampaigns",
                "TTo--o-- ViewCoaching",
                "TTo--o-- Coach",
                "TToo-o-- ViewResults",
                "TTTo-o-- ViewSummaries",
                "TTooTo-- Rate",
                "TT------ Rescore",
                "-------- ReviewMarketplace",
            ]
        );
    }
}
