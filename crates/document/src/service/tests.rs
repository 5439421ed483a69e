use std::sync::{Arc, atomic::Ordering};

use kernel::{Clock as _, Kind, Refusal as _};

use super::*;
use crate::{
    FileKind, Inspected, Quotas, SizeLimits, Verdict,
    ports::InspectError,
    testing::{
        ADMIN, ELSEWHERE, HERE, MEMBER, OTHER, OWNER, World, bytes, candidate, cv, person, run, unguarded,
    },
};

const ALL: [AccountId; 4] = [OWNER, ADMIN, MEMBER, OTHER];

fn read(service: &DocumentService, who: AccountId, of: DocumentId) -> Result<Vec<u8>, Refused> {
    run(async {
        let readable = service.readable(&person(who), HERE, of).await?;
        let size = readable.document().size;
        Ok(service.content(&readable, 0..size).await?.collect().await?)
    })
}

/// Who of all sees the document, by itself and in the list of what it belongs to.
fn who_sees(world: &Arc<World>, of: &Document) -> Vec<AccountId> {
    let service = world.service();
    let sees = |who: &AccountId| {
        let is_seen = run(service.get(&person(*who), HERE, of.id)).is_ok();
        let filter = DocumentFilter { related: of.related.clone(), ..DocumentFilter::default() };
        let list = run(service.list(&person(*who), HERE, filter, &PageRequest::default())).unwrap();
        assert_eq!(list.items.iter().any(|listed| listed.id == of.id), is_seen, "{who} in the list");
        assert_eq!(read(&service, *who, of.id).is_ok(), is_seen, "{who} reads");
        is_seen
    };
    ALL.into_iter().filter(sees).collect()
}

fn attached(related: Related) -> (Arc<World>, Document) {
    let world = World::new();
    let document = world.upload(MEMBER, cv(), b"content");
    world.alter(document.id, |row| row.related = Some(related));
    let document = world.row(document.id);
    (world, document)
}

#[test]
fn what_belongs_to_nothing_is_seen_by_its_uploader_and_by_owners_and_administrators() {
    let world = World::new();
    let document = world.upload(MEMBER, cv(), b"content");
    assert_eq!(who_sees(&world, &document), [OWNER, ADMIN, MEMBER]);
    let owners = world.upload(OWNER, cv(), b"content");
    assert_eq!(who_sees(&world, &owners), [OWNER, ADMIN]);
}

#[test]
fn what_belongs_to_a_guarded_thing_is_seen_by_whom_its_domain_lets_be_it_the_owner_or_its_uploader() {
    let (world, document) = attached(candidate(1));
    assert_eq!(who_sees(&world, &document), []);
    *world.guarded.lock().unwrap() = vec![(OTHER, Deed::Read), (OWNER, Deed::Delete)];
    assert_eq!(who_sees(&world, &document), [OTHER]);
    *world.guarded.lock().unwrap() = ALL.map(|who| (who, Deed::Read)).to_vec();
    assert_eq!(who_sees(&world, &document), ALL);
    world.alter(document.id, |row| row.related = Some(candidate(2)));
    assert_eq!(who_sees(&world, &world.row(document.id)), [], "another thing is asked about");
}

#[test]
fn what_belongs_to_a_thing_nobody_answers_for_is_seen_by_owners_and_administrators_alone() {
    let (world, document) = attached(unguarded());
    assert_eq!(who_sees(&world, &document), [OWNER, ADMIN]);
}

#[test]
fn nobody_sees_or_changes_a_document_by_another_organisation() {
    let world = World::new();
    let document = world.upload(MEMBER, cv(), b"content");
    world.alter(document.id, |row| row.organization = ELSEWHERE);
    let service = world.service();
    assert!(matches!(run(service.get(&person(OWNER), HERE, document.id)), Err(Refused::Missing)));
    assert!(matches!(run(service.delete(&person(OWNER), HERE, document.id)), Err(Refused::Missing)));
    let refused = run(service.get(&person(OWNER), ELSEWHERE, document.id));
    assert!(matches!(refused, Err(Refused::AccessDenied(_))), "the gate is asked for that organisation");
}

