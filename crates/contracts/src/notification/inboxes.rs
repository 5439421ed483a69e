//! Rules of inboxes and of what is seen in them.

use std::collections::HashMap;

use kernel::{AccountId, Limit, NoticeKind, NoticePriority, PageRequest, Scope, StoreError};
use notification::{
    Marks, NewNotification, Notification, NotificationFilter, NotificationPreferences, Related,
    ports::Announced,
};

use crate::{
    StorageUnderTest,
    pages::walk,
    world::{World, ctx, hours},
};

const READ: Marks = Marks { is_read: Some(true), is_archived: None };

impl World {
    /// A notification with every field filled.
    pub(crate) fn new_notification(&self, account: AccountId, dedupe: &str) -> NewNotification {
        NewNotification {
            id: self.id(),
            account,
            organization: Some(self.id()),
            kind: NoticeKind::Assessment,
            priority: NoticePriority::High,
            title: format!("Title of {dedupe}"),
            message: "First line\nsecond \u{1F642} line".to_owned(),
            related: Related { kind: "thing".to_owned(), id: self.id::<()>().uuid() },
            action: Some("/somewhere#x".to_owned()),
            dedupe: dedupe.to_owned(),
            is_archived: false,
            mail_due_at: None,
            created_at: self.tick(),
        }
    }

    pub(crate) async fn put(&self, new: &NewNotification) -> bool {
        let scope = ctx(Scope::Account(new.account));
        self.storage.inboxes.put(&scope, new).await.expect("it can be put")
    }

    /// Everything in the inbox, newest first.
    async fn inbox(&self, account: AccountId, filter: NotificationFilter) -> Vec<Notification> {
        let (scope, page) = (ctx(Scope::Account(account)), PageRequest { limit: Limit::MOST, after: None });
        self.storage.inboxes.list(&scope, &filter, &page).await.expect("it can be listed").items
    }
}

fn titles(told: &[Notification]) -> Vec<&str> {
    told.iter().map(|told| told.title.as_str()).collect()
}

fn account(world: &World) -> AccountId {
    world.id()
}

/// An inbox takes one notification of each `dedupe`, whole, whoever else puts it at the same time; another inbox takes
/// its own.
pub async fn one_of_many_is_put(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let (ann, bob) = (account(&world), account(&world));
    let new = world.new_notification(ann, "once");
    assert!(world.put(&new).await);
    let again = NewNotification { title: "Another title".to_owned(), ..world.new_notification(ann, "once") };
    assert!(!world.put(&again).await);
    let of_bob = world.new_notification(bob, "once");
    assert!(world.put(&of_bob).await);
    let [told] = &world.inbox(ann, NotificationFilter::default()).await[..] else { panic!("one was put") };
    assert_eq!((&told.told, told.read_at, told.mailed_at), (&new, None, None));
    let scope = ctx(Scope::Account(ann));
    let found = storage.inboxes.notification(&scope, new.id).await.expect("it can be read");
    assert_eq!(found.as_ref(), Some(told));

    let parallel: Vec<_> = (0..8)
        .map(|_| {
            let (storage, scope) = (storage.clone(), scope.clone());
            let new = world.new_notification(ann, "at once");
            tokio::spawn(async move { storage.inboxes.put(&scope, &new).await.expect("it can be put") })
        })
        .collect();
    let mut put = 0;
    for task in parallel {
        put += usize::from(task.await.expect("it ends"));
    }
    assert_eq!(put, 1);
}

/// Whoever reads up to the highest number there is misses nothing that comes later, however many put at the same time.
pub async fn numbers_come_in_the_order_of_commits(storage: &StorageUnderTest) {
    const WRITERS: usize = 8;
    const EACH: usize = 20;
    let world = World::of(storage);
    let ann = account(&world);
    let scope = ctx(Scope::Account(ann));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let news = (0..EACH).map(|n| world.new_notification(ann, &format!("{writer} {n}")));
            let (news, storage, scope) = (news.collect::<Vec<_>>(), storage.clone(), scope.clone());
            tokio::spawn(async move {
                for new in news {
                    assert!(storage.inboxes.put(&scope, &new).await.expect("it can be put"));
                }
            })
        })
        .collect();
    let (mut seen, mut number) = (Vec::new(), 0);
    while seen.len() < WRITERS * EACH {
        let came = storage.inboxes.after(&scope, number, 7).await.expect("it can be read");
        assert!(came.iter().map(|told| told.number).is_sorted(), "oldest first");
        number = came.last().map_or(number, |last| last.number);
        seen.extend(came.into_iter().map(|told| told.id));
        let is_over = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let last = storage.inboxes.last_number(&scope).await.expect("it can be read");
        assert!(!is_over || number < last || seen.len() == WRITERS * EACH, "{} were seen", seen.len());
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.expect("it ends");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), WRITERS * EACH, "none twice");
    assert_eq!(storage.inboxes.last_number(&scope).await.expect("it can be read"), number);
    let revisions = storage.inboxes.revisions(&[ann, world.id()]).await.expect("they can be read");
    assert_eq!(revisions, HashMap::from([(ann, number)]));
}

