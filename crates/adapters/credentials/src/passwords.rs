//! Password hashing: Argon2id (RFC 9106) with a pepper, off the event loop, a few at a time.

use std::{sync::Arc, thread, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash as Phc, PasswordHasher as _, PasswordVerifier as _, Version,
};
use async_trait::async_trait;
use identity::{
    account::PasswordHash,
    credentials::{HashingError, PasswordHasher, Verified},
};
use kernel::Secret;
use tokio::{sync::Semaphore, task, time};
use zeroize::Zeroizing;

use crate::{
    cost::{Cost, OUTPUT},
    pepper::Pepper,
};

const ALGORITHM: Algorithm = Algorithm::Argon2id;
const VERSION: Version = Version::V0x13;

/// How passwords are hashed.
#[derive(Debug, Clone)]
pub struct HashingSettings {
    /// What a new hash costs.
    pub cost: Cost,
    /// How many are hashed at a time; by default one core is left to everyone else.
    pub permits: usize,
    /// How long one waits for their turn before they are told to come back.
    pub queue_timeout: Duration,
    /// The current pepper first; hashes made with the others, or with none, are verified and outdated.
    pub peppers: Vec<Pepper>,
}

impl Default for HashingSettings {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            cost: Cost::default(),
            permits: cores.saturating_sub(1).max(1),
            queue_timeout: Duration::from_secs(2),
            peppers: Vec::new(),
        }
    }
}

impl HashingSettings {
    /// A cost that protects nothing, so that tests are quick.
    pub fn for_tests() -> Self {
        Self { cost: Cost::for_tests(), ..Self::default() }
    }
}

/// Hashes passwords with Argon2id, version 19, a 16-byte salt and a 32-byte output. The pepper is Argon2's secret
/// and its name the `keyid` of the stored string, so that peppers rotate.
pub struct Argon2Hasher {
    parameters: Arc<HashParameters>,
    decoy: Stored,
    permits: Arc<Semaphore>,
    queue_timeout: Duration,
}

impl Argon2Hasher {
    /// Hashes once, to have a decoy that costs what today's hashes cost. Fails when Argon2 does.
    pub fn new(settings: HashingSettings) -> Result<Self, HashingError> {
        let HashingSettings { cost, permits, queue_timeout, peppers } = settings;
        let params = cost.params(peppers.first().map(Pepper::id)).map_err(fault)?;
        let parameters = Arc::new(HashParameters { params, peppers });
        let decoy = Stored::parse(&parameters.hash(b"")?.0)?;
        Ok(Self { parameters, decoy, permits: Arc::new(Semaphore::new(permits.max(1))), queue_timeout })
    }

    /// Does slow work when its turn has come. The permit goes with the work: a caller who hangs up does not let
    /// another in while the machine is still at their password.
    async fn with_permit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&HashParameters) -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let turn = time::timeout(self.queue_timeout, Arc::clone(&self.permits).acquire_owned()).await;
        let busy = HashingError::Busy { retry_after: self.queue_timeout.as_secs().max(1) };
        let permit = turn.map_err(|_| busy)?.map_err(fault)?;
        let parameters = Arc::clone(&self.parameters);
        let done = task::spawn_blocking(move || {
            let result = work(&parameters);
            drop(permit);
            result
        });
        done.await.map_err(fault)?
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &Secret) -> Result<PasswordHash, HashingError> {
        let password = wiped_copy(password);
        self.with_permit(move |parameters| parameters.hash(&password)).await
    }

    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verified, HashingError> {
        let known = hash.is_some();
        let stored = hash.map_or_else(|| Ok(self.decoy.clone()), |hash| Stored::parse(&hash.0))?;
        let password = wiped_copy(password);
        let matches = {
            let stored = stored.clone();
            self.with_permit(move |parameters| parameters.verify(&password, &stored)).await?
        };
        Ok(Verified { matches: matches && known, outdated: known && self.parameters.outdates(&stored) })
    }
}

/// How a hash is made today, and the peppers of those made before.
struct HashParameters {
    params: Params,
    peppers: Vec<Pepper>,
}

