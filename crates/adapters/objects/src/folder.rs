//! Objects as files in a folder.

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, Metadata},
    io::{self, ErrorKind},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use document::{
    ObjectKey, ObjectPart, StoredObject,
    ports::{ObjectWriter, Objects},
};
use kernel::{
    Id, OrganizationTag, Timestamp,
    document::{Chunks, ContentError, DocumentTag},
};
use object_store::local::LocalFileSystem;
use tokio::task::spawn_blocking;

use crate::backend::{Backend, meaning};

/// Larger objects are written in parts of this size, one after the other.
const PART: usize = 512 * 1024;

/// Objects as files in a folder. What was finished is on the disk, together with its name, before `finish` returns, and
/// so is a deletion before `delete` does.
#[derive(Debug, Clone)]
pub struct FolderObjects {
    backend: Backend,
    root: Arc<Path>,
}

impl FolderObjects {
    /// Objects in this folder. Where it is not there it is made, for the user who runs the program alone.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, ContentError> {
        let root = root.into();
        make(&root).map_err(|error| failed(&root, &error))?;
        let files = LocalFileSystem::new_with_prefix(&root).map_err(|error| meaning(&error))?;
        let backend = Backend { store: Arc::new(files.with_fsync(true)), part: PART, parts_at_once: 1 };
        Ok(Self { backend, root: root.into() })
    }

    /// Walks through the folder where that holds up no other task.
    async fn walk<T: Send + 'static>(
        &self,
        walk: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, ContentError> {
        let root = Arc::clone(&self.root);
        let walked = spawn_blocking(move || walk(&root)).await;
        walked.map_err(io::Error::from).flatten().map_err(|error| failed(&self.root, &error))
    }
}

#[async_trait]
impl Objects for FolderObjects {
    async fn write(&self, key: &ObjectKey) -> Result<Box<dyn ObjectWriter>, ContentError> {
        Ok(self.backend.write(key))
    }

    async fn read(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn Chunks>, ContentError> {
        self.backend.read(key, range).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), ContentError> {
        let path = key.path();
        self.walk(move |root| delete(root, &path)).await
    }

    async fn list(&self, after: Option<&ObjectKey>, most: usize) -> Result<Vec<StoredObject>, ContentError> {
        let after = after.copied();
        self.walk(move |root| list(root, after, most)).await
    }

    async fn clear_unfinished(&self, before: Timestamp) -> Result<(), ContentError> {
        self.walk(move |root| clear_unfinished(root, before)).await
    }
}

fn failed(root: &Path, error: &io::Error) -> ContentError {
    ContentError::Fault(format!("the folder {} cannot be used: {error}", root.display()))
}

/// Deletes the file, and the folders in which nothing is left.
fn delete(root: &Path, path: &str) -> io::Result<()> {
    let file = root.join(path);
    there(fs::remove_file(&file))?;
    let is_left = |folder: &&Path| *folder == root || fs::remove_dir(folder).is_err() && folder.exists();
    file.ancestors().skip(1).find(is_left).map_or(Ok(()), |folder| there(sync(folder)).map(drop))
}

/// Sees to it that what the folder lists is on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Makes the folder, and sees to it that it is on the disk.
fn make(root: &Path) -> io::Result<()> {
    let missing = root.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let missing: Vec<_> = missing.collect();
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(root)?;
    for parent in missing.iter().filter_map(|folder| folder.parent()) {
        sync(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })?;
    }
    Ok(())
}

/// The order of keys is that of their paths. Names that are none of ours are passed by without a look into them.
fn list(root: &Path, after: Option<ObjectKey>, most: usize) -> io::Result<Vec<StoredObject>> {
    fs::metadata(root)?;
    let mut found = Vec::new();
    for organization in ids(root)? {
        if after.is_some_and(|after| organization < after.organization) {
            continue;
        }
        for document in ids(&root.join(organization.to_string()))? {
            for part in ObjectPart::ALL {
                let key = ObjectKey { organization, document, part };
                if after.is_some_and(|after| key <= after) {
                    continue;
                }
                if found.len() == most {
                    return Ok(found);
                }
                if let Some(file) = there(fs::metadata(root.join(key.path())))?
                    && file.is_file()
                {
                    found.push(StoredObject { key, size: file.len(), written_at: written_at(&file)? });
                }
            }
        }
    }
    Ok(found)
}

/// Deletes files of uploads that nothing was added to since, and the folders in which nothing is left. Folders are of
/// another moment than what is done here, so a new one, in which an upload may just begin, stays.
fn clear_unfinished(root: &Path, before: Timestamp) -> io::Result<()> {
    let is_old = |path: &Path| {
        let found = there(fs::symlink_metadata(path))?;
        Ok::<_, io::Error>(found.map(|found| written_at(&found)).transpose()?.is_some_and(|at| at < before))
    };
    for organization in ids::<OrganizationTag>(root)? {
        let of_organization = root.join(organization.to_string());
        let is_organization_old = is_old(&of_organization)?;
        for document in ids::<DocumentTag>(&of_organization)? {
            let folder = of_organization.join(document.to_string());
            let is_folder_old = is_old(&folder)?;
            for entry in there(fs::read_dir(&folder))?.into_iter().flatten() {
                let file = entry?.path();
                if is_unfinished(&file) && is_old(&file)? {
                    there(fs::remove_file(file))?;
                }
            }
            if is_folder_old {
                remove_if_empty(&folder)?;
            }
        }
        if is_organization_old {
            remove_if_empty(&of_organization)?;
        }
    }
    Ok(())
}

/// Whether the file is one that [`LocalFileSystem`] writes to until it is finished, such as `content#1`.
fn is_unfinished(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('#'));
    name.is_some_and(|(part, number)| {
        ObjectPart::ALL.iter().any(|known| known.name() == part)
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The ids that entries of the folder are named by, as we write them.
fn ids<T>(folder: &Path) -> io::Result<BTreeSet<Id<T>>> {
    let mut ids = BTreeSet::new();
    for entry in there(fs::read_dir(folder))?.into_iter().flatten() {
        let name = entry?.file_name();
        let id =
            name.to_str().and_then(|name| name.parse::<Id<T>>().ok().filter(|id| id.to_string() == name));
        ids.extend(id);
    }
    Ok(ids)
}

fn written_at(file: &Metadata) -> io::Result<Timestamp> {
    Ok(Timestamp::new(file.modified()?.into()))
}

fn remove_if_empty(folder: &Path) -> io::Result<()> {
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
        done => there(done).map(drop),
    }
}

/// What was found; `None` where nothing is, because it was just deleted or a foreign file lies in its way.
fn there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        found => found.map(Some),
    }
}
