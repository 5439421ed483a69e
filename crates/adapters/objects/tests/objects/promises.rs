//! What `document::ports::Objects` and `ObjectWriter` promise, of each store.

use document::ObjectPart::{Content, Text};
use kernel::{Timestamp, document::ContentError};

use crate::cases::{Case, key, noon};

/// Makes of each promise a test for each store.
macro_rules! promises {
    ($($promise:ident)*) => {
        promises!(@of folder, Case::folder(); $($promise)*);
        promises!(@of memory, Case::memory(); $($promise)*);
        promises!(@of s3, Case::s3().await; $($promise)*);
    };
    (@of $store:ident, $case:expr; $($promise:ident)*) => {
        mod $store {
            use super::Case;
            $(
                #[tokio::test]
                async fn $promise() {
                    super::$promise($case).await;
                }
            )*
        }
    };
}

promises! {
    nothing_is_seen_before_it_is_finished
    nothing_is_left_of_what_is_dropped
    an_object_is_read_whole_and_in_ranges
    an_empty_object_is_one
    what_is_not_there_is_missing
    deleting_twice_is_deleting_once
    a_list_has_pages_in_the_order_of_paths
    a_list_of_thousands_is_whole
    a_list_tells_sizes_and_times
    a_large_object_is_kept_whole
    a_reader_may_stop_half_way
}

#[tokio::test]
async fn what_is_not_ours_in_a_folder_is_neither_listed_nor_deleted() {
    what_is_not_ours_is_neither_listed_nor_deleted(Case::folder()).await;
}

#[tokio::test]
async fn what_is_not_ours_in_a_bucket_is_neither_listed_nor_deleted() {
    what_is_not_ours_is_neither_listed_nor_deleted(Case::s3().await).await;
}

/// Twelve MiB, so that S3 gets them in parts, of which no two are alike.
fn large() -> Vec<u8> {
    (0..3 * 1024 * 1024_u32).flat_map(u32::to_le_bytes).collect()
}

async fn nothing_is_seen_before_it_is_finished(case: Case) {
    let key = key(1, 2, Content);
    for written in [b"new".to_vec(), large()] {
        let mut writer = case.objects.write(&key).await.unwrap();
        writer.write(written.clone()).await.unwrap();
        assert_eq!(case.read(&key, None).await, Err(ContentError::Missing));
        assert_eq!(case.list(None, 10).await, []);

        case.keep(&key, b"what was there").await;
        writer.write(b" and more".to_vec()).await.unwrap();
        assert_eq!(case.read(&key, None).await.unwrap(), b"what was there");
        assert_eq!(case.list(None, 10).await, [(key, 14)]);

        writer.finish().await.unwrap();
        let all = [&*written, b" and more"].concat();
        assert!(case.read(&key, None).await.unwrap() == all);
        assert_eq!(case.list(None, 10).await, [(key, all.len() as u64)]);
        case.objects.delete(&key).await.unwrap();
    }
}

async fn nothing_is_left_of_what_is_dropped(case: Case) {
    let (dropped, kept) = (key(1, 2, Content), key(1, 3, Content));
    case.keep(&kept, b"kept").await;
    for (key, written) in
        [(dropped, b"a".to_vec()), (dropped, large()), (kept, b"b".to_vec()), (kept, large())]
    {
        let mut writer = case.objects.write(&key).await.unwrap();
        writer.write(written).await.unwrap();
        drop(writer);
        assert_eq!(case.list(None, 10).await, [(kept, 4)]);
    }
    assert_eq!(case.read(&dropped, None).await, Err(ContentError::Missing));
    assert_eq!(case.read(&kept, None).await.unwrap(), b"kept");
}

async fn an_object_is_read_whole_and_in_ranges(case: Case) {
    let key = key(1, 2, Content);
    case.keep(&key, b"0123456789").await;
    assert_eq!(case.read(&key, None).await.unwrap(), b"0123456789");
    for (range, part) in [
        (0..10, "0123456789"),
        (0..1, "0"),
        (3..7, "3456"),
        (9..10, "9"),
        (3..11, "3456789"),
        (0..u64::MAX, "0123456789"),
        (10..11, ""),
        (1_000..u64::MAX, ""),
        (3..3, ""),
        (0..0, ""),
    ] {
        let read = case.read(&key, Some(range.clone())).await;
        assert_eq!(read.as_deref(), Ok(part.as_bytes()), "{range:?}");
    }
}

async fn an_empty_object_is_one(case: Case) {
    let (unwritten, written) = (key(1, 2, Content), key(1, 2, Text));
    case.objects.write(&unwritten).await.unwrap().finish().await.unwrap();
    case.keep(&written, b"").await;
    assert_eq!(case.list(None, 10).await, [(unwritten, 0), (written, 0)]);
    for range in [None, Some(0..1), Some(0..0), Some(5..9)] {
        assert_eq!(case.read(&unwritten, range.clone()).await.unwrap(), b"", "{range:?}");
    }
}

async fn what_is_not_there_is_missing(case: Case) {
    case.keep(&key(1, 2, Content), b"there").await;
    for missing in [key(1, 2, Text), key(1, 3, Content), key(2, 2, Content)] {
        for range in [None, Some(0..3), Some(5..9), Some(3..3)] {
            assert_eq!(case.read(&missing, range).await, Err(ContentError::Missing));
        }
    }
}

async fn deleting_twice_is_deleting_once(case: Case) {
    let (gone, kept) = (key(1, 2, Content), key(1, 2, Text));
    case.keep(&gone, b"gone").await;
    case.keep(&kept, b"kept").await;
    for _ in 0..2 {
        case.objects.delete(&gone).await.unwrap();
        assert_eq!(case.read(&gone, None).await, Err(ContentError::Missing));
        assert_eq!(case.list(None, 10).await, [(kept, 4)]);
    }
    case.objects.delete(&key(7, 7, Text)).await.unwrap();
    case.keep(&gone, b"again").await;
    assert_eq!(case.read(&gone, None).await.unwrap(), b"again");
}

