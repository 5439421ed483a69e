//! Reading the trail: for an organisation, for the platform, for oneself. Every reading is itself recorded.

use std::{collections::HashMap, fmt, sync::Arc};

use kernel::{
    AccountId, Change, Clock, Ctx, Gate, OrganizationId, Outcome, Page, PageRequest, Scope, Store,
    StoreError, Target, UnitOfWork,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    event::{Event, Sealed},
    export::Export,
    ports::{Checkpoints, EventLog, Filter, Ledger},
    refusal::Refused,
    rule::Action,
    sealing::{Sealer, SubjectKey, address_of, personal_of},
};

/// What the services of this domain hold.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is named after its port, which is documented")]
pub struct Ports {
    pub log: Arc<dyn EventLog>,
    pub ledger: Arc<dyn Ledger>,
    pub checkpoints: Arc<dyn Checkpoints>,
    pub records: Arc<dyn Store<dyn UnitOfWork>>,
    pub gate: Arc<dyn Gate>,
    pub sealer: Arc<dyn Sealer>,
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

/// Whose trail is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// An organisation's: for its owners and admins, and API keys with `audit.read`.
    Organization(OrganizationId),
    /// The whole platform's: for super admins.
    Platform,
    /// One's own: what was done with one's account.
    Own,
}

/// Something sealed, for whoever may read it.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened<T> {
    /// There was nothing to seal.
    Nothing,
    /// This.
    Read(T),
    /// Its key was destroyed with the person it was about.
    Erased,
}

impl<T> Opened<T> {
    /// What could be read.
    pub fn read(self) -> Option<T> {
        match self {
            Self::Read(read) => Some(read),
            Self::Nothing | Self::Erased => None,
        }
    }
}

/// An event with what could be opened of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadEvent {
    /// The event as it stands in the log.
    pub event: Event,
    /// Its difference in personal fields: JSON Patch operations.
    pub personal: Opened<Value>,
    /// The client's address.
    pub address: Opened<String>,
}

/// The service that reads the trail.
#[derive(Debug, Clone)]
pub struct Trail {
    ports: Ports,
}

impl Trail {
    /// A service over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// A page of events, newest first. Leaves an event `audit.read` with the filter.
    pub async fn events(
        &self,
        ctx: &Ctx,
        whose: Whose,
        filter: Filter,
        page: &PageRequest,
    ) -> Result<Page<ReadEvent>, Refused> {
        let (ctx, filter) = self.admitted(ctx, whose, filter).await?;
        self.record("audit.read", &ctx, whose, &filter).await?;
        let Page { items, next } = self.ports.log.events(&ctx, &filter, page).await?;
        Ok(Page { items: open(&self.ports, items).await?, next })
    }

    /// Everything up to the newest checkpoint as a stream that verifies against it: the events that pass whole, all
    /// others by their hashes. Leaves an event `audit.export` with the filter.
    pub async fn export(&self, ctx: &Ctx, whose: Whose, filter: Filter) -> Result<Export, Refused> {
        let (ctx, filter) = self.admitted(ctx, whose, filter).await?;
        self.record("audit.export", &ctx, whose, &filter).await?;
        Export::begin(self.ports.clone(), ctx, filter).await
    }

    /// The same for whoever runs Touchstone and has the machine at hand: the whole log, or an organisation's part.
    pub async fn export_as_operator(
        &self,
        ctx: &Ctx,
        organization: Option<OrganizationId>,
        filter: Filter,
    ) -> Result<Export, Refused> {
        let (whose, scope) = match organization {
            Some(id) => (Whose::Organization(id), Scope::Tenant(id)),
            None => (Whose::Platform, Scope::Platform),
        };
        let ctx = ctx.within(scope);
        self.record("audit.export", &ctx, whose, &filter).await?;
        Export::begin(self.ports.clone(), ctx, filter).await
    }

    async fn admitted(&self, ctx: &Ctx, whose: Whose, filter: Filter) -> Result<(Ctx, Filter), Refused> {
        Ok(match whose {
            Whose::Organization(id) => {
                let permit = self.ports.gate.permit(ctx, id, &Action::ReadOrganization).await?;
                (permit.ctx, filter)
            }
            Whose::Platform => (self.ports.gate.permit_platform(ctx, &Action::ReadPlatform).await?, filter),
            Whose::Own => {
                let (ctx, account) = self.ports.gate.permit_own(ctx).await?;
                (ctx, Filter { subject: Some(account.uuid()), ..filter })
            }
        })
    }

    /// Before anything is read: what cannot be recorded is not shown.
    async fn record(
        &self,
        action: &'static str,
        ctx: &Ctx,
        whose: Whose,
        filter: &Filter,
    ) -> Result<(), StoreError> {
        let account = ctx.scope.account();
        let target = match whose {
            Whose::Organization(id) => Target::new("organization", id),
            Whose::Own => Target { kind: "account", id: account.map_or(Uuid::nil(), AccountId::uuid) },
            Whose::Platform => Target { kind: "audit_log", id: self.ports.checkpoints.log_id().await? },
        };
        let change = Change::new(action, target, self.ports.clock.now());
        let change = [
            ("actor", filter.actor.map(|id| id.to_string())),
            ("action", filter.action.clone()),
            ("target", filter.target.map(|id| id.to_string())),
            ("outcome", filter.outcome.map(|outcome| Outcome::name(outcome).to_owned())),
            ("from", filter.from.map(|at| at.to_string())),
            ("until", filter.until.map(|at| at.to_string())),
        ]
        .into_iter()
        .fold(change, |change, (path, value)| change.plain(path, &Value::Null, &value));
        let mut unit = self.ports.records.begin(ctx).await?;
        unit.record(match account {
            Some(account) => change.about(account.uuid()),
            None => change,
        });
        unit.commit().await
    }
}

/// Opens what the keys that are left open.
pub(crate) async fn open(ports: &Ports, events: Vec<Event>) -> Result<Vec<ReadEvent>, StoreError> {
    let sealed = events.iter().flat_map(|event| [&event.personal, &event.address]).flatten();
    let mut ids: Vec<Uuid> = sealed.map(|sealed| sealed.key).collect();
    ids.sort_unstable();
    ids.dedup();
    let keys = if ids.is_empty() { Vec::new() } else { ports.log.subject_keys(&ids).await? };
    let keys: HashMap<Uuid, SubjectKey> = keys.into_iter().map(|key| (key.id, key)).collect();
    let opened = |sealed: Option<&Sealed>, context: &str| match sealed {
        None => Opened::Nothing,
        Some(Sealed { key, sealed }) => {
            let plain =
                keys.get(key).and_then(|key| ports.sealer.open(key.id, &key.wrapped, context, sealed).ok());
            plain.map_or(Opened::Erased, Opened::Read)
        }
    };
    let read = |event: Event| {
        let id = event.id.uuid();
        let personal = match opened(event.personal.as_ref(), &personal_of(id)) {
            Opened::Read(json) => serde_json::from_slice(&json).map_or(Opened::Erased, Opened::Read),
            Opened::Nothing => Opened::Nothing,
            Opened::Erased => Opened::Erased,
        };
        let address = match opened(event.address.as_ref(), &address_of(id)) {
            Opened::Read(text) => String::from_utf8(text).map_or(Opened::Erased, Opened::Read),
            Opened::Nothing => Opened::Nothing,
            Opened::Erased => Opened::Erased,
        };
        ReadEvent { event, personal, address }
    };
    Ok(events.into_iter().map(read).collect())
}
