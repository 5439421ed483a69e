//! A record as columns, in the order of the statements' parameters.

use audit::{Event, EventActor, EventTarget, RecordedChange, RequestOrigin, Sealed, SubjectKey};
use kernel::{Ctx, OutboxChangeEntry};
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::{driver::Query, platform::number_of};

/// How columns are bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    /// The one value of each.
    Values,
    /// Each as an array.
    Arrays,
}

impl Binding {
    fn bind<'q>(self, query: Query<'q>, mut column: Vec<impl ToSql + Send + Sync + 'q>) -> Query<'q> {
        match self {
            Self::Values => query.bind(column.pop()),
            Self::Arrays => query.bind(column),
        }
    }
}

/// Binds fields one after the other.
macro_rules! bind {
    ($binding:ident, $query:ident, $columns:ident: $($field:ident),+ $(,)?) => {{
        let Self { $($field),+ } = $columns;
        $(let $query = $binding.bind($query, $field);)+
        $query
    }};
}

/// Outbox rows.
#[derive(Default)]
pub(super) struct OutboxRows {
    organizations: Vec<Option<Uuid>>,
    topics: Vec<&'static str>,
    target_kinds: Vec<&'static str>,
    target_ids: Vec<Uuid>,
    data: Vec<Value>,
    times: Vec<OffsetDateTime>,
    dues: Vec<OffsetDateTime>,
    lanes: Vec<i16>,
    target_versions: Vec<Option<i64>>,
}

impl OutboxRows {
    /// What happens in a tenant's unit belongs to the tenant. Takes what is for handlers alone.
    pub(super) fn of(recorded: &mut [RecordedChange], ctx: &Ctx) -> Self {
        let mut columns = Self::default();
        for RecordedChange { change, version } in recorded {
            let organization = change.organization.or(ctx.scope.organization()).map(kernel::Id::uuid);
            let (happened, lane) = (change.at, number_of(change.lane));
            let entries = change.take_outbox_entries(&ctx.actor);
            for OutboxChangeEntry { topic, target, data, at } in entries {
                columns.organizations.push(organization);
                columns.topics.push(topic);
                columns.target_kinds.push(target.kind);
                columns.target_ids.push(target.id);
                columns.data.push(data);
                columns.times.push(happened.to_offset_date_time());
                columns.dues.push(at.map_or(happened, |at| at.max(happened)).to_offset_date_time());
                columns.lanes.push(lane);
                columns.target_versions.push(version.filter(|_| target == change.target));
            }
        }
        columns
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.topics.len()
    }

    pub(super) fn bind(self, query: Query<'_>, binding: Binding) -> Query<'_> {
        bind!(
            binding, query, self:
            organizations, topics, target_kinds, target_ids, data, times, dues, lanes, target_versions
        )
    }
}

/// Events.
#[derive(Default)]
pub(super) struct EventRows {
    ids: Vec<Uuid>,
    times: Vec<OffsetDateTime>,
    organizations: Vec<Option<Uuid>>,
    subjects: Vec<Option<Uuid>>,
    actor_kinds: Vec<String>,
    actor_ids: Vec<Option<Uuid>>,
    sessions: Vec<Option<Uuid>>,
    actions: Vec<String>,
    outcomes: Vec<&'static str>,
    reasons: Vec<Option<String>>,
    target_kinds: Vec<String>,
    target_ids: Vec<Option<Uuid>>,
    versions: Vec<Option<i64>>,
    differences: Vec<String>,
    secrets: Vec<String>,
    personal_keys: Vec<Option<Uuid>>,
    personal_boxes: Vec<Option<Vec<u8>>>,
    address_keys: Vec<Option<Uuid>>,
    address_boxes: Vec<Option<Vec<u8>>>,
    requests: Vec<Option<Uuid>>,
    routes: Vec<Option<String>>,
    idempotency_keys: Vec<Option<Uuid>>,
    schemas: Vec<i16>,
    salts: Vec<Vec<u8>>,
}

impl EventRows {
    pub(super) fn of(events: Vec<Event>) -> Self {
        let mut columns = Self::default();
        for event in events {
            columns.push(event);
        }
        columns
    }

    fn push(&mut self, event: Event) {
        let Event {
            id,
            occurred_at,
            organization,
            subject,
            actor: EventActor { kind: actor_kind, id: actor_id, session },
            action,
            outcome,
            reason,
            target: EventTarget { kind: target_kind, id: target_id, version },
            difference,
            secrets,
            personal,
            address,
            origin: RequestOrigin { request, route, idempotency_key },
            schema,
            salt,
        } = event;
        let ((personal_key, personal_box), (address_key, address_box)) =
            (key_and_box(personal), key_and_box(address));
        self.ids.push(id.uuid());
        self.times.push(occurred_at.to_offset_date_time());
        self.organizations.push(organization.map(kernel::Id::uuid));
        self.subjects.push(subject);
        self.actor_kinds.push(actor_kind);
        self.actor_ids.push(actor_id);
        self.sessions.push(session);
        self.actions.push(action);
        self.outcomes.push(outcome.name());
        self.reasons.push(reason);
        self.target_kinds.push(target_kind);
        self.target_ids.push(target_id);
        self.versions.push(version);
        self.differences.push(difference.as_str().to_owned());
        // An array of arrays would have to be rectangular. No path has a line break.
        self.secrets.push(secrets.join("\n"));
        self.personal_keys.push(personal_key);
        self.personal_boxes.push(personal_box);
        self.address_keys.push(address_key);
        self.address_boxes.push(address_box);
        self.requests.push(request);
        self.routes.push(route);
        self.idempotency_keys.push(idempotency_key);
        self.schemas.push(schema);
        self.salts.push(salt.to_vec());
    }

    pub(super) fn bind(self, query: Query<'_>, binding: Binding) -> Query<'_> {
        bind!(
            binding, query, self: ids, times, organizations, subjects, actor_kinds, actor_ids, sessions, actions, outcomes,
            reasons, target_kinds, target_ids, versions, differences, secrets, personal_keys, personal_boxes,
            address_keys, address_boxes, requests, routes, idempotency_keys, schemas, salts,
        )
    }
}

fn key_and_box(sealed: Option<Sealed>) -> (Option<Uuid>, Option<Vec<u8>>) {
    sealed.map(|Sealed { key, sealed }| (key, sealed)).unzip()
}

/// Keys.
#[derive(Default)]
pub(super) struct KeyRows {
    ids: Vec<Uuid>,
    subjects: Vec<Option<Uuid>>,
    wrapped: Vec<Vec<u8>>,
    times: Vec<OffsetDateTime>,
}

impl KeyRows {
    pub(super) fn of(keys: &[SubjectKey]) -> Self {
        let mut columns = Self::default();
        for SubjectKey { id, subject, wrapped, made_at } in keys {
            columns.ids.push(*id);
            columns.subjects.push(*subject);
            columns.wrapped.push(wrapped.clone());
            columns.times.push(made_at.to_offset_date_time());
        }
        columns
    }

    pub(super) fn bind(self, query: Query<'_>) -> Query<'_> {
        let binding = Binding::Arrays;
        bind!(binding, query, self: ids, subjects, wrapped, times)
    }
}