impl HashParameters {
    fn hash(&self, password: &[u8]) -> Result<PasswordHash, HashingError> {
        let argon2 = argon2(self.peppers.first(), self.params.clone())?;
        argon2.hash_password(password).map(|hash| PasswordHash(hash.to_string())).map_err(fault)
    }

    fn verify(&self, password: &[u8], stored: &Stored) -> Result<bool, HashingError> {
        let id = stored.params.keyid();
        let pepper = self.peppers.iter().find(|pepper| pepper.id().as_bytes() == id);
        if pepper.is_none() && !id.is_empty() {
            let id = String::from_utf8_lossy(id);
            return Err(HashingError::Fault(format!("pepper {id:?} of a stored hash is not configured")));
        }
        match argon2(pepper, stored.params.clone())?.verify_password(password, &stored.hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(fault(error)),
        }
    }

    fn outdates(&self, stored: &Stored) -> bool {
        stored.params != self.params
    }
}

/// A stored hash that may be computed: of the right kind and not too costly.
#[derive(Clone)]
struct Stored {
    hash: Phc,
    params: Params,
}

impl Stored {
    fn parse(text: &str) -> Result<Self, HashingError> {
        let unsound = |problem| HashingError::Fault(format!("a stored hash {problem}"));
        let hash = Phc::new(text).map_err(|_| unsound("is no PHC string"))?;
        if hash.algorithm != ALGORITHM.ident() || hash.version != Some(VERSION.into()) {
            return Err(unsound("is not of Argon2id, version 19"));
        }
        let cost = |name| hash.params.get_decimal(name);
        let (Some(memory), Some(iterations), Some(lanes)) = (cost("m"), cost("t"), cost("p")) else {
            return Err(unsound("does not say what it costs"));
        };
        Cost::capped(memory, iterations, lanes).ok_or_else(|| unsound("costs more than is allowed"))?;
        let params = Params::try_from(&hash).map_err(|_| unsound("has impossible parameters"))?;
        let whole = hash.hash.is_some_and(|output| output.len() == OUTPUT) && hash.salt.is_some();
        if whole && params.data().is_empty() {
            Ok(Self { hash, params })
        } else {
            Err(unsound("is not whole"))
        }
    }
}

fn argon2(pepper: Option<&Pepper>, params: Params) -> Result<Argon2<'_>, HashingError> {
    match pepper {
        Some(pepper) => Argon2::new_with_secret(pepper.secret(), ALGORITHM, VERSION, params).map_err(fault),
        None => Ok(Argon2::new(ALGORITHM, VERSION, params)),
    }
}

fn wiped_copy(password: &Secret) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(password.expose().as_bytes().to_vec())
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn fault(error: impl ToString) -> HashingError {
    HashingError::Fault(error.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::{AssociatedData, ParamsBuilder};

    use super::*;

    #[test]
    fn argon2id_of_rfc_9106_section_5_3() {
        let data = AssociatedData::new(&[4; 12]).unwrap();
        let params = ParamsBuilder::new().m_cost(32).t_cost(3).p_cost(4).data(data).build().unwrap();
        // The vector's secret is shorter than a pepper may be.
        let argon2 = Argon2::new_with_secret(&[3; 8], ALGORITHM, VERSION, params).unwrap();
        let mut tag = [0; OUTPUT];
        argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
        let expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
        assert_eq!(tag.map(|byte| format!("{byte:02x}")).concat(), expected);
    }

    #[test]
    fn the_decoy_costs_what_a_hash_of_today_costs() {
        let cost = Cost::new(7_168, 5, 1).unwrap();
        let peppers = vec![Pepper::new("p", vec![1; 32]).unwrap()];
        let hasher =
            Argon2Hasher::new(HashingSettings { cost, peppers, ..HashingSettings::for_tests() }).unwrap();
        assert_eq!(hasher.decoy.params, hasher.parameters.params);
        assert_eq!(hasher.decoy.params.m_cost(), 7_168);
    }
}
