//! Every operation x every role x own, other and no organisation. An operation that is missing here fails.

use std::collections::{BTreeMap, BTreeSet};

use identity::{Action, Name, api_key::NewApiKey};
use kernel::{Reach, Role, Roles, Rule as Allowing};
use platform::DOMAINS;
use serde_json::{Value, json};

use super::{
    openapi::{document, operations},
    world::{Person, Server},
};

/// Who may call an operation.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// Everyone.
    Open,
    /// Whoever is signed in.
    Person,
    /// Whoever the domain's matrix allows in the organisation of the path.
    Tenant(&'static dyn Allowing),
    /// Whoever is signed in, and programs that may do this in their organisation.
    Visitor(&'static dyn Allowing),
    /// Administrators of the platform with a second factor.
    Platform(&'static dyn Allowing),
}

pub(super) fn rules() -> BTreeMap<&'static str, Rule> {
    use Rule::{Open, Person, Platform, Tenant, Visitor};
    use assessment_engine::Action as AssessmentAction;
    use document::Action as DocumentAction;
    use webhook::Action as WebhookAction;
    BTreeMap::from([
        ("health.live", Open),
        ("health.ready", Open),
        ("identity.jwks", Open),
        ("identity.register", Open),
        ("identity.verify_email", Open),
        ("identity.resend_verification", Open),
        ("identity.login", Open),
        ("identity.refresh", Open),
        ("identity.logout", Open),
        ("identity.forgot_password", Open),
        ("identity.reset_password", Open),
        ("identity.confirm_email_change", Open),
        ("identity.follow_unsubscribe_link", Open),
        ("identity.unsubscribe", Open),
        ("identity.subscribe_again", Open),
        ("notification.follow_unsubscribe_link", Open),
        ("notification.unsubscribe", Open),
        ("notification.subscribe_again", Open),
        ("notification.list_notifications", Person),
        ("notification.count_unread", Person),
        ("notification.mark_notification", Person),
        ("notification.mark_all_read", Person),
        ("notification.get_preferences", Person),
        ("notification.put_preferences", Person),
        ("notification.stream", Person),
        ("notification.issue_stream_ticket", Person),
        ("audit.get_checkpoint", Open),
        ("audit.get_consistency", Open),
        ("audit.get_inclusion", Open),
        ("audit.list_own_events", Person),
        ("audit.list_organization_events", Tenant(&audit::Action::ReadOrganization)),
        ("audit.list_platform_events", Platform(&audit::Action::ReadPlatform)),
        ("identity.step_up", Person),
        ("identity.change_password", Person),
        ("identity.get_me", Person),
        ("identity.edit_me", Person),
        ("identity.erase_me", Person),
        ("identity.export_me", Person),
        ("identity.request_email_change", Person),
        ("identity.get_admin_settings", Person),
        ("identity.put_admin_settings", Person),
        ("identity.list_sessions", Person),
        ("identity.end_session", Person),
        ("identity.end_other_sessions", Person),
        ("identity.enrol_second_factor", Person),
        ("identity.confirm_second_factor", Person),
        ("identity.remove_second_factor", Person),
        ("identity.renew_recovery_codes", Person),
        ("identity.found_organization", Person),
        ("identity.list_organizations", Person),
        ("identity.my_invitations", Person),
        ("identity.accept_invitation", Person),
        ("identity.decline_invitation", Person),
        ("identity.get_organization", Tenant(&Action::ViewOrganization)),
        ("identity.edit_organization", Tenant(&Action::UpdateOrganization)),
        ("identity.leave_organization", Tenant(&Action::Leave)),
        ("identity.transfer_ownership", Tenant(&Action::TransferOwnership)),
        ("identity.close_organization", Tenant(&Action::CloseOrganization)),
        ("identity.list_members", Tenant(&Action::ViewMembers)),
        ("identity.update_member", Tenant(&Action::UpdateMembers)),
        ("identity.remove_member", Tenant(&Action::RemoveMembers)),
        ("identity.invite", Tenant(&Action::Invite)),
        ("identity.list_invitations", Tenant(&Action::ViewInvitations)),
        ("identity.resend_invitation", Tenant(&Action::ManageInvitations)),
        ("identity.revoke_invitation", Tenant(&Action::ManageInvitations)),
        ("identity.create_api_key", Tenant(&Action::ManageApiKeys)),
        ("identity.list_api_keys", Tenant(&Action::ManageApiKeys)),
        ("identity.revoke_api_key", Tenant(&Action::ManageApiKeys)),
        ("identity.list_accounts", Platform(&Action::ViewAccounts)),
        ("identity.update_account", Platform(&Action::AdministrateAccounts)),
        ("assessment.write_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.lint_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.list_assessments", Tenant(&AssessmentAction::ViewAssessments)),
        ("assessment.get_assessment", Tenant(&AssessmentAction::ViewAssessments)),
        ("assessment.edit_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.delete_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.replace_source", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.get_source", Tenant(&AssessmentAction::ViewAssessments)),
        ("assessment.get_changes", Tenant(&AssessmentAction::ViewAssessments)),
        ("assessment.publish_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.activate_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.archive_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.list_versions", Tenant(&AssessmentAction::ViewAssessments)),
        ("assessment.get_version", Tenant(&AssessmentAction::ViewAssessments)),
        ("assessment.import_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.offer_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.withdraw_assessment", Tenant(&AssessmentAction::WriteAssessments)),
        ("assessment.list_templates", Visitor(&AssessmentAction::ViewAssessments)),
        ("assessment.get_template", Visitor(&AssessmentAction::ViewAssessments)),
        ("assessment.list_listings", Visitor(&AssessmentAction::ViewAssessments)),
        ("assessment.get_listing", Visitor(&AssessmentAction::ViewAssessments)),
        ("assessment.list_offers", Platform(&AssessmentAction::ReviewMarketplace)),
        ("assessment.review_offer", Platform(&AssessmentAction::ReviewMarketplace)),
        ("assessment.prepare_campaign", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.list_campaigns", Tenant(&AssessmentAction::ViewCampaigns)),
        ("assessment.get_campaign", Tenant(&AssessmentAction::ViewCampaigns)),
        ("assessment.edit_campaign", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.activate_campaign", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.close_campaign", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.remind_campaign", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.get_campaign_progress", Tenant(&AssessmentAction::ViewCampaigns)),
        ("assessment.assign", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.list_assignments", Tenant(&AssessmentAction::ViewCampaigns)),
        ("assessment.get_assignment", Tenant(&AssessmentAction::ViewCampaigns)),
        ("assessment.export_guest_data", Person),
        ("assessment.erase_guest_data", Person),
        ("assessment.edit_assignment", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.send_assignment", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.withdraw_assignment", Tenant(&AssessmentAction::RunCampaigns)),
        ("assessment.arrange_coaching_session", Tenant(&AssessmentAction::Coach)),
        ("assessment.list_coaching_sessions", Tenant(&AssessmentAction::ViewCoaching)),
        ("assessment.get_coaching_session", Tenant(&AssessmentAction::ViewCoaching)),
        ("assessment.edit_coaching_session", Tenant(&AssessmentAction::Coach)),
        ("assessment.remind_coachee", Tenant(&AssessmentAction::Coach)),
        ("assessment.close_coaching_session", Tenant(&AssessmentAction::Coach)),
        ("assessment.open_assignment", Open),
        ("assessment.list_my_assignments", Person),
        ("assessment.start_assignment", Person),
        ("assessment.get_session", Person),
        ("assessment.put_answer", Person),
        ("assessment.add_turn", Person),
        ("assessment.pause_session", Person),
        ("assessment.resume_session", Person),
        ("assessment.submit_session", Person),
        ("assessment.list_my_results", Person),
        ("assessment.get_my_result", Person),
        ("assessment.get_session_to_rate", Tenant(&AssessmentAction::Rate)),
        ("assessment.rate_session", Tenant(&AssessmentAction::Rate)),
        ("assessment.extend_session", Tenant(&AssessmentAction::ViewResults)),
        ("assessment.reopen_session", Tenant(&AssessmentAction::ViewResults)),
        ("assessment.void_session", Tenant(&AssessmentAction::ViewResults)),
        ("assessment.release_session", Tenant(&AssessmentAction::ViewResults)),
        ("assessment.list_results", Tenant(&AssessmentAction::ViewResults)),
        ("assessment.get_result", Tenant(&AssessmentAction::ViewResults)),
        ("assessment.summarize_results", Tenant(&AssessmentAction::ViewSummaries)),
        ("assessment.export_results", Tenant(&AssessmentAction::ViewResults)),
        ("assessment.rescore_results", Tenant(&AssessmentAction::Rescore)),
        ("webhook.create_endpoint", Tenant(&WebhookAction::Create)),
        ("webhook.list_endpoints", Tenant(&WebhookAction::View)),
        ("webhook.get_endpoint", Tenant(&WebhookAction::View)),
        ("webhook.edit_endpoint", Tenant(&WebhookAction::Edit)),
        ("webhook.delete_endpoint", Tenant(&WebhookAction::Delete)),
        ("webhook.rotate_secret", Tenant(&WebhookAction::RotateSecret)),
        ("webhook.test_endpoint", Tenant(&WebhookAction::Test)),
        ("webhook.list_deliveries", Tenant(&WebhookAction::View)),
        ("webhook.replay_delivery", Tenant(&WebhookAction::Replay)),
        ("webhook.recover_deliveries", Tenant(&WebhookAction::Recover)),
        ("document.upload_document", Tenant(&DocumentAction::Upload)),
        ("document.list_documents", Tenant(&DocumentAction::View)),
        ("document.get_document", Tenant(&DocumentAction::View)),
        ("document.delete_document", Tenant(&DocumentAction::Delete)),
        ("document.get_text", Tenant(&DocumentAction::View)),
        ("document.extract_text", Tenant(&DocumentAction::Extract)),
        ("document.hold_document", Tenant(&DocumentAction::Hold)),
        ("document.release_document", Tenant(&DocumentAction::ReleaseHold)),
        ("document.get_content", Tenant(&DocumentAction::View)),
        ("document.make_link", Tenant(&DocumentAction::Link)),
        ("document.open_link", Open),
        ("tasks.list_tasks", Tenant(&kernel::task::Action::View)),
        ("tasks.get_task", Tenant(&kernel::task::Action::View)),
        ("tasks.get_output", Tenant(&kernel::task::Action::View)),
    ])
}

#[test]
fn the_table_lists_exactly_the_operations_there_are() {
    let document = document();
    let described: BTreeSet<String> = operations(&document)
        .iter()
        .map(|(_, _, one)| one["operationId"].as_str().unwrap_or("").to_owned())
        .collect();
    let listed: BTreeSet<String> = rules().into_keys().map(str::to_owned).collect();
    assert_eq!(described, listed);
}

/// Nobody is held back from granting what a rule allows that its domain does not declare.
#[test]
fn every_rule_that_operations_ask_by_is_declared_by_a_domain() {
    let declared: BTreeSet<&str> =
        DOMAINS.iter().flat_map(|domain| domain.rules).map(|rule| rule.name()).collect();
    for (id, rule) in rules() {
        if let Rule::Tenant(asked) | Rule::Visitor(asked) | Rule::Platform(asked) = rule {
            assert!(declared.contains(asked.name()), "{id} asks by {}", asked.name());
        }
    }
}

/// A caller, with what they are.
struct Caller {
    name: String,
    token: Option<String>,
    /// Their role in the organisation of the path.
    role: Option<Role>,
    /// Whether it is an API key with every scope, made by an owner.
    key: bool,
    /// Whether they administrate the platform, and with how many factors of their own: none before a temporary password
    /// was changed.
    administrates: Option<u8>,
}

struct Stage {
    server: Server,
    organization: String,
    invitation: String,
    member: String,
    api_key: String,
    callers: Vec<Caller>,
}

async fn stage(server: Server) -> Stage {
    let owner = server.person("owner@example.org").await;
    let organization = server.organization(&owner, "North Wind").await;
    let plain = |name: &str, person: &Person, role| Caller {
        name: name.to_owned(),
        token: Some(person.token().to_owned()),
        role,
        key: false,
        administrates: None,
    };
    let mut callers = vec![
        Caller { name: "nobody".to_owned(), token: None, role: None, key: false, administrates: None },
        plain("owner", &owner, Some(Role::Owner)),
    ];
    for role in Role::ALL.into_iter().skip(1) {
        let person = server.person(&format!("{}@example.org", role.name())).await;
        server.join(organization, &owner, &person, role).await;
        callers.push(plain(role.name(), &person, Some(role)));
    }
    let stranger = server.person("stranger@example.org").await;
    callers.push(plain("a stranger", &stranger, None));
    let other = server.person("other-owner@example.org").await;
    server.organization(&other, "South Wind").await;
    callers.push(plain("the owner of another", &other, None));

    let newcomer = server.new_administrator("new-root@example.org").await;
    let newcomer = plain("an administrator with a temporary password", &newcomer, None);
    callers.push(Caller { administrates: Some(0), ..newcomer });
    let one_factor = server.one_factor_administrator("root@example.org").await;
    callers.push(Caller { administrates: Some(1), ..plain("an administrator", &one_factor, None) });
    let two_factors = server.administrator("second-root@example.org").await;
    callers.push(Caller {
        administrates: Some(2),
        ..plain("an administrator with two factors", &two_factors, None)
    });

    let identity = &server.platform.identity;

    let expires_at = server.platform.clock.now().plus(std::time::Duration::from_secs(3600));
    let name = Name::new("Everything").expect("a name");
    let new = NewApiKey { name, scopes: identity.api_keys.scopes().cloned().collect(), expires_at };
    let (other_key, _) =
        identity.api_keys.create(&owner.ctx, organization, new.clone()).await.expect("a key");
    let (_, secret) = identity.api_keys.create(&owner.ctx, organization, new).await.expect("a key");
    let token = Some(secret.expose().to_owned());
    callers.push(Caller {
        name: "a key".to_owned(),
        token,
        role: Some(Role::Owner),
        key: true,
        administrates: None,
    });

    let email = identity::EmailAddress::new("invited@example.org").expect("an address");
    let roles = Roles::only(Role::Candidate);
    let invitation =
        identity.invitations.invite(&owner.ctx, organization, email, roles).await.expect("invited");
    Stage {
        organization: organization.to_string(),
        invitation: invitation.id.to_string(),
        member: stranger.ctx.actor.account().expect("a person").to_string(),
        api_key: other_key.id.to_string(),
        callers,
        server,
    }
}

/// A body the operation can read, that changes nothing lasting where it can be avoided.
fn body_of(id: &str) -> Option<Value> {
    Some(match id {
        "identity.edit_organization" | "identity.found_organization" | "assessment.edit_assessment" => {
            json!({ "name": "Other" })
        }
        "identity.transfer_ownership" => json!({ "account_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6" }),
        "identity.update_member" => json!({ "job_title": "Other" }),
        "identity.invite" => json!({ "email": "someone@example.org", "roles": ["candidate"] }),
        "identity.create_api_key" => {
            json!({ "name": "Other", "scopes": ["members.read"], "expires_at": "2000-01-01T00:00:00Z" })
        }
        "identity.update_account" => json!({ "status": "suspended" }),
        "identity.step_up" => json!({ "password": "wrong" }),
        "identity.change_password" => json!({ "current_password": "wrong", "new_password": "wrong" }),
        "identity.put_admin_settings" => json!({ "settings": {} }),
        "identity.request_email_change" => json!({ "new_email": "new@example.org" }),
        "identity.confirm_second_factor" => json!({ "code": "000000" }),
        "identity.accept_invitation" | "identity.decline_invitation" | "assessment.open_assignment" => {
            json!({ "token": "none" })
        }
        "identity.edit_me" | "notification.mark_notification" => json!({}),
        "notification.mark_all_read" => json!({ "up_to": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6" }),
        "notification.put_preferences" => json!({ "channels": {} }),
        "identity.logout" => json!({ "refresh_token": "none" }),
        "assessment.write_assessment" | "assessment.lint_assessment" | "assessment.replace_source" => {
            json!({ "definition": {} })
        }
        "assessment.import_assessment" => json!({ "template": "archetype" }),
        "assessment.offer_assessment" => json!({ "price_tier": "free" }),
        "assessment.review_offer" => json!({ "decision": "publish", "version": "1.0" }),
        "assessment.prepare_campaign" => json!({ "name": "Spring", "assessment_type": "archetype" }),
        "assessment.edit_campaign" => json!({ "name": "Summer" }),
        "assessment.assign" => json!({ "people": [{ "email": "cleo@example.net" }] }),
        "assessment.edit_assignment" => json!({ "extra_time": null }),
        "assessment.arrange_coaching_session" => {
            json!({ "title": "Roles", "coachee": { "email": "cleo@example.net" } })
        }
        "assessment.edit_coaching_session" => json!({ "title": "Rôles" }),
        "assessment.put_answer" => json!({ "sequence": 1, "reply": null }),
        "assessment.add_turn" => json!({ "number": 1, "text": "So." }),
        "assessment.rate_session" => json!({ "dimension": "focus", "score": null, "evidence": [] }),
        "assessment.extend_session" | "assessment.reopen_session" => json!({ "minutes": 1, "reason": "So." }),
        "assessment.void_session" => json!({ "reason": "So." }),
        "assessment.export_results" => json!({ "format": "csv" }),
        "assessment.rescore_results" => json!({ "preview": true }),
        "webhook.create_endpoint" => json!({ "url": "https://hooks.invalid/", "events": ["membership.*"] }),
        "webhook.edit_endpoint" => json!({ "status": "paused" }),
        "webhook.recover_deliveries" => json!({ "since": "2000-01-01T00:00:00Z" }),
        _ => return None,
    })
}

/// What may be done before a temporary password was changed.
const BY_NEWCOMERS: [&str; 2] = ["identity.get_me", "identity.change_password"];

fn expected(id: &str, rule: Rule, caller: &Caller) -> Expected {
    let signed_in = caller.token.is_some();
    match rule {
        Rule::Open => Expected::Through,
        _ if !signed_in => Expected::Status(401),
        _ if caller.administrates == Some(0) && !BY_NEWCOMERS.contains(&id) => {
            Expected::Refused("identity.password_change_needed")
        }
        Rule::Person if caller.key => Expected::Status(403),
        Rule::Visitor(action) if caller.key && action.key_scope().is_none() => Expected::Status(403),
        Rule::Person | Rule::Visitor(_) => Expected::Through,
        Rule::Platform(_) => match caller.administrates {
            Some(2) => Expected::Through,
            Some(_) => Expected::Refused("identity.second_factor_needed"),
            None => Expected::Status(403),
        },
        Rule::Tenant(action) => match caller.role {
            None => Expected::Status(404),
            Some(_) if caller.key && action.key_scope().is_none() => Expected::Status(403),
            Some(role) if action.reach(role) == Reach::None => Expected::Status(403),
            Some(_) => Expected::Through,
        },
    }
}

#[derive(Debug, PartialEq)]
enum Expected {
    /// The caller is let through: whatever is wrong then is wrong with the request.
    Through,
    Status(u16),
    /// With 403 and this code.
    Refused(&'static str),
}

async fn probe(stage: &Stage, path: &str, method: &str, id: &str, caller: &Caller) -> (u16, Value) {
    let value = |part: &str| match part {
        "{organization_id}" => stage.organization.clone(),
        "{invitation_id}" => stage.invitation.clone(),
        "{api_key_id}" => stage.api_key.clone(),
        "{item}" => "i1".to_owned(),
        "{version}" => "1.0".to_owned(),
        "{template}" => "archetype".to_owned(),
        // An account, and an id of nothing else.
        id if id.starts_with('{') => stage.member.clone(),
        fixed => fixed.to_owned(),
    };
    let path = path.split('/').map(value).collect::<Vec<_>>().join("/");
    let mut call = stage.server.call(method, &path);
    if let Some(token) = &caller.token {
        call = call.bearer_auth(token);
    }
    if matches!(method, "PATCH" | "PUT" | "DELETE") {
        call = call.header("If-Match", "\"999\"");
    }
    if let Some(body) = body_of(id) {
        call = call.json(&body);
    }
    super::world::seen(call.send().await.expect("answered")).await
}

/// Organisation's own refusals that come after the permission was given.
fn after_permission(code: &Value) -> bool {
    ["identity.beyond_own_roles", "identity.step_up_required"].iter().any(|known| code == known)
}

/// What changes who the callers are.
const CHANGING: [&str; 4] = [
    "identity.leave_organization",
    "identity.close_organization",
    "identity.end_other_sessions",
    "identity.remove_second_factor",
];

async fn check(server: impl AsyncFn() -> Server) {
    let document = document();
    let rules = rules();
    let mut shared = stage(server().await).await;
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("an id");
        let rule = rules[id];
        // Whoever is let through comes last: they may close the organisation.
        let (through, refused): (Vec<&Caller>, Vec<&Caller>) =
            shared.callers.iter().partition(|caller| expected(id, rule, caller) == Expected::Through);
        for caller in refused.into_iter().chain(through) {
            let (status, body) = probe(&shared, &path, &method, id, caller).await;
            let who = &caller.name;
            match expected(id, rule, caller) {
                Expected::Status(wanted) => assert_eq!(status, wanted, "{id} by {who}: {body}"),
                Expected::Refused(code) => {
                    assert_eq!((status, &body["code"]), (403, &json!(code)), "{id} by {who}: {body}");
                }
                Expected::Through => {
                    let known =
                        body["code"] == "request.unauthenticated" || body["code"] == "identity.invalid_token";
                    let open = matches!(rule, Rule::Open);
                    assert!(open || !known, "{id} by {who}: {body}");
                    let through = status != 403 || after_permission(&body["code"]);
                    assert!(through, "{id} by {who}: {status} {body}");
                    assert_ne!(status, 500, "{id} by {who}: {body}");
                }
            }
        }
        if CHANGING.contains(&id) {
            shared = stage(server().await).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_lets_through_whom_it_should_over_memory() {
    Box::pin(check(Server::on_memory)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_lets_through_whom_it_should_over_postgresql() {
    Box::pin(check(Server::on_postgres)).await;
}
