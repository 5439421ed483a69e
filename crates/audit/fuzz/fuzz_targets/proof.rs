//! Proofs of any numbers, any hashes and any JSON.
#![no_main]

use std::fmt::Debug;

use audit::{ConsistencyProof, Hash, InclusionProof};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn same_again<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(proof) = serde_json::from_slice::<T>(bytes) {
        let json = serde_json::to_value(&proof).expect("plain values");
        assert_eq!(serde_json::from_value::<T>(json).expect("its own JSON"), proof);
    }
}

fuzz_target!(|bytes: &[u8]| {
    same_again::<InclusionProof>(bytes);
    same_again::<ConsistencyProof>(bytes);
    let _ = serde_json::from_slice::<Value>(bytes);

    let Some((first, bytes)) = bytes.split_first_chunk() else { return };
    let Some((second, bytes)) = bytes.split_first_chunk() else { return };
    let (first, second) = (u64::from_le_bytes(*first), u64::from_le_bytes(*second));
    let hash = |byte: &u8| Hash::from_bytes([*byte; 32]);
    let Some((leaf, bytes)) = bytes.split_first() else { return };
    let Some((root, bytes)) = bytes.split_first() else { return };
    let path: Vec<Hash> = bytes.iter().map(hash).collect();
    let inclusion = InclusionProof { index: first, size: second, path: path.clone() };
    let _ = inclusion.verify(hash(leaf), hash(root));
    let consistency = ConsistencyProof { from: first, to: second, path };
    let _ = consistency.verify(hash(leaf), hash(root));
});