#[test]
fn a_list_shows_what_its_filter_says_and_to_members_no_more_than_their_own() {
    let world = World::new();
    let other = || Upload { category: DocumentCategory::Other, ..cv() };
    let first = world.upload(MEMBER, cv(), b"1").id;
    let second = world.upload(MEMBER, other(), b"2").id;
    let owners = world.upload(OWNER, cv(), b"3").id;
    let on_meeting = world.upload(OWNER, Upload { related: Some(unguarded()), ..cv() }, b"4").id;
    *world.guarded.lock().unwrap() = vec![(MEMBER, Deed::Attach), (MEMBER, Deed::Read)];
    let on_candidate = world.upload(MEMBER, Upload { related: Some(candidate(1)), ..cv() }, b"5").id;
    let service = world.service();
    let list = |who, filter| {
        let listed = run(service.list(&person(who), HERE, filter, &PageRequest::default())).unwrap();
        listed.items.iter().map(|document| document.id).collect::<Vec<_>>()
    };
    let all = DocumentFilter::default;
    let cvs = || DocumentFilter { category: Some(DocumentCategory::Cv), ..all() };
    let of = |related| DocumentFilter { related: Some(related), ..all() };
    let unattached = |account| DocumentFilter { unattached_of: Some(account), ..all() };
    assert_eq!(list(OWNER, all()), [on_meeting, owners, second, first], "the candidate's is kept from them");
    assert_eq!(list(OWNER, cvs()), [on_meeting, owners, first]);
    assert_eq!(list(OWNER, unattached(MEMBER)), [second, first]);
    assert_eq!(list(OWNER, of(unguarded())), [on_meeting]);
    assert_eq!(list(OWNER, of(candidate(1))), []);
    assert_eq!(list(MEMBER, all()), [second, first]);
    assert_eq!(list(MEMBER, cvs()), [first]);
    assert_eq!(list(MEMBER, unattached(OWNER)), [second, first], "whoever they ask for");
    assert_eq!(list(MEMBER, of(candidate(1))), [on_candidate]);
    assert_eq!(list(MEMBER, of(unguarded())), []);
    assert_eq!(list(OTHER, all()), []);
    let own_of_thing = DocumentFilter { category: Some(DocumentCategory::Other), ..of(candidate(1)) };
    assert_eq!(list(MEMBER, own_of_thing), [], "all conditions hold together");
}

#[test]
fn a_document_is_uploaded_to_a_thing_by_whom_its_domain_lets() {
    let world = World::new();
    *world.guarded.lock().unwrap() = vec![(MEMBER, Deed::Attach), (OWNER, Deed::Read)];
    let service = world.service();
    let upload =
        |who, related| World::upload_by(&service, who, Upload { related: Some(related), ..cv() }, b"content");
    let kept = upload(MEMBER, candidate(1)).unwrap();
    assert_eq!((kept.related.clone(), kept.retain_until), (Some(candidate(1)), None));
    assert!(matches!(upload(OWNER, candidate(1)), Err(Refused::NotYours(kind)) if kind == "candidate"));
    assert!(matches!(upload(MEMBER, unguarded()), Err(Refused::NotYours(kind)) if kind == "meeting"));
    assert_eq!(world.object_keys().len(), 1, "nothing is left of what was refused");
    assert_eq!(upload(ADMIN, unguarded()).unwrap().related, Some(unguarded()));
}

