//! A world in memory for tests: rows, objects and a clock, and others that say what they are told to.

mod objects;
mod rows;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use aws_lc_rs::hmac;
use kernel::{
    AccessDenied, AccountId, Actor, Assurance, Change, Clock, Ctx, Delivery, Denial, Denials,
    EventHandler as _, EventHandlerError, Gate, Id, Ids, Kind, OrganizationId, Permit, PlatformRole, Random,
    Reach, Refusal, Role, Roles, Rule, Scope, Sealing, Secret, StoreError, Timestamp, Unsealable,
    document::{Chunks, ContentError, Deed, DocumentCategory, DocumentGuard, DocumentId, FileName, Related},
};
use uuid::Uuid;

use objects::Shelf;
use rows::Units;

use crate::{
    Document, DocumentReactions, DocumentService, DocumentState, DocumentText, FileKind, Inspected,
    ObjectKey, Ports, Quotas, Refused, SizeLimits, Upload, Verdict,
    ports::{InspectError, Inspector, Scanner, TextError, TextReader},
};

pub(crate) const OWNER: AccountId = id(11);
pub(crate) const ADMIN: AccountId = id(12);
pub(crate) const MEMBER: AccountId = id(13);
pub(crate) const OTHER: AccountId = id(14);

pub(crate) const HERE: OrganizationId = id(1);
pub(crate) const ELSEWHERE: OrganizationId = id(2);

pub(crate) const fn id<T>(number: u128) -> Id<T> {
    Id::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    futures_executor::block_on(work)
}

pub(crate) fn person(account: AccountId) -> Ctx {
    let actor = Actor::Account {
        id: account,
        session: id(1),
        platform_role: PlatformRole::User,
        assurance: Assurance::Aal1,
        authenticated_at: Timestamp::EPOCH,
    };
    Ctx::new(actor, Scope::Account(account))
}

/// A thing that the guard answers for.
pub(crate) fn candidate(number: u128) -> Related {
    Related { kind: "candidate".to_owned(), id: Uuid::from_u128(number) }
}

/// A thing that nobody answers for.
pub(crate) fn unguarded() -> Related {
    Related { kind: "meeting".to_owned(), id: Uuid::from_u128(1) }
}

pub(crate) fn cv() -> Upload {
    Upload { name: FileName::new("cv.pdf").unwrap(), category: DocumentCategory::Cv, related: None }
}

/// Bytes of which no run is like another.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) ^ (at / 251 % 256)).map(|byte| u8::try_from(byte).unwrap()).collect()
}

/// Bytes that come in pieces of this length.
pub(crate) fn pieces(content: &[u8], length: usize) -> std::vec::IntoIter<Vec<u8>> {
    content.chunks(length).map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter()
}

/// What stands before bytes that were sealed with a key before the current one.
pub(crate) const OLD: &[u8] = b"old: ";

/// Seals nothing, and opens by the purpose.
pub(crate) struct FakeSealing;

impl Sealing for FakeSealing {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        [purpose.as_bytes(), plain].concat()
    }
    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let sealed = sealed.strip_prefix(OLD).unwrap_or(sealed);
        sealed.strip_prefix(purpose.as_bytes()).map(<[u8]>::to_vec).ok_or(Unsealable)
    }
    fn reseal(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Unsealable> {
        match sealed.strip_prefix(OLD) {
            Some(sealed) => self.open(purpose, sealed).map(|_| Some(sealed.to_vec())),
            None => self.open(purpose, sealed).map(|_| None),
        }
    }
    fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, purpose.as_bytes());
        hmac::sign(&key, message).as_ref().try_into().unwrap()
    }
    fn verify_mac(&self, purpose: &str, message: &[u8], mac: &[u8]) -> bool {
        self.mac(purpose, message) == mac
    }
}

