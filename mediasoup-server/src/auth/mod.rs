//! Who a token belongs to, and what that one may do.

mod claims;
mod identity;
mod key;
#[cfg(test)]
mod tests;

use std::fmt;

pub use identity::{Identity, Role};
use jsonwebtoken::{DecodingKey, Validation, errors::ErrorKind};
pub use key::KeyError;

use crate::config::Auth;

/// Why a token was not accepted. The texts go to the client; none carries any of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// None was given.
    #[error("Token required")]
    Missing,
    /// Longer than [`TOKEN_LEN_MAX`].
    #[error("Token too long")]
    TooLong,
    /// `exp` has passed.
    #[error("Token expired")]
    Expired,
    /// `nbf` is to come.
    #[error("Token not valid yet")]
    NotYetValid,
    /// Wrong algorithm, wrong key, altered, or no JWT at all.
    #[error("Invalid token")]
    Invalid,
    /// Signed by our key, but a claim is missing or makes no sense.
    #[error("Invalid token: claim {0}")]
    Claim(&'static str),
}

/// Longest token looked at, in bytes.
pub const TOKEN_LEN_MAX: usize = 8 * 1024;

/// How far the clocks of issuer and server may be apart, in seconds.
const LEEWAY_S: u64 = 60;

/// Tells whose a token is.
pub struct Authenticator {
    /// `None`: everyone is admin.
    verifier: Option<Verifier>,
}

struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Authenticator {
    /// Everyone is admin, with or without a token.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { verifier: None }
    }

    /// Reads the configured key; anonymous where there is none.
    ///
    /// # Errors
    /// The key cannot be read, or is none, or does not go with the configured algorithm.
    pub fn from_config(auth: &Auth) -> Result<Self, KeyError> {
        let Some((key, algorithm)) = key::load(auth)? else { return Ok(Self::anonymous()) };
        let mut validation = Validation::new(algorithm);
        let mut required = vec!["exp"];
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        validation.validate_aud = auth.audience.is_some();
        if let Some(audience) = &auth.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        if let Some(issuer) = &auth.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        Ok(Self { verifier: Some(Verifier { key, validation }) })
    }

    /// Whether everyone is admin.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        self.verifier.is_none()
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// [`AuthError`]; never in anonymous mode.
    pub fn authenticate(&self, token: Option<&str>) -> Result<Identity, AuthError> {
        let Some(verifier) = &self.verifier else { return Ok(Identity::anonymous()) };
        let token = token.filter(|token| !token.is_empty()).ok_or(AuthError::Missing)?;
        if token.len() > TOKEN_LEN_MAX {
            return Err(AuthError::TooLong);
        }
        let data = jsonwebtoken::decode::<claims::Claims>(token, &verifier.key, &verifier.validation)
            .map_err(|error| AuthError::from(error.kind()))?;
        data.claims.try_into()
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("anonymous", &self.is_anonymous()).finish_non_exhaustive()
    }
}

impl From<&ErrorKind> for AuthError {
    fn from(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::ExpiredSignature => Self::Expired,
            ErrorKind::ImmatureSignature => Self::NotYetValid,
            ErrorKind::InvalidAudience => Self::Claim("aud"),
            ErrorKind::InvalidIssuer => Self::Claim("iss"),
            ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => {
                Self::Claim(match claim.as_str() {
                    "aud" => "aud",
                    "iss" => "iss",
                    "nbf" => "nbf",
                    _ => "exp",
                })
            }
            _ => Self::Invalid,
        }
    }
}