#[test]
fn a_file_has_as_many_bytes_as_its_category_takes_and_not_one_more() {
    let world = World::new();
    let limits = SizeLimits { usual: 20_000, of: vec![(DocumentCategory::Portfolio, 30_000)] };
    let service = DocumentService::new(Ports { limits, ..world.ports() });
    let upload = |category, size| {
        let kept = World::upload_by(&service, MEMBER, Upload { category, ..cv() }, &bytes(size));
        match kept {
            Ok(document) => Ok(document.size),
            Err(Refused::TooLarge { most }) => Err(most),
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(upload(DocumentCategory::Cv, 20_000), Ok(20_000));
    assert_eq!(upload(DocumentCategory::Cv, 20_001), Err(20_000));
    assert_eq!(upload(DocumentCategory::Portfolio, 30_000), Ok(30_000));
    assert_eq!(upload(DocumentCategory::Portfolio, 30_001), Err(30_000));
    assert_eq!(world.object_keys().len(), 2, "what is refused leaves no object");
    let inspected = Inspected { kind: FileKind::Png, active_content: vec![], cleaned: Some(bytes(20_001)) };
    *world.inspected.lock().unwrap() = Ok(inspected);
    assert_eq!(upload(DocumentCategory::DocumentationImage, 10), Err(20_000), "cleaned, it is larger");
    assert_eq!(world.object_keys().len(), 2);
}

#[test]
fn a_file_is_refused_that_its_category_does_not_take_or_that_is_not_what_its_name_says() {
    let world = World::new();
    let service = world.service();
    let refused = || match World::upload_by(&service, MEMBER, cv(), b"content") {
        Err(refused @ Refused::NotTaken(_)) => {
            assert_eq!((refused.kind(), refused.code()), (Kind::Invalid, "document.not_taken"));
            assert_eq!(refused.errors()[0].0, "/file");
            refused.to_string()
        }
        other => panic!("{other:?}"),
    };
    *world.inspected.lock().unwrap() =
        Ok(Inspected { kind: FileKind::Zip, active_content: vec![], cleaned: None });
    assert_eq!(
        refused(),
        "the file is ZIP, which is not taken as cv: send one of PDF, DOCX, ODT, RTF, HTML, plain text"
    );
    *world.inspected.lock().unwrap() = Err(InspectError::Refused("it says PDF and is none".to_owned()));
    assert_eq!(refused(), "it says PDF and is none");
    assert!(world.object_keys().is_empty() && world.rows.lock().unwrap().is_empty());
}

#[test]
fn a_cleaned_picture_takes_the_place_of_the_one_that_came() {
    let world = World::new();
    let cleaned = bytes(500);
    *world.inspected.lock().unwrap() =
        Ok(Inspected { kind: FileKind::Jpeg, active_content: vec![], cleaned: Some(cleaned.clone()) });
    let upload = Upload { category: DocumentCategory::DocumentationImage, ..cv() };
    let document = world.upload(MEMBER, upload, &bytes(900));
    assert_eq!((document.size, document.sha256), (500, kernel::Digest::of(&cleaned)));
    assert_eq!(read(&world.service(), MEMBER, document.id).unwrap(), cleaned);
    assert_eq!(world.object_keys(), [Ports::place(&document, ObjectPart::Content)]);
}

#[test]
fn what_lies_in_the_object_store_shows_nothing_of_content_or_text() {
    let world = World::new();
    let document = world.upload(MEMBER, cv(), &b"What Zoe did. ".repeat(10_000));
    world.settle().unwrap();
    assert_eq!(world.row(document.id).extraction, ExtractionStatus::Done);
    let objects = world.objects.lock().unwrap();
    assert_eq!(objects.len(), 2);
    for (key, (object, _)) in objects.iter() {
        for plain in [&b"Zoe"[..], b"did. ", b"cv.pdf"] {
            let shown = object.windows(plain.len()).any(|window| window == plain);
            assert!(!shown, "{} in {}", plain.escape_ascii(), key.path());
        }
    }
    let preview = world.row(document.id).preview.clone().unwrap();
    assert!(!preview.windows(3).any(|window| window == b"Zoe"), "nor does the row");
}

#[test]
fn an_upload_that_comes_to_nothing_leaves_no_object_but_where_it_may_have_been_committed() {
    let world = World::new();
    let service = DocumentService::new(Ports { quotas: Quotas { document_bytes: 10 }, ..world.ports() });
    assert_eq!(World::upload_by(&service, MEMBER, cv(), &bytes(10)).unwrap().size, 10);
    let refused = World::upload_by(&service, MEMBER, cv(), &bytes(1));
    assert!(matches!(refused, Err(Refused::Quota(_))), "{refused:?}");
    assert_eq!(world.object_keys().len(), 1);
    world.is_down.store(true, Ordering::Relaxed);
    let failed = World::upload_by(&world.service(), MEMBER, cv(), b"content");
    assert!(matches!(failed, Err(Refused::Store(StoreError::Unavailable(_)))), "{failed:?}");
    assert_eq!(world.object_keys().len(), 2, "the sweep finds out");
}

#[test]
fn a_quota_counts_no_content_that_is_gone() {
    let world = World::new();
    let service = DocumentService::new(Ports { quotas: Quotas { document_bytes: 10 }, ..world.ports() });
    let document = World::upload_by(&service, MEMBER, cv(), &bytes(6)).unwrap();
    assert!(matches!(World::upload_by(&service, MEMBER, cv(), &bytes(5)), Err(Refused::Quota(_))));
    run(service.delete(&person(MEMBER), HERE, document.id)).unwrap();
    assert!(World::upload_by(&service, MEMBER, cv(), &bytes(5)).is_ok());
}

#[test]
fn who_reads_what_cannot_be_read_is_told_why() {
    let world = World::new();
    *world.verdict.lock().unwrap() = Some(Ok(Verdict::Harmful("Eicar-Test".to_owned())));
    let (service, document) = (world.service(), world.upload(MEMBER, cv(), b"content").id);
    let refused = |who| match read(&service, who, document) {
        Err(refused) => (refused.code(), refused.retry_after(), refused.to_string()),
        Ok(content) => panic!("{content:?}"),
    };
    let quarantined = "the document waits to be scanned; try again in a few seconds".to_owned();
    assert_eq!(refused(MEMBER), ("document.quarantined", Some(5), quarantined));
    assert_eq!(refused(OTHER).0, "request.not_found", "it is not for them to know");
    world.settle().unwrap();
    let rejected = "the document was rejected (Eicar-Test), and its content is gone".to_owned();
    assert_eq!(refused(MEMBER), ("document.rejected", None, rejected));
    *world.verdict.lock().unwrap() = Some(Ok(Verdict::Clean));
    let document = world.upload(MEMBER, cv(), b"content").id;
    run(service.delete(&person(MEMBER), HERE, document)).unwrap();
    assert!(matches!(read(&service, MEMBER, document), Err(Refused::Shredded)));
    assert!(matches!(run(service.link(&person(MEMBER), HERE, document)), Err(Refused::Shredded)));
    assert!(matches!(run(service.text(&person(MEMBER), HERE, document)), Err(Refused::Shredded)));
    assert!(matches!(run(service.hold(&person(OWNER), HERE, document)), Err(Refused::Shredded)));
}

#[test]
fn a_link_gives_the_content_to_whoever_has_it_for_five_minutes_and_each_use_stands_on_record() {
    let world = World::new();
    let (service, document) = (world.service(), world.upload(MEMBER, cv(), b"content").id);
    assert!(matches!(run(service.link(&person(OTHER), HERE, document)), Err(Refused::Missing)));
    let link = run(service.link(&person(MEMBER), HERE, document)).unwrap();
    let ticket = World::ticket(&link.path);
    let nobody = Ctx::new(kernel::Actor::Anonymous, Scope::Public);
    let open = || {
        run(async {
            let readable = service.open_link(&nobody, &ticket).await?;
            Ok::<_, Refused>(service.content(&readable, 3..7).await?.collect().await?)
        })
    };
    assert_eq!((open().unwrap(), open().unwrap()), (b"tent".to_vec(), b"tent".to_vec()));
    assert_eq!(
        world.done(),
        ["document.upload", "document.link", "document.open_link", "document.open_link"]
    );
    let used = world.changes.lock().unwrap()[3].clone();
    assert_eq!((used.organization, used.target.id), (Some(HERE), document.uuid()));
    world.pass(DocumentService::LINK_LIFE.saturating_sub(Duration::from_secs(1)));
    assert!(open().is_ok());
    world.pass(Duration::from_secs(1));
    assert!(matches!(open(), Err(Refused::LinkEnded)));
    assert_eq!(world.done().len(), 5, "what does not open was not opened");
}

#[test]
fn a_link_does_not_open_what_is_gone_or_lies_elsewhere() {
    let world = World::new();
    let (service, document) = (world.service(), world.upload(MEMBER, cv(), b"content").id);
    let link = run(service.link(&person(MEMBER), HERE, document)).unwrap();
    let ticket = World::ticket(&link.path);
    let open = || run(service.open_link(&person(OWNER), &ticket));
    assert!(open().is_ok());
    world.alter(document, |row| row.status = DocumentStatus::Quarantined);
    assert!(matches!(open(), Err(Refused::LinkEnded)));
    world.alter(document, |row| (row.status, row.organization) = (DocumentStatus::Available, ELSEWHERE));
    assert!(matches!(open(), Err(Refused::LinkEnded)));
    world.alter(document, |row| row.organization = HERE);
    run(service.delete(&person(MEMBER), HERE, document)).unwrap();
    assert!(matches!(open(), Err(Refused::LinkEnded)));
}

#[test]
fn a_document_is_deleted_by_whom_it_belongs_to_and_a_second_time_without_an_error() {
    let world = World::new();
    let (service, document) = (world.service(), world.upload(MEMBER, cv(), b"content").id);
    let delete = |who| run(service.delete(&person(who), HERE, document));
    assert!(matches!(delete(OTHER), Err(Refused::Missing)));
    world.alter(document, |row| row.related = Some(candidate(1)));
    *world.guarded.lock().unwrap() = vec![(OWNER, Deed::Read), (MEMBER, Deed::Delete)];
    assert!(matches!(delete(OWNER), Err(Refused::Missing)), "reading is not deleting");
    delete(MEMBER).unwrap();
    let row = world.row(document);
    assert_eq!((row.status, row.reason.as_deref()), (DocumentStatus::Shredded, Some("deleted")));
    assert_eq!(
        (&row.key, &row.name, &row.preview, row.extraction),
        (&None, &None, &None, ExtractionStatus::None)
    );
    delete(MEMBER).unwrap();
    assert_eq!(world.done(), ["document.upload", "document.shred"]);
}

#[test]
fn a_legal_hold_is_set_and_released_by_owners_and_administrators_and_what_it_keeps_is_not_deleted() {
    let world = World::new();
    let (service, document) = (world.service(), world.upload(MEMBER, cv(), b"content").id);
    let denied = run(service.hold(&person(MEMBER), HERE, document));
    assert!(matches!(denied, Err(Refused::AccessDenied(_))), "{denied:?}");
    assert!(run(service.hold(&person(ADMIN), HERE, document)).unwrap().legal_hold);
    for who in [MEMBER, OWNER] {
        let refused = run(service.delete(&person(who), HERE, document));
        assert!(matches!(refused, Err(Refused::OnHold)), "{refused:?}");
    }
    assert_eq!(read(&service, MEMBER, document).unwrap(), b"content");
    let denials = world.denials.lock().unwrap().clone();
    let [denial, _] = &denials[..] else { panic!("{denials:?}") };
    assert_eq!((denial.action, denial.reason), ("document.delete", "document.on_hold"));
    assert_eq!((denial.outcome, denial.target), (Outcome::Denied, Some(document.uuid())));
    assert_eq!((denial.organization, denial.at), (Some(HERE), world.now()));
    run(service.hold(&person(OWNER), HERE, document)).unwrap();
    let denied = run(service.release_hold(&person(MEMBER), HERE, document));
    assert!(matches!(denied, Err(Refused::AccessDenied(_))), "{denied:?}");
    run(service.release_hold(&person(OWNER), HERE, document)).unwrap();
    run(service.delete(&person(MEMBER), HERE, document)).unwrap();
    let expected = ["document.upload", "document.hold", "document.release_hold", "document.shred"];
    assert_eq!(world.done(), expected, "held twice, it changes once");
}

#[test]
fn text_and_preview_are_given_out_once_they_were_read_and_it_is_said_why_not() {
    let world = World::new();
    let (service, document) = (world.service(), world.upload(MEMBER, cv(), b"content").id);
    let text = || run(service.text(&person(MEMBER), HERE, document));
    assert!(matches!(text(), Err(Refused::TextNotReady("pending"))));
    assert_eq!(service.preview(&world.row(document)), None);
    let long = "\u{e9}".repeat(Document::PREVIEW + 1);
    world.text.lock().unwrap().as_mut().unwrap().text.clone_from(&long);
    world.settle().unwrap();
    assert_eq!(text().unwrap().text, long);
    let preview = service.preview(&world.row(document)).unwrap();
    assert_eq!(preview, "\u{e9}".repeat(Document::PREVIEW));
    assert!(matches!(run(service.text(&person(OTHER), HERE, document)), Err(Refused::Missing)));
    run(service.extract(&person(MEMBER), HERE, document)).unwrap();
    assert!(matches!(text(), Err(Refused::TextNotReady("pending"))));
    world.text.lock().unwrap().as_mut().unwrap().text = "Better.".to_owned();
    world.settle().unwrap();
    assert_eq!(text().unwrap().text, "Better.");
    world.alter(document, |row| row.extraction = ExtractionStatus::Failed);
    assert!(matches!(text(), Err(Refused::TextNotReady("failed"))));
    let png = Inspected { kind: FileKind::Png, active_content: vec![], cleaned: None };
    *world.inspected.lock().unwrap() = Ok(png);
    let upload = Upload { category: DocumentCategory::Certificate, ..cv() };
    let picture = world.upload(MEMBER, upload, b"content").id;
    assert!(matches!(run(service.text(&person(MEMBER), HERE, picture)), Err(Refused::NoText("PNG"))));
    assert!(matches!(run(service.extract(&person(MEMBER), HERE, picture)), Err(Refused::NoText("PNG"))));
}
