//! `touchstone organization`, and `touchstone mail pause` and `resume`: what operators decide of one organisation.

use identity::OrganizationLimits;
use kernel::Timestamp;

use super::attach::{Attached, refused, system};
use crate::{cli::Most, config::Settings, exit::Failure, output};

pub(super) async fn show(settings: &Settings, named: &str) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let shown = show_with(&attached, named).await;
    attached.close(shown).await
}

async fn show_with(attached: &Attached, named: &str) -> Result<(), Failure> {
    let service = &attached.platform.identity.organization_limits;
    let (organization, limits) = service.find(&system("organization show"), named).await.map_err(refused)?;
    output::line(format_args!(
        "{} ({}), founded {}",
        organization.name.as_str(),
        organization.id,
        organization.created_at
    ));
    print(&limits);
    Ok(())
}

pub(super) async fn limit(
    settings: &Settings,
    named: &str,
    asked_per_day: Option<Most>,
    open_invitations: Option<Most>,
) -> Result<(), Failure> {
    let decide = |limits: &mut OrganizationLimits, _: Timestamp| {
        if let Some(Most(most)) = asked_per_day {
            limits.asked_per_day = most;
        }
        if let Some(Most(most)) = open_invitations {
            limits.open_invitations = most;
        }
    };
    decide_with(settings, "organization limit", named, decide).await
}

pub(super) async fn pause(settings: &Settings, named: &str) -> Result<(), Failure> {
    decide_with(settings, "mail pause", named, OrganizationLimits::pause_mail).await
}

pub(super) async fn resume(settings: &Settings, named: &str) -> Result<(), Failure> {
    decide_with(settings, "mail resume", named, |limits, _| limits.mail_paused_at = None).await?;
    output::line("What waited goes out within a quarter of an hour.");
    Ok(())
}

async fn decide_with(
    settings: &Settings,
    command: &str,
    named: &str,
    decide: impl FnOnce(&mut OrganizationLimits, Timestamp),
) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let decided = async {
        let (service, ctx) = (&attached.platform.identity.organization_limits, system(command));
        let (organization, _) = service.find(&ctx, named).await.map_err(refused)?;
        output::line(format_args!("{} ({})", organization.name.as_str(), organization.id));
        service.decide(&ctx, organization.id, decide).await.map_err(refused)
    };
    let decided = decided.await;
    print(&attached.close(decided).await?);
    Ok(())
}

fn print(OrganizationLimits { mail_paused_at, asked_per_day, open_invitations, .. }: &OrganizationLimits) {
    let most =
        |most: &Option<u64>| most.map_or_else(|| "as the settings say".to_owned(), |most| most.to_string());
    match mail_paused_at {
        Some(at) => output::line(format_args!("letters: paused since {at}")),
        None => output::line("letters: sent"),
    }
    output::line(format_args!("people asked within 24 hours: {}", most(asked_per_day)));
    output::line(format_args!("open invitations: {}", most(open_invitations)));
}
