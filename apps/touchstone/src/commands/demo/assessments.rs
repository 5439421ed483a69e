//! A living example in one organisation: an assessment that was published, a campaign that some have taken, with a
//! result that waits to be released, and a coaching session. Whatever is there already stays.

use assessment_engine::{
    CustomAssessmentId, DeliverySettings, Refused, Release,
    authoring::Input,
    campaigns::{NewAssignee, NewCampaign},
    coaching::{NewCoachingSession, meeting::MeetingMinutes},
    invitations::AssessmentChoice,
    ratings::AnsweredText,
    reading::AssessmentFilter,
    sessions::{Form, Question, Questionnaire, interview_session::InterviewSessionId},
};
use assessment_format::{
    Rating, Score,
    rating::{Quote, Source},
};
use identity::{Name, Role};
use kernel::{AccountId, Ctx, invitation::Invitee};
use platform::Platform;
use serde_json::{Value, json};

use super::{DemoOrganization, first_page};

const ASSESSMENT: &str = include_str!("../../../../../docs/assessments/leadership-readiness.md");
const CAMPAIGN: &str = "Leaders of next year";
const COACHING: &str = "Finding my part in the team";

/// Fills the demo with what is missing.
pub(super) async fn fill(platform: &Platform, demo: &DemoOrganization) -> Result<(), Refused> {
    let assessments = &platform.assessments;
    let owner = &demo.owner;
    let all = AssessmentFilter::default();
    let known = assessments.authoring.list(owner, demo.organization, &all, &first_page()).await?;
    if !known.items.is_empty() {
        return Ok(());
    }
    let written = Input::Markdown(ASSESSMENT.to_owned());
    let written = assessments.authoring.write(owner, demo.organization, written, None).await?;
    assessments.authoring.publish(owner, demo.organization, written.id).await?;
    assessments.authoring.activate(owner, demo.organization, written.id).await?;
    campaign(platform, demo, written.id).await?;
    coaching(platform, demo).await
}

/// Everyone but the manager, who runs it, is asked; the last two have not finished.
async fn campaign(
    platform: &Platform,
    demo: &DemoOrganization,
    assessment: CustomAssessmentId,
) -> Result<(), Refused> {
    let assessments = &platform.assessments;
    let (_, manager) = of(demo, Role::Manager)?;
    let new = NewCampaign {
        name: name(CAMPAIGN)?,
        message: "Take your time, and answer for yourself.".to_owned(),
        choice: AssessmentChoice::Own { assessment, version: None },
        delivery: DeliverySettings { release: Release::ByHand, ..DeliverySettings::default() },
        opens_at: None,
        closes_at: None,
        remind_hours: None,
    };
    let campaign = assessments.campaigns.prepare(manager, demo.organization, new).await?;
    assessments.campaigns.activate(manager, demo.organization, campaign.id).await?;
    let asked: Vec<_> = demo.people.iter().filter(|(role, _)| **role != Role::Manager).collect();
    let people =
        asked.iter().map(|(_, (account, _))| NewAssignee { invitee: Invitee::member(*account), extra: None });
    let people = people.collect();
    assessments.campaigns.assign(manager, demo.organization, campaign.id, people).await?;
    let done = asked.len().saturating_sub(2);
    for (number, (_, (_, person))) in asked.into_iter().enumerate() {
        take(platform, person, number, number < done).await?;
    }
    match session_of_owner(platform, demo).await? {
        Some(session) => rate(platform, demo, manager, session).await,
        None => Ok(()),
    }
}

/// Where the owner took the assessment.
pub(super) async fn session_of_owner(
    platform: &Platform,
    demo: &DemoOrganization,
) -> Result<Option<InterviewSessionId>, Refused> {
    let asked = platform.assessments.sessions.mine(&demo.owner, &first_page()).await?.items;
    Ok(asked.first().and_then(|asked| asked.session))
}

/// The rater rates every text: then there is a result.
async fn rate(
    platform: &Platform,
    demo: &DemoOrganization,
    rater: &Ctx,
    session: InterviewSessionId,
) -> Result<(), Refused> {
    let ratings = &platform.assessments.ratings;
    let Some(material) = ratings.session(rater, demo.organization, session).await?.material else {
        return Ok(());
    };
    for target in &material.missing {
        let text = material.texts.iter().find(|text| Some(&text.item) == target.item.as_ref());
        let quote = |text: &AnsweredText| Quote {
            source: Source::Item(text.item.clone()),
            text: text.answer.clone(),
        };
        let rating =
            Rating { score: Score::new(4.into()).ok(), evidence: text.map(quote).into_iter().collect() };
        ratings.rate(rater, demo.organization, session, target, &rating).await?;
    }
    Ok(())
}

/// The practitioner coaches the member, who has not begun.
async fn coaching(platform: &Platform, demo: &DemoOrganization) -> Result<(), Refused> {
    let (_, coach) = of(demo, Role::Practitioner)?;
    let (coachee, _) = of(demo, Role::Member)?;
    let new = NewCoachingSession {
        coachee: Invitee::member(*coachee),
        title: name(COACHING)?,
        message: String::new(),
        choice: AssessmentChoice::BuiltIn(assessment_engine::TemplateName::Archetype),
        delivery: DeliverySettings::default(),
        scheduled_at: None,
        duration: MeetingMinutes::default(),
        time_zone: None,
        closes_at: None,
        extra: None,
    };
    platform.assessments.coaching.arrange(coach, demo.organization, new).await.map(drop)
}

/// Answers what must be answered, or the first half of it.
async fn take(platform: &Platform, person: &Ctx, number: usize, whole: bool) -> Result<(), Refused> {
    let sessions = &platform.assessments.sessions;
    let Some(asked) = sessions.mine(person, &first_page()).await?.items.into_iter().next() else {
        return Ok(());
    };
    let view = sessions.start(person, asked.id).await?;
    let Some(Questionnaire { questions, .. }) = view.questionnaire() else { return Ok(()) };
    let asked = if whole { questions.len() } else { questions.len() / 2 };
    for (place, question) in questions.iter().take(asked).enumerate() {
        if let Some(reply) = reply(question, number, place) {
            sessions.answer(person, view.session.id, question.id, 1, Some(&reply)).await?;
        }
    }
    if whole {
        sessions.submit(person, view.session.id).await?;
    }
    Ok(())
}

/// Some answer or other, the same each time. What only a person could judge is left out where it may be.
fn reply(question: &Question<'_>, number: usize, place: usize) -> Option<Value> {
    let one_of = |count: usize| (number * 7 + place * 3 + number * place) % count.max(1) + 1;
    match &question.form {
        Form::Steps { steps, .. } => Some(json!({ "step": one_of(usize::from(*steps)) })),
        Form::OneOf { options } => Some(json!({ "option": one_of(options.len()) })),
        Form::SomeOf { least, most, .. } => {
            let chosen: Vec<u8> = (1..=(*least).max(1).min(*most)).collect();
            Some(json!({ "options": chosen }))
        }
        Form::Number { min, .. } => Some(json!({ "number": min.to_string().parse::<f64>().ok()? })),
        Form::Text { .. } if question.required => {
            Some(json!({ "text": "I asked, listened, and then decided." }))
        }
        Form::Text { .. } => None,
    }
}

fn of(demo: &DemoOrganization, role: Role) -> Result<&(AccountId, Ctx), Refused> {
    demo.people.get(&role).ok_or(Refused::Missing("member"))
}

fn name(text: &str) -> Result<Name, Refused> {
    Name::new(text).map_err(|error| Refused::Fault(format!("{text}: {error}")))
}
