//! `touchstone demo`: people to try things with, an assessment that some of them took, and what came of it. Run again,
//! it fills in what is missing and prints the same.

mod assessments;
mod documents;
mod notices;
mod webhooks;

use std::{collections::BTreeMap, time::Duration};

use assessment_engine::sessions::interview_session::InterviewSessionId;
use identity::{
    EmailAddress, Name, OrganizationProfile, Preferences, Refused, Role, Roles, Slug,
    invitation::InvitationRef,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernel::{
    AccountId, Actor, Assurance, Ctx, Limit, OrganizationId, PageRequest, PlatformRole, Scope, Secret,
};
use platform::{Platform, WorkerOptions, shutdown};
use webhook::EndpointId;

use super::{
    admin::pronounceable,
    attach::{Attached, refused, system},
};
use crate::{
    config::Settings,
    exit::{Exit, Failure},
    output,
};

const COMMAND: &str = "demo";

/// Name and short name. Their addresses end in `.example`, which nobody can own (RFC 2606).
const ORGANIZATIONS: [(&str, &str); 3] = [
    ("North Wind Trading", "north-wind"),
    ("Harbour Clinic", "harbour-clinic"),
    ("Blue Oak Academy", "blue-oak"),
];

/// Who holds which role in each organisation: owner first, for the owner invites the others.
const PEOPLE: [[&str; 8]; 3] = [
    ["Ada Berg", "Ben Costa", "Cleo Dunn", "Dario Egan", "Elin Frey", "Finn Grau", "Gita Holm", "Hugo Iden"],
    [
        "Iris Jung",
        "Jonas Kern",
        "Kaya Lind",
        "Levi Moor",
        "Mina Nagy",
        "Nils Otto",
        "Olga Penn",
        "Paul Quist",
    ],
    [
        "Quin Rosen",
        "Rosa Stein",
        "Sami Toth",
        "Tess Urban",
        "Uma Vogel",
        "Vito Wolf",
        "Wren Young",
        "Xena Zeller",
    ],
];

/// The outbox has told everything by then, unless something is wrong with it.
const LONGEST_TELLING: Duration = Duration::from_secs(60);

/// Everyone in an organisation.
struct DemoOrganization {
    organization: OrganizationId,
    owner: Ctx,
    people: BTreeMap<Role, (AccountId, Ctx)>,
}

/// What there is to know of one person.
struct Login {
    organization: &'static str,
    role: Role,
    email: String,
    password: Secret,
}

/// What there is to look at in the first organisation.
struct Sights {
    organization: OrganizationId,
    endpoint: EndpointId,
    session: Option<InterviewSessionId>,
}

impl Sights {
    /// Each with the call that shows it.
    fn print(&self) {
        let own = format!("/v1/organizations/{}", self.organization);
        let hooks = format!("{own}/webhook-endpoints");
        let sights = [
            ("what happened, the older part of it read", "GET /v1/me/notifications".to_owned()),
            (
                "mails of assessments once a day, none at night",
                "GET /v1/me/notification-preferences".to_owned(),
            ),
            ("a PDF and a text, and a note under legal hold", format!("GET {own}/documents")),
            ("a paused endpoint, at an address that is nobody's", format!("GET {hooks}")),
            (
                "a delivery received, one at the second attempt, one dropped",
                format!("GET {hooks}/{}/deliveries", self.endpoint),
            ),
        ];
        for (what, call) in sights {
            output::line(format_args!("  {what}:\n    {call}"));
        }
        if let Some(session) = self.session {
            let call = format!("POST {own}/interview-sessions/{session}/release");
            output::line(format_args!("  a result of their own, until the manager releases it:\n    {call}"));
        }
    }
}

pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let filled = fill(&attached).await;
    let (logins, sights) = attached.close(filled).await?;
    output::line("These people can sign in, each in every browser and with curl:");
    let mut last = "";
    for Login { organization, role, email, password } in &logins {
        if *organization != last {
            last = organization;
            output::line(format_args!("\n{organization}"));
        }
        output::line(format_args!("  {:<12}  {email:<36}  {}", role.name(), password.expose()));
    }
    output::line(
        "\nThe passwords belong to this installation and are the same each time (unless changed since).",
    );
    if let (Some(owner), Some(sights)) = (logins.first(), sights) {
        let (name, email) = (owner.organization, &owner.email);
        output::line(format_args!(
            "\nWhat {email}, who owns {name}, finds there; other owners find the like:"
        ));
        sights.print();
    }
    Ok(())
}

