//! The reference tree of Certificate Transparency (google/certificate-transparency, `merkle_tree_test.cc`): eight
//! leaves with their roots, paths and consistency proofs.

use audit::{
    ConsistencyProof, Frontier, Hash, InclusionProof, TreeAppender, prove_consistency, prove_inclusion,
    root_at,
};

use crate::support::{Memory, now, place};

const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Index, size, path.
const INCLUSIONS: [(u64, u64, &[&str]); 5] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

/// From, to, path.
const CONSISTENCIES: [(u64, u64, &[&str]); 5] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        7,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

fn hash(hexadecimal: &str) -> Hash {
    let bytes: Vec<u8> =
        (0..32).map(|n| u8::from_str_radix(&hexadecimal[2 * n..2 * n + 2], 16).expect("digits")).collect();
    Hash::from_slice(&bytes).expect("32 bytes")
}

fn root(size: u64) -> Hash {
    hash(ROOTS[place(size) - 1])
}

fn log() -> Memory {
    Memory(LEAVES.map(Hash::of_leaf).to_vec())
}

#[test]
fn the_roots_are_those_of_the_reference() {
    let log = log();
    let (mut frontier, mut appender) = (Frontier::empty(), TreeAppender::empty());
    for (size, leaf) in (1..).zip(&log.0) {
        frontier.push(*leaf);
        appender.push(*leaf);
        assert_eq!(frontier.root(), root(size), "{size}");
        assert_eq!(appender.root(), root(size), "{size}");
        assert_eq!(now(root_at(&log, size)).unwrap(), root(size), "{size}");
    }
    assert_eq!(Frontier::empty().root(), Hash::EMPTY);
    assert_eq!(TreeAppender::empty().root(), Hash::EMPTY);
    assert_eq!(now(root_at(&log, 0)).unwrap(), Hash::EMPTY);
}

#[test]
fn the_inclusion_proofs_are_those_of_the_reference() {
    for (index, size, path) in INCLUSIONS {
        let path = path.iter().map(|text| hash(text)).collect();
        let proof = InclusionProof { index, size, path };
        assert_eq!(now(prove_inclusion(&log(), index, size)).unwrap(), proof);
        let leaf = log().0[place(index)];
        assert_eq!(proof.verify(leaf, root(size)), Ok(()), "{index} of {size}");
    }
}

#[test]
fn the_consistency_proofs_are_those_of_the_reference() {
    for (from, to, path) in CONSISTENCIES {
        let path = path.iter().map(|text| hash(text)).collect();
        let proof = ConsistencyProof { from, to, path };
        assert_eq!(now(prove_consistency(&log(), from, to)).unwrap(), proof);
        assert_eq!(proof.verify(root(from), root(to)), Ok(()), "{from} to {to}");
    }
}
