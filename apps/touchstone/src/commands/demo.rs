//! `touchstone demo`: people to try things with, and an assessment that some of them took. Run again, it fills in
//! what is missing and prints the same logins.

mod assessments;

use std::collections::BTreeMap;

use identity::{
    EmailAddress, Name, OrganizationProfile, Preferences, Refused, Role, Roles, Slug,
    invitation::InvitationRef,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernel::{
    AccountId, Actor, Assurance, Ctx, Limit, OrganizationId, PageRequest, PlatformRole, Scope, Secret,
};
use platform::Platform;

use self::assessments::DemoOrganization;
use super::{
    admin::pronounceable,
    attach::{Attached, refused, system},
};
use crate::{config::Settings, exit::Failure, output};

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

/// What there is to know of one person.
struct Login {
    organization: &'static str,
    role: Role,
    email: String,
    password: Secret,
}

pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let filled = fill(&attached.platform).await;
    let logins = attached.close(filled).await?;
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
    Ok(())
}

async fn fill(platform: &Platform) -> Result<Vec<Login>, Failure> {
    let bar = progress(ORGANIZATIONS.len() * Role::ALL.len());
    let mut logins = Vec::new();
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
        if let Some((_, organization)) = founded {
            let demo = DemoOrganization { organization, people: members };
            assessments::fill(platform, &demo).await.map_err(refused)?;
        }
    }
    bar.finish_and_clear();
    Ok(logins)
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