async fn fill(attached: &Attached) -> Result<(Vec<Login>, Option<Sights>), Failure> {
    let platform = &*attached.platform;
    let bar = progress(ORGANIZATIONS.len() * Role::ALL.len());
    let mut logins = Vec::new();
    let mut organizations = Vec::new();
    for ((name, slug), people) in ORGANIZATIONS.into_iter().zip(PEOPLE) {
        let mut founded: Option<(Ctx, OrganizationId)> = None;
        let mut members = BTreeMap::new();
        for (role, person) in Role::ALL.into_iter().zip(people) {
            let (email, password, ctx) = open(platform, slug, person).await.map_err(refused)?;
            if let Some(account) = ctx.actor.account() {
                members.insert(role, (account, ctx.clone()));
            }
            if let Some((owner, organization)) = &founded {
                join(platform, owner, *organization, &ctx, &email, role).await.map_err(refused)?;
            } else {
                let organization = found(platform, &ctx, name, slug).await.map_err(refused)?;
                founded = Some((ctx, organization));
            }
            logins.push(Login { organization: name, role, email: email.to_string(), password });
            bar.inc(1);
        }
        if let Some((owner, organization)) = founded {
            organizations.push(DemoOrganization { organization, owner, people: members });
        }
    }
    bar.finish_and_clear();
    let mut first = None;
    for demo in &organizations {
        notices::choose(platform, demo).await.map_err(refused)?;
        assessments::fill(platform, demo).await.map_err(refused)?;
        let members = platform.identity.members.list(&demo.owner, demo.organization, &first_page()).await;
        let members: Vec<_> =
            members.map_err(refused)?.items.iter().map(|member| member.membership.id).collect();
        documents::fill(platform, demo, members.first().copied()).await.map_err(refused)?;
        let storage = &attached.database.storage;
        let endpoint = webhooks::fill(platform, storage, demo, &members).await.map_err(refused)?;
        let session = assessments::session_of_owner(platform, demo).await.map_err(refused)?;
        first.get_or_insert(Sights { organization: demo.organization, endpoint, session });
    }
    let (stop, stopping) = shutdown::channel();
    let work = platform.start_work(&WorkerOptions { audit: None, ..WorkerOptions::default() }, &stopping);
    let told = tokio::time::timeout(LONGEST_TELLING, tell(platform, &organizations)).await;
    stop.stop();
    work.join_all().await;
    let late =
        "it takes long to tell people what happened: look at `touchstone outbox list`, and run this again";
    told.map_err(|_| Failure::new(Exit::Refused, late))??;
    Ok((logins, first))
}

/// Waits until the outbox has told what happened, whoever works it off, and has some of it read.
async fn tell(platform: &Platform, organizations: &[DemoOrganization]) -> Result<(), Failure> {
    for demo in organizations {
        while !documents::are_read(platform, demo).await.map_err(refused)?
            || !notices::have_come(platform, demo).await.map_err(refused)?
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        documents::hold(platform, demo).await.map_err(refused)?;
        notices::read(platform, demo).await.map_err(refused)?;
    }
    Ok(())
}

fn progress(steps: usize) -> ProgressBar {
    let target =
        if output::is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(u64::try_from(steps).ok(), target);
    match ProgressStyle::with_template("{bar:40} {pos}/{len} people") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// One person's account. The password follows from the key-encryption key, so that nothing needs to be kept of it.
async fn open(platform: &Platform, slug: &str, person: &str) -> Result<(EmailAddress, Secret, Ctx), Refused> {
    let address = format!("{}@{slug}.example", person.to_lowercase().replace(' ', "."));
    let email = EmailAddress::new(&address).map_err(|error| unfit(&address, &error))?;
    let name = Name::new(person).map_err(|error| unfit(person, &error))?;
    let mac = platform.sealing.mac("demo-password", address.as_bytes());
    let password = pronounceable(&std::array::from_fn(|i| mac[i]));
    let administration = &platform.identity.administration;
    let id = administration.open_account(&system(COMMAND), email.clone(), Some(name), &password).await?;
    Ok((email, password, acting(platform, id)))
}

/// The organisation of that name which the person owns, founded if there is none.
async fn found(platform: &Platform, owner: &Ctx, name: &str, slug: &str) -> Result<OrganizationId, Refused> {
    let organizations = &platform.identity.organizations;
    let listed = organizations.list(owner, &first_page()).await?;
    if let Some(own) = listed.items.iter().find(|own| own.organization.name.as_str() == name) {
        return Ok(own.organization.id);
    }
    let profile = OrganizationProfile {
        name: Name::new(name).map_err(|error| unfit(name, &error))?,
        slug: Some(Slug::new(slug).map_err(|error| unfit(slug, &error))?),
        requires_second_factor: false,
        settings: Preferences::default(),
    };
    Ok(organizations.found(owner, profile).await?.organization.id)
}

/// Invited by the owner, accepted by the person.
async fn join(
    platform: &Platform,
    owner: &Ctx,
    organization: OrganizationId,
    person: &Ctx,
    email: &EmailAddress,
    role: Role,
) -> Result<(), Refused> {
    let invitations = &platform.identity.invitations;
    let id = match invitations.invite(owner, organization, email.clone(), Roles::only(role)).await {
        Ok(invitation) => Some(invitation.id),
        Err(Refused::AlreadyMember) => return Ok(()),
        // An earlier run was interrupted between invitation and answer.
        Err(Refused::AlreadyInvited) => {
            let listed = invitations.list_received(person, &first_page()).await?;
            let open = listed.items.iter().find(|received| received.invitation.organization == organization);
            open.map(|received| received.invitation.id)
        }
        Err(other) => return Err(other),
    };
    let id = id.ok_or(Refused::Missing("invitation"))?;
    invitations.accept(person, InvitationRef::Id(id)).await.map(|_| ())
}

/// As if the person had just signed in.
fn acting(platform: &Platform, id: AccountId) -> Ctx {
    let actor = Actor::Account {
        id,
        session: platform.ids.next(),
        platform_role: PlatformRole::User,
        assurance: Assurance::Aal2,
        authenticated_at: platform.clock.now(),
    };
    Ctx { actor, scope: Scope::Account(id), ..system(COMMAND) }
}

fn first_page() -> PageRequest {
    PageRequest { limit: Limit::default(), after: None }
}

fn unfit(text: &str, error: &identity::TextError) -> Refused {
    Refused::invalid("/demo", format!("{text}: {error}"))
}
