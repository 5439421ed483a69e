use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use kernel::{Clock as _, Recipients, Target, Timestamp, document::DocumentId};

use super::*;
use crate::{
    ActiveContent, Document, FileKind, Inspected, Upload,
    testing::{HERE, MEMBER, OWNER, World, candidate, cv, id, person, run},
};

const CLEAN: Option<Result<Verdict, ContentError>> = Some(Ok(Verdict::Clean));

fn uploaded() -> (Arc<World>, DocumentId) {
    let world = World::new();
    let id = world.upload(MEMBER, cv(), b"content").id;
    (world, id)
}

fn attach(world: &Arc<World>, id: DocumentId) {
    change(world, id, |document, now| assert!(document.attach(&to_candidate(), now)));
}

fn to_candidate() -> Target {
    Target { kind: "candidate", id: candidate(1).id }
}

/// Changes the document as a domain does in its own unit.
fn change(world: &Arc<World>, id: DocumentId, change: impl FnOnce(&mut Document, Timestamp)) {
    let mut document = world.row(id);
    change(&mut document, world.now());
    run(world.ports().save(&Ctx::new(Actor::System, Scope::Tenant(HERE)), &mut document)).unwrap();
}

fn hold(world: &Arc<World>, id: DocumentId, is_held: bool) {
    change(world, id, |document, now| document.hold(is_held, now));
}

/// How far the document has come once all was told.
fn settled(world: &Arc<World>, id: DocumentId) -> (DocumentStatus, ExtractionStatus) {
    world.settle().unwrap();
    let row = world.row(id);
    (row.status, row.extraction)
}

#[test]
fn a_file_is_scanned_then_released_and_then_read_out() {
    let world = World::new();
    *world.verdict.lock().unwrap() = CLEAN;
    let document = world.upload(MEMBER, cv(), b"content");
    assert_eq!(document.status, DocumentStatus::Quarantined);
    assert_eq!(settled(&world, document.id), (DocumentStatus::Available, ExtractionStatus::Done));
    assert_eq!(world.done(), ["document.upload", "document.release", "document.finish_extraction"]);
    assert_eq!(run(world.ports().text(&world.row(document.id))).unwrap().text, "What Zoe did.");
}

#[test]
fn without_a_scanner_a_file_can_be_read_at_once_and_nothing_waits_for_one_that_was_taken_away() {
    let (world, id) = uploaded();
    assert_eq!(settled(&world, id), (DocumentStatus::Available, ExtractionStatus::Done));
    *world.verdict.lock().unwrap() = CLEAN;
    let waiting = world.upload(MEMBER, cv(), b"content").id;
    *world.verdict.lock().unwrap() = None;
    assert_eq!(settled(&world, waiting), (DocumentStatus::Available, ExtractionStatus::Done));
}

#[test]
fn what_the_scanner_finds_is_rejected_its_objects_go_and_its_uploader_is_told() {
    let world = World::new();
    *world.verdict.lock().unwrap() = Some(Ok(Verdict::Harmful("Eicar-Test".to_owned())));
    let id = world.upload(MEMBER, cv(), b"content").id;
    assert_eq!(settled(&world, id), (DocumentStatus::Rejected, ExtractionStatus::None));
    assert!(world.object_keys().is_empty());
    let row = world.row(id);
    assert_eq!((row.reason.as_deref(), &row.key, &row.name), (Some("Eicar-Test"), &None, &None));
    let changes = world.changes.lock().unwrap();
    let [_, rejected] = &changes[..] else { panic!("{changes:?}") };
    let [notice] = &rejected.notices[..] else { panic!("{rejected:?}") };
    assert_eq!((rejected.action, &*notice.template), ("document.reject", "document/rejected"));
    assert_eq!(notice.to, Recipients::Member(HERE, MEMBER));
    assert_eq!(notice.values["found"], "Eicar-Test");
}

#[test]
fn a_file_stays_quarantined_until_the_scanner_answers() {
    let world = World::new();
    *world.verdict.lock().unwrap() = Some(Err(ContentError::Unavailable("no answer".to_owned())));
    let id = world.upload(MEMBER, cv(), b"content").id;
    for _ in 0..2 {
        let error = world.settle().unwrap_err();
        assert!(matches!(error, EventHandlerError::Retry(_)), "{error:?}");
        assert_eq!(world.row(id).status, DocumentStatus::Quarantined);
    }
    *world.verdict.lock().unwrap() = CLEAN;
    assert_eq!(settled(&world, id), (DocumentStatus::Available, ExtractionStatus::Done));
}

