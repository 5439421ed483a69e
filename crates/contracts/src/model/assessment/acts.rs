//! What a command comes down to: the aggregate it makes, or the call of a port.

use assessment_engine::{
    Assignment, Campaign, CoachingSession, CustomAssessment, InterviewSession, InterviewSessionState,
    Listing, MarketplaceStatus, Origin, Participation, PriceTier, PublishedVersion, SourceType, TemplateName,
    authoring::assessment::NewAssessment,
    campaigns::campaign::Plan,
    reading::{ResultFilter, TallyFilter},
};
use assessment_format::{Rater, session::Rules};
use kernel::{
    OrganizationId, Scope, Timestamp,
    invitation::Invitee,
    task::{Task, TaskRequest},
};
use serde_json::Value;

use super::{Action, Any, Call, Command, Kind, slug};
use crate::{
    assessment::{
        assessment_fixture::{arrangement, draft, item, outcome, plan, run, scored, session_state},
        kept, rating, turn,
    },
    model::{Pair, identity::address, side::Act},
    world::{ctx, hours},
};

/// Picks an aggregate of a kind.
macro_rules! pick {
    ($pair:ident, $kind:ident of $organization:expr, $which:expr) => {
        match $pair.assessment.pick_of($organization, Kind::$kind, $which)? {
            Any::$kind(it) => it,
            _ => return None,
        }
    };
}

impl Pair {
    /// A version that was published, in seven of eight cases by this organisation.
    pub(super) fn version(
        &self,
        organization: Option<OrganizationId>,
        which: u8,
    ) -> Option<&PublishedVersion> {
        let meant = |of: &&PublishedVersion| which.is_multiple_of(8) || Some(of.organization) == organization;
        let own: Vec<_> = self.published.iter().filter(meant).collect();
        own.get(usize::from(which / 8) % own.len().max(1)).copied()
    }

    /// Remembers what was published, if it was.
    pub(in crate::model) async fn remember_versions(&mut self, scope: Scope, acts: Vec<Act<Any>>) {
        for act in acts {
            let Act::Call(Call::Publish { id, .. }) = act else { continue };
            let read = self.storages[0].assessments.published_version(&ctx(scope), id).await;
            self.published.extend(read.expect("it can be read"));
        }
    }

    /// What both are to do; nothing when something it needs is not there.
    pub(in crate::model) fn assessment_act(
        &self,
        command: Command,
        scope: Scope,
        now: Timestamp,
    ) -> Option<Act<Any>> {
        match self.made(command, scope, now) {
            Some(made) => Some(Act::Save(made)),
            None => self.called(command, scope, now).map(Act::Call),
        }
    }

    fn made(&self, Command { action, which, how }: Command, scope: Scope, now: Timestamp) -> Option<Any> {
        let (of, account) = (scope.organization(), self.account(how));
        Some(match action {
            Action::Write => self.written_by(of.filter(|_| !which.is_multiple_of(8)), which, how, now).into(),
            Action::Prepare => {
                let published = self.version(of, which)?;
                let closes_at = Some(now.plus(hours(u64::from(how) + 2)));
                let plan = Plan { closes_at, remind_hours: Some(1), ..plan(published) };
                let id = self.world.id();
                Campaign::prepare(id, published.organization, account, plan, now).into()
            }
            Action::Assign => {
                let campaign = pick!(self, Campaign of of, which);
                let (id, invitee) = (self.world.id(), self.invitee(how));
                Assignment::assign(id, campaign.organization, campaign.id, invitee, None, now).into()
            }
            Action::Arrange => {
                let published = self.version(of, which)?;
                let arrangement = arrangement(published);
                let (id, coachee) = (self.world.id(), self.invitee(how / 2));
                CoachingSession::arrange(id, published.organization, account, coachee, arrangement, now)
                    .into()
            }
            Action::Open => self.opened(of, which, how, now)?.into(),
            Action::Score => {
                let session = pick!(self, InterviewSession of of, which);
                let published = self.published.iter().find(|it| it.id == session.published)?;
                let overall = Some(i32::from(how));
                let outcome = outcome([overall, None], overall, Some(0));
                scored(published, self.world.id(), session, outcome, now).into()
            }
            Action::Queue => {
                let organization = of.unwrap_or_else(|| self.organization(which));
                let request = TaskRequest {
                    name: "work.count".to_owned(),
                    related_type: "organization".to_owned(),
                    related_id: organization.uuid(),
                    parameters: Value::from(how),
                };
                let by = (!how.is_multiple_of(3)).then_some(account);
                let output = Some(("text/csv", "numbers.csv".to_owned()));
                Task::queue(self.world.id(), organization, request, Some(9), output, by, now).into()
            }
            _ => return None,
        })
    }

