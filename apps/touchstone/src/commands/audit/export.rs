//! `touchstone audit export`: the trail as lines of JSON, which verify on any machine.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, stdout},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use audit::{export::Export, ports::Filter};
use kernel::{OrganizationId, Outcome};

use super::findings::counted;
use crate::{
    cli::ExportAudit,
    commands::{
        attach::{Attached, refused, system},
        progress::over_events,
    },
    config::Settings,
    data_folder::unusable,
    exit::{Exit, Failure},
    output,
};

pub(super) async fn run(settings: &Settings, what: &ExportAudit) -> Result<(), Failure> {
    let to_file = what.output != Path::new("-");
    if to_file && what.output.exists() {
        let message = format!("{} is there already; name a new file", what.output.display());
        return Err(Failure::new(Exit::Refused, message));
    }
    let attached = Attached::open(settings).await?;
    let exported = export(&attached, what, to_file).await;
    let size = attached.close(exported).await?;
    if to_file {
        let (file, events) = (what.output.display(), counted(size, "event"));
        output::line(format_args!(
            "{file} covers {events}; `touchstone audit verify --export {file}` verifies it anywhere."
        ));
    }
    Ok(())
}

async fn export(attached: &Attached, what: &ExportAudit, to_file: bool) -> Result<u64, Failure> {
    let platform = &attached.platform;
    // What happened until now is to be in it, although nobody else may be there to number and sign it.
    platform.audit.sequencer.catch_up().await.map_err(refused)?;
    let signed = platform.audit.checkpoint_signer.step(platform.clock.now()).await;
    signed.map_err(|error| Failure::new(Exit::Refused, error.to_string()))?;
    let organization = what.organization.map(OrganizationId::from_uuid);
    let ctx = system("audit export");
    let begun = platform.audit.trail.export_as_operator(&ctx, organization, filter(what)).await;
    let mut export = begun.map_err(refused)?;
    if to_file {
        let draft = Draft::of(&what.output)?;
        write(&mut export, &draft.file, &what.output).await?;
        draft.keep()?;
    } else {
        write(&mut export, &stdout(), &what.output).await?;
    }
    Ok(export.size())
}

async fn write(export: &mut Export, mut to: impl io::Write, path: &Path) -> Result<(), Failure> {
    let bar = over_events(export.size(), false);
    while let Some(lines) = export.lines().await.map_err(refused)? {
        to.write_all(&lines).map_err(unusable(path))?;
        bar.set_position(export.position());
    }
    bar.finish_and_clear();
    to.flush().map_err(unusable(path))
}

fn filter(what: &ExportAudit) -> Filter {
    Filter {
        actor: what.actor,
        action: what.action.clone(),
        target: what.target,
        subject: what.subject,
        outcome: Outcome::ALL.into_iter().find(|outcome| Some(outcome.name()) == what.outcome.as_deref()),
        from: what.from,
        until: what.until,
    }
}

/// A file that takes its name when it is whole. It is open to its owner alone: what is personal is opened in it.
struct Draft<'a> {
    file: File,
    path: PathBuf,
    name: &'a Path,
}

impl<'a> Draft<'a> {
    fn of(name: &'a Path) -> Result<Self, Failure> {
        let mut path = name.as_os_str().to_owned();
        path.push(format!(".new-{}", std::process::id()));
        let path = PathBuf::from(path);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        Ok(Self { file: file.map_err(unusable(&path))?, path, name })
    }

    /// A link is refused where a rename would replace what another has put there meanwhile.
    fn keep(self) -> Result<(), Failure> {
        let kept = self.file.sync_all().and_then(|()| fs::hard_link(&self.path, self.name));
        kept.map_err(unusable(self.name))
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
