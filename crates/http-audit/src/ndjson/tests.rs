//! The body of an export: read piece by piece, and only as fast as it is sent.

use std::{future::poll_fn, pin::pin, sync::Arc, time::Duration};

use actix_web::body::to_bytes;
use audit::ports::Filter;
use kernel::{Actor, Change, Ctx, Id, OrganizationId, Scope, Target};
use mail::MemoryMailer;
use platform::{Audit, Options, Platform};
use uuid::Uuid;

use super::*;

const EVENTS: usize = 2_500;

async fn export(of: Option<OrganizationId>) -> Export {
    let options = Options::for_tests(Arc::new(MemoryMailer::new()));
    let platform = Platform::in_memory(options).await.unwrap();
    let Audit { ports, sequencer, checkpoint_signer, trail, .. } = &platform.audit;
    let (now, system) = (platform.clock.now(), Ctx::new(Actor::System, Scope::Platform));
    let mut unit = ports.records.begin(&system).await.unwrap();
    for n in 0..EVENTS {
        let thing = Target { kind: "thing", id: Uuid::from_u128(n as u128) };
        unit.record(Change::new("thing.happen", thing, now));
    }
    unit.commit().await.unwrap();
    sequencer.catch_up().await.unwrap();
    checkpoint_signer.step(now.plus(Duration::from_secs(60))).await.unwrap().unwrap();
    let ctx = Ctx::new(Actor::System, Scope::Platform);
    trail.export_as_operator(&ctx, of, Filter::default()).await.unwrap()
}

#[tokio::test]
async fn a_long_log_is_sent_in_pieces() {
    let mut body = pin!(NdjsonBody::Waiting(Box::new(export(None).await)));
    assert!(matches!(body.size(), BodySize::Stream));
    let mut lines = Vec::new();
    while let Some(piece) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        let piece = String::from_utf8(piece.unwrap().to_vec()).unwrap();
        assert!(piece.ends_with('\n'), "pieces are whole lines");
        lines.push(piece.lines().count());
    }
    assert!(lines.len() >= 4 && lines.iter().all(|piece| *piece <= 1_001), "{lines:?}");
    assert_eq!(lines.iter().sum::<usize>(), EVENTS + 2);
    assert!(poll_fn(|cx| body.as_mut().poll_next(cx)).await.is_none(), "it stays at its end");
}

#[tokio::test]
async fn who_sees_nothing_of_it_gets_a_few_hashes() {
    let stranger = Id::from_uuid(Uuid::from_u128(7));
    let answer = streaming(export(Some(stranger)).await, Whose::Organization(stranger));
    let name = answer.headers().get(CONTENT_DISPOSITION).unwrap().to_str().unwrap();
    assert_eq!(name, format!("attachment; filename=\"audit-{stranger}-{EVENTS}.ndjson\""));
    let body = to_bytes(answer.into_body()).await.ok().unwrap();
    let lines = String::from_utf8(body.to_vec()).unwrap();
    assert_eq!(lines.lines().count(), 2 + usize::try_from(EVENTS.count_ones()).unwrap(), "{lines}");
    assert!(!lines.contains("thing.happen"));
}
