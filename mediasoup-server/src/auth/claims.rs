//! The claims of a token, parsed into an identity.

use mediasoup_core::ids::NAME_LEN_MAX;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{AuthError, Identity};

/// As they came; `null` counts as absent. The signature is checked before any of them is looked at.
#[derive(Deserialize)]
pub(super) struct Claims {
    #[serde(default)]
    sub: Value,
    #[serde(default)]
    name: Value,
    #[serde(default)]
    role: Value,
    #[serde(default)]
    rooms: Value,
}

impl TryFrom<Claims> for Identity {
    type Error = AuthError;

    fn try_from(claims: Claims) -> Result<Self, AuthError> {
        let name: Option<String> = parse("name", claims.name)?;
        Ok(Self {
            subject: parse("sub", claims.sub)?,
            name: name.map(|name| name.chars().take(NAME_LEN_MAX).collect()),
            role: parse::<Option<_>>("role", claims.role)?.unwrap_or_default(),
            rooms: parse("rooms", claims.rooms)?,
        })
    }
}

fn parse<T: DeserializeOwned>(claim: &'static str, value: Value) -> Result<T, AuthError> {
    serde_json::from_value(value).map_err(|_| AuthError::Claim(claim))
}
