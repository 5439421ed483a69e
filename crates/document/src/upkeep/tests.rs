use std::sync::Arc;

use kernel::{Clock as _, Timestamp};

use super::*;
use crate::testing::{ELSEWHERE, HERE, MEMBER, OTHER, World, bytes, candidate, cv, id, run};

fn upkeep(world: &Arc<World>) -> DocumentUpkeep {
    DocumentUpkeep::new(world.ports())
}

fn place(document: u128) -> ObjectKey {
    ObjectKey { organization: HERE, document: id(document), part: ObjectPart::Content }
}

/// Puts an object where no row names it.
fn stray(world: &World, key: ObjectKey, written_at: Timestamp) {
    world.objects.lock().unwrap().insert(key, (vec![0; 40], written_at));
}

/// A document that was read out.
fn kept(world: &Arc<World>) -> Document {
    let id = world.upload(MEMBER, cv(), &bytes(100_000)).id;
    world.settle().unwrap();
    world.row(id)
}

#[test]
fn the_sweep_deletes_what_no_row_names_once_it_is_a_day_old_and_nothing_else() {
    let world = World::new();
    let (named, shredded) = (kept(&world), kept(&world));
    world.alter(shredded.id, |row| row.key = None);
    let (old, young) = (place(1), place(2));
    stray(&world, old, world.now());
    stray(&world, ObjectKey { organization: ELSEWHERE, ..place(3) }, world.now());
    world.pass(DocumentUpkeep::LEFT_ALONE);
    assert_eq!(run(upkeep(&world).sweep()).unwrap(), 0, "none is older than a day");
    world.pass(Duration::from_micros(1));
    stray(&world, young, world.now());
    assert_eq!(run(upkeep(&world).sweep()).unwrap(), 4, "both parts of what was shredded among them");
    let mut left = vec![young];
    left.extend(ObjectPart::ALL.map(|part| Ports::place(&named, part)));
    assert_eq!(world.object_keys(), left);
    assert_eq!(run(upkeep(&world).sweep()).unwrap(), 0);
}

#[test]
fn the_sweep_looks_at_all_objects_however_many_there_are() {
    let world = World::new();
    let named = kept(&world);
    (1..=1_201).for_each(|number| stray(&world, place(number), Timestamp::EPOCH));
    world.pass(Duration::from_hours(25));
    assert_eq!(run(upkeep(&world).sweep()).unwrap(), 1_201);
    assert_eq!(world.object_keys().len(), 2);
    assert_eq!(run(upkeep(&world).check((HERE, named.id))).unwrap(), None);
}

#[test]
fn documents_are_gone_through_page_by_page() {
    let world = World::new();
    let document = kept(&world);
    let state = world.row(document.id).state().clone();
    let row = |number| (id(number), (crate::DocumentState { id: id(number), ..state.clone() }, 1));
    world.rows.lock().unwrap().extend((1..=700).map(row));
    world.alter(id(7), |row| row.key = None);
    let (upkeep, mut all, mut last) = (upkeep(&world), Vec::new(), None);
    loop {
        let page = run(upkeep.page(last)).unwrap();
        assert!(page.len() <= 500);
        all.extend(page.iter().copied());
        let Some(end) = page.last() else { break };
        last = Some(*end);
    }
    assert_eq!(all.len(), 700, "each with content, and the one that is without it is left out");
    assert!(all.is_sorted() && !all.contains(&(HERE, id(7))));
}

/// What the check says of a document after this was done to its objects.
fn checked(harm: impl FnOnce(&World, &Document, &Document)) -> Option<(ObjectPart, ContentError)> {
    let world = World::new();
    let (document, other) = (kept(&world), kept(&world));
    assert_eq!(run(upkeep(&world).check((HERE, document.id))).unwrap(), None, "it is sound");
    harm(&world, &document, &other);
    let fault = run(upkeep(&world).check((HERE, document.id))).unwrap()?;
    assert_eq!((fault.organization, fault.document), (HERE, document.id));
    Some((fault.part, fault.error))
}

fn object(world: &World, of: &Document, part: ObjectPart, harm: impl FnOnce(&mut Vec<u8>)) {
    harm(&mut world.objects.lock().unwrap().get_mut(&Ports::place(of, part)).unwrap().0);
}

