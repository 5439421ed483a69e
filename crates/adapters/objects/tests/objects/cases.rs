//! The stores under test, and what the tests do with them.

use std::{
    fs::{self, File},
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::SystemTime,
};

use document::{ObjectKey, ObjectPart, ports::Objects};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use kernel::{
    Clock, Id, Secret, Timestamp,
    document::{Chunks, ContentError},
};
use objects::{FolderObjects, MemoryObjects, S3Objects, S3Settings};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

/// A store under test.
pub(crate) struct Case {
    pub(crate) objects: Box<dyn Objects>,
    /// Where the store keeps objects as files, if it does.
    pub(crate) files: Option<PathBuf>,
    _root: TempDir,
}

impl Case {
    pub(crate) fn folder() -> Self {
        let root = tempfile::tempdir().unwrap();
        let files = root.path().join("deep/objects");
        let objects = Box::new(FolderObjects::open(&files).unwrap());
        Self { objects, files: Some(files), _root: root }
    }

    pub(crate) fn memory() -> Self {
        let objects = Box::new(MemoryObjects::new(Arc::new(Noon)));
        Self { objects, files: None, _root: tempfile::tempdir().unwrap() }
    }

    pub(crate) async fn s3() -> Self {
        let server = S3::start(|tcp| async { Some(tcp) }).await;
        let objects = Box::new(S3Objects::new(&server.settings).unwrap());
        Self { objects, files: Some(server.root.path().join("bucket")), _root: server.root }
    }

    /// Puts a file where the store keeps objects, as if it had been written at noon.
    pub(crate) fn plant(&self, path: &str, bytes: &[u8]) {
        let path = self.files.as_ref().unwrap().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        File::options().write(true).open(path).unwrap().set_modified(SystemTime::from(noon())).unwrap();
    }

    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.files.as_ref().unwrap().join(path).exists()
    }

    pub(crate) async fn keep(&self, key: &ObjectKey, bytes: &[u8]) {
        let mut writer = self.objects.write(key).await.unwrap();
        writer.write(bytes.to_vec()).await.unwrap();
        writer.finish().await.unwrap();
    }

    pub(crate) async fn read(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Vec<u8>, ContentError> {
        all(self.objects.read(key, range).await?).await
    }

    /// The keys and sizes of a page.
    pub(crate) async fn list(&self, after: Option<&ObjectKey>, most: usize) -> Vec<(ObjectKey, u64)> {
        let page = self.objects.list(after, most).await.unwrap();
        page.into_iter().map(|object| (object.key, object.size)).collect()
    }
}

pub(crate) async fn all(mut chunks: Box<dyn Chunks>) -> Result<Vec<u8>, ContentError> {
    let mut all = Vec::new();
    while let Some(piece) = chunks.next().await? {
        assert!(!piece.is_empty(), "a piece is never empty");
        all.extend(piece);
    }
    Ok(all)
}

pub(crate) fn key(organization: u128, document: u128, part: ObjectPart) -> ObjectKey {
    let [organization, document] = [organization, document].map(Uuid::from_u128);
    ObjectKey { organization: Id::from_uuid(organization), document: Id::from_uuid(document), part }
}

/// A fixed moment, which has whole seconds since servers of S3 tell no more.
pub(crate) fn noon() -> time::OffsetDateTime {
    "2026-11-20T12:00:00Z".parse::<Timestamp>().unwrap().to_offset_date_time()
}

struct Noon;
impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::new(noon())
    }
}

/// A server of S3 with one bucket.
pub(crate) struct S3 {
    pub(crate) settings: S3Settings,
    pub(crate) root: TempDir,
}

impl S3 {
    /// Starts it. Each connection goes through `accept`.
    pub(crate) async fn start<F, S>(accept: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Option<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("bucket")).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("key-id", "key"));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = settings(&format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (accepted, service) = (accept(tcp), service.clone());
                tokio::spawn(async move {
                    if let Some(stream) = accepted.await {
                        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                    }
                });
            }
        });
        Self { settings, root }
    }
}

pub(crate) fn settings(endpoint: &str) -> S3Settings {
    S3Settings {
        endpoint: Some(endpoint.to_owned()),
        region: "eu-central-1".to_owned(),
        bucket: "bucket".to_owned(),
        access_key_id: "key-id".to_owned(),
        secret_access_key: Secret::new("key"),
        path_style: true,
        root_certificates: None,
    }
}
