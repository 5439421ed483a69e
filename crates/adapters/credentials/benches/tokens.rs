//! What each request pays: an access token, and the cursor of a page.

use std::{hint::black_box, sync::Arc, time::Duration};

use credentials::{JwtTokens, KeyEncryptionKeys, KeySet, KeyVault, SigningKeyPair};
use criterion::{Criterion, criterion_group, criterion_main};
use identity::credentials::{AccessClaims, AccessTokens as _, Vault as _};
use kernel::{Assurance, Clock as _, Cursor, Ids, Limit, PageRequest, Place, Sealing as _};
use system::{SystemClock, SystemIds, SystemRandom};

fn vault() -> KeyVault {
    KeyVault::new(KeyEncryptionKeys::generate(&SystemRandom), Arc::new(SystemRandom))
}

fn tokens(c: &mut Criterion) {
    let now = SystemClock.now();
    let vault = vault();
    let record = SigningKeyPair::generate(&vault, now, now);
    let tokens = || {
        let keys = KeySet::load(std::slice::from_ref(&record), &vault, now).expect("it was just made");
        JwtTokens::new("https://touchstone.example", "touchstone", keys, Arc::new(SystemIds))
    };
    let (plain, caching) = (tokens(), tokens().with_cache(10_000));
    let ids: &dyn Ids = &SystemIds;
    let claims = AccessClaims {
        account: ids.next(),
        session: ids.next(),
        authenticated_at: now,
        assurance: Assurance::Aal2,
        epoch: 3,
        issued_at: now,
        expires_at: now.plus(Duration::from_secs(600)),
    };
    let token = plain.issue(&claims);

    c.bench_function("token/issue", |b| b.iter(|| plain.issue(black_box(&claims))));
    c.bench_function("token/verify", |b| b.iter(|| plain.verify(black_box(token.expose()), now)));
    c.bench_function("token/verify, cached", |b| b.iter(|| caching.verify(black_box(token.expose()), now)));
}

fn sealing(c: &mut Criterion) {
    let vault = vault();
    let ids: &dyn Ids = &SystemIds;
    let account = ids.next();
    let data_key = vault.new_data_key(account);
    let key = || vault.personal_key(account, &data_key).expect("the key is its own");
    let place = Place { table: "totp", row: None };
    let sealed = key().seal(place, &[7; 20]);
    let mac = vault.mac("refresh", b"message");

    c.bench_function("vault/open", |b| b.iter(|| key().open(place, black_box(&sealed))));
    c.bench_function("vault/verify_mac", |b| {
        b.iter(|| vault.verify_mac("refresh", b"message", black_box(&mac)));
    });
}

fn cursors(c: &mut Criterion) {
    let filter = ("active", Some("north"));
    let key = (SystemClock.now(), SystemIds.ordered());
    let cursor = Cursor::new(&filter, &key);
    let request = PageRequest { limit: Limit::default(), after: Some(cursor) };

    c.bench_function("cursor/encode", |b| b.iter(|| Cursor::new(black_box(&filter), black_box(&key))));
    c.bench_function("cursor/decode", |b| {
        b.iter(|| black_box(&request).key::<(kernel::Timestamp, uuid::Uuid)>(&filter));
    });
}

criterion_group!(benches, tokens, sealing, cursors);
criterion_main!(benches);
