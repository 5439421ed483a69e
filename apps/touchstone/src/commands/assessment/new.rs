//! `touchstone assessment new`: a file to begin with.

use std::{io, path::PathBuf};

use assessment_format::{parse, template};

use super::files::{create, is_standard, name_of, unusable};
use crate::{
    cli::NewAssessment,
    exit::{Exit, Failure},
    output,
};

pub(super) fn run(what: &NewAssessment) -> Result<(), Failure> {
    let refused = |message: String| Failure::new(Exit::Refused, message);
    let file = template(&what.name);
    let definition =
        parse(&file).definition.filter(|definition| definition.settings.name == what.name.trim());
    let Some(definition) = definition else {
        let why = "a name is one line of 1 to 120 characters with a letter or a digit in it";
        return Err(refused(format!("an assessment cannot be called so: {why}")));
    };
    let path = what.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.md", definition.slug())));
    if is_standard(&path) {
        output::line(file.trim_end());
        return Ok(());
    }
    let name = name_of(&path);
    create(&path, &file).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            refused(format!("{name} is there already; name a new file with --output"))
        }
        _ => unusable(format!("cannot write {name}: {error}")),
    })?;
    output::line(format_args!(
        "{name} is whole as it stands. Edit it, then: touchstone assessment check {name}"
    ));
    Ok(())
}
