//! STUN and TURN servers, as clients get them.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use mediasoup_core::ids::ParticipantId;
use serde::Serialize;

use crate::config::{Ice, IceServer, Turn};

/// A server as browsers take it (`RTCIceServer`), with its credential in the clear: for the wire only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ClientIceServer {
    urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

/// What one participant is given: the configured servers, and its own credentials for the TURN server
/// that shares a secret with us.
#[must_use]
pub fn servers_for(ice: &Ice, participant: &ParticipantId, now: SystemTime) -> Vec<ClientIceServer> {
    ice.servers.iter().map(ClientIceServer::from).chain(ephemeral(&ice.turn, participant, now)).collect()
}

impl From<&IceServer> for ClientIceServer {
    fn from(server: &IceServer) -> Self {
        Self {
            urls: server.urls.clone(),
            username: server.username.clone(),
            credential: server.credential.as_ref().map(|credential| credential.expose().to_owned()),
        }
    }
}

/// Credentials that expire (draft-uberti-behave-turn-rest-00 §2.2).
fn ephemeral(turn: &Turn, participant: &ParticipantId, now: SystemTime) -> Option<ClientIceServer> {
    let secret = turn.secret.as_ref().filter(|_| !turn.urls.is_empty())?;
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let username = format!("{}:{participant}", seconds + u64::from(turn.ttl.get()));
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose().as_bytes());
    let credential = BASE64_STANDARD.encode(hmac::sign(&key, username.as_bytes()));
    Some(ClientIceServer { urls: turn.urls.clone(), username: Some(username), credential: Some(credential) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn turn_credentials_are_the_servers_own_hmac() {
        let turn = Turn {
            urls: vec!["turn:turn.example.org:3478".to_owned()],
            secret: Some("north".to_owned().into()),
            ttl: 3600.try_into().unwrap(),
        };
        let ice = Ice { servers: Vec::new(), turn };
        let servers =
            servers_for(&ice, &"alice".parse().unwrap(), UNIX_EPOCH + Duration::from_secs(1_000_000));
        let json = serde_json::to_value(&servers).unwrap();
        assert_eq!(json[0]["username"], "1003600:alice");
        // printf 1003600:alice | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(json[0]["credential"], "udLEuyyDOwk3mLEbdxPxYtNXKVA=");
    }

    #[test]
    fn no_server_without_urls_or_without_secret() {
        let alice = "alice".parse().unwrap();
        assert!(servers_for(&Ice::default(), &alice, UNIX_EPOCH).is_empty());
        let urls = vec!["turn:turn.example.org".to_owned()];
        let ice = Ice { turn: Turn { urls, ..Turn::default() }, ..Ice::default() };
        assert!(servers_for(&ice, &alice, UNIX_EPOCH).is_empty());
    }
}
