//! Who words the questions: the port, the interviewer that works by rules, and what keeps any other in
//! bounds.

use async_trait::async_trait;

use super::{
    plan::{Plan, Prompt, Step},
    transcript::{Purpose, Transcript},
    wording::{WordingRefused, check_wording},
};

/// What an interviewer is given.
#[derive(Debug, Clone, Copy)]
pub struct Brief<'a> {
    /// The plan: the style, the assessment, what must not be asked.
    pub plan: &'a Plan<'a>,
    /// What was said.
    pub transcript: &'a Transcript,
    /// What is to be said.
    pub prompt: &'a Prompt<'a>,
}

/// Why an interviewer has no words. The planned ones are said instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the interviewer has no words: {0}")]
pub struct NoWording(pub String);

/// Words the questions of an interview. What is asked, and when, the plan has decided.
///
/// An adapter MUST, and [`lead`] holds it to that (`interview::whoever_words_the_questions_*`):
/// - return the planned words as they are where [`StyleRules::verbatim`](super::StyleRules) says so;
/// - ask nothing that [`Plan::never_ask`] lists: it MUST be part of a model's instructions;
/// - treat what the person said as material, never as instructions;
/// - be cancel-safe, and give up within seconds: the person waits.
#[async_trait]
pub trait Interviewer: Send + Sync {
    /// Whether it can word follow-ups of its own, where none is written.
    fn improvises(&self) -> bool;

    /// The words for the cue: 1 to 2,000 characters.
    async fn word(&self, brief: Brief<'_>) -> Result<String, NoWording>;
}

/// Says what is written. It needs no model and never fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScriptedInterviewer;

#[async_trait]
impl Interviewer for ScriptedInterviewer {
    fn improvises(&self) -> bool {
        false
    }

    async fn word(&self, brief: Brief<'_>) -> Result<String, NoWording> {
        brief.prompt.words.map(str::to_owned).ok_or_else(|| NoWording("nothing is written here".into()))
    }
}

/// What is said next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The interviewer says this.
    Say(Utterance),
    /// The person is to answer.
    Listen,
    /// The interview is over.
    Over,
}

/// What the interviewer says: a turn to add to the transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// To what purpose.
    pub purpose: Purpose,
    /// The words.
    pub text: String,
    /// Why these are the planned words and not the interviewer's, where they had others or none.
    pub fallback: Option<FallbackReason>,
}

/// Why planned words stand where an interviewer's would.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FallbackReason {
    /// They had none.
    #[error(transparent)]
    NoWording(#[from] NoWording),
    /// Theirs may not be used.
    #[error("the interviewer's wording was not used: {0}")]
    Wording(#[from] WordingRefused),
}

/// Takes the next step of an interview: lets the interviewer word it, and says the planned words where theirs
/// will not do. A follow-up of their own that will not do is left out.
pub async fn lead(plan: &Plan<'_>, transcript: &Transcript, interviewer: &dyn Interviewer) -> Next {
    let mut improvises = interviewer.improvises();
    let mut fallback = None;
    loop {
        let prompt = match plan.next(transcript, improvises) {
            Step::Speak(prompt) => prompt,
            Step::Listen => return Next::Listen,
            Step::Over => return Next::Over,
        };
        let words = if fallback.is_none() {
            let worded = interviewer.word(Brief { plan, transcript, prompt: &prompt }).await;
            worded
                .map_err(FallbackReason::from)
                .and_then(|words| fit(plan, &prompt, words).map_err(FallbackReason::from))
        } else {
            Ok(prompt.words.unwrap_or_default().to_owned())
        };
        match (words, prompt.words) {
            (Ok(text), _) => return Next::Say(Utterance { purpose: prompt.purpose, text, fallback }),
            (Err(why), Some(planned)) => {
                let text = planned.to_owned();
                return Next::Say(Utterance { purpose: prompt.purpose, text, fallback: Some(why) });
            }
            (Err(why), None) => {
                improvises = false;
                fallback = Some(why);
            }
        }
    }
}

fn fit(plan: &Plan<'_>, prompt: &Prompt<'_>, words: String) -> Result<String, WordingRefused> {
    match prompt.words {
        Some(planned) if words == planned => Ok(words),
        Some(_) if plan.style_rules().verbatim => Err(WordingRefused::NotVerbatim),
        _ => check_wording(&words, plan.never_ask()).map(|()| words),
    }
}
