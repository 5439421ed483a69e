//! The worker against an outbox that does as it is told.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use kernel::{DeliveryState, OutboxEntry, Page, PageRequest, StoreError, Timestamp};
use serde_json::json;
use tokio::sync::Notify;

use super::*;
use crate::{shutdown, workers::ATTEMPTS};

struct TestClock(Instant);
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH.plus(self.0.elapsed())
    }
}

struct NoChance;
impl Random for NoChance {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

#[derive(Default)]
struct FakeOutbox {
    waiting: Mutex<Vec<(Timestamp, Delivery)>>,
    done: Mutex<Vec<Uuid>>,
    dead: Mutex<Vec<(Uuid, String)>>,
    takes: AtomicUsize,
    troubles: AtomicUsize,
    notify: Notify,
}

impl FakeOutbox {
    fn add(&self, topic: &str) -> Uuid {
        self.add_to(Lane::Soon, topic)
    }

    fn add_to(&self, lane: Lane, topic: &str) -> Uuid {
        let mut waiting = self.waiting.lock().unwrap();
        let id = Uuid::from_u128(waiting.len() as u128 + 1);
        let delivery = Delivery {
            id,
            topic: topic.to_owned(),
            lane,
            target_kind: "account".to_owned(),
            target_id: Uuid::nil(),
            target_version: None,
            organization: None,
            data: json!({}),
            occurred_at: Timestamp::EPOCH,
            attempts: 0,
        };
        waiting.push((Timestamp::EPOCH, delivery));
        id
    }

    fn is_settled(&self) -> bool {
        let handled = self.done.lock().unwrap().len() + self.dead.lock().unwrap().len();
        handled == self.waiting.lock().unwrap().len()
    }
}

#[async_trait]
impl Outbox for FakeOutbox {
    async fn take(&self, now: Timestamp, room: Room, lease: Duration) -> Result<Vec<Delivery>, StoreError> {
        self.takes.fetch_add(1, Ordering::Relaxed);
        let trouble = |left: usize| left.checked_sub(1);
        if self.troubles.fetch_update(Ordering::Relaxed, Ordering::Relaxed, trouble).is_ok() {
            return Err(StoreError::Unavailable("gone".to_owned()));
        }
        let (done, dead) = (self.done.lock().unwrap().clone(), self.dead.lock().unwrap().clone());
        let open = |id| !done.contains(&id) && !dead.iter().any(|(dead, _)| *dead == id);
        let mut waiting = self.waiting.lock().unwrap();
        let mut taken = Vec::new();
        for lane in Lane::ALL {
            let due = waiting.iter_mut().filter(|(at, of)| of.lane == lane && *at <= now && open(of.id));
            let left = (room.down_to(lane) as usize).saturating_sub(taken.len());
            taken.extend(due.take(left).map(|(at, delivery)| {
                *at = now.plus(lease);
                delivery.clone()
            }));
        }
        Ok(taken)
    }

    async fn admit(&self, now: Timestamp, wanted: Option<&[&str]>, max: u32) -> Result<Admitted, StoreError> {
        let wanted = wanted.expect("the worker says what it wants");
        let done = self.done.lock().unwrap().clone();
        let waiting = self.waiting.lock().unwrap();
        let due = waiting.iter().filter(|(at, of)| *at <= now && !done.contains(&of.id));
        let unwanted = due.filter(|(_, of)| !wanted.contains(&of.topic.as_str())).take(max as usize);
        let (ids, forgotten): (Vec<_>, Vec<_>) = unwanted.map(|(_, of)| (of.id, of.topic.clone())).unzip();
        self.done.lock().unwrap().extend(ids);
        Ok(Admitted { is_more_due: forgotten.len() == max as usize, forgotten })
    }

    async fn done(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        self.done.lock().unwrap().extend(ids);
        Ok(())
    }

    async fn failed(&self, id: Uuid, error: &str, retry_at: Option<Timestamp>) -> Result<(), StoreError> {
        let mut waiting = self.waiting.lock().unwrap();
        let (at, delivery) = waiting.iter_mut().find(|(_, delivery)| delivery.id == id).unwrap();
        delivery.attempts += 1;
        match retry_at {
            Some(retry_at) => *at = retry_at,
            None => self.dead.lock().unwrap().push((id, error.to_owned())),
        }
        Ok(())
    }

    async fn put_off(&self, id: Uuid, _: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut waiting = self.waiting.lock().unwrap();
        waiting.iter_mut().find(|(_, delivery)| delivery.id == id).unwrap().0 = until;
        Ok(())
    }

    async fn lag(&self, _: Timestamp, _: Lane) -> Result<Duration, StoreError> {
        Ok(Duration::ZERO)
    }

