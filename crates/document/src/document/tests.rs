use kernel::{FieldChange, Recorded as _};
use serde_json::Value;

use super::*;
use crate::testing::{HERE, MEMBER, World, candidate, cv, id};

fn thing(number: u128) -> Target {
    Target { kind: "candidate", id: candidate(number).id }
}

fn after(hours: u64) -> Timestamp {
    Timestamp::EPOCH.plus(Duration::from_hours(hours))
}

fn uploaded() -> Document {
    let world = World::new();
    let id = world.upload(MEMBER, cv(), b"content").id;
    world.row(id)
}

/// The fields of what the document recorded last.
fn last(document: &mut Document) -> (Change, Vec<FieldChange>) {
    let change = document.changes().drain().pop().expect("something happened");
    (change.clone(), change.fields)
}

#[test]
fn what_a_file_is_called_is_recorded_as_personal_of_its_uploader() {
    let mut document = Document::keep(uploaded().state().clone(), Timestamp::EPOCH);
    let (change, fields) = last(&mut document);
    assert_eq!((change.subject, change.organization), (Some(MEMBER.uuid()), Some(HERE)));
    let name = fields.iter().find(|field| field.path == "original_filename").unwrap();
    assert_eq!((name.class, &name.after), (kernel::Class::Personal, &json!("cv.pdf")));
    let told = |field: &&FieldChange| field.class != kernel::Class::Personal && field.after == "cv.pdf";
    assert_eq!(fields.iter().find(told), None);
    assert_eq!(change.data, Value::Null);
}

#[test]
fn a_document_belongs_to_one_thing_and_none_does_whose_content_is_gone() {
    let mut document = uploaded();
    let changed = |document: &mut Document, number| {
        let before = document.state().clone();
        (document.attach(&thing(number), Timestamp::EPOCH), *document.state() != before)
    };
    assert_eq!(changed(&mut document, 1), (true, true));
    assert_eq!((&document.related, document.retain_until), (&Some(candidate(1)), None));
    assert_eq!(changed(&mut document, 1), (true, false), "it does already");
    assert_eq!(changed(&mut document, 2), (false, false));
    document.detach(Timestamp::EPOCH);
    assert_eq!(changed(&mut document, 2), (true, true));
    document.detach(Timestamp::EPOCH);
    document.shred(ShredReason::Deleted, Timestamp::EPOCH).unwrap();
    assert_eq!(changed(&mut document, 1), (false, false));
}

#[test]
fn what_a_domain_detaches_is_shredded_in_a_day_and_detaching_it_twice_changes_nothing() {
    let mut document = uploaded();
    document.attach(&thing(1), Timestamp::EPOCH);
    document.detach(after(50));
    let (change, _) = last(&mut document);
    assert_eq!((&document.related, document.retain_until), (&None, Some(after(74))));
    assert_eq!((change.timers[0].topic, change.timers[0].at), (actions::LAPSE_DUE, after(74)));
    document.detach(after(60));
    assert!(!document.has_changed() && document.retain_until == Some(after(74)));
}

#[test]
fn a_document_lapses_when_its_time_is_over_for_the_reason_that_holds() {
    let state = uploaded().state().clone();
    let lapsed = |related: Option<Related>, hours| {
        let state = DocumentState { related, retain_until: Some(after(24)), ..state.clone() };
        let mut document = Document::restore(state, 1);
        document.lapse(after(hours));
        (document.status, document.reason.clone())
    };
    assert_eq!(lapsed(None, 23), (DocumentStatus::Available, None));
    assert_eq!(lapsed(None, 24), (DocumentStatus::Shredded, Some("unattached".to_owned())));
    assert_eq!(lapsed(Some(candidate(1)), 24), (DocumentStatus::Shredded, Some("expired".to_owned())));
}

#[test]
fn a_verdict_changes_only_what_waits_for_it() {
    let state = uploaded().state().clone();
    for status in DocumentStatus::ALL {
        let found = |judge: fn(&mut Document)| {
            let mut document = Document::restore(DocumentState { status, ..state.clone() }, 1);
            judge(&mut document);
            (document.status, document.has_changed())
        };
        let released = found(|document| document.release(Timestamp::EPOCH));
        let rejected = found(|document| document.reject("Eicar-Test", Timestamp::EPOCH));
        let (is_open, unchanged) = (status == DocumentStatus::Quarantined, (status, false));
        assert_eq!(released, if is_open { (DocumentStatus::Available, true) } else { unchanged });
        assert_eq!(rejected, if is_open { (DocumentStatus::Rejected, true) } else { unchanged });
    }
}

#[test]
fn what_a_domain_made_tells_nobody_that_it_was_rejected() {
    let state = DocumentState {
        uploaded_by: None,
        status: DocumentStatus::Quarantined,
        ..uploaded().state().clone()
    };
    let mut document = Document::restore(state, 1);
    document.reject("Eicar-Test", Timestamp::EPOCH);
    let (change, _) = last(&mut document);
    assert_eq!((change.notices.len(), change.subject), (0, None));
}

#[test]
fn what_others_know_of_a_document_is_what_it_is() {
    let document = uploaded();
    let described = document.described();
    assert_eq!((described.id, described.organization), (document.id, HERE));
    assert_eq!((described.media_type, described.size), ("application/pdf", 7));
    assert_ne!(described.id, id(0));
}
