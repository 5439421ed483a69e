//! Who is asked in a campaign: all or nobody, once, with time of their own where they need it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use assessment_engine::{
    CampaignId, ExtraTime, Refused, Unit,
    campaigns::{AssignmentEdit, NewAssignee, NewCampaign},
};
use assessment_format::session::{Minutes, Reason, Stage};
use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Ctx, EmailAddress, OrganizationCard, OrganizationId, People, Refusal as _, Scope,
    Store, StoreError, Timestamp, text::Slug,
};

use super::{
    campaign_fixture::{DAY, HOUR, address, all, guest, member, of, receivers, stranger, token_of},
    world::World,
};

fn extra(minutes: u16) -> ExtraTime {
    let reason = Reason::new("reads with a screen reader").unwrap();
    ExtraTime { minutes: Minutes::new(minutes).unwrap(), reason }
}

fn reason(text: &str) -> Option<Reason> {
    Reason::new(text).ok()
}

#[tokio::test]
async fn all_are_asked_or_nobody() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    world.ask_all(&org, campaign.id, vec![address("cleo@example.net"), member(&org.member)]).await;

    let ask = async |people| campaigns.assign(ctx, org.id, campaign.id, people).await.unwrap_err();
    let twice = ask(vec![address("dora@example.net"), address("CLEO@example.net")]).await;
    assert!(matches!(&twice, Refused::AlreadyAssigned(who) if who == "CLEO@example.net"), "{twice:?}");
    let twice = ask(vec![address("dora@example.net"), member(&org.member)]).await;
    assert!(matches!(&twice, Refused::AlreadyAssigned(who) if who.contains(&org.member.account.to_string())));
    let outsider = world.person("outsider@example.org").await;
    let refused = ask(vec![member(&org.candidate), member(&outsider)]).await;
    assert_eq!(refused.errors()[0].0, "/people/1/account_id");
    let refused =
        ask(vec![address("eve@example.net"), address("dora@example.net"), address("Eve@example.NET")]).await;
    assert_eq!(refused.errors()[0].0, "/people/2");
    assert_eq!(ask(Vec::new()).await.errors()[0].0, "/people");
    let many = (0..501).map(|number| address(&format!("p{number}@example.net"))).collect();
    assert_eq!(ask(many).await.errors()[0].0, "/people");

    let asked = campaigns.assignments(ctx, org.id, campaign.id, &all()).await.unwrap().items;
    assert_eq!(asked.len(), 2, "nobody of a refused request was added");
    let figures = campaigns.figures(ctx, org.id, campaign.id).await.unwrap();
    assert_eq!((figures.assigned, figures.invited), (2, 2));
}

