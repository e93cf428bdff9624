//! Tokens made here, and by hand, against every kind of key.

use std::{io::Write as _, path::PathBuf};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, prelude::*};
use jsonwebtoken::{Algorithm as JwtAlgorithm, EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::*;
use crate::config::Algorithm;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn with_secret() -> Authenticator {
    Authenticator::from_config(&Auth { jwt_secret: Some(SECRET.to_owned().into()), ..Auth::default() })
        .unwrap()
}

fn hs256(claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

/// `claims` beside an `exp` in an hour.
fn valid(mut claims: Value) -> Value {
    claims["exp"] = json!(get_current_timestamp() + 3600);
    claims
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64_STANDARD.encode(der))
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn with_public_key(pem: &str, algorithm: Option<Algorithm>) -> Result<Authenticator, KeyError> {
    let file = file(pem);
    let jwt_public_key_file = Some(file.path().to_owned());
    Authenticator::from_config(&Auth { jwt_public_key_file, algorithm, ..Auth::default() })
}

/// (public PEM, private DER as jsonwebtoken takes it, algorithm)
fn key_pairs() -> Vec<(String, EncodingKey, JwtAlgorithm)> {
    let rsa = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let rsa_public: PublicKeyX509Der<'_> = rsa.public_key().as_der().unwrap();
    let rsa_private: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    let rsa_private = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", rsa_private.as_ref()).as_bytes()).unwrap();

    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let ec_public: PublicKeyX509Der<'_> = ec.public_key().as_der().unwrap();
    let ec_private = ec.to_pkcs8v1().unwrap();

    let ed = Ed25519KeyPair::generate().unwrap();
    let ed_public: PublicKeyX509Der<'_> = ed.public_key().as_der().unwrap();
    let ed_private = ed.to_pkcs8().unwrap();

    vec![
        (pem("PUBLIC KEY", rsa_public.as_ref()), rsa_private, JwtAlgorithm::RS256),
        (
            pem("PUBLIC KEY", ec_public.as_ref()),
            EncodingKey::from_ec_der(ec_private.as_ref()),
            JwtAlgorithm::ES256,
        ),
        (
            pem("PUBLIC KEY", ed_public.as_ref()),
            EncodingKey::from_ed_der(ed_private.as_ref()),
            JwtAlgorithm::EdDSA,
        ),
    ]
}

#[test]
fn anonymous_is_admin_with_or_without_a_token() {
    let anonymous = Authenticator::from_config(&Auth::default()).unwrap();
    assert!(anonymous.is_anonymous());
    assert_eq!(anonymous.authenticate(None), Ok(Identity::anonymous()));
    assert_eq!(anonymous.authenticate(Some("whatever")), Ok(Identity::anonymous()));
}

#[test]
fn claims_become_an_identity() {
    let token = hs256(&valid(json!({"sub": "alice", "name": "Alice", "role": "host", "rooms": ["a", "b"]})));
    let identity = with_secret().authenticate(Some(&token)).unwrap();
    assert_eq!(identity.subject.as_ref().unwrap().as_str(), "alice");
    assert_eq!(identity.name.as_deref(), Some("Alice"));
    assert_eq!(identity.role, Role::Host);
    assert!(identity.may_enter(&"a".parse().unwrap()) && identity.may_host(&"b".parse().unwrap()));
    assert!(!identity.may_enter(&"c".parse().unwrap()) && !identity.may_host(&"c".parse().unwrap()));
}

#[test]
fn absent_and_null_claims_have_defaults() {
    for claims in [json!({}), json!({"sub": null, "name": null, "role": null, "rooms": null})] {
        let identity = with_secret().authenticate(Some(&hs256(&valid(claims)))).unwrap();
        assert_eq!(identity, Identity { subject: None, name: None, role: Role::Participant, rooms: None });
        assert!(identity.may_enter(&"any".parse().unwrap()) && !identity.may_host(&"any".parse().unwrap()));
    }
}

#[test]
fn an_empty_list_of_rooms_is_no_room() {
    let identity = with_secret().authenticate(Some(&hs256(&valid(json!({"rooms": []}))))).unwrap();
    assert!(!identity.may_enter(&"a".parse().unwrap()));
}

#[test]
fn bad_claims_are_named() {
    let now = get_current_timestamp();
    let table = [
        (valid(json!({"sub": ""})), AuthError::Claim("sub")),
        (valid(json!({"sub": 7})), AuthError::Claim("sub")),
        (valid(json!({"sub": "a/b"})), AuthError::Claim("sub")),
        (valid(json!({"name": ["x"]})), AuthError::Claim("name")),
        (valid(json!({"role": "root"})), AuthError::Claim("role")),
        (valid(json!({"role": 1})), AuthError::Claim("role")),
        (valid(json!({"rooms": "a"})), AuthError::Claim("rooms")),
        (valid(json!({"rooms": ["a", ".."]})), AuthError::Claim("rooms")),
        (valid(json!({"rooms": ["a", 1]})), AuthError::Claim("rooms")),
        (valid(json!({"rooms": {"a": true}})), AuthError::Claim("rooms")),
        (json!({"sub": "alice"}), AuthError::Claim("exp")),
        (json!({"exp": "tomorrow"}), AuthError::Claim("exp")),
        (json!({"exp": null}), AuthError::Claim("exp")),
        (json!({"exp": now - 120}), AuthError::Expired),
        (json!({"exp": now + 3600, "nbf": now + 120}), AuthError::NotYetValid),
    ];
    for (claims, error) in table {
        assert_eq!(with_secret().authenticate(Some(&hs256(&claims))), Err(error), "{claims}");
    }
    let within_leeway = json!({"exp": now - 30, "nbf": now + 30});
    assert!(with_secret().authenticate(Some(&hs256(&within_leeway))).is_ok());
}

#[test]
fn what_is_no_token_of_ours_is_refused() {
    let good = hs256(&valid(json!({"sub": "alice"})));
    let claims = good.split('.').nth(1).unwrap();
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let other_key =
        encode(&Header::default(), &valid(json!({})), &EncodingKey::from_secret(b"another")).unwrap();
    let hs512 = encode(
        &Header::new(JwtAlgorithm::HS512),
        &valid(json!({})),
        &EncodingKey::from_secret(SECRET.as_bytes()),
    )
    .unwrap();
    let table = [
        (None, AuthError::Missing),
        (Some(String::new()), AuthError::Missing),
        (Some("a.b.c".to_owned()), AuthError::Invalid),
        (Some("..".to_owned()), AuthError::Invalid),
        (Some("\u{0}\u{fffd}".to_owned()), AuthError::Invalid),
        (Some(format!("{none}.{claims}.")), AuthError::Invalid),
        (Some(format!("{none}.{claims}")), AuthError::Invalid),
        (Some(good[..good.len() - 4].to_owned()), AuthError::Invalid),
        (Some(other_key), AuthError::Invalid),
        (Some(hs512), AuthError::Invalid),
        (Some("x".repeat(TOKEN_LEN_MAX + 1)), AuthError::TooLong),
    ];
    for (token, error) in table {
        assert_eq!(with_secret().authenticate(token.as_deref()), Err(error), "{token:?}");
    }
}

#[test]
fn public_keys_choose_their_algorithm_and_accept_no_other() {
    let pairs = key_pairs();
    for (public, _, algorithm) in &pairs {
        let authenticator = with_public_key(public, None).unwrap();
        for (_, private, signed_with) in &pairs {
            let token = encode(&Header::new(*signed_with), &valid(json!({"sub": "alice"})), private).unwrap();
            let expected = if signed_with == algorithm { Ok(()) } else { Err(AuthError::Invalid) };
            assert_eq!(authenticator.authenticate(Some(&token)).map(drop), expected, "{signed_with:?}");
        }
        // The public key is public: whoever signs with it as an HMAC secret is nobody.
        let confused = encode(
            &Header::default(),
            &valid(json!({"role": "admin"})),
            &EncodingKey::from_secret(public.as_bytes()),
        )
        .unwrap();
        assert_eq!(authenticator.authenticate(Some(&confused)), Err(AuthError::Invalid));
    }
}

#[test]
fn keys_that_cannot_be_used_are_named() {
    let (public, ..) = key_pairs().remove(0);
    let failed = |auth: &Auth| Authenticator::from_config(auth).unwrap_err().to_string();
    let secret = || Some(SECRET.to_owned().into());
    let both = Auth { jwt_secret: secret(), jwt_secret_file: Some("x".into()), ..Auth::default() };
    assert_eq!(failed(&both), "auth.jwtSecret and auth.jwtSecretFile are both set: set one");
    let empty = Auth { jwt_secret: Some(String::new().into()), ..Auth::default() };
    assert_eq!(failed(&empty), "auth.jwtSecret: the secret is empty");
    let absent = Auth { jwt_secret_file: Some(PathBuf::from("/no/such/file")), ..Auth::default() };
    assert!(failed(&absent).starts_with("auth.jwtSecretFile: cannot read /no/such/file: "));
    let mismatch = Auth { jwt_secret: secret(), algorithm: Some(Algorithm::RS256), ..Auth::default() };
    assert!(failed(&mismatch).starts_with("auth.algorithm: RS256 does not go with"));
    assert!(matches!(with_public_key(&public, Some(Algorithm::HS256)), Err(KeyError::Algorithm { .. })));
    assert!(matches!(with_public_key("no key", None), Err(KeyError::NotAKey(_))));
    let private = pem("PRIVATE KEY", b"x");
    assert!(matches!(with_public_key(&private, None), Err(KeyError::PrivateKey(_))));
}

#[test]
fn a_secret_file_may_end_in_a_new_line() {
    let file = file(&format!("{SECRET}\n"));
    let auth = Auth { jwt_secret_file: Some(file.path().to_owned()), ..Auth::default() };
    let token = hs256(&valid(json!({"sub": "alice"})));
    assert!(Authenticator::from_config(&auth).unwrap().authenticate(Some(&token)).is_ok());
}

#[test]
fn audience_and_issuer_count_only_where_they_are_configured() {
    let strict = Auth {
        jwt_secret: Some(SECRET.to_owned().into()),
        audience: Some("calls".to_owned()),
        issuer: Some("shop".to_owned()),
        ..Auth::default()
    };
    let strict = Authenticator::from_config(&strict).unwrap();
    let ours = hs256(&valid(json!({"aud": "calls", "iss": "shop"})));
    let theirs = hs256(&valid(json!({"aud": "mail", "iss": "shop"})));
    let bare = hs256(&valid(json!({"iss": "shop"})));
    assert!(strict.authenticate(Some(&ours)).is_ok());
    assert_eq!(strict.authenticate(Some(&theirs)), Err(AuthError::Claim("aud")));
    assert_eq!(strict.authenticate(Some(&bare)), Err(AuthError::Claim("aud")));
    assert!(with_secret().authenticate(Some(&theirs)).is_ok());
}

#[test]
fn nothing_secret_is_shown() {
    let auth = Auth { jwt_secret: Some(SECRET.to_owned().into()), ..Auth::default() };
    assert!(!format!("{auth:?} {:?}", Authenticator::from_config(&auth).unwrap()).contains(SECRET));
}
