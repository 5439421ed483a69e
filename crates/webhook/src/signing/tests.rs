use super::*;

const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PAIR: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

fn now(offset: i64) -> Timestamp {
    Timestamp::from_unix_seconds(TIMESTAMP + offset).unwrap()
}

fn headers(keys: &[&str]) -> Vec<(String, String)> {
    let keys: Vec<SigningKey> = keys.iter().map(|key| SigningKey::read(key).unwrap()).collect();
    Message { id: ID, timestamp: TIMESTAMP, body: BODY }.headers(&keys)
}

fn verify(key: &str, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<(), NotVerified> {
    let header = |name: &str| headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    VerifyingKey::read(key).unwrap().verify(header, body, now)
}

fn signed(signature: &str) -> Vec<(String, String)> {
    let mut headers = headers(&[]);
    signature.clone_into(&mut headers[2].1);
    headers
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Of the tests of the libraries of Standard Webhooks: Python, Go, JavaScript for the first, Rust for the second.
#[test]
fn the_published_symmetric_vectors_are_signed_alike() {
    assert_eq!(
        headers(&[SECRET]),
        [
            ("webhook-id", ID),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let other = Message {
        id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        timestamp: 1_649_367_553,
        body: br#"{"email":"test@example.com","username":"test_user"}"#,
    };
    let key = SigningKey::read("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
    assert_eq!(other.headers(&[key])[2].1, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
}

/// The signature is that of the example in section "Webhook headers" of Standard Webhooks 1.0.0; its key is published
/// in the tests of the Svix server.
#[test]
fn the_published_asymmetric_vector_is_signed_alike() {
    let expected =
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    assert_eq!(headers(&[PAIR])[2].1, expected);
    let key = SigningKey::read(PAIR).unwrap();
    assert_eq!(key.verifying_key().text().expose(), PUBLIC);
    assert_eq!(verify(PUBLIC, &signed(expected), BODY, now(0)), Ok(()));
}

/// RFC 4231, section 4.3; RFC 8032, section 7.1, test 3.
#[test]
fn the_primitives_are_those_of_the_rfcs() {
    let mac = hmac(b"Jefe", b"what do ya want for nothing?").finalize().into_bytes();
    assert_eq!(mac[..], hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    let seed = hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
    let key = SigningKey::read(&format!("whsk_{}", BASE64.encode(seed))).unwrap();
    let signature = hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
         18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    assert_eq!(key.signature(&[0xaf, 0x82]), format!("v1a,{}", BASE64.encode(signature)));
}

#[test]
fn one_of_several_signatures_suffices_while_a_key_is_rotated() {
    let both = headers(&[PAIR, SECRET]);
    assert_eq!(both[2].1.split(' ').count(), 2);
    for key in [SECRET, PUBLIC] {
        assert_eq!(verify(key, &both, BODY, now(0)), Ok(()), "{key}");
    }
    let with_others = format!("v1,AAAA v2,g0hM nonsense {}", headers(&[SECRET])[2].1);
    assert_eq!(verify(SECRET, &signed(&with_others), BODY, now(0)), Ok(()));
}

#[test]
fn nothing_else_is_believed() {
    let sound = headers(&[SECRET]);
    assert_eq!(verify(SECRET, &sound, br#"{"test": 2432232315}"#, now(0)), Err(NotVerified::Signature));
    assert_eq!(
        verify("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", &sound, BODY, now(0)),
        Err(NotVerified::Signature)
    );
    for part in ["", "v1,", "v1", "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,g0hM9SsE+OTPJTGt"] {
        assert_eq!(verify(SECRET, &signed(part), BODY, now(0)), Err(NotVerified::Signature), "{part}");
    }
    for at in 0..3 {
        let mut headers = sound.clone();
        let (name, _) = headers.remove(at);
        assert!(matches!(verify(SECRET, &headers, BODY, now(0)), Err(NotVerified::Header(of)) if of == name));
    }
    let mut malformed = sound;
    "soon".clone_into(&mut malformed[1].1);
    assert_eq!(verify(SECRET, &malformed, BODY, now(0)), Err(NotVerified::Header(TIMESTAMP_HEADER)));
}

#[test]
fn a_request_is_good_for_five_minutes_both_ways() {
    let sound = headers(&[SECRET]);
    for offset in [-300, 300] {
        assert_eq!(verify(SECRET, &sound, BODY, now(offset)), Ok(()));
    }
    for offset in [-301, 301, i64::from(u32::MAX)] {
        assert_eq!(verify(SECRET, &sound, BODY, now(offset)), Err(NotVerified::Time));
    }
}

#[test]
fn keys_have_the_forms_of_the_standard() {
    for key in [SECRET, PAIR] {
        assert_eq!(SigningKey::read(key).unwrap().text().expose(), key);
    }
    assert!(SigningKey::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBg").is_ok(), "padding may be missing");
    let secret = |octets: usize| SigningKey::read(&format!("whsec_{}", BASE64.encode(vec![7; octets])));
    assert!([24, 64].into_iter().all(|octets| secret(octets).is_ok()));
    assert!([0, 23, 65].into_iter().all(|octets| secret(octets).is_err()));
    let mut mismatched = PAIR.to_owned();
    mismatched.replace_range(60..61, "A");
    for bad in
        ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%", "whsk_AAAA", PUBLIC, &mismatched]
    {
        assert!(SigningKey::read(bad).is_err(), "{bad}");
    }
    for bad in [PAIR, "whpk_AAAA", "whpk_"] {
        assert!(VerifyingKey::read(bad).is_err(), "{bad}: whoever verifies needs no private key");
    }
    assert!(!format!("{:?}", SigningKey::read(SECRET).unwrap()).contains("MfKQ"));
}