/// Lists are newest first, filtered, paged; counts end where they are told to.
pub async fn lists_are_filtered_and_paged(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ann = account(&world);
    let scope = ctx(Scope::Account(ann));
    for n in 0..5 {
        let kind = if n % 2 == 0 { NoticeKind::System } else { NoticeKind::Assessment };
        let new =
            NewNotification { kind, is_archived: n == 4, ..world.new_notification(ann, &n.to_string()) };
        assert!(world.put(&new).await);
    }
    let all = world.inbox(ann, NotificationFilter::default()).await;
    assert_eq!(titles(&all), ["Title of 3", "Title of 2", "Title of 1", "Title of 0"]);
    let marked = storage.inboxes.mark(&scope, all[0].id, READ, world.tick()).await.expect("it can be marked");
    assert!(marked.is_some_and(|told| told.read_at == Some(world.now())));
    let filter = NotificationFilter::default();
    for (filter, expected) in [
        (NotificationFilter { kind: Some(NoticeKind::System), ..filter }, vec!["Title of 2", "Title of 0"]),
        (NotificationFilter { is_unread: Some(false), ..filter }, vec!["Title of 3"]),
        (
            NotificationFilter { is_unread: Some(true), ..filter },
            vec!["Title of 2", "Title of 1", "Title of 0"],
        ),
        (NotificationFilter { is_archived: true, ..filter }, vec!["Title of 4"]),
    ] {
        assert_eq!(titles(&world.inbox(ann, filter).await), expected, "{filter:?}");
    }
    let fetch = async |page| storage.inboxes.list(&scope, &filter, &page).await;
    let ids: Vec<_> = all.iter().map(|told| told.id).collect();
    walk(
        "notifications",
        fetch,
        |told| told.id,
        &ids,
        async || {
            assert!(world.put(&world.new_notification(ann, &world.id::<()>().to_string())).await);
        },
    )
    .await;
    let other = NotificationFilter { is_archived: true, ..filter };
    let page = PageRequest { limit: Limit::new(1).expect("a limit"), after: None };
    let next = storage.inboxes.list(&scope, &filter, &page).await.expect("it can be listed").next;
    let page = PageRequest { after: next, ..page };
    let refused = storage.inboxes.list(&scope, &other, &page).await;
    assert!(matches!(refused, Err(StoreError::Page(_))), "a place in one list is none in another");
    let unread = async |most| storage.inboxes.unread(&scope, most).await.expect("they can be counted");
    assert!(unread(100).await >= 3 && unread(2).await == 2);
    let came = storage.inboxes.after(&scope, all[2].number, 2).await.expect("they can be read");
    assert_eq!(came[0].id, all[1].id);
    assert!(came.iter().all(|told| !told.is_archived), "what is put aside is not shown");
}