pub(crate) struct World {
    micros: AtomicI64,
    ids: AtomicU64,
    random: AtomicU64,
    /// Whether a unit fails when it is to commit.
    pub(crate) is_down: AtomicBool,
    /// How many bytes were read out of the object store.
    pub(crate) read: AtomicU64,
    pub(crate) rows: Mutex<BTreeMap<DocumentId, (DocumentState, i64)>>,
    pub(crate) changes: Mutex<Vec<Change>>,
    pub(crate) outbox: Mutex<Vec<(Timestamp, Delivery)>>,
    pub(crate) objects: Mutex<BTreeMap<ObjectKey, (Vec<u8>, Timestamp)>>,
    pub(crate) denials: Mutex<Vec<Denial>>,
    /// Who may do what with the first candidate's documents.
    pub(crate) guarded: Mutex<Vec<(AccountId, Deed)>>,
    pub(crate) inspected: Mutex<Result<Inspected, InspectError>>,
    /// What the scanner says; there is none without.
    pub(crate) verdict: Mutex<Option<Result<Verdict, ContentError>>>,
    pub(crate) text: Mutex<Result<DocumentText, TextError>>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            micros: AtomicI64::new(0),
            ids: AtomicU64::new(0),
            random: AtomicU64::new(0),
            is_down: AtomicBool::new(false),
            read: AtomicU64::new(0),
            rows: Mutex::default(),
            changes: Mutex::default(),
            outbox: Mutex::default(),
            objects: Mutex::default(),
            denials: Mutex::default(),
            guarded: Mutex::default(),
            inspected: Mutex::new(Ok(Inspected {
                kind: FileKind::Pdf,
                active_content: Vec::new(),
                cleaned: None,
            })),
            verdict: Mutex::default(),
            text: Mutex::new(Ok(DocumentText {
                text: "What Zoe did.".to_owned(),
                ..DocumentText::default()
            })),
        })
    }

    pub(crate) fn ports(self: &Arc<Self>) -> Ports {
        let has_scanner = self.verdict.lock().unwrap().is_some();
        Ports {
            store: Arc::new(Units(self.clone())),
            index: self.clone(),
            objects: Arc::new(Shelf(self.clone())),
            inspector: self.clone(),
            scanner: has_scanner.then(|| self.clone() as Arc<dyn Scanner>),
            reader: self.clone(),
            guards: Arc::new([self.clone() as Arc<dyn DocumentGuard>]),
            gate: self.clone(),
            denials: self.clone(),
            sealing: Arc::new(FakeSealing),
            clock: self.clone(),
            ids: self.clone(),
            random: self.clone(),
            limits: SizeLimits::default(),
            quotas: Quotas::default(),
        }
    }

    pub(crate) fn service(self: &Arc<Self>) -> DocumentService {
        DocumentService::new(self.ports())
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.micros.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }

    /// The ticket that stands in the path of a link.
    pub(crate) fn ticket(path: &Secret) -> Secret {
        Secret::new(path.expose().strip_prefix("/v1/documents/content?link=").unwrap())
    }

    /// Uploads a file by this service.
    pub(crate) fn upload_by(
        service: &DocumentService,
        who: AccountId,
        upload: Upload,
        content: &[u8],
    ) -> Result<Document, Refused> {
        run(async {
            let ctx = person(who);
            let uploader = service.uploader(&ctx, HERE).await?;
            let received = uploader.receive(&mut pieces(content, 9_000)).await?;
            uploader.keep(&ctx, received, upload).await
        })
    }

    pub(crate) fn upload(self: &Arc<Self>, who: AccountId, upload: Upload, content: &[u8]) -> Document {
        Self::upload_by(&self.service(), who, upload, content).unwrap()
    }

    /// The document as its row has it.
    pub(crate) fn row(&self, id: DocumentId) -> Document {
        let (state, version) = self.rows.lock().unwrap()[&id].clone();
        Document::restore(state, version)
    }

    /// Changes the row without a word.
    pub(crate) fn alter(&self, id: DocumentId, change: impl FnOnce(&mut DocumentState)) {
        change(&mut self.rows.lock().unwrap().get_mut(&id).unwrap().0);
    }

    /// Tells the reactions all that happened and is due; what failed is told first when it is called again.
    pub(crate) fn settle(self: &Arc<Self>) -> Result<(), EventHandlerError> {
        let reactions = DocumentReactions::new(self.ports());
        loop {
            let due = |(at, _): &(Timestamp, Delivery)| *at <= self.now();
            let Some(next) = self.outbox.lock().unwrap().iter().position(due) else { return Ok(()) };
            let told = self.outbox.lock().unwrap()[next].1.clone();
            if reactions.topics().contains(&&*told.topic) {
                match run(reactions.handle(&told)) {
                    Err(EventHandlerError::TooEarly { until, .. }) => {
                        self.outbox.lock().unwrap()[next].0 = until;
                        continue;
                    }
                    handled => handled?,
                }
            }
            self.outbox.lock().unwrap().remove(next);
        }
    }

    /// What was done, by the names of the actions.
    pub(crate) fn done(&self) -> Vec<&'static str> {
        self.changes.lock().unwrap().iter().map(|change| change.action).collect()
    }

    pub(crate) fn object_keys(&self) -> Vec<ObjectKey> {
        self.objects.lock().unwrap().keys().copied().collect()
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.micros.load(Ordering::Relaxed)).unwrap()
    }
}