#[test]
fn a_check_finds_what_is_missing_altered_cut_longer_or_another_documents() {
    use ContentError::{Altered, Missing};
    use ObjectPart::{Content, Text};
    for part in [Content, Text] {
        let lost = checked(|world, document, _| {
            world.objects.lock().unwrap().remove(&Ports::place(document, part));
        });
        assert_eq!(lost, Some((part, Missing)));
        let altered = checked(|world, document, _| object(world, document, part, |bytes| bytes[20] ^= 1));
        assert_eq!(altered, Some((part, Altered)));
        let cut = checked(|world, document, _| {
            object(world, document, part, |bytes| bytes.truncate(bytes.len() / 2));
        });
        assert_eq!(cut, Some((part, Altered)));
        let longer = checked(|world, document, _| object(world, document, part, |bytes| bytes.push(0)));
        assert_eq!(longer, Some((part, Altered)));
        let swapped = checked(|world, document, other| {
            let others = world.objects.lock().unwrap()[&Ports::place(other, part)].0.clone();
            object(world, document, part, |bytes| *bytes = others);
        });
        assert_eq!(swapped, Some((part, Altered)));
    }
    let other_key =
        checked(|world, document, other| world.alter(document.id, |row| row.key.clone_from(&other.key)));
    assert_eq!(other_key, Some((Content, Altered)));
    let other_digest = checked(|world, document, _| world.alter(document.id, |row| row.sha256.0[0] ^= 1));
    assert_eq!(other_digest, Some((Content, Altered)));
}

#[test]
fn a_check_finds_nothing_wrong_with_what_was_shredded_or_has_no_text_yet() {
    let shredded = checked(|world, document, _| {
        world.objects.lock().unwrap().clear();
        world.alter(document.id, |row| row.key = None);
    });
    assert_eq!(shredded, None);
    let pending = checked(|world, document, _| {
        world.objects.lock().unwrap().remove(&Ports::place(document, ObjectPart::Text));
        world.alter(document.id, |row| row.extraction = ExtractionStatus::Pending);
    });
    assert_eq!(pending, None);
    assert_eq!(run(upkeep(&World::new()).check((HERE, id(404)))).unwrap(), None);
}

#[test]
fn erasing_a_person_shreds_what_is_theirs_alone_and_not_held() {
    let world = World::new();
    let [own, attached, held] = [(); 3].map(|()| kept(&world).id);
    let others = world.upload(OTHER, cv(), b"content").id;
    world.alter(attached, |row| row.related = Some(candidate(1)));
    world.alter(held, |row| row.legal_hold = true);
    for _ in 0..2 {
        run(upkeep(&world).erase(MEMBER, None)).unwrap();
    }
    let reason = |id| world.row(id).reason.clone();
    assert_eq!(reason(own).as_deref(), Some("erased"));
    assert_eq!([attached, held, others].map(reason), [None, None, None]);
    assert_eq!(world.done().iter().filter(|action| **action == "document.shred").count(), 1);
    world.settle().unwrap();
    assert!(world.object_keys().iter().all(|key| key.document != own));
}

#[test]
fn an_export_lists_what_the_person_uploaded_and_what_of_it_is_there() {
    let world = World::new();
    let (kept, gone) = (kept(&world), kept(&world));
    world.upload(OTHER, cv(), b"content");
    world.alter(gone.id, |row| row.key = None);
    let expected = json!({ "uploaded": [{
        "id": kept.id,
        "organization_id": HERE,
        "original_filename": "cv.pdf",
        "document_category": "cv",
        "file_size": 100_000,
        "created_at": "1970-01-01T00:00:00Z",
    }] });
    assert_eq!(run(upkeep(&world).export(MEMBER)).unwrap(), expected);
    assert_eq!(run(upkeep(&world).export(id(404))).unwrap(), json!({ "uploaded": [] }));
}

#[test]
fn paths_of_objects_name_one_key_and_only_as_they_are_written() {
    let key = ObjectKey { organization: id(0xa), document: id(0xb), part: ObjectPart::Text };
    let path = "00000000-0000-0000-0000-00000000000a/00000000-0000-0000-0000-00000000000b/text";
    assert_eq!((key.path(), ObjectKey::of_path(path)), (path.to_owned(), Some(key)));
    for other in
        [path.to_uppercase(), path.replace('-', ""), format!("{path}/"), path.replace("text", "texts")]
    {
        assert_eq!(ObjectKey::of_path(&other), None, "{other}");
    }
    assert_eq!(ObjectKey::of_path(&path.replacen('a', "A", 1)), None, "another spelling of the same id");
}
