//! Objects in a bucket of S3.

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use document::{
    ObjectKey, StoredObject,
    ports::{ObjectWriter, Objects},
};
use futures_util::TryStreamExt;
use kernel::{
    Secret, Timestamp,
    document::{Chunks, ContentError},
};
use object_store::{BackoffConfig, RetryConfig, aws::AmazonS3Builder};
use url::Url;

use crate::{
    backend::{Backend, bounded, meaning, path},
    transport::Transport,
};

/// Larger objects are sent in parts of this size, the smallest that S3 takes.
const PART: usize = 5 * 1024 * 1024;

/// How many of them are in memory, for each object that is written.
const PARTS_AT_ONCE: usize = 2;

/// Which bucket, and how it is reached.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// The URL of the server, without the bucket; Amazon's own of the region without. TLS is used unless it begins
    /// with `http://`.
    pub endpoint: Option<String>,
    /// The region, such as `eu-central-1`. Other servers than Amazon's have a name of their own for theirs.
    pub region: String,
    /// The name of the bucket, which is there already.
    pub bucket: String,
    /// Names the key that requests are signed with.
    pub access_key_id: String,
    /// The key itself.
    pub secret_access_key: Secret,
    /// Whether the bucket is the first part of the path, and not of the host name. Most servers other than Amazon's
    /// want that.
    pub path_style: bool,
    /// Certificates, in PEM, that are trusted besides the public roots.
    pub root_certificates: Option<Vec<u8>>,
}

/// Objects in a bucket of S3, or of a server that speaks like it.
///
/// The server verifies a checksum of what it gets, since requests are signed together with their content. Give the
/// bucket a lifecycle rule with `AbortIncompleteMultipartUpload` of a few days: an upload of more than 5 MiB leaves
/// parts behind when the program ends before it is finished, and [`Objects::clear_unfinished`] cannot find them.
///
/// Give it a bucket of its own: a key that no path of `object_store` can be, such as one with `//`, fails lists.
#[derive(Debug, Clone)]
pub struct S3Objects {
    backend: Backend,
}

impl S3Objects {
    /// Objects in this bucket. Nothing is asked of it yet.
    pub fn new(settings: &S3Settings) -> Result<Self, ContentError> {
        let endpoint = settings.endpoint.as_deref().map(|endpoint| {
            server(endpoint, (!settings.path_style).then_some(&*settings.bucket)).ok_or_else(|| {
                ContentError::Fault(format!(
                    "`{endpoint}` is no URL of a server of S3; write one such as https://s3.example.org, and use path \
                     style where its host is an address"
                ))
            })
        });
        let endpoint = endpoint.transpose()?;
        let is_plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let transport = Transport::new(is_plain, settings.root_certificates.as_deref())?;
        let mut builder = AmazonS3Builder::new()
            .with_http_connector(transport)
            .with_region(&settings.region)
            .with_bucket_name(&settings.bucket)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(settings.secret_access_key.expose())
            .with_virtual_hosted_style_request(!settings.path_style)
            // Not all servers know how to delete many at once, and we delete one.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                backoff: BackoffConfig { max_backoff: Duration::from_secs(5), ..BackoffConfig::default() },
                max_retries: 4,
                retry_timeout: Duration::from_secs(30),
            });
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let bucket = builder.build().map_err(|error| meaning(&error))?;
        Ok(Self { backend: Backend { store: Arc::new(bucket), part: PART, parts_at_once: PARTS_AT_ONCE } })
    }
}

/// The URL of the server without a slash at its end, with the bucket in its host where that is given.
fn server(endpoint: &str, bucket: Option<&str>) -> Option<String> {
    let mut url = Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if let Some(bucket) = bucket {
        let host = format!("{bucket}.{}", url.domain()?);
        url.set_host(Some(&host)).ok()?;
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

#[async_trait]
impl Objects for S3Objects {
    async fn write(&self, key: &ObjectKey) -> Result<Box<dyn ObjectWriter>, ContentError> {
        Ok(self.backend.write(key))
    }

    async fn read(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn Chunks>, ContentError> {
        self.backend.read(key, range).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), ContentError> {
        self.backend.delete(key).await
    }

    async fn list(&self, after: Option<&ObjectKey>, most: usize) -> Result<Vec<StoredObject>, ContentError> {
        let mut objects = match after {
            Some(after) => self.backend.store.list_with_offset(None, &path(after)),
            None => self.backend.store.list(None),
        };
        let mut found = Vec::new();
        while found.len() < most
            && let Some(object) = bounded(objects.try_next()).await?
        {
            let path = object.location.as_ref();
            if let Some(key) = ObjectKey::of_path(path).filter(|key| key.path() == path) {
                let written_at = Timestamp::from_unix_micros(object.last_modified.timestamp_micros());
                let written_at = written_at.unwrap_or(Timestamp::EPOCH);
                found.push(StoredObject { key, size: object.size, written_at });
            }
        }
        Ok(found)
    }

    /// Nothing: a lifecycle rule of the bucket does it.
    async fn clear_unfinished(&self, _before: Timestamp) -> Result<(), ContentError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_is_in_the_host_unless_it_is_in_the_path() {
        for (endpoint, bucket, url) in [
            ("https://s3.example.org/", None, Some("https://s3.example.org")),
            ("https://s3.example.org:9000/", Some("files"), Some("https://files.s3.example.org:9000")),
            ("http://127.0.0.1:9000", None, Some("http://127.0.0.1:9000")),
            ("http://127.0.0.1:9000", Some("files"), None),
            ("ftp://s3.example.org", None, None),
        ] {
            assert_eq!(server(endpoint, bucket).as_deref(), url, "{endpoint}");
        }
    }
}