impl Ids for World {
    fn ordered(&self) -> Uuid {
        Uuid::from_u128((1 << 64) + u128::from(self.ids.fetch_add(1, Ordering::Relaxed)))
    }
    fn opaque(&self) -> Uuid {
        self.ordered()
    }
}

/// Random enough for a test: nothing comes twice.
impl Random for World {
    fn fill(&self, bytes: &mut [u8]) {
        for eight in bytes.chunks_mut(8) {
            let number = self.random.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            eight.copy_from_slice(&number[..eight.len()]);
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("shut")]
struct Shut;

impl Refusal for Shut {
    fn kind(&self) -> Kind {
        Kind::Forbidden
    }
    fn code(&self) -> &'static str {
        "test.shut"
    }
}

fn roles(account: AccountId) -> Option<Roles> {
    let all = [(OWNER, Role::Owner), (ADMIN, Role::Admin), (MEMBER, Role::Recruiter), (OTHER, Role::Member)];
    all.into_iter().find(|(known, _)| *known == account).map(|(_, role)| Roles::only(role))
}

#[async_trait]
impl Gate for World {
    async fn permit(&self, ctx: &Ctx, of: OrganizationId, rule: &dyn Rule) -> Result<Permit, AccessDenied> {
        let found =
            ctx.actor.account().filter(|_| of == HERE).and_then(|account| Some((account, roles(account)?)));
        let (account, roles) = found.ok_or_else(|| AccessDenied::new(Shut))?;
        match rule.reach_of(&roles) {
            Reach::None => Err(AccessDenied::new(Shut)),
            reach => Ok(Permit { ctx: ctx.within(Scope::Tenant(of)), reach, account, roles }),
        }
    }
    async fn permit_platform(&self, _: &Ctx, _: &dyn Rule) -> Result<Ctx, AccessDenied> {
        Err(AccessDenied::new(Shut))
    }
    async fn permit_own(&self, _: &Ctx) -> Result<(Ctx, AccountId), AccessDenied> {
        Err(AccessDenied::new(Shut))
    }
}

#[async_trait]
impl Denials for World {
    async fn record_denial(&self, _: &Ctx, denial: Denial) -> Result<(), StoreError> {
        self.denials.lock().unwrap().push(denial);
        Ok(())
    }
}

#[async_trait]
impl DocumentGuard for World {
    fn kinds(&self) -> &'static [&'static str] {
        &["candidate"]
    }
    async fn may(&self, permit: &Permit, related: &Related, deed: Deed) -> Result<bool, StoreError> {
        let asked = (permit.account, deed);
        Ok(*related == candidate(1) && self.guarded.lock().unwrap().contains(&asked))
    }
}

#[async_trait]
impl Inspector for World {
    async fn inspect(&self, _: &FileName, content: &mut dyn Chunks) -> Result<Inspected, InspectError> {
        content.next().await?;
        self.inspected.lock().unwrap().clone()
    }
}

#[async_trait]
impl Scanner for World {
    async fn scan(&self, content: &mut dyn Chunks) -> Result<Verdict, ContentError> {
        content.collect().await?;
        self.verdict.lock().unwrap().clone().expect("there is a scanner")
    }
}

#[async_trait]
impl TextReader for World {
    async fn read(&self, _: FileKind, content: &mut dyn Chunks) -> Result<DocumentText, TextError> {
        content.collect().await?;
        self.text.lock().unwrap().clone()
    }
}
