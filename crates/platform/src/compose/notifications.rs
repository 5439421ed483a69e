//! Notifications, put together.

use std::{fmt, sync::Arc, time::Duration};

use credentials::KeyVault;
use identity::Identity;
use kernel::{Clock, EventHandler, Ids, Mailer, Store};
use notification::{
    MailDelivery, MailLinkService, NoticeDelivery, NotificationService, PersonalNotifications, Ports,
    PreferenceMailer, Settings, Unit,
    ports::{Announcements, Inboxes},
};
use system::IanaZones;

use crate::{
    shutdown::Stopping,
    streams::StreamHub,
    workers::{FORGOTTEN_AT_A_TIME, pause_after},
};

storage! {
    /// What notifications ask of storage.
    pub(super) NotificationStorage: Store<Unit>, Inboxes, Announcements
}

const DAY: Duration = Duration::from_secs(24 * 3600);
/// What is old is looked for a while after the start.
const FIRST_SWEEP: Duration = Duration::from_secs(90);

/// The services of notifications.
#[derive(Clone)]
pub struct Notifications {
    /// Inboxes.
    pub service: NotificationService,
    /// Links in mails.
    pub mail_links: MailLinkService,
    /// The streams of this process.
    pub streams: Arc<StreamHub>,
    /// What is kept of people.
    pub personal_data: PersonalNotifications,
    /// What is set.
    pub settings: Arc<Settings>,
    ports: Ports,
}

impl fmt::Debug for Notifications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notifications")
    }
}

/// The services over this storage.
pub(super) fn on<S: NotificationStorage>(
    storage: &Arc<S>,
    identity: &Identity,
    vault: &Arc<KeyVault>,
    (settings, mailer): (Settings, Arc<dyn Mailer>),
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
) -> Notifications {
    let streams = Arc::new(StreamHub::new(storage.clone(), storage.clone()));
    let ports = Ports {
        inboxes: storage.clone(),
        store: storage.clone(),
        announcements: storage.clone(),
        gate: identity.gate(),
        people: identity.people(),
        members: identity.member_lists(),
        zones: Arc::new(IanaZones),
        mailer,
        streams: streams.clone(),
        sealing: vault.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
    };
    Notifications {
        service: NotificationService::new(ports.clone()),
        mail_links: MailLinkService::new(ports.clone()),
        streams,
        personal_data: PersonalNotifications::new(ports.clone()),
        settings: Arc::new(settings),
        ports,
    }
}

impl Notifications {
    /// What delivers notices and their mails, for the outbox worker.
    pub(super) fn event_handlers(&self) -> [Arc<dyn EventHandler>; 2] {
        let mails = MailDelivery::new(self.ports.clone(), self.settings.clone());
        [Arc::new(NoticeDelivery::new(self.ports.clone())), Arc::new(mails)]
    }

    /// What sends the letters that domains write beside notices: by the preferences of whom they are for.
    pub(super) fn mailer(&self) -> Arc<dyn Mailer> {
        Arc::new(PreferenceMailer::new(self.ports.clone()))
    }

    /// Forgets what is old, every hour.
    pub(super) async fn sweep(self, mut stopping: Stopping) {
        let mut pause = FIRST_SWEEP;
        while stopping.sleep(pause).await {
            let now = self.ports.clock.now();
            let read = now.minus(DAY * self.settings.keep_days);
            let put = read.minus(DAY * self.settings.keep_days);
            let forgotten = self.ports.inboxes.forget_old(now, read, put, FORGOTTEN_AT_A_TIME).await;
            pause = pause_after("notifications", forgotten);
        }
    }
}
