//! Rules of notifications that are mailed.

use kernel::{Id, Lane, Scope};
use notification::{
    Marks, NewNotification, NotificationId,
    ports::{DueMail, MAIL_DUE, MailOutcome},
};

use crate::{
    StorageUnderTest,
    outbox::take,
    world::{World, ctx, hours},
};

fn ids_of(due: DueMail) -> Vec<NotificationId> {
    match due {
        DueMail::Taken(told) => told.into_iter().map(|told| told.id).collect(),
        DueMail::InOtherHands(_) => Vec::new(),
    }
}

/// The worker is woken when mail is due, once for each notification that was put. Of several takers one gets what is
/// due and was not read; it is due again if nothing became of it.
pub async fn due_mail_is_taken_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ann = Id::from_uuid(world.id::<()>().uuid());
    let scope = ctx(Scope::Account(ann));
    let begin = world.tick();
    let (soon, late) = (begin.plus(hours(1)), begin.plus(hours(2)));
    let due = [Some(late), Some(soon), None, Some(soon)];
    let mut ids: Vec<NotificationId> = Vec::new();
    for (n, mail_due_at) in due.into_iter().enumerate() {
        let new = NewNotification { mail_due_at, ..world.new_notification(ann, &n.to_string()) };
        assert!(world.put(&new).await);
        assert!(!world.put(&new).await, "it wakes nobody again");
        ids.push(new.id);
    }
    let woken = async |at| {
        let taken = take(storage, at, 100).await;
        let done: Vec<_> = taken.iter().map(|delivery| delivery.id).collect();
        storage.outbox.done(&done).await.expect("it can be done");
        assert!(taken.iter().all(|delivery| {
            (delivery.topic.as_str(), delivery.target_id, delivery.lane) == (MAIL_DUE, ann.uuid(), Lane::Soon)
        }));
        taken.len()
    };
    assert_eq!([woken(soon.minus(hours(1))).await, woken(soon).await, woken(late).await], [0, 2, 1]);

    let until = soon.plus(hours(10));
    let taken = async |now, most| {
        ids_of(storage.inboxes.take_due_mail(&scope, now, until, most).await.expect("it can be taken"))
    };
    let settle = async |ids: &[NotificationId], outcome| {
        storage.inboxes.settle_mail(&scope, ids, outcome).await.expect("it can be settled");
    };
    assert!(taken(begin, 10).await.is_empty(), "nothing is due yet");
    let parallel: Vec<_> = (0..4)
        .map(|_| {
            let (storage, scope) = (storage.clone(), scope.clone());
            tokio::spawn(async move {
                let due = storage.inboxes.take_due_mail(&scope, soon, until, 10).await;
                ids_of(due.expect("it can be taken"))
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in parallel {
        all.extend(task.await.expect("it ends"));
    }
    assert_eq!(all, [ids[1], ids[3]], "each by one taker, oldest first");
    let waits =
        async |now| storage.inboxes.take_due_mail(&scope, now, until, 10).await.expect("it can be asked");
    assert_eq!(waits(soon).await, DueMail::InOtherHands(until));
    settle(&ids[1..2], MailOutcome::Mailed(soon)).await;
    settle(&ids[3..], MailOutcome::GivenBack).await;
    assert_eq!(woken(until.plus(hours(10))).await, 0, "whoever gives it back comes again");
    assert_eq!(taken(soon, 10).await, [ids[3]], "it is tried again");
    settle(&ids[3..], MailOutcome::DueAt(late)).await;
    assert_eq!(waits(soon).await, DueMail::Taken(Vec::new()));
    assert_eq!([woken(soon).await, woken(late).await], [0, 1], "the worker is woken then");
    assert_eq!(taken(late, 10).await, [ids[0], ids[3]]);
    settle(&ids[3..], MailOutcome::Dropped).await;
    assert_eq!(waits(late).await, DueMail::InOtherHands(until), "somebody has it");
    assert_eq!(taken(until, 10).await, [ids[0]], "who had it is gone");
    settle(&ids[..1], MailOutcome::GivenBack).await;
    let read = Marks { is_read: Some(true), is_archived: None };
    storage.inboxes.mark(&scope, ids[0], read, late).await.expect("it can be marked");
    assert!(taken(until, 10).await.is_empty(), "who has read it needs no mail");
    let mailed = storage.inboxes.notification(&scope, ids[1]).await.expect("it can be read");
    assert_eq!(mailed.expect("it is there").mailed_at, Some(soon));
}
