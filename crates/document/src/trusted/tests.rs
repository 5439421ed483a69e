use kernel::{
    Actor, Clock as _, Refusal as _, Scope, Target,
    document::{DocumentCategory, FileName},
};

use super::*;
use crate::{
    DocumentService,
    testing::{ELSEWHERE, HERE, World, candidate, pieces, run},
};

#[test]
fn other_domains_keep_read_and_shred_within_their_organisation_and_no_hold_lets_them_shred() {
    let world = World::new();
    let service = DocumentService::new(world.ports());
    let documents = TrustedDocuments::new(world.ports());
    let within = |organization| Ctx::new(Actor::System, Scope::Tenant(organization));
    let (here, elsewhere) = (within(HERE), within(ELSEWHERE));
    let new = NewDocument {
        name: FileName::new("report.pdf").unwrap(),
        category: DocumentCategory::Report,
        related: Target { kind: "candidate", id: candidate(1).id },
        retain_until: Some(world.now().plus(Duration::from_hours(48))),
    };
    let document = run(documents.put(&here, new, &mut pieces(b"content", 3))).unwrap();
    let described = run(documents.describe(&here, document)).unwrap().unwrap();
    assert_eq!((described.related, described.uploaded_by, described.size), (Some(candidate(1)), None, 7));
    assert_eq!(run(documents.text(&here, document)).unwrap(), None);
    world.settle().unwrap();
    assert_eq!(run(documents.text(&here, document)).unwrap().unwrap(), "What Zoe did.");
    let open = |ctx| run(async { documents.open(ctx, document).await });
    let mut content = open(&here).unwrap().unwrap();
    assert_eq!(run(content.collect()).unwrap(), b"content");
    assert!(open(&elsewhere).unwrap().is_none());
    assert_eq!(run(documents.describe(&elsewhere, document)).unwrap(), None);
    assert!(run(documents.shred(&elsewhere, document, ShredReason::Deleted)).is_err());
    let link = run(documents.link(&here, document, Duration::from_hours(9))).unwrap();
    let ticket = World::ticket(&link);
    world.pass(Duration::from_secs(3_599));
    assert!(run(service.open_link(&here, &ticket)).is_ok());
    world.pass(Duration::from_secs(1));
    assert!(run(service.open_link(&here, &ticket)).is_err(), "an hour at most");
    world.alter(document, |row| row.legal_hold = true);
    let refused = run(documents.shred(&here, document, ShredReason::Deleted)).unwrap_err();
    assert_eq!(refused.code(), "document.on_hold");
    world.alter(document, |row| row.legal_hold = false);
    for _ in 0..2 {
        run(documents.shred(&here, document, ShredReason::Erased)).unwrap();
    }
    assert_eq!(world.done().iter().filter(|action| **action == "document.shred").count(), 1);
    assert!(open(&here).unwrap().is_none());
    assert!(run(documents.link(&here, document, Duration::from_secs(9))).is_err());
}
