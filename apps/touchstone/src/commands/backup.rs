//! `touchstone backup` and `touchstone restore`: the database and the files of documents, in one archive.
//!
//! The archive is a tar of the files, sealed as they are, and of what `pg_dump` wrote behind them. The dump is made
//! first and restored last: so every file that it names is in the archive, and is back before the database is.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::Path,
};

use document::{ObjectKey, ports::Objects};
use kernel::document::ContentError;
use tar::{Archive, Builder, EntryType, Header};
use tempfile::NamedTempFile;

use super::attach::private_cluster_folder;
use crate::{
    config::Settings,
    data_folder::unusable,
    database::{DATABASE, Embedded, Host, bootstrap_embedded, migrate_embedded},
    exit::{Exit, Failure},
    options, output,
};

const DUMP: &str = "database.dump";
const OBJECTS: &str = "objects/";

/// What a dump without an archive around it begins with: backups that were made before there were documents.
const BARE_DUMP: &[u8] = b"PGDMP";

/// So many objects are looked for at a time.
const PAGE: usize = 500;

/// So much of a file is moved at a time.
const PIECE: usize = 256 * 1024;

pub(super) async fn backup(settings: &Settings, file: &Path) -> Result<(), Failure> {
    let folder = private_cluster_folder(settings)?;
    if !folder.has_cluster() {
        let message = format!("there is nothing to back up in {}", folder.path().display());
        return Err(Failure::new(Exit::Refused, message));
    }
    if file.exists() {
        let message = format!("{} is there already; name a new file", file.display());
        return Err(Failure::new(Exit::Refused, message));
    }
    let file = std::path::absolute(file).map_err(unusable(file))?;
    let beside = file.parent().unwrap_or(Path::new("/"));
    let workplace = tempfile::tempdir_in(beside).map_err(unusable(beside))?;
    let dump = workplace.path().join(DUMP);
    let host = Embedded::new(settings, &folder).attach_or_start().await?;
    let dumped = host.access().dump(DATABASE, &dump).await;
    let closed = host.close().await;
    dumped?;
    closed?;
    let archive = NamedTempFile::new_in(beside).map_err(unusable(beside))?;
    let mut builder = Builder::new(archive);
    let files = match options::objects(settings, &folder)? {
        Some(objects) => put_objects(&mut builder, &*objects).await?,
        None => 0,
    };
    let archive = builder.append_path_with_name(&dump, DUMP).and_then(|()| builder.into_inner());
    let archive = archive.map_err(unusable(&file))?;
    archive.as_file().sync_all().map_err(unusable(&file))?;
    archive.persist_noclobber(&file).map_err(|error| unusable(&file)(error.error))?;
    let keys = settings.key_file.clone().unwrap_or_else(|| folder.keys());
    output::line(format_args!("Everything is in {}, with {files} files of documents.", file.display()));
    output::line(format_args!(
        "Keep {} with it, but apart: what is sealed opens with nothing else.",
        keys.display()
    ));
    Ok(())
}

/// What was shredded since it was listed is left out.
async fn put_objects(builder: &mut Builder<NamedTempFile>, objects: &dyn Objects) -> Result<u64, Failure> {
    let (mut last, mut files): (Option<ObjectKey>, u64) = (None, 0);
    loop {
        let page = objects.list(last.as_ref(), PAGE).await.map_err(|error| unreadable(&error))?;
        let Some(end) = page.last() else { return Ok(files) };
        last = Some(end.key);
        for object in page {
            let mut content = match objects.read(&object.key, None).await {
                Ok(content) => content,
                Err(ContentError::Missing) => continue,
                Err(error) => return Err(unreadable(&error)),
            };
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o600);
            header.set_mtime(u64::try_from(object.written_at.unix_seconds()).unwrap_or(0));
            let path = format!("{OBJECTS}{}", object.key.path());
            let mut entry = builder.append_writer(&mut header, path).map_err(Failure::fault)?;
            while let Some(piece) = content.next().await.map_err(|error| unreadable(&error))? {
                entry.write_all(&piece).map_err(Failure::fault)?;
            }
            entry.finish().map_err(Failure::fault)?;
            files += 1;
        }
    }
}

fn unreadable(error: &ContentError) -> Failure {
    Failure::new(Exit::DataUnusable, format!("files of documents: {error}"))
}

pub(super) async fn restore(settings: &Settings, file: &Path) -> Result<(), Failure> {
    let folder = private_cluster_folder(settings)?;
    if !file.is_file() {
        return Err(Failure::new(Exit::Refused, format!("{} is no file", file.display())));
    }
    let file = std::path::absolute(file).map_err(unusable(file))?;
    let keys = settings.key_file.clone().unwrap_or_else(|| folder.keys());
    if !keys.is_file() {
        let message = format!(
            "{} is missing: put the key file that was kept with the backup there first, because what is sealed opens \
             with nothing else",
            keys.display()
        );
        return Err(Failure::new(Exit::Refused, message));
    }
    let embedded = Embedded::new(settings, &folder);
    embedded.keys()?;
    // Starting it, instead of attaching to it, makes sure that nobody works on what is replaced.
    let host = Host::Ours(embedded.start().await?);
    let restored = async {
        let dump = match options::objects(settings, &folder)? {
            Some(objects) => unpack(&file, folder.path(), &*objects).await?,
            None => None,
        };
        let dump = dump.as_ref().map_or(&*file, NamedTempFile::path);
        bootstrap_embedded(host.access()).await?;
        host.access().restore(DATABASE, dump).await?;
        migrate_embedded(host.access()).await
    };
    let restored = restored.await;
    let closed = host.close().await;
    restored.and(closed)?;
    output::line(format_args!("Everything is as it was in {}.", file.display()));
    Ok(())
}

/// Puts the files of an archive back and gives the dump in it; `None` for a dump without an archive.
async fn unpack(file: &Path, beside: &Path, objects: &dyn Objects) -> Result<Option<NamedTempFile>, Failure> {
    let broken = |what: &dyn std::fmt::Display| {
        Failure::new(Exit::Refused, format!("{} is no backup: {what}", file.display()))
    };
    let mut archive = File::open(file).map_err(unusable(file))?;
    let mut head = Vec::new();
    (&archive).take(BARE_DUMP.len() as u64).read_to_end(&mut head).map_err(unusable(file))?;
    if head == BARE_DUMP {
        return Ok(None);
    }
    std::io::Seek::rewind(&mut archive).map_err(unusable(file))?;
    let mut archive = Archive::new(archive);
    for entry in archive.entries().map_err(|error| broken(&error))? {
        let mut entry = entry.map_err(|error| broken(&error))?;
        let path = entry.path().map_err(|error| broken(&error))?.to_string_lossy().into_owned();
        if path == DUMP {
            let mut dump = NamedTempFile::new_in(beside).map_err(unusable(beside))?;
            std::io::copy(&mut entry, &mut dump).map_err(|error| broken(&error))?;
            return Ok(Some(dump));
        }
        let key = path.strip_prefix(OBJECTS).and_then(ObjectKey::of_path);
        let key = key.ok_or_else(|| broken(&format_args!("it holds {path:?}")))?;
        let mut writer = objects.write(&key).await.map_err(|error| unreadable(&error))?;
        loop {
            let mut piece = Vec::new();
            let read = (&mut entry).take(PIECE as u64).read_to_end(&mut piece);
            if read.map_err(|error| broken(&error))? == 0 {
                break;
            }
            writer.write(piece).await.map_err(|error| unreadable(&error))?;
        }
        writer.finish().await.map_err(|error| unreadable(&error))?;
    }
    Err(broken(&"it ends before the database"))
}
