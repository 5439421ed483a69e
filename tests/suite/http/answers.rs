//! What operations answer and what their descriptions say, held against each other both ways: what the tests of this
//! suite see answered is described, and what is described can be answered.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use kernel::{Reach, Role};
use serde_json::Value;
use touchstone::api::api;

use super::{
    openapi::{document, operations},
    permissions::{Rule, rules},
    refusals::Sources,
};

static DESCRIBED: LazyLock<Vec<Described>> = LazyLock::new(described);

/// An operation with the codes its description names, by status.
struct Described {
    id: String,
    method: String,
    path: String,
    takes_keys: bool,
    answers: BTreeMap<u16, BTreeSet<String>>,
}

/// Every operation there is.
fn described() -> Vec<Described> {
    let whole = document();
    let one = |(path, method, operation): (String, String, Value)| {
        let responses = operation["responses"].as_object().expect("responses");
        let answers =
            responses.iter().map(|(status, response)| (status.parse().expect("a status"), named(response)));
        let id = operation["operationId"].as_str().expect("an id").to_owned();
        let takes_keys = operation["security"].to_string().contains("api_key");
        Described { id, method, path, takes_keys, answers: answers.collect() }
    };
    operations(&whole).into_iter().map(one).collect()
}

/// The codes a response names: whatever stands between backticks and has a dot.
fn named(response: &Value) -> BTreeSet<String> {
    let text = response["description"].as_str().unwrap_or_default();
    text.split('`').skip(1).step_by(2).filter(|text| text.contains('.')).map(str::to_owned).collect()
}

/// Whether the code goes without saying where its status is described: one of the shell's own, or one that says that
/// nobody is known by the token, that passwords are checked too often at once, or that a temporary one is to be changed
/// first.
fn goes_without_saying(code: &str) -> bool {
    let of_every_token = ["identity.invalid_token", "identity.password_change_needed"];
    code.starts_with("request.") || code.starts_with("service.") || of_every_token.contains(&code)
}

/// Fails the test that saw an operation answer what its description does not say.
pub(super) fn hold_against_description(method: &str, path: &str, status: u16, code: &str) {
    let fits = |template: &str| {
        let parts = || template.split('/').zip(path.split('/'));
        let same = parts().all(|(template, part)| template == part || template.starts_with('{'));
        same && template.split('/').count() == path.split('/').count()
    };
    // Of `custom-assessments/lint` and `custom-assessments/{assessment_id}` the first is meant, whatever its methods.
    let fitting = DESCRIBED.iter().filter(|one| fits(&one.path));
    let Some(meant) = fitting.min_by_key(|one| one.path.matches('{').count()) else { return };
    let operation = DESCRIBED.iter().find(|one| one.path == meant.path && one.method == method);
    let Some(operation) = operation else { return };
    let (id, said) = (&operation.id, operation.answers.get(&status));
    let is_said = said.is_some_and(|codes| codes.contains(code) || goes_without_saying(code));
    assert!(
        is_said,
        "{id} answered {status} `{code}`, which its description does not say: name the code among the `responses` of \
         its `#[utoipa::path(..)]`, under `status = {status}`"
    );
}

#[test]
fn every_code_that_is_described_has_its_status_and_is_in_reach_of_the_handler() {
    let (codes, sources) = (api().codes(), Sources::read());
    let mut lies = Vec::new();
    for Described { id, answers, .. } in described() {
        let in_reach = sources.codes_of(&id, false);
        for (status, code) in
            answers.iter().flat_map(|(status, codes)| codes.iter().map(move |code| (status, code)))
        {
            match codes.iter().find(|known| known.code == code) {
                None => lies.push(format!("{id}: no domain answers `{code}`")),
                Some(known) if known.status != *status => {
                    lies.push(format!("{id}: `{code}` comes with {} and not with {status}", known.status));
                }
                Some(known) if !in_reach.contains(known.code) => {
                    lies.push(format!("{id}: nothing that its handler calls refuses with `{code}`"));
                }
                Some(_) => {}
            }
        }
    }
    assert!(lies.is_empty(), "described, though it cannot be answered:\n{}", lies.join("\n"));
}