#[test]
fn the_text_lies_in_the_object_store_before_the_row_says_so() {
    let (world, id) = uploaded();
    world.is_down.store(true, Ordering::Relaxed);
    assert!(world.settle().is_err());
    let row = world.row(id);
    assert_eq!((row.extraction, &row.preview), (ExtractionStatus::Pending, &None));
    assert_eq!(run(world.ports().text(&row)).unwrap().text, "What Zoe did.", "it is there though");
    world.is_down.store(false, Ordering::Relaxed);
    world.text.lock().unwrap().as_mut().unwrap().text = "Told again.".to_owned();
    assert_eq!(settled(&world, id).1, ExtractionStatus::Done);
    assert_eq!(run(world.ports().text(&world.row(id))).unwrap().text, "Told again.");
}

#[test]
fn what_cannot_be_read_out_failed_and_is_read_again_when_asked() {
    let (world, id) = uploaded();
    let readable = world.text.lock().unwrap().clone();
    *world.text.lock().unwrap() = Err(TextError::Unreadable("it is encrypted".to_owned()));
    assert_eq!(settled(&world, id), (DocumentStatus::Available, ExtractionStatus::Failed));
    *world.text.lock().unwrap() = readable;
    assert_eq!(settled(&world, id).1, ExtractionStatus::Failed, "not by itself");
    run(world.service().extract(&person(MEMBER), HERE, id)).unwrap();
    assert_eq!(settled(&world, id).1, ExtractionStatus::Done);
}

#[test]
fn a_reader_that_could_not_begin_is_asked_again() {
    let (world, id) = uploaded();
    let readable = world.text.lock().unwrap().clone();
    *world.text.lock().unwrap() = Err(ContentError::Unavailable("too many at once".to_owned()).into());
    assert!(matches!(world.settle(), Err(EventHandlerError::Retry(_))));
    assert_eq!(world.row(id).extraction, ExtractionStatus::Pending);
    *world.text.lock().unwrap() = readable;
    assert_eq!(settled(&world, id).1, ExtractionStatus::Done);
}

#[test]
fn reading_out_tells_of_pictures_of_text_and_adds_what_the_document_can_do() {
    let world = World::new();
    let active_content = vec![ActiveContent::Launch, ActiveContent::JavaScript];
    *world.inspected.lock().unwrap() =
        Ok(Inspected { kind: FileKind::Pdf, active_content: active_content.clone(), cleaned: None });
    let active_content = vec![ActiveContent::EmbeddedFile, ActiveContent::JavaScript];
    let text = DocumentText { needs_ocr: true, active_content, ..DocumentText::default() };
    *world.text.lock().unwrap() = Ok(text.clone());
    let id = world.upload(MEMBER, cv(), b"content").id;
    assert_eq!(settled(&world, id).1, ExtractionStatus::NeedsOcr);
    let all = [ActiveContent::JavaScript, ActiveContent::Launch, ActiveContent::EmbeddedFile];
    assert_eq!(world.row(id).active_content, all, "each once");
    assert_eq!(run(world.service().text(&person(MEMBER), HERE, id)).unwrap(), text);
}

#[test]
fn a_picture_is_not_read_out() {
    let world = World::new();
    *world.inspected.lock().unwrap() =
        Ok(Inspected { kind: FileKind::Png, active_content: vec![], cleaned: None });
    let upload = Upload { category: kernel::document::DocumentCategory::Certificate, ..cv() };
    let id = world.upload(MEMBER, upload, b"content").id;
    assert_eq!(settled(&world, id), (DocumentStatus::Available, ExtractionStatus::None));
    assert_eq!(world.done(), ["document.upload"]);
}

#[test]
fn what_nobody_attaches_is_shredded_after_a_day_and_not_before() {
    let (world, id) = uploaded();
    world.pass(Document::UNATTACHED_FOR.saturating_sub(Duration::from_micros(1)));
    assert_eq!(settled(&world, id).0, DocumentStatus::Available);
    world.pass(Duration::from_micros(1));
    assert_eq!(settled(&world, id).0, DocumentStatus::Shredded);
    assert_eq!(world.row(id).reason.as_deref(), Some("unattached"));
    assert!(world.object_keys().is_empty());
}