/// Marks stay, the last word wins, and what is put aside counts as read. Up to a number, so many at a time are read.
pub async fn marks_are_kept(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ann = account(&world);
    let scope = ctx(Scope::Account(ann));
    for n in 0..6 {
        assert!(world.put(&world.new_notification(ann, &n.to_string())).await);
    }
    let all = world.inbox(ann, NotificationFilter::default()).await;
    for marks in [
        Marks { is_read: None, is_archived: Some(true) },
        Marks { is_read: None, is_archived: Some(false) },
        Marks { is_read: Some(false), is_archived: None },
        READ,
        Marks { is_read: Some(false), is_archived: Some(true) },
        Marks::default(),
        Marks { is_read: Some(true), is_archived: Some(false) },
    ] {
        let read = async || storage.inboxes.notification(&scope, all[0].id).await.expect("it can be read");
        let mut expected = read().await.expect("it is there");
        expected.mark(marks, world.tick());
        let marked = storage.inboxes.mark(&scope, all[0].id, marks, world.now()).await;
        assert_eq!(marked.expect("it can be marked"), Some(expected.clone()), "{marks:?}");
        assert_eq!(read().await, Some(expected));
    }
    let missing = storage.inboxes.mark(&scope, world.id(), READ, world.now()).await;
    assert_eq!(missing.expect("nothing is found"), None);

    let revision = async || storage.inboxes.revisions(&[ann]).await.expect("they can be read")[&ann];
    let before = revision().await;
    let mark = async |up_to, most| {
        storage.inboxes.mark_read(&scope, up_to, world.tick(), most).await.expect("they can be marked")
    };
    assert_eq!([mark(all[1].number, 3).await, mark(all[1].number, 3).await], [3, 2]);
    assert_eq!(mark(i64::MAX, 3).await, 0, "all are read");
    assert!(revision().await > before, "streams of other processes see that it changed");
    assert_eq!(storage.inboxes.unread(&scope, 100).await.expect("they can be counted"), 0);
}

/// Nobody but its owner sees an inbox or changes it, in any scope.
pub async fn an_inbox_is_its_owners(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let new = world.new_notification(people.ann, "once");
    assert!(world.put(&new).await);
    let filter = NotificationFilter::default();
    for scope in [
        Scope::Account(people.bob),
        Scope::Tenant(people.north),
        Scope::Identity,
        Scope::Worker,
        Scope::Platform,
        Scope::Public,
    ] {
        let (inboxes, other) = (&storage.inboxes, ctx(scope));
        let page = inboxes.list(&other, &filter, &PageRequest::default()).await.expect("nothing is found");
        assert_eq!(page.items, [], "{scope:?}");
        assert_eq!(inboxes.notification(&other, new.id).await.expect("nothing is found"), None);
        assert_eq!(inboxes.after(&other, 0, 10).await.expect("nothing is found"), []);
        assert_eq!(inboxes.unread(&other, 10).await.expect("nothing is found"), 0);
        assert_eq!(inboxes.last_number(&other).await.expect("nothing is found"), 0);
        let marked = inboxes.mark(&other, new.id, READ, world.now()).await;
        assert!(matches!(marked, Ok(None) | Err(StoreError::OutOfScope)), "{scope:?}: {marked:?}");
        assert!(
            inboxes.put(&other, &world.new_notification(people.ann, "other")).await.is_err(),
            "{scope:?}"
        );
        let _ = inboxes.forget(&other).await;
    }
    let [told] = &world.inbox(people.ann, filter).await[..] else { panic!("one was put") };
    assert_eq!((&told.told, told.read_at), (&new, None));
}

/// What was read long ago goes, and what lies there for longer; the newest stays, and numbers go on.
pub async fn old_notifications_are_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ann = account(&world);
    let scope = ctx(Scope::Account(ann));
    let put = async |dedupe: &str| {
        let new = world.new_notification(ann, dedupe);
        assert!(world.put(&new).await);
        new.id
    };
    put("lies there").await;
    let read = put("read").await;
    let begin = world.pass(hours(10));
    storage.inboxes.mark(&scope, read, READ, world.now()).await.expect("it can be marked");
    put("new").await;
    let late = put("read late").await;
    storage.inboxes.mark(&scope, late, READ, world.pass(hours(10))).await.expect("it can be marked");
    let forget = async |read, put, most| {
        storage.inboxes.forget_old(world.now(), read, put, most).await.expect("it can be forgotten")
    };
    let left = async || {
        let all = world.inbox(ann, NotificationFilter::default()).await;
        all.into_iter().map(|told| told.dedupe.clone()).collect::<Vec<_>>()
    };
    let long_ago = begin.minus(hours(20));
    assert_eq!(forget(begin, long_ago, 10).await, 0, "it was read at that moment");
    assert_eq!(forget(begin.plus(hours(1)), long_ago, 10).await, 1);
    assert_eq!(left().await, ["read late", "new", "lies there"]);
    assert_eq!(forget(begin, begin, 10).await, 1);
    assert_eq!(left().await, ["read late", "new"]);
    assert_eq!(
        [forget(world.now(), world.now(), 1).await, forget(world.now(), world.now(), 1).await],
        [1, 1]
    );
    put("later").await;
    assert_eq!(storage.inboxes.last_number(&scope).await.expect("it can be read"), 5);
}