    fn called(&self, Command { action, which, how }: Command, scope: Scope, now: Timestamp) -> Option<Call> {
        let (of, account) = (scope.organization(), self.account(how));
        let session = || Some(pick!(self, InterviewSession of of, which));
        Some(match action {
            Action::Publish => {
                let assessment = pick!(self, CustomAssessment of of, which).id;
                Call::Publish { assessment, id: self.world.id(), by: account, now }
            }
            Action::Delete => {
                let first = pick!(self, CustomAssessment of of, which).state().clone();
                let (outdated, first) = (how.is_multiple_of(2), CustomAssessment::restore(first, 1));
                Call::Delete { first: Box::new(first), outdated, now }
            }
            Action::Enter => Call::Enter { origin: session()?.origin, session: session()?.id, now },
            Action::Link => {
                let kinds =
                    [Kind::Assignment, Kind::CoachingSession, Kind::InterviewSession, Kind::AssessmentResult];
                let to = self.assessment.pick_of(of, kinds[usize::from(how % 4)], which)?.clone();
                Call::Link { to: Box::new(to), account, now }
            }
            Action::Answer => {
                let answer = kept(u64::from(how % 3), how / 3 % 3 + 1, now);
                Call::Answer { session: session()?.id, item: item(&format!("d{}", how % 2)), answer }
            }
            Action::Say => {
                Call::Say { session: session()?.id, turn: turn(u32::from(how % 4) + 1, "Hello", now) }
            }
            Action::Rate => {
                let rating = rating(i32::from(how));
                Call::Rate { session: session()?.id, rater: Rater::Person(account), rating, now }
            }
            // In other scopes it may be refused or do nothing.
            Action::Erase if of.is_some() => Call::Erase { session: session()?.id },
            Action::Rescore => {
                let result = pick!(self, AssessmentResult of of, which);
                let published = self.published.iter().find(|it| it.id == result.run.published)?;
                let scores = outcome([Some(i32::from(how)), None], Some(i32::from(how)), Some(0));
                let run = Box::new(run(0, published, scores, now));
                Call::Rescore { result: result.id, run, ahead: u32::from(how.is_multiple_of(4)) + 1, now }
            }
            Action::Disclose | Action::Conceal => {
                let result = pick!(self, AssessmentResult of of, which);
                let campaign = result.origin.campaign().filter(|_| how.is_multiple_of(2));
                let results = ResultFilter { assessment: result.assessment, campaign, run_by: None };
                let of = TallyFilter { results, major: 1 };
                let results = matches!(action, Action::Disclose).then_some(u64::from(how));
                Call::Disclose { result: result.id, of, results }
            }
            Action::Involve => {
                let session = session()?;
                Call::Involve(Participation::of(account, session.organization, session.origin, now))
            }
            Action::Leave => Call::Leave(scope.account()?, session()?.origin.id()),
            Action::Note => {
                let InterviewSessionState { organization, origin, .. } = *session()?.state();
                Call::Note { email: address(how), organization, origin, now }
            }
            Action::Forget if scope == Scope::Worker => Call::Forget(address(how)),
            Action::Offer => {
                let published = self.version(None, which / 8 * 8)?;
                let statuses = [MarketplaceStatus::Published, MarketplaceStatus::PendingReview];
                Call::Offer(Box::new(offer_of(published, statuses[usize::from(how % 2)], now)))
            }
            Action::Withdraw if scope == Scope::Worker => {
                Call::Withdraw(self.version(None, which / 8 * 8)?.assessment)
            }
            Action::Output => {
                let task = pick!(self, Task of of, which).id;
                Call::Output { task, part: u32::from(how % 3) + 1, bytes: vec![how; usize::from(how)] }
            }
            Action::Find => {
                let published = self.version(of, which)?;
                Call::Find {
                    assessment: published.assessment,
                    version: published.version,
                    organization: published.organization,
                    campaign: pick!(self, Campaign of of, which).id,
                    origin: session()?.origin,
                    session: session()?.id,
                    account,
                    email: address(how),
                    now,
                }
            }
            _ => return None,
        })
    }

    fn written_by(&self, of: Option<OrganizationId>, which: u8, how: u8, now: Timestamp) -> CustomAssessment {
        let templates = [TemplateName::Industry4, TemplateName::Archetype];
        let new = NewAssessment {
            id: self.world.id(),
            organization: of.unwrap_or_else(|| self.organization(which)),
            created_by: self.account(how),
            slug: slug(how),
            draft: draft("Leadership", "1.0"),
            source_type: SourceType::Upload,
            template: templates.get(usize::from(how % 8)).copied(),
        };
        CustomAssessment::write(new, now)
    }

    /// One of a few members, or whoever has one of a few addresses.
    fn invitee(&self, whom: u8) -> Invitee {
        if whom.is_multiple_of(2) {
            Invitee::member(self.account(whom / 2 % 3))
        } else {
            Invitee::address(address(whom / 2 % 3), None)
        }
    }

    fn opened(
        &self,
        of: Option<OrganizationId>,
        which: u8,
        how: u8,
        now: Timestamp,
    ) -> Option<InterviewSession> {
        let kinds = [Kind::Assignment, Kind::CoachingSession];
        let origin = self.assessment.pick_of(of, kinds[usize::from(how % 4 / 3)], which)?;
        let (origin, chosen, run_by) = match origin {
            Any::Assignment(it) => {
                let campaign = self.assessment.find(it.campaign.uuid())?;
                let Any::Campaign(campaign) = campaign else { return None };
                let origin = Origin::Campaign { campaign: it.campaign, assignment: it.id };
                (origin, campaign.plan.chosen, campaign.created_by)
            }
            Any::CoachingSession(it) => (Origin::Coaching(it.id), it.arrangement.chosen, it.coach),
            _ => return None,
        };
        let published = self.published.iter().find(|it| it.id == chosen.published)?;
        let state = session_state(published, self.world.id(), origin, run_by, now);
        let account = (!how.is_multiple_of(3)).then(|| self.account(how));
        let rules = Rules { minutes: Some(30), ..state.rules };
        Some(InterviewSession::open(InterviewSessionState { account, rules, ..state }, now))
    }
}

fn offer_of(published: &PublishedVersion, status: MarketplaceStatus, now: Timestamp) -> Listing {
    Listing {
        assessment: published.assessment,
        organization: published.organization,
        publisher: "Some AB".to_owned(),
        slug: item("leadership"),
        published: published.id,
        version: published.version,
        definition: published.definition.clone(),
        source: published.source.clone(),
        status,
        price_tier: PriceTier::Free,
        offered_at: now,
    }
}