    async fn list(&self, _: DeliveryState, _: &PageRequest) -> Result<Page<OutboxEntry>, StoreError> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn retry(&self, _: Option<Uuid>, _: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn notified(&self) {
        self.notify.notified().await;
    }
}

/// Counts its calls; what it does follows from the topic.
#[derive(Default)]
struct Fake {
    calls: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

#[async_trait]
impl EventHandler for Fake {
    fn topics(&self) -> &'static [&'static str] {
        &[
            "fine",
            "slow",
            "hangs",
            "fails",
            "fails.twice",
            "loses",
            "loses.thrice",
            "hopeless",
            "panics",
            "early",
        ]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        match delivery.topic.as_str() {
            "fails" => Err(EventHandlerError::Retry("not now".to_owned())),
            "fails.twice" if calls <= 2 => Err(EventHandlerError::Retry("not yet".to_owned())),
            "loses.thrice" if calls <= 3 => Err(EventHandlerError::Stale("changed".to_owned())),
            "loses" => Err(EventHandlerError::Stale("changed".to_owned())),
            "early" if calls <= 2 => Err(EventHandlerError::TooEarly {
                until: delivery.occurred_at.plus(Duration::from_secs(3600 * calls as u64)),
                why: "it is paused",
            }),
            "hopeless" => Err(EventHandlerError::GiveUp("never".to_owned())),
            "panics" => panic!("a test panics"),
            "hangs" => std::future::pending().await,
            "slow" => {
                let now = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
                self.most_at_once.fetch_max(now, Ordering::Relaxed);
                time::sleep(Duration::from_secs(10)).await;
                self.at_once.fetch_sub(1, Ordering::Relaxed);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

struct Scene {
    outbox: Arc<FakeOutbox>,
    handler: Arc<Fake>,
    begun: Instant,
    stop: shutdown::Stop,
    stopping: shutdown::Stopping,
}

impl Scene {
    fn new() -> Self {
        let (stop, stopping) = shutdown::channel();
        let (outbox, handler) = (Arc::default(), Arc::default());
        Self { outbox, handler, begun: Instant::now(), stop, stopping }
    }

    fn start(&self, concurrency: usize) -> tokio::task::JoinHandle<()> {
        let settings = DispatcherSettings { poll: Duration::from_millis(250), concurrency };
        let event_handlers: [Arc<dyn EventHandler>; 1] = [self.handler.clone()];
        let clock = Arc::new(TestClock(self.begun));
        let worker =
            Dispatcher::new(self.outbox.clone(), clock, Arc::new(NoChance), &event_handlers, settings);
        tokio::spawn(worker.run(self.stopping.clone()))
    }

    async fn settle(&self) -> Duration {
        while !self.outbox.is_settled() {
            time::sleep(Duration::from_millis(50)).await;
        }
        self.begun.elapsed()
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_waits_for_is_told_and_the_rest_forgotten() {
    let scene = Scene::new();
    for topic in ["fine", "nobody.asked", "fine"] {
        scene.outbox.add(topic);
    }
    scene.start(4);
    scene.settle().await;
    assert_eq!(scene.handler.calls.load(Ordering::Relaxed), 2);
    assert_eq!(scene.outbox.done.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_is_worked_off_in_few_looks() {
    let scene = Scene::new();
    for _ in 0..2000 {
        scene.outbox.add("nobody.asked");
    }
    scene.start(4);
    assert!(scene.settle().await < Duration::from_secs(1));
    assert!(scene.outbox.takes.load(Ordering::Relaxed) < 10);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_tried_again_later() {
    let scene = Scene::new();
    scene.outbox.add("fails.twice");
    scene.start(4);
    let took = scene.settle().await;
    assert_eq!(scene.handler.calls.load(Ordering::Relaxed), 3);
    assert!((Duration::from_secs(5)..Duration::from_secs(7)).contains(&took), "{took:?}");
}

/// What it is too early for waits as long as it says, and counts no attempt.
#[tokio::test(start_paused = true)]
async fn what_comes_too_early_is_put_off() {
    let scene = Scene::new();
    scene.outbox.add("early");
    scene.start(4);
    let took = scene.settle().await;
    assert_eq!(scene.handler.calls.load(Ordering::Relaxed), 3);
    assert!((Duration::from_secs(7200)..Duration::from_secs(7202)).contains(&took), "{took:?}");
    assert_eq!(scene.outbox.waiting.lock().unwrap()[0].1.attempts, 0);
}

#[tokio::test(start_paused = true)]
async fn who_loses_to_a_change_at_the_same_time_is_called_again_at_once() {
    let scene = Scene::new();
    scene.outbox.add("loses.thrice");
    scene.start(4);
    assert!(scene.settle().await < Duration::from_secs(1));
    assert_eq!(scene.handler.calls.load(Ordering::Relaxed), 4);
    assert_eq!(scene.outbox.waiting.lock().unwrap()[0].1.attempts, 0);
}

#[tokio::test(start_paused = true)]
async fn who_loses_over_and_over_is_called_again_later() {
    let scene = Scene::new();
    scene.outbox.add("loses");
    scene.start(4);
    time::sleep(Duration::from_millis(900)).await;
    assert_eq!(scene.handler.calls.load(Ordering::Relaxed), 4);
    assert_eq!(scene.outbox.waiting.lock().unwrap()[0].1.attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_at_last_and_hopeless_cases_at_once() {
    let scene = Scene::new();
    let hopeless = scene.outbox.add("hopeless");
    scene.start(4);
    assert!(scene.settle().await < Duration::from_secs(1));
    assert_eq!(*scene.outbox.dead.lock().unwrap(), [(hopeless, "never".to_owned())]);
    let failing = scene.outbox.add("fails");
    assert!(scene.settle().await > Duration::from_secs(5 * 3600));
    assert_eq!(scene.outbox.dead.lock().unwrap()[1], (failing, "not now".to_owned()));
    assert_eq!(scene.handler.calls.load(Ordering::Relaxed), 1 + ATTEMPTS as usize);
}

#[tokio::test(start_paused = true)]
async fn panics_and_handlers_without_end_count_as_failures() {
    let scene = Scene::new();
    scene.outbox.add("panics");
    scene.outbox.add("hangs");
    scene.start(4);
    scene.settle().await;
    let dead = scene.outbox.dead.lock().unwrap();
    let said: Vec<_> = dead.iter().map(|(_, error)| error.as_str()).collect();
    assert_eq!(said, ["the handler panicked", "it took longer than 55 seconds"]);
}

#[tokio::test(start_paused = true)]
async fn no_more_hands_are_at_work_than_there_are() {
    let scene = Scene::new();
    for _ in 0..7 {
        scene.outbox.add("slow");
    }
    scene.start(3);
    let took = scene.settle().await;
    assert_eq!(scene.handler.most_at_once.load(Ordering::Relaxed), 3);
    assert!((Duration::from_secs(30)..Duration::from_secs(32)).contains(&took), "{took:?}");
}

/// Eight hands, two of them never given to what nobody waits for: a letter somebody waits for goes at once.
#[tokio::test(start_paused = true)]
async fn a_crowd_in_the_lowest_lane_leaves_room_for_the_others() {
    let scene = Scene::new();
    for _ in 0..60 {
        scene.outbox.add_to(Lane::Bulk, "slow");
    }
    scene.start(8);
    time::sleep(Duration::from_secs(3)).await;
    assert_eq!(scene.handler.most_at_once.load(Ordering::Relaxed), 6);
    let now = scene.outbox.add_to(Lane::Now, "fine");
    let added = Instant::now();
    scene.outbox.notify.notify_one();
    while !scene.outbox.done.lock().unwrap().contains(&now) {
        time::sleep(Duration::from_millis(1)).await;
    }
    assert!(added.elapsed() < Duration::from_millis(60), "{:?}", added.elapsed());
    let took = scene.settle().await;
    assert!((Duration::from_secs(100)..Duration::from_secs(102)).contains(&took), "{took:?}");
}

/// What waits in the lowest lane is begun even while the upper ones never rest: one in 33.
#[tokio::test(start_paused = true)]
async fn the_lowest_lane_is_not_passed_over_for_ever() {
    let scene = Scene::new();
    let bulk: Vec<Uuid> = (0..3).map(|_| scene.outbox.add_to(Lane::Bulk, "fine")).collect();
    for _ in 0..200 {
        scene.outbox.add_to(Lane::Now, "fine");
    }
    scene.start(4);
    scene.settle().await;
    let done = scene.outbox.done.lock().unwrap();
    let places: Vec<_> = bulk.iter().map(|id| done.iter().position(|of| of == id).unwrap()).collect();
    assert!(places[0] < 40 && places[1] < 80 && places[2] < 120, "{places:?}");
    assert!(places[0] > 20, "the upper lanes come first: {places:?}");
}

#[tokio::test(start_paused = true)]
async fn stopping_finishes_what_was_taken_and_takes_no_more() {
    let scene = Scene::new();
    for _ in 0..3 {
        scene.outbox.add("slow");
    }
    let worker = scene.start(2);
    time::sleep(Duration::from_secs(1)).await;
    scene.stop.stop();
    worker.await.unwrap();
    assert_eq!(scene.begun.elapsed().as_secs(), 10);
    assert_eq!(scene.outbox.done.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn trouble_with_the_outbox_passes() {
    let scene = Scene::new();
    scene.outbox.add("fine");
    scene.outbox.troubles.store(3, Ordering::Relaxed);
    scene.start(2);
    let took = scene.settle().await;
    assert!((Duration::from_secs(6)..Duration::from_secs(7)).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn it_polls_gently_and_wakes_at_once() {
    let scene = Scene::new();
    scene.start(2);
    time::sleep(Duration::from_secs(10)).await;
    let takes = scene.outbox.takes.load(Ordering::Relaxed);
    assert!((38..=42).contains(&takes), "{takes} looks in ten seconds");
    scene.outbox.add("fine");
    let added = Instant::now();
    scene.outbox.notify.notify_one();
    while scene.outbox.done.lock().unwrap().is_empty() {
        time::sleep(Duration::from_millis(1)).await;
    }
    assert!(added.elapsed() < Duration::from_millis(10));
}
