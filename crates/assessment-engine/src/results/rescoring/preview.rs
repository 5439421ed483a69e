//! Who would come out otherwise.

use std::collections::{BTreeMap, HashMap};

use assessment_format::{Definition, SCORER_VERSION, Score, Scorer, Slug, Version, scoring::Outcome};
use kernel::{Ctx, OrganizationId};
use serde::Serialize;

use crate::{
    authoring::published::{PublishedVersion, PublishedVersionId},
    reading::{ResultFilter, ScoringInput},
    refusal::Refused,
    results::{
        rescoring::{Plan, Rescore, RescoringService, batch, is_erased},
        result::AssessmentResultId,
    },
};

/// How many results are read at a time.
const BATCH: u32 = 1_000;
/// How many differences are shown one by one.
const SHOWN: usize = 100;

/// What scoring anew would change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// By which version of the scorer.
    pub scorer_version: u16,
    /// By the rules of which version; each by its own without.
    pub version: Option<Version>,
    /// How many results were looked at.
    pub results: u64,
    /// How many of them would come out otherwise: another score, or another category.
    pub changed: u64,
    /// How many stay as they are because what was answered was erased.
    pub erased: u64,
    /// How many overall scores would move.
    pub overall: Moved,
    /// How many scores of each dimension would move, by its id.
    pub dimensions: BTreeMap<Slug, Moved>,
    /// Between which categories results would move, by name.
    pub categories: Vec<CategoryMoved>,
    /// The first that would come out otherwise.
    pub first: Vec<Difference>,
    #[serde(skip)]
    between: BTreeMap<(Option<String>, Option<String>), u64>,
}

/// How many scores would move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Upwards.
    pub up: u64,
    /// Downwards.
    pub down: u64,
    /// From none to some.
    pub gained: u64,
    /// From some to none.
    pub lost: u64,
}

/// How many results would move from one category to another; `None` is no category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CategoryMoved {
    /// From this one.
    pub from: Option<String>,
    /// To this one.
    pub to: Option<String>,
    /// How many.
    pub results: u64,
}

/// A result that would come out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which.
    pub result: AssessmentResultId,
    /// The overall score now.
    pub overall_before: Option<Score>,
    /// The overall score it would have.
    pub overall_after: Option<Score>,
    /// The category now.
    pub category_before: Option<String>,
    /// The category it would have.
    pub category_after: Option<String>,
}

impl Moved {
    fn count(&mut self, before: Option<Score>, after: Option<Score>) {
        match (before, after) {
            (Some(before), Some(after)) if before < after => self.up += 1,
            (Some(before), Some(after)) if before > after => self.down += 1,
            (None, Some(_)) => self.gained += 1,
            (Some(_), None) => self.lost += 1,
            _ => {}
        }
    }
}

impl Preview {
    fn see(&mut self, input: &ScoringInput, before: &Definition, scorer: &Scorer<'_>) {
        self.results += 1;
        if is_erased(input) {
            self.erased += 1;
            return;
        }
        let outcome = scorer.score(&input.answers, &input.ratings);
        let after = scorer.definition();
        if std::ptr::eq(before, after) && input.outcome == outcome {
            return;
        }
        self.compare(input, before, &outcome, after);
    }

    /// Dimensions are compared by their ids and categories by their names, so that other rules can be compared too.
    fn compare(&mut self, input: &ScoringInput, before: &Definition, outcome: &Outcome, after: &Definition) {
        let scores = |definition: &Definition, outcome: &Outcome| -> BTreeMap<Slug, Option<Score>> {
            let ids = definition.dimensions.iter().map(|dimension| dimension.id.clone());
            ids.zip(outcome.dimensions.iter().copied()).collect()
        };
        let (old, new) = (scores(before, &input.outcome), scores(after, outcome));
        let category = |definition: &Definition, outcome: &Outcome| {
            outcome.category.and_then(|at| definition.categories.get(at)).map(|of| of.name.clone())
        };
        let (was, is) = (category(before, &input.outcome), category(after, outcome));
        if old == new && was == is && input.outcome.overall == outcome.overall {
            return;
        }
        self.changed += 1;
        self.overall.count(input.outcome.overall, outcome.overall);
        for id in old.keys().chain(new.keys().filter(|id| !old.contains_key(*id))) {
            let of = |scores: &BTreeMap<Slug, Option<Score>>| scores.get(id).copied().flatten();
            let (before, after) = (of(&old), of(&new));
            if before != after {
                self.dimensions.entry(id.clone()).or_default().count(before, after);
            }
        }
        if self.first.len() < SHOWN {
            self.first.push(Difference {
                result: input.id,
                overall_before: input.outcome.overall,
                overall_after: outcome.overall,
                category_before: was.clone(),
                category_after: is.clone(),
            });
        }
        if was != is {
            *self.between.entry((was, is)).or_default() += 1;
        }
    }

    fn finished(mut self) -> Self {
        let moved = |((from, to), results)| CategoryMoved { from, to, results };
        self.categories = std::mem::take(&mut self.between).into_iter().map(moved).collect();
        self
    }
}

impl RescoringService {
    /// The preview of an operator, who need not ask the gate: over any number of results, telling how many were looked
    /// at. `tenant` is in the scope of the organisation.
    pub async fn preview_all(
        &self,
        tenant: &Ctx,
        organization: OrganizationId,
        of: Rescore,
        seen: impl FnMut(u64) + Send,
    ) -> Result<Preview, Refused> {
        let plan = self.plan(tenant, of).await?;
        let filter = ResultFilter::of(of.assessment, of.campaign);
        self.previewed(tenant, organization, &filter, plan, seen).await
    }

    /// How many results there are to be scored anew.
    pub async fn count(&self, tenant: &Ctx, of: Rescore) -> Result<u64, Refused> {
        Ok(self.ports.reading.count_results(tenant, &ResultFilter::of(of.assessment, of.campaign)).await?)
    }

    pub(super) async fn previewed(
        &self,
        tenant: &Ctx,
        organization: OrganizationId,
        filter: &ResultFilter,
        plan: Plan,
        mut seen: impl FnMut(u64) + Send,
    ) -> Result<Preview, Refused> {
        let mut preview = Preview { scorer_version: SCORER_VERSION, ..Preview::default() };
        if let Some(id) = plan.published {
            preview.version = Some(self.ports.published(tenant, organization, id).await?.version);
        }
        let mut after = None;
        loop {
            let (inputs, next) = batch(&self.ports, tenant, filter, after, BATCH).await?;
            let rules = self.rules(tenant, organization, plan, &inputs).await?;
            let scorers: HashMap<PublishedVersionId, (&PublishedVersion, Scorer<'_>)> = rules
                .iter()
                .map(|(id, published)| (*id, (&**published, Scorer::new(&published.definition))))
                .collect();
            for one in &inputs {
                let own = scorers.get(&one.published);
                let by = plan.published.map_or(own, |id| scorers.get(&id));
                if let (Some((own, _)), Some((_, scorer))) = (own, by) {
                    preview.see(one, &own.definition, scorer);
                }
            }
            seen(inputs.len() as u64);
            match next {
                Some(next) => after = Some(next),
                None => return Ok(preview.finished()),
            }
        }
    }
}