/// A ticket is used once, by its owner alone; used ones are forgotten when they would have expired.
pub async fn tickets_are_used_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let (ann, bob, ticket) = (account(&world), account(&world), world.id::<()>().uuid());
    let expires_at = world.now().plus(hours(1));
    let uses = async |account| {
        let scope = ctx(Scope::Account(account));
        storage.inboxes.use_ticket(&scope, ticket, expires_at).await.expect("it can be used")
    };
    assert_eq!([uses(ann).await, uses(ann).await, uses(bob).await], [true, false, true]);
    let forget = async |now| {
        let long_ago = world.now().minus(hours(1));
        storage.inboxes.forget_old(now, long_ago, long_ago, 10).await.expect("it can be forgotten")
    };
    forget(expires_at).await;
    assert!(!uses(ann).await);
    forget(expires_at.plus(hours(1))).await;
    assert!(uses(ann).await);
    assert!(storage.inboxes.use_ticket(&ctx(Scope::Worker), ticket, expires_at).await.is_err());
}

/// An inbox that is forgotten is empty and counts from the beginning.
pub async fn forgotten_inboxes_are_gone(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let (ann, bob) = (account(&world), account(&world));
    for account in [ann, bob] {
        assert!(world.put(&world.new_notification(account, "once")).await);
    }
    let scope = ctx(Scope::Account(ann));
    storage.inboxes.forget(&scope).await.expect("it can be forgotten");
    storage.inboxes.forget(&scope).await.expect("it is forgotten already");
    assert_eq!(world.inbox(ann, NotificationFilter::default()).await, []);
    assert_eq!(storage.inboxes.last_number(&scope).await.expect("it can be read"), 0);
    assert_eq!(world.inbox(bob, NotificationFilter::default()).await.len(), 1);
}

/// Preferences are forgotten by their owner's unit alone, and are gone then.
pub async fn preferences_are_kept_until_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let (ann, bob) = (account(&world), account(&world));
    let begin = async |account| {
        let scope = ctx(Scope::Account(account));
        storage.notification_store.begin(&scope).await.expect("a unit can be begun")
    };
    let mut kept = world.preferences_sample(ann);
    let mut unit = begin(ann).await;
    unit.save_notification_preferences(&mut kept).await.expect("it can be saved");
    unit.commit().await.expect("it can be committed");
    let mut other = begin(bob).await;
    assert_eq!(other.notification_preferences(ann).await.expect("nothing is found"), None);
    assert!(other.forget_notification_preferences(ann).await.is_err());
    let cat = account(&world);
    for account in [bob, cat] {
        let mut unit = begin(account).await;
        let mut kept = world.preferences_sample(account);
        unit.save_notification_preferences(&mut kept).await.expect("it can be saved");
        unit.commit().await.expect("it can be committed");
    }
    let of_each = async |scope, accounts: &[AccountId]| {
        let mut unit = storage.notification_store.begin(&ctx(scope)).await.expect("a unit can be begun");
        let mut found = unit.notification_preferences_of(accounts).await.expect("they can be read");
        found.sort_by_key(|of| of.account);
        found
    };
    let mut others = of_each(Scope::Worker, &[bob, world.id(), ann]).await;
    assert_eq!(others.iter().map(|of| of.account).collect::<Vec<_>>(), [ann, bob], "and nobody else's");
    assert_eq!(others.remove(0), kept);
    assert_eq!(of_each(Scope::Account(ann), &[ann, bob]).await, [kept.clone()], "others see their own alone");
    for expected in [Some(kept), None] {
        let mut unit = begin(ann).await;
        let found: Option<NotificationPreferences> =
            unit.notification_preferences(ann).await.expect("it can be read");
        assert_eq!(found, expected);
        unit.forget_notification_preferences(ann).await.expect("it can be forgotten");
        unit.commit().await.expect("it can be committed");
    }
}

/// Word of inboxes that changed comes to whoever waits for it, also what was told before they waited.
pub async fn word_of_changes_comes(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let (ann, bob) = (account(&world), account(&world));
    assert!(storage.announcements.hears_others());
    let mut missing: Vec<AccountId> = vec![ann, bob];
    for account in [ann, bob] {
        storage.announcements.announce(account);
    }
    while !missing.is_empty() {
        match storage.announcements.announced().await {
            Announced::Anybody => {}
            Announced::Accounts(told) => missing.retain(|account| !told.contains(account)),
        }
    }
}