#[tokio::test]
async fn what_one_request_made_is_found_again_by_its_first() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let people =
        |from: u32, count| (from..from + count).map(|n| address(&format!("p{n}@example.net"))).collect();
    world.ask_all(&org, campaign.id, people(0, 90)).await;
    world.pass(1);
    let made = world.ask_all(&org, campaign.id, people(90, 130)).await;
    world.pass(1);
    world.ask_all(&org, campaign.id, people(220, 5)).await;
    let found = campaigns.assigned_with(ctx, org.id, campaign.id, (made[0].id, made.len())).await.unwrap();
    let found: Vec<_> = found.iter().map(|one| one.id).collect();
    assert_eq!(found, made.iter().map(|one| one.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn two_who_ask_the_same_address_at_once_ask_it_once() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let campaigns = &world.assessments.campaigns;
    let ask = || campaigns.assign(&org.owner.ctx, org.id, campaign.id, vec![address("cleo@example.net")]);
    let (one, two) = tokio::join!(ask(), ask());
    let refused: Vec<_> = [one, two].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert!(matches!(refused[0].code(), "assessment.already_assigned"), "{refused:?}");
    assert_eq!(receivers(&world.work_off().await, "assessment/campaign-invitation"), ["cleo@example.net"]);
}

/// Tells who are members, and meanwhile somebody closes a campaign.
struct ClosesMeanwhile {
    people: Arc<dyn People>,
    store: Arc<dyn Store<Unit>>,
    campaign: Arc<OnceLock<(OrganizationId, CampaignId)>>,
}

#[async_trait]
impl People for ClosesMeanwhile {
    async fn with_address(&self, email: &EmailAddress) -> Result<Option<kernel::Person>, StoreError> {
        self.people.with_address(email).await
    }

    async fn person(&self, account: AccountId) -> Result<Option<kernel::Person>, StoreError> {
        self.people.person(account).await
    }

    async fn members(
        &self,
        organization: OrganizationId,
        accounts: &[AccountId],
    ) -> Result<HashSet<AccountId>, StoreError> {
        if let Some((organization, id)) = self.campaign.get() {
            let tenant = Ctx::new(Actor::System, Scope::Tenant(*organization));
            let mut unit = self.store.begin(&tenant).await?;
            let mut campaign = unit.campaign(*id).await?.unwrap();
            campaign.close(Timestamp::EPOCH);
            unit.save_campaign(&mut campaign).await?;
            unit.commit().await?;
        }
        self.people.members(organization, accounts).await
    }

    async fn asking(&self, organization: OrganizationId) -> Result<Option<kernel::Asking>, StoreError> {
        self.people.asking(organization).await
    }

    async fn members_with(
        &self,
        organization: OrganizationId,
        addresses: &[&EmailAddress],
    ) -> Result<HashMap<String, AccountId>, StoreError> {
        self.people.members_with(organization, addresses).await
    }

    async fn organization(&self, id: OrganizationId) -> Result<Option<OrganizationCard>, StoreError> {
        self.people.organization(id).await
    }

    async fn organization_by_slug(&self, slug: &Slug) -> Result<Option<OrganizationCard>, StoreError> {
        self.people.organization_by_slug(slug).await
    }
}

#[tokio::test]
async fn nobody_is_asked_in_a_campaign_that_was_closed_while_others_were_asked() {
    let closing = Arc::new(OnceLock::new());
    let world = World::with(|ports| {
        let (people, store) = (ports.people.clone(), ports.store.clone());
        ports.people = Arc::new(ClosesMeanwhile { people, store, campaign: closing.clone() });
    });
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    closing.set((org.id, campaign.id)).unwrap();
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let people = vec![member(&org.member), address("cleo@example.net")];
    let refused = campaigns.assign(ctx, org.id, campaign.id, people).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.closed", "{refused}");
    assert!(campaigns.assignments(ctx, org.id, campaign.id, &all()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn who_is_asked_already_is_named_as_the_request_names_them() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let of_member = world.identity.people().person(org.member.account).await.unwrap().unwrap().email;
    world.ask_all(&org, campaign.id, vec![address(of_member.as_str())]).await;
    world.work_off().await;
    let again = vec![member(&org.member)];
    let refused =
        world.assessments.campaigns.assign(&org.owner.ctx, org.id, campaign.id, again).await.unwrap_err();
    let named = refused.to_string();
    assert!(named.contains(&org.member.account.to_string()), "{named}");
    assert!(!named.contains(of_member.as_str()), "whose address it is is nothing to tell: {named}");
}

#[tokio::test]
async fn extra_time_is_granted_until_the_person_begins() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let asked = NewAssignee { extra: Some(extra(15)), ..address("cleo@example.net") };
    let cleo = world.ask_all(&org, campaign.id, vec![asked]).await.remove(0);
    assert_eq!(cleo.extra, Some(extra(15)));
    let letters = world.work_off().await;
    assert_eq!(letters[0].values["minutes"], 45, "30 of the assessment and 15 of their own");
    let ctx_of_cleo = world.opens(&letters[0]).await;
    let read = world.assignment(&org, &cleo).await;
    let grant = async |version, extra| {
        let edit = AssignmentEdit { extra: Some(extra), address: None };
        campaigns.edit_assignment(ctx, org.id, campaign.id, (cleo.id, version), edit).await
    };
    let stale = grant(1, Some(extra(20))).await;
    assert!(matches!(stale.unwrap_err(), Refused::Stale));
    let view = grant(read.version(), Some(extra(20))).await.unwrap();
    assert_eq!(view.progress.as_ref().unwrap().granted_minutes, 20, "what was opened already knows");

    let begun = world.assessments.sessions.start(&ctx_of_cleo, cleo.id.uuid()).await.unwrap().session;
    assert_eq!(begun.progress.deadline, Some(world.in_seconds(50 * 60)));
    let read = world.assignment(&org, &cleo).await;
    let refused = grant(read.version(), None).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.closed");
    assert!(refused.to_string().contains("reopen"), "{refused}");
}

#[tokio::test]
async fn who_is_withdrawn_opens_nothing_any_more() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let people = vec![address("cleo@example.net"), address("dora@example.net")];
    let asked = world.ask_all(&org, campaign.id, people).await;
    let letters = world.work_off().await;
    let dora = world.opens(letters.iter().find(|mail| mail.to == "dora@example.net").unwrap()).await;
    let withdraw = async |place: usize, reason| {
        let version = world.assignment(&org, &asked[place]).await.version();
        campaigns.withdraw(ctx, org.id, campaign.id, (asked[place].id, version), reason).await
    };
    withdraw(0, None).await.unwrap();
    let cleo = letters.iter().find(|mail| mail.to == "cleo@example.net").unwrap();
    let refused = world.assessments.sessions.open(&stranger(), &token_of(cleo)).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.withdrawn");
    assert_eq!(withdraw(0, None).await.unwrap_err().code(), "assessment.closed", "once is enough");

    let session = world.assessments.sessions.start(&dora, asked[1].id.uuid()).await.unwrap().session.id;
    assert_eq!(withdraw(1, None).await.unwrap_err().errors()[0].0, "/reason");
    withdraw(1, reason("the wrong Dora")).await.unwrap();
    let view = campaigns.assignment(ctx, org.id, campaign.id, asked[1].id).await.unwrap();
    assert_eq!(view.progress.as_ref().unwrap().status.stage(), Stage::Voided);
    let item = assessment_format::Slug::new("i1").unwrap();
    let reply = serde_json::json!({ "step": 4 });
    assert!(world.assessments.sessions.answer(&dora, session, &item, 1, Some(&reply)).await.is_err());

    let figures = campaigns.figures(ctx, org.id, campaign.id).await.unwrap();
    assert_eq!(figures.assigned, 0);
    world.ask_all(&org, campaign.id, vec![address("cleo@example.net")]).await;
    assert_eq!(receivers(&world.work_off().await, "assessment/campaign-invitation"), ["cleo@example.net"]);
}

#[tokio::test]
async fn what_was_released_is_not_taken_back() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let cleo = world.ask_all(&org, campaign.id, vec![address("cleo@example.net")]).await.remove(0);
    let letters = world.work_off().await;
    let ctx = world.opens(&letters[0]).await;
    world.takes(&ctx, cleo.id.uuid(), "words").await;
    world.work_off().await;
    let (campaigns, owner) = (&world.assessments.campaigns, &org.owner.ctx);
    let version = world.assignment(&org, &cleo).await.version();
    let refused = campaigns
        .withdraw(owner, org.id, campaign.id, (cleo.id, version), reason("a mistake"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "assessment.event_not_allowed");
    assert!(world.assignment(&org, &cleo).await.withdrawn_at.is_none());
    let figures = campaigns.figures(owner, org.id, campaign.id).await.unwrap();
    assert_eq!(
        figures.stages.iter().find(|(stage, _)| *stage == Stage::Released).map(|(_, count)| *count),
        Some(1)
    );
}

#[tokio::test]
async fn members_find_what_they_are_asked_without_a_letter() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let new = NewCampaign { opens_at: Some(world.in_seconds(HOUR)), ..of(assessment) };
    let campaign = world.open_campaign(&org, new).await;
    let asked = world.ask_all(&org, campaign.id, vec![member(&org.member)]).await.remove(0);
    assert!(asked.invitee.invited_at.is_none(), "the window is not open");
    let mine = world.assessments.sessions.mine(&org.member.ctx, &all()).await.unwrap().items;
    assert_eq!(mine.iter().map(|one| one.id).collect::<Vec<_>>(), [asked.id.uuid()]);
    assert_eq!(world.work_off().await.len(), 0);
    world.pass(HOUR);
    assert_eq!(
        receivers(&world.work_off().await, "assessment/campaign-invitation"),
        ["member@north-wind.test"]
    );
    let foreign = guest(asked.id.uuid(), org.id);
    let refused = world.assessments.sessions.start(&foreign, asked.id.uuid()).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.sign_in_needed", "a pass serves nobody who has an account");
    world.pass(DAY);
    world.takes(&org.member.ctx, asked.id.uuid(), "words").await;
}
