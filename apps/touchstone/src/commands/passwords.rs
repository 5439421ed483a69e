//! `touchstone passwords import`: makes the list of leaked passwords that servers refuse.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use credentials::{BreachListMaker, Leaked};

use crate::{
    config::Settings,
    data_folder::{DataFolder, unusable},
    exit::{Exit, Failure},
    output,
};

/// Longer than any password that can be set, and any line of hashes.
const LONGEST_LINE: u64 = 4096;

pub(super) fn import(settings: &Settings, lists: &[PathBuf], plain: bool) -> Result<(), Failure> {
    let data = DataFolder::choose(settings.data.as_deref())?;
    let named = settings.passwords.breach_file.as_deref();
    let file = named.map_or_else(|| data.breached_passwords(), Path::to_owned);
    if named.is_none() {
        data.create()?;
    }
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or_else(|| Path::new("."));
    let mut maker = BreachListMaker::new(folder);
    let mut read = 0;
    for list in lists {
        read += add(&mut maker, list, plain, &file)?;
    }
    if read == 0 {
        return Err(Failure::new(Exit::Refused, "there is no password in what was given"));
    }
    let count = maker.finish(&file).map_err(unusable(&file))?;
    output::line(format_args!("{count} leaked passwords are in {}.", file.display()));
    output::line(match named {
        Some(_) => {
            "Servers refuse them as new passwords from their next start: passwords.breach_file names the file."
        }
        None => {
            "Servers on this data folder refuse them as new passwords from their next start; others are told of the file \
             by passwords.breach_file."
        }
    });
    Ok(())
}

/// Adds what a file holds, and tells how many lines that were.
fn add(maker: &mut BreachListMaker, list: &Path, plain: bool, made: &Path) -> Result<u64, Failure> {
    let unreadable = |error| Failure::new(Exit::Refused, format!("{}: {error}", list.display()));
    let mut reader = BufReader::with_capacity(1 << 20, File::open(list).map_err(unreadable)?);
    let (mut line, mut number, mut added) = (Vec::new(), 0_u64, 0);
    loop {
        line.clear();
        if (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            return Ok(added);
        }
        number += 1;
        let wrong = |what: &str| Failure::new(Exit::Refused, format!("{}:{number}: {what}", list.display()));
        let text =
            str::from_utf8(&line).map_err(|_| wrong("is not UTF-8; convert the list with iconv first"))?;
        if line.len() as u64 == LONGEST_LINE && !text.ends_with('\n') {
            return Err(wrong("is too long for a password; is this a list with one a line?"));
        }
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            continue;
        }
        let leaked = if plain { Some(Leaked::of_password(text)) } else { Leaked::of_line(text) };
        let leaked = leaked.ok_or_else(|| {
            wrong("is not SHA1:COUNT, with 40 hexadecimal digits; a list of the passwords themselves takes --plain")
        })?;
        maker.add(leaked).map_err(unusable(made))?;
        added += 1;
    }
}
