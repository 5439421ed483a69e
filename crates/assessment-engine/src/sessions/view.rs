//! What the person sees of a session: the questions without what an answer is worth, and what they said themselves.

use std::sync::Arc;

use assessment_format::{
    Answers, Session, Slug, Transcript,
    definition::{Answer, Choice, Item, Part},
    session::{EventKind, Stage},
};
use kernel::{Ctx, Timestamp};
use rust_decimal::Decimal;

use crate::{
    authoring::published::PublishedVersion,
    refusal::Refused,
    sessions::{
        OwnSession, SessionService,
        interview_session::{InterviewSession, InterviewSessionId},
        turns::responses,
    },
};

/// A session as the person sees it. Neither dimensions nor what answers are worth are in it.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// The session.
    pub session: InterviewSession,
    /// What was answered so far, each with the number it was sent under.
    pub answers: Answers,
    /// What was said so far.
    pub transcript: Transcript,
    /// Whether the interviewer waits for the person to go on.
    pub goes_on: bool,
    /// The time on the server, which alone decides about the deadline.
    pub now: Timestamp,
    published: Arc<PublishedVersion>,
}

/// The questionnaire as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questionnaire<'d> {
    /// What a person reads first: markdown, perhaps empty.
    pub instructions: &'d str,
    /// Its parts, in order.
    pub parts: &'d [Part],
    /// Its questions, in order.
    pub questions: Vec<Question<'d>>,
}

/// A question as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'d> {
    /// The item it is.
    pub id: &'d Slug,
    /// The part it stands in.
    pub part: Option<&'d Slug>,
    /// What is asked: markdown.
    pub text: &'d str,
    /// Whether it must be answered.
    pub required: bool,
    /// How it is answered.
    pub form: Form<'d>,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form<'d> {
    /// By a step from 1.
    Steps {
        /// How many there are.
        steps: u8,
        /// What they are called: none, the two ends, or each.
        labels: &'d [String],
    },
    /// By one of the options, numbered from 1.
    OneOf {
        /// Their texts.
        options: Vec<&'d str>,
    },
    /// By some of the options, numbered from 1.
    SomeOf {
        /// Their texts.
        options: Vec<&'d str>,
        /// At least so many.
        least: u8,
        /// At most so many.
        most: u8,
    },
    /// By a number.
    Number {
        /// The least that is accepted.
        min: Decimal,
        /// The most that is accepted.
        max: Decimal,
        /// How many decimal places.
        decimals: u8,
        /// What is counted.
        unit: Option<&'d str>,
    },
    /// By a text.
    Text {
        /// How many characters are accepted.
        max_length: u16,
    },
}

impl SessionService {
    /// A session of the caller's own. One whose deadline has passed is finished by that; an interviewer who was
    /// interrupted speaks.
    pub async fn view(&self, ctx: &Ctx, id: InterviewSessionId) -> Result<SessionView, Refused> {
        let OwnSession { tenant, session, published } = self.enter(ctx, id).await?;
        let mut unit = self.ports.store.begin(&tenant).await?;
        let (mut answers, mut transcript) = responses(&mut *unit, id).await?;
        drop(unit);
        if self.is_silent(&session, &published, &transcript) {
            self.lead_on(&tenant, id, &published).await?;
            let mut unit = self.ports.store.begin(&tenant).await?;
            (answers, transcript) = responses(&mut *unit, id).await?;
        }
        let running = session.progress.status.stage() == Stage::InProgress;
        let goes_on = running && self.listens(&session, &published, &transcript);
        let now = self.ports.clock.now();
        Ok(SessionView { session, answers, transcript, goes_on, now, published })
    }
}

impl SessionView {
    /// What is taken.
    pub fn name(&self) -> &str {
        &self.published.definition.settings.name
    }

    /// What it is for: markdown, perhaps empty.
    pub fn description(&self) -> &str {
        &self.published.definition.settings.description
    }

    /// In which language it is written.
    pub fn language(&self) -> &str {
        &self.published.definition.settings.language
    }

    /// What the person may do now.
    pub fn allowed(&self) -> Vec<EventKind> {
        const OWN: [EventKind; 6] = [
            EventKind::Start,
            EventKind::Answer,
            EventKind::Turn,
            EventKind::Pause,
            EventKind::Resume,
            EventKind::Submit,
        ];
        let allowed = self.session.progress.allowed(&self.session.rules, self.now);
        let possible = |event: &EventKind| match event {
            EventKind::Turn => self.goes_on,
            event => OWN.contains(event),
        };
        allowed.into_iter().filter(possible).collect()
    }

    /// The items that must be answered and are not, in the order of the questionnaire.
    pub fn missing(&self) -> Vec<Slug> {
        let progress = self.session.progress.clone();
        Session::restore(progress, self.answers.clone(), Transcript::default())
            .missing(&self.published.definition)
    }

    /// How many questions there are.
    pub fn questions(&self) -> usize {
        self.published.definition.items.len()
    }

    /// The questionnaire. It is shown while the clock runs and afterwards, not before and not in a pause.
    pub fn questionnaire(&self) -> Option<Questionnaire<'_>> {
        let definition = &*self.published.definition;
        match self.session.progress.status.stage() {
            Stage::NotStarted | Stage::Paused => None,
            _ => Some(Questionnaire {
                instructions: &definition.introductions.items,
                parts: &definition.parts,
                questions: definition.items.iter().map(Question::of).collect(),
            }),
        }
    }
}

impl<'d> Question<'d> {
    fn of(item: &'d Item) -> Self {
        let texts = |options: &'d [Choice]| options.iter().map(|option| option.text.as_str()).collect();
        let form = match &item.answer {
            Answer::Agree(likert) => Form::Steps { steps: likert.steps, labels: &likert.labels },
            Answer::SingleChoice { options } => Form::OneOf { options: texts(options) },
            Answer::MultipleChoice { options, least, most } => {
                Form::SomeOf { options: texts(options), least: *least, most: *most }
            }
            Answer::Number { min, max, decimals, unit, .. } => {
                Form::Number { min: *min, max: *max, decimals: *decimals, unit: unit.as_deref() }
            }
            Answer::Text { max_length } => Form::Text { max_length: *max_length },
        };
        Self { id: &item.id, part: item.part.as_ref(), text: &item.text, required: item.required, form }
    }
}
