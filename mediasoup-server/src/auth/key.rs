//! The key tokens are checked with.

use std::{fs, io, path::Path};

use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey};

use crate::config::{Algorithm, Auth};

/// Why the configured key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Which one counts would be a guess.
    #[error("{0} and {1} are both set: set one")]
    TwoKeys(&'static str, &'static str),
    /// The file.
    #[error("{key}: cannot read {path}: {source}")]
    Read {
        /// Which key of the configuration.
        key: &'static str,
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A secret of no length checks nothing.
    #[error("{0}: the secret is empty")]
    Empty(&'static str),
    /// No key in the file, or not one we know.
    #[error("auth.jwtPublicKeyFile: {0}: expected a PEM file with an RSA, P-256 or Ed25519 public key")]
    NotAKey(String),
    /// It is the issuer's, and has no business here.
    #[error("auth.jwtPublicKeyFile: {0} holds a private key; the server needs the public key only")]
    PrivateKey(String),
    /// The algorithm is not the key's.
    #[error("auth.algorithm: {configured:?} does not go with the configured key, which is for {key:?}")]
    Algorithm {
        /// As configured.
        configured: Algorithm,
        /// As the key wants it.
        key: Algorithm,
    },
}

/// Bytes of an uncompressed P-256 point (SEC 1 §2.3.3).
const P256_POINT_LEN: usize = 65;

/// The key and the one algorithm it is used with; `None` where no key is configured.
pub(super) fn load(auth: &Auth) -> Result<Option<(DecodingKey, JwtAlgorithm)>, KeyError> {
    let Some((key, algorithm)) = find(auth)? else { return Ok(None) };
    match auth.algorithm {
        Some(configured) if configured != algorithm => {
            Err(KeyError::Algorithm { configured, key: algorithm })
        }
        _ => Ok(Some((key, algorithm.into()))),
    }
}

fn find(auth: &Auth) -> Result<Option<(DecodingKey, Algorithm)>, KeyError> {
    const SECRET: &str = "auth.jwtSecret";
    const SECRET_FILE: &str = "auth.jwtSecretFile";
    const PUBLIC_KEY_FILE: &str = "auth.jwtPublicKeyFile";
    match (&auth.jwt_secret, &auth.jwt_secret_file, &auth.jwt_public_key_file) {
        (None, None, None) => Ok(None),
        (Some(secret), None, None) => from_secret(SECRET, secret.expose()).map(Some),
        (None, Some(path), None) => from_secret(SECRET_FILE, read(SECRET_FILE, path)?.trim()).map(Some),
        (None, None, Some(path)) => from_pem(path, &read(PUBLIC_KEY_FILE, path)?).map(Some),
        (Some(_), Some(_), _) => Err(KeyError::TwoKeys(SECRET, SECRET_FILE)),
        (Some(_), None, Some(_)) => Err(KeyError::TwoKeys(SECRET, PUBLIC_KEY_FILE)),
        (None, Some(_), Some(_)) => Err(KeyError::TwoKeys(SECRET_FILE, PUBLIC_KEY_FILE)),
    }
}

fn read(key: &'static str, path: &Path) -> Result<String, KeyError> {
    fs::read_to_string(path).map_err(|source| KeyError::Read {
        key,
        path: path.display().to_string(),
        source,
    })
}

fn from_secret(key: &'static str, secret: &str) -> Result<(DecodingKey, Algorithm), KeyError> {
    if secret.is_empty() {
        return Err(KeyError::Empty(key));
    }
    Ok((DecodingKey::from_secret(secret.as_bytes()), Algorithm::HS256))
}

fn from_pem(path: &Path, pem: &str) -> Result<(DecodingKey, Algorithm), KeyError> {
    let path = || path.display().to_string();
    if pem.contains("PRIVATE KEY-----") {
        return Err(KeyError::PrivateKey(path()));
    }
    let pem = pem.as_bytes();
    let is_p256 = |key: &DecodingKey| key.try_get_as_bytes().is_ok_and(|point| point.len() == P256_POINT_LEN);
    if let Ok(key) = DecodingKey::from_rsa_pem(pem) {
        Ok((key, Algorithm::RS256))
    } else if let Some(key) = DecodingKey::from_ec_pem(pem).ok().filter(is_p256) {
        Ok((key, Algorithm::ES256))
    } else if let Ok(key) = DecodingKey::from_ed_pem(pem) {
        Ok((key, Algorithm::EdDSA))
    } else {
        Err(KeyError::NotAKey(path()))
    }
}

impl From<Algorithm> for JwtAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::HS256 => Self::HS256,
            Algorithm::RS256 => Self::RS256,
            Algorithm::ES256 => Self::ES256,
            Algorithm::EdDSA => Self::EdDSA,
        }
    }
}
