//! The export: the log as lines of JSON that verify offline, read and written in pieces.
//!
//! The first line is the header: `format`, `log`, `size`, `checkpoint` (the signed note), `key` (the verifier key).
//! Then, in the order of the log, a line `{"event": .., "index": ..}` for each event that passes, in canonical
//! form, and for everything between a line `{"hash": .., "index": .., "level": ..}` for each complete subtree of
//! 2^level leaves (RFC 9162, section 2.1.1) that begins at that index. The last line is `{"events": .., "size":
//! ..}`. A line may carry `opened`, what the reader could open of what is sealed in the event; the hash does not
//! cover it.

use std::collections::HashMap;

use kernel::{Ctx, StoreError};
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use crate::{
    event::Event,
    hash::Hash,
    ports::{Entry, Filter},
    refusal::Refused,
    tile::{Tile, TileId},
    trail::{Ports, ReadEvent, open},
};

/// The version of the format: 1.
pub const FORMAT: u8 = 1;

/// How many leaves are read at a time.
const PAGE: u32 = 1_000;

#[derive(Serialize)]
struct Header<'a> {
    format: u8,
    log: uuid::Uuid,
    size: u64,
    checkpoint: Option<&'a str>,
    key: Option<&'a str>,
}

#[derive(Serialize)]
struct EventLine<'a> {
    event: &'a RawValue,
    index: u64,
    #[serde(skip_serializing_if = "OpenedParts::is_empty")]
    opened: OpenedParts,
}

#[derive(Serialize)]
struct OpenedParts {
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl OpenedParts {
    fn is_empty(&self) -> bool {
        self.difference.is_none() && self.address.is_none()
    }
}

#[derive(Serialize)]
struct SubtreeLine {
    hash: Hash,
    index: u64,
    level: u8,
}

#[derive(Serialize)]
struct Trailer {
    events: u64,
    size: u64,
}

/// An export in progress. It holds one page of events at a time, however long the log is.
#[derive(Debug)]
pub struct Export {
    ports: Ports,
    ctx: Ctx,
    filter: Filter,
    size: u64,
    /// The first leaf that was not written.
    next: u64,
    events: u64,
    header: Option<Vec<u8>>,
    ended: bool,
    tiles: HashMap<TileId, Tile>,
}

impl Export {
    pub(crate) async fn begin(ports: Ports, ctx: Ctx, filter: Filter) -> Result<Self, Refused> {
        let latest = ports.checkpoints.latest_checkpoint().await?;
        let signer = ports.checkpoints.signer().await?;
        let size = latest.as_ref().map_or(0, |latest| latest.size);
        let header = line(&Header {
            format: FORMAT,
            log: ports.checkpoints.log_id().await?,
            size,
            checkpoint: latest.as_ref().map(|latest| latest.note.as_str()),
            key: signer.as_ref().map(|signer| signer.verifier.as_str()),
        })?;
        Ok(Self {
            ports,
            ctx,
            filter,
            size,
            next: 0,
            events: 0,
            header: Some(header),
            ended: false,
            tiles: HashMap::new(),
        })
    }

    /// How many leaves the export covers: those of the newest checkpoint.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How far it has come, in leaves.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// The next lines, whole; `None` after the last.
    pub async fn lines(&mut self) -> Result<Option<Vec<u8>>, Refused> {
        if let Some(header) = self.header.take() {
            return Ok(Some(header));
        }
        if self.ended {
            return Ok(None);
        }
        let found = self.ports.ledger.own_entries(&self.ctx, self.next, PAGE).await?;
        let covered = found.into_iter().filter(|entry| entry.leaf.index < self.size);
        let covered: Vec<Entry> = covered.collect();
        let mut lines = Vec::new();
        if covered.is_empty() {
            self.fill(self.size, &mut lines).await?;
            lines.extend(line(&Trailer { events: self.events, size: self.size })?);
            self.ended = true;
        } else {
            self.write(covered, &mut lines).await?;
        }
        Ok(Some(lines))
    }

    async fn write(&mut self, entries: Vec<Entry>, lines: &mut Vec<u8>) -> Result<(), Refused> {
        let last = entries.last().map_or(self.next, |entry| entry.leaf.index + 1);
        let mut passing = Vec::new();
        for Entry { leaf, event } in entries {
            let event = event.map_err(|error| broken(leaf.index, &error))?;
            if self.filter.passes(&event) {
                passing.push((leaf.index, event));
            }
        }
        let (places, events): (Vec<u64>, Vec<Event>) = passing.into_iter().unzip();
        for (index, read) in places.into_iter().zip(open(&self.ports, events).await?) {
            self.fill(index, lines).await?;
            lines.extend(event_line(index, read)?);
            self.next = index + 1;
            self.events += 1;
        }
        // What was read and does not pass goes by its hash, too, so that the next page begins behind it.
        self.fill(last, lines).await
    }

    /// Writes everything from where the export stands to `until` as the largest complete subtrees.
    async fn fill(&mut self, until: u64, lines: &mut Vec<u8>) -> Result<(), Refused> {
        while self.next < until {
            let aligned = self.next.trailing_zeros().min(63);
            let level = aligned.min((until - self.next).ilog2());
            let level = u8::try_from(level).unwrap_or(0);
            let hash = self.subtree(level, self.next >> level).await?;
            lines.extend(line(&SubtreeLine { hash, index: self.next, level })?);
            self.next += 1 << level;
        }
        Ok(())
    }

    async fn subtree(&mut self, level: u8, index: u64) -> Result<Hash, StoreError> {
        let (tile_level, height) = (level / Tile::HEIGHT, level % Tile::HEIGHT);
        let within = Tile::HEIGHT - height;
        let id = TileId { level: tile_level, index: index >> within };
        if !self.tiles.contains_key(&id) {
            let tile = self.ports.ledger.tile(id, id.width_in(self.size)).await?;
            self.tiles.retain(|held, _| held.level != tile_level);
            self.tiles.insert(id, tile);
        }
        let place = index & ((1 << within) - 1);
        let found = self.tiles.get(&id).and_then(|tile| tile.node(height, place));
        found.ok_or_else(|| StoreError::Fault("a tile of the audit trail is missing".to_owned()))
    }
}

impl Filter {
    /// Whether an event passes.
    pub fn passes(&self, event: &Event) -> bool {
        let Self { actor, action, target, subject, outcome, from, until } = self;
        actor.is_none_or(|id| event.actor.id == Some(id))
            && action.as_ref().is_none_or(|action| event.action == *action)
            && target.is_none_or(|id| event.target.id == Some(id))
            && subject.is_none_or(|id| event.subject == Some(id))
            && outcome.is_none_or(|outcome| event.outcome == outcome)
            && from.is_none_or(|from| event.occurred_at >= from)
            && until.is_none_or(|until| event.occurred_at < until)
    }
}

fn event_line(index: u64, read: ReadEvent) -> Result<Vec<u8>, StoreError> {
    let canonical = read.event.canonical().map_err(|error| broken(index, &error.to_string()))?;
    let event: &RawValue =
        serde_json::from_slice(&canonical).map_err(|error| broken(index, &error.to_string()))?;
    let opened = OpenedParts { difference: read.personal.read(), address: read.address.read() };
    line(&EventLine { event, index, opened })
}

fn line(content: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let mut line = serde_json::to_vec(content).map_err(|error| StoreError::Fault(error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

fn broken(index: u64, why: &str) -> StoreError {
    StoreError::Fault(format!("event {index} of the audit trail cannot be read: {why}"))
}
