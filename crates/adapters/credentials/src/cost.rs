//! What a password hash may cost: a floor for new ones, a cap for stored ones.

use argon2::{KeyId, Params, ParamsBuilder};

/// The bytes a hash has.
pub(crate) const OUTPUT: usize = 32;

const MOST_MEMORY: u32 = 262_144;
const MOST_ITERATIONS: u32 = 10;
const MOST_PARALLELISM: u32 = 4;

/// Least memory in KiB with least iterations (OWASP Password Storage Cheat Sheet, 2024; equally strong).
const FLOORS: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// The cost of a hash: by default 46 MiB, one pass, one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
}

/// A cost that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    /// Hashes would be guessed too quickly.
    #[error(
        "memory and iterations are below every one of 47104 KiB with 1, 19456 with 2, 12288 with 3, 9216 with 4, 7168 with 5"
    )]
    TooWeak,
    /// Hashing could be used to exhaust the machine.
    #[error("more than 262144 KiB, 10 iterations or 4 lanes, or no lane at all")]
    TooCostly,
}

impl Cost {
    /// Checks floor and cap.
    pub fn new(memory_kib: u32, iterations: u32, parallelism: u32) -> Result<Self, CostError> {
        let strong = |(memory, passes)| memory_kib >= memory && iterations >= passes;
        let cost = Self::capped(memory_kib, iterations, parallelism).ok_or(CostError::TooCostly)?;
        if FLOORS.into_iter().any(strong) { Ok(cost) } else { Err(CostError::TooWeak) }
    }

    /// A cost that protects nothing, so that tests are quick.
    pub const fn for_tests() -> Self {
        Self { memory_kib: 8, iterations: 1, parallelism: 1 }
    }

    /// What a stored hash may cost; less than the floor is taken, since it has been stored.
    pub(crate) fn capped(memory_kib: u32, iterations: u32, parallelism: u32) -> Option<Self> {
        let sound = memory_kib <= MOST_MEMORY
            && iterations <= MOST_ITERATIONS
            && (1..=MOST_PARALLELISM).contains(&parallelism);
        sound.then_some(Self { memory_kib, iterations, parallelism })
    }

    /// As Argon2 takes it, with the name of the pepper.
    pub(crate) fn params(self, pepper: Option<&str>) -> Result<Params, argon2::Error> {
        let mut builder = ParamsBuilder::new();
        builder.m_cost(self.memory_kib).t_cost(self.iterations).p_cost(self.parallelism).output_len(OUTPUT);
        if let Some(id) = pepper {
            builder.keyid(KeyId::new(id.as_bytes())?);
        }
        builder.build()
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory_kib: 47_104, iterations: 1, parallelism: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_owasps() {
        let default = Cost::default();
        assert_eq!(Cost::new(default.memory_kib, default.iterations, default.parallelism), Ok(default));
        for (memory, iterations) in FLOORS {
            assert!(Cost::new(memory, iterations, 1).is_ok());
            assert_eq!(Cost::new(memory - 1, iterations, 1), Err(CostError::TooWeak));
            assert_eq!(Cost::new(memory, iterations - 1, 1), Err(CostError::TooWeak));
        }
        assert_eq!(Cost::new(7_167, 10, 1), Err(CostError::TooWeak));
    }

    #[test]
    fn the_cap_holds_for_new_hashes_too() {
        for (memory, iterations, parallelism) in
            [(262_145, 1, 1), (47_104, 11, 1), (47_104, 1, 5), (47_104, 1, 0)]
        {
            assert_eq!(Cost::new(memory, iterations, parallelism), Err(CostError::TooCostly));
        }
    }
}