/// Codes that the sources lead to and the state of things does not: of which operations, and why.
const NEVER: [(&str, &[&str], &str); 10] = [
    (
        "identity.wrong_code",
        &["login", "step_up"],
        "the guard of the attempt makes it `identity.wrong_credentials`",
    ),
    (
        "identity.address_banned",
        &["change_password", "step_up"],
        "one's own password is guarded by a counter of its own, which is no address's",
    ),
    ("audit.no_checkpoint", &["get_inclusion"], "the prover makes it `audit.not_covered`"),
    ("audit.size_out_of_range", &["get_inclusion"], "the event is known to be in the log"),
    (
        "assessment.slug_taken",
        &["campaign", "coaching_session"],
        "nobody chose the slug of a template's copy",
    ),
    ("assessment.incomplete", &["pause_session", "resume_session"], "only submitting asks for whole answers"),
    (
        "assessment.event_not_allowed",
        &["open_assignment", "get_session"],
        "time and scoring are always let pass",
    ),
    ("assessment.turn_", &["session", "start_assignment"], "the interviewer keeps back what cannot be said"),
    ("assessment.not_scored", &["session"], "a result is kept with the score that lets it be released"),
    (
        "assessment.",
        &["erase_guest_data"],
        "what is found is withdrawn and voided as far as its state asks for it",
    ),
];

#[test]
fn every_code_that_a_handler_surely_comes_to_is_described() {
    let (codes, sources) = (api().codes(), Sources::read());
    let mut unsaid = Vec::new();
    for Described { id, answers, .. } in described() {
        for code in sources.codes_of(&id, true) {
            // What is missing has the shell's own code.
            let Some(known) = codes.iter().find(|known| known.code == code) else { continue };
            let is_said = answers.get(&known.status).is_some_and(|said| said.contains(code));
            let is_never = NEVER.iter().any(|(never, of, _)| {
                code.starts_with(never) && of.iter().any(|operation| id.contains(operation))
            });
            if !is_said && !is_never && !goes_without_saying(code) && !BY_RULE.contains(&code) {
                unsaid.push(format!("{id}: {} `{code}`", known.status));
            }
        }
    }
    assert!(unsaid.is_empty(), "answered, and not described:\n{}", unsaid.join("\n"));
}

const FORBIDDEN: &str = "identity.forbidden";
const PERSON_NEEDED: &str = "identity.person_needed";
const SECOND_FACTOR_NEEDED: &str = "identity.second_factor_needed";
const SCOPE_MISSING: &str = "identity.scope_missing";

/// What a domain refuses keys by itself, that takes passes of people without an account.
const NO_KEY: &str = "assessment.person_needed";

/// The codes that follow from who may call.
const BY_RULE: [&str; 5] = [FORBIDDEN, PERSON_NEEDED, SECOND_FACTOR_NEEDED, SCOPE_MISSING, NO_KEY];

/// Operations that a key may call and not do all of, with the code it is refused the rest with.
const NOT_ALL_BY_KEY: [(&str, &str); 4] = [
    ("identity.update_member", PERSON_NEEDED),
    ("identity.invite", PERSON_NEEDED),
    ("identity.resend_invitation", PERSON_NEEDED),
    ("assessment.export_results", NO_KEY),
];

/// The codes by which whoever may not call the operation is refused.
fn refused_by(rule: Rule, id: &str) -> BTreeSet<&'static str> {
    let mut codes: BTreeSet<&str> =
        NOT_ALL_BY_KEY.iter().filter(|(of, _)| *of == id).map(|(_, code)| *code).collect();
    match rule {
        Rule::Open => {}
        Rule::Person => _ = codes.insert(if id.starts_with("assessment.") { NO_KEY } else { PERSON_NEEDED }),
        Rule::Visitor(_) => codes.extend([FORBIDDEN, SECOND_FACTOR_NEEDED, SCOPE_MISSING]),
        Rule::Platform(_) => codes.extend([FORBIDDEN, PERSON_NEEDED, SECOND_FACTOR_NEEDED]),
        Rule::Tenant(action) => {
            let takes_keys = action.key_scope().is_some();
            let is_for_some = Role::ALL.into_iter().any(|role| action.reach(role) == Reach::None);
            codes.extend((takes_keys || is_for_some).then_some(FORBIDDEN));
            codes.insert(if takes_keys { SCOPE_MISSING } else { PERSON_NEEDED });
            // Whoever is to set up a second factor first may leave instead.
            codes.extend((action.name() != identity::Action::Leave.name()).then_some(SECOND_FACTOR_NEEDED));
        }
    }
    codes
}

#[test]
fn operations_are_described_with_the_codes_by_which_their_rule_refuses_and_with_no_other_of_these() {
    let rules = rules();
    for Described { id, takes_keys, answers, .. } in described() {
        let said = answers.get(&403).into_iter().flatten().map(String::as_str);
        let said: BTreeSet<&str> = said.filter(|code| BY_RULE.contains(code)).collect();
        assert_eq!(said, refused_by(rules[&*id], &id), "{id}");
        if let Rule::Tenant(action) | Rule::Visitor(action) = rules[&*id] {
            assert_eq!(
                takes_keys,
                action.key_scope().is_some() && !said.contains(NO_KEY),
                "{id}: `security` names `api_key` where keys may call"
            );
        }
    }
}