async fn a_list_has_pages_in_the_order_of_paths(case: Case) {
    // Written in another order than that of their paths, with ids whose order is not that of their last digits.
    let high = 0xf000_0000_0000_0000_0000_0000_0000_0000;
    let mut keys =
        [(high, 1), (2, high), (1, 9), (2, 3), (1, 0x10), (1, 2)].map(|(o, d)| key(o, d, Text)).to_vec();
    keys.extend([key(2, 3, Content), key(1, 2, Content)]);
    for key in &keys {
        case.keep(key, b"x").await;
    }
    keys.sort_by_key(document::ObjectKey::path);
    for most in [1, 3, 4, 8, 9] {
        let mut listed = Vec::new();
        loop {
            let page = case.objects.list(listed.last(), most).await.unwrap();
            listed.extend(page.iter().map(|object| object.key));
            assert!(listed.len() <= keys.len(), "a page begins again");
            if page.len() < most {
                break;
            }
        }
        assert_eq!(listed, keys, "in pages of {most}");
    }
    // After a key that is not there begins what would follow it.
    assert_eq!(case.list(Some(&key(1, 3, Text)), 1).await, [(keys[2], 1)]);
    assert_eq!(case.list(Some(&key(2, 3, Content)), 1).await, [(key(2, 3, Text), 1)]);
    assert_eq!(case.list(None, 0).await, []);
}

async fn a_list_of_thousands_is_whole(case: Case) {
    let keys: Vec<_> = (0..2_100).map(|number| key(number / 100, number, Content)).collect();
    for key in &keys {
        if case.files.is_some() {
            case.plant(&key.path(), b"");
        } else {
            case.keep(key, b"").await;
        }
    }
    let first = case.list(None, 1_500).await;
    assert!(first.iter().map(|(key, _)| key).eq(&keys[..1_500]));
    let rest = case.list(Some(&keys[1_499]), 1_500).await;
    assert!(rest.iter().map(|(key, _)| key).eq(&keys[1_500..]));
}

async fn a_list_tells_sizes_and_times(case: Case) {
    let key = key(1, 2, Content);
    case.keep(&key, b"sealed").await;
    if case.files.is_some() {
        case.plant(&key.path(), b"sealed");
    }
    let listed = case.objects.list(None, 10).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|object| (object.key, object.size, object.written_at)).collect();
    assert_eq!(listed, [(key, 6, Timestamp::new(noon()))]);
}

async fn what_is_not_ours_is_neither_listed_nor_deleted(case: Case) {
    let ours = key(0xab, 0xcd, Content);
    case.keep(&ours, b"ours").await;
    let id = ours.document.to_string();
    let foreign = [
        "readme".to_owned(),
        "lost+found/content".to_owned(),
        format!("{id}/notes"),
        format!("{id}/{id}/preview"),
        format!("{id}/{id}/content.bak"),
        format!("{id}/{id}/text/more"),
        format!("{}/{id}/content", id.to_uppercase()),
        format!("{id}/{}/content", id.replace('-', "")),
        ours.organization.to_string().replace('0', "1"),
        format!("{}/notes", ours.organization),
    ];
    for path in &foreign {
        case.plant(path, b"foreign");
    }
    assert_eq!(case.list(None, 100).await, [(ours, 4)]);
    assert_eq!(case.list(None, 1).await, [(ours, 4)]);
    case.objects
        .clear_unfinished(Timestamp::new(noon()).plus(std::time::Duration::from_hours(1)))
        .await
        .unwrap();
    case.objects.delete(&ours).await.unwrap();
    assert_eq!(case.list(None, 100).await, []);
    for path in &foreign {
        assert!(case.has_file(path), "{path}");
    }
}

async fn a_large_object_is_kept_whole(case: Case) {
    let (key, bytes) = (key(1, 2, Content), large());
    let mut writer = case.objects.write(&key).await.unwrap();
    let mut rest = &*bytes;
    // The sizes are odd, grow past the size of a part of an upload, and are 0 now and then.
    for size in [0, 1, 7, 4_099, 65_537, 0, 1_234_567, 5 * 1024 * 1024 + 1, usize::MAX] {
        let (now, later) = rest.split_at(size.min(rest.len()));
        writer.write(now.to_vec()).await.unwrap();
        rest = later;
    }
    writer.finish().await.unwrap();
    assert!(case.read(&key, None).await.unwrap() == bytes);
    let part = case.read(&key, Some(5_242_870..5_242_890)).await.unwrap();
    assert_eq!(part, bytes[5_242_870..5_242_890]);
    assert_eq!(case.list(None, 10).await, [(key, bytes.len() as u64)]);
}

async fn a_reader_may_stop_half_way(case: Case) {
    let (key, bytes) = (key(1, 2, Content), large());
    case.keep(&key, &bytes).await;
    for _ in 0..20 {
        let mut chunks = case.objects.read(&key, None).await.unwrap();
        let first = chunks.next().await.unwrap().unwrap();
        assert!(bytes.starts_with(&first));
    }
    assert!(case.read(&key, None).await.unwrap() == bytes);
    // One that began before the object is gone, or another, does not get a part of each.
    let mut chunks = case.objects.read(&key, None).await.unwrap();
    let mut read = chunks.next().await.unwrap().unwrap();
    case.keep(&key, b"another").await;
    while let Ok(Some(piece)) = chunks.next().await {
        read.extend(piece);
    }
    assert!(bytes.starts_with(&read));
}