/// The process that handles a timer may have another clock than the one that let it go.
#[test]
fn a_timer_that_comes_before_its_time_is_told_again_then() {
    let (world, id) = uploaded();
    let (until, told) = {
        let outbox = world.outbox.lock().unwrap();
        outbox.iter().find(|(_, told)| told.topic == crate::actions::LAPSE_DUE).unwrap().clone()
    };
    let handled = run(DocumentReactions::new(world.ports()).handle(&told));
    assert!(matches!(handled, Err(EventHandlerError::TooEarly { until: then, .. }) if then == until));
    assert!(world.row(id).has_content());
}

#[test]
fn what_is_attached_stays_and_once_detached_a_day_longer() {
    let (world, id) = uploaded();
    attach(&world, id);
    world.pass(Document::UNATTACHED_FOR * 2);
    assert_eq!(settled(&world, id).0, DocumentStatus::Available);
    change(&world, id, Document::detach);
    world.pass(Document::UNATTACHED_FOR / 2);
    assert_eq!(settled(&world, id).0, DocumentStatus::Available);
    attach(&world, id);
    change(&world, id, Document::detach);
    world.pass(Document::UNATTACHED_FOR / 2);
    assert_eq!(settled(&world, id).0, DocumentStatus::Available, "an earlier end counts no more");
    world.pass(Document::UNATTACHED_FOR / 2);
    assert_eq!(settled(&world, id).0, DocumentStatus::Shredded);
}

#[test]
fn what_a_legal_hold_keeps_no_time_ends_until_it_is_released() {
    let (world, id) = uploaded();
    hold(&world, id, true);
    world.pass(Document::UNATTACHED_FOR * 3);
    assert_eq!(settled(&world, id).0, DocumentStatus::Available);
    hold(&world, id, false);
    assert_eq!(settled(&world, id).0, DocumentStatus::Shredded);
    let (world, id) = uploaded();
    hold(&world, id, true);
    hold(&world, id, false);
    assert_eq!(settled(&world, id).0, DocumentStatus::Available, "its time is not over yet");
    world.pass(Document::UNATTACHED_FOR);
    assert_eq!(settled(&world, id).0, DocumentStatus::Shredded);
}

#[test]
fn what_was_shredded_loses_its_objects_and_being_told_twice_changes_nothing() {
    let (world, document) = uploaded();
    world.settle().unwrap();
    assert_eq!(world.object_keys().len(), 2);
    run(world.service().delete(&person(MEMBER), HERE, document)).unwrap();
    let told = Delivery {
        id: id::<()>(1).uuid(),
        topic: actions::SHRED.to_owned(),
        lane: kernel::Lane::Soon,
        target_kind: Document::KIND.to_owned(),
        target_id: document.uuid(),
        target_version: None,
        organization: Some(HERE),
        data: serde_json::Value::Null,
        occurred_at: world.now(),
        attempts: 0,
    };
    let (reactions, done) = (DocumentReactions::new(world.ports()), world.done());
    for _ in 0..2 {
        run(reactions.handle(&told)).unwrap();
        assert!(world.object_keys().is_empty());
    }
    run(reactions.handle(&Delivery { target_id: id::<()>(404).uuid(), ..told.clone() })).unwrap();
    run(reactions.handle(&Delivery { topic: actions::UPLOAD.to_owned(), ..told })).unwrap();
    assert_eq!(world.done(), done);
}

#[test]
fn shredded_content_opens_no_more_though_a_backup_brings_all_objects_back() {
    let (world, document) = uploaded();
    world.settle().unwrap();
    let (backup, key) = (world.objects.lock().unwrap().clone(), world.row(document).key.clone());
    run(world.service().delete(&person(MEMBER), HERE, document)).unwrap();
    world.settle().unwrap();
    *world.objects.lock().unwrap() = backup;
    let (ports, row) = (world.ports(), world.row(document));
    assert_eq!(run(ports.content(&row, 0..row.size)).err(), Some(ContentError::Missing));
    assert_eq!(run(ports.text(&row)).err(), Some(ContentError::Missing));
    let readable = run(world.service().readable(&person(OWNER), HERE, document));
    assert!(matches!(readable, Err(crate::Refused::Shredded)));
    world.alter(document, |row| {
        (row.status, row.extraction) = (DocumentStatus::Available, ExtractionStatus::Done);
    });
    let forced = world.row(document);
    assert_eq!(run(ports.content(&forced, 0..forced.size)).err(), Some(ContentError::Missing));
    world.alter(document, |row| row.key = key);
    let forced = world.row(document);
    let content = run(async { ports.content(&forced, 0..forced.size).await?.collect().await });
    assert_eq!(content.unwrap(), b"content", "it was the key alone that was missing");
}
