//! What can be changed of a draft without sending it whole.

use std::sync::Arc;

use assessment_format::{
    Definition, Slug,
    definition::{Disclosure, Style},
};

use crate::refusal::Refused;

/// What is to change about an assessment; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssessmentChange {
    /// How it is called in addresses.
    pub slug: Option<Slug>,
    /// What it is called.
    pub name: Option<String>,
    /// What it is for: markdown.
    pub description: Option<String>,
    /// How much of the result the person sees.
    pub disclosure: Option<Disclosure>,
    /// How freely the interview is led, where a campaign says nothing else.
    pub style: Option<Style>,
    /// Whether a campaign may say something else.
    pub allow_override: Option<bool>,
}

impl AssessmentChange {
    /// The definition with the change, if it keeps every rule.
    pub(super) fn applied_to(&self, definition: &Arc<Definition>) -> Result<Arc<Definition>, Refused> {
        let mut content = Definition::clone(definition).into_content();
        let settings = &mut content.settings;
        settings.slug = self.slug.clone().or(settings.slug.take());
        settings.name = self.name.clone().unwrap_or(std::mem::take(&mut settings.name));
        settings.description = self.description.clone().unwrap_or(std::mem::take(&mut settings.description));
        settings.disclosure = self.disclosure.unwrap_or(settings.disclosure);
        settings.interview.style = self.style.unwrap_or(settings.interview.style);
        settings.interview.allow_override = self.allow_override.unwrap_or(settings.interview.allow_override);
        if content == ***definition {
            return Ok(definition.clone());
        }
        Definition::new(&content).map(Arc::new).map_err(|faults| Refused::Faulty(faults.0))
    }
}
