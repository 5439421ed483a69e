//! What is particular to the folder.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use document::{
    ObjectPart::{Content, Text},
    ports::Objects as _,
};
use kernel::{Timestamp, document::ContentError};
use objects::FolderObjects;

use crate::cases::{Case, key, noon};

#[tokio::test]
async fn what_was_begun_before_and_never_finished_is_cleared() {
    let case = Case::folder();
    let kept = key(1, 2, Content);
    let path = kept.path();
    case.plant(&path, b"kept");
    case.plant(&format!("{path}#1"), b"an upload that never ends");
    case.plant(&format!("{}#12", key(3, 4, Text).path()), b"another, alone in its folder");
    case.plant(&format!("{path}#x"), b"foreign");
    let [organization, folder] = [key(3, 4, Text).organization.to_string(), key(3, 4, Text).path()];
    let folder = folder.rsplit_once('/').unwrap().0;

    case.objects.clear_unfinished(Timestamp::new(noon())).await.unwrap();
    assert!(case.has_file(&format!("{path}#1")), "what was begun at that moment stays");

    let root = case.files.as_deref().unwrap();
    for old in [folder, &organization] {
        File::open(root.join(old)).unwrap().set_modified(SystemTime::from(noon())).unwrap();
    }
    let later = Timestamp::new(noon()).plus(Duration::from_secs(1));
    case.objects.clear_unfinished(later).await.unwrap();
    assert!(!case.has_file(&format!("{path}#1")));
    assert!(!case.has_file(&organization), "no empty folder is left");
    assert!(case.has_file(&format!("{path}#x")));
    assert_eq!(case.read(&kept, None).await.unwrap(), b"kept");
}

#[tokio::test]
async fn no_folder_is_left_of_what_was_deleted() {
    let case = Case::folder();
    for key in [key(1, 2, Content), key(1, 2, Text), key(1, 3, Content)] {
        case.keep(&key, b"x").await;
    }
    for key in [key(1, 2, Content), key(1, 2, Text), key(1, 3, Content)] {
        case.objects.delete(&key).await.unwrap();
    }
    let root = case.files.as_deref().unwrap();
    assert_eq!(fs::read_dir(root).unwrap().count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_is_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::folder();
    let root = case.files.as_deref().unwrap();
    assert_eq!(fs::metadata(root).unwrap().permissions().mode() & 0o777, 0o700);
    // Opening it again changes nothing and finds what is there.
    case.keep(&key(1, 2, Content), b"x").await;
    let again = FolderObjects::open(root).unwrap();
    assert_eq!(again.list(None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_that_was_cut_does_not_pass_for_the_object() {
    let case = Case::folder();
    let key = key(1, 2, Content);
    case.keep(&key, &vec![7; 1_000_000]).await;
    let mut chunks = case.objects.read(&key, None).await.unwrap();
    chunks.next().await.unwrap();
    let file = case.files.as_ref().unwrap().join(key.path());
    File::options().write(true).open(file).unwrap().set_len(10).unwrap();
    assert_eq!(chunks.next().await, Err(ContentError::Altered));
    assert_eq!(chunks.next().await, Ok(None));
}

#[tokio::test]
async fn an_object_with_a_gap_is_never_finished() {
    let case = Case::folder();
    let key = key(1, 2, Content);
    // A file lies where the folder of the organisation should be.
    case.plant(&key.organization.to_string(), b"foreign");
    let mut writer = case.objects.write(&key).await.unwrap();
    let failed = writer.write(vec![7; 6 * 1024 * 1024]).await;
    assert!(matches!(failed, Err(ContentError::Fault(_))), "{failed:?}");
    fs::remove_file(case.files.as_ref().unwrap().join(key.organization.to_string())).unwrap();
    let failed = writer.finish().await;
    assert!(
        matches!(&failed, Err(ContentError::Fault(said)) if said.contains("failed before")),
        "{failed:?}"
    );
    assert_eq!(case.list(None, 10).await, []);
}

#[tokio::test]
async fn a_folder_that_is_gone_is_not_one_without_objects() {
    let case = Case::folder();
    fs::remove_dir(case.files.as_ref().unwrap()).unwrap();
    let failed = case.objects.list(None, 10).await;
    assert!(matches!(&failed, Err(ContentError::Fault(said)) if said.contains("deep/objects")), "{failed:?}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let failed = FolderObjects::open(file.path());
    assert!(matches!(failed, Err(ContentError::Fault(_))), "{failed:?}");
}
