//! STUN binding requests and their answers (RFC 8489, RFC 8445 §7): the only place that knows `rtc-stun`.

use std::net::SocketAddr;

use aws_lc_rs::hmac;
use rtc_stun::{
    attributes::{
        ATTR_FINGERPRINT, ATTR_ICE_CONTROLLED, ATTR_MESSAGE_INTEGRITY, ATTR_PRIORITY, ATTR_USE_CANDIDATE,
        ATTR_USERNAME, AttrType, RawAttribute,
    },
    error_code::{CODE_ROLE_CONFLICT, CODE_UNKNOWN_ATTRIBUTE},
    fingerprint::FINGERPRINT,
    message::{
        ATTRIBUTE_HEADER_SIZE, BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, MAGIC_COOKIE,
        MESSAGE_HEADER_SIZE, Message, Setter,
    },
    uattrs::UnknownAttributes,
    xoraddr::XorMappedAddress,
};

use crate::media::transport::IceParameters;

/// NOMINATION of draft-thatcher-ice-renomination, as assigned.
const ATTR_NOMINATION: AttrType = AttrType(0x0030);
/// The same as libwebrtc sends it.
const ATTR_GOOG_NOMINATION: AttrType = AttrType(0xC001);

const INTEGRITY_LEN: usize = 20;
/// Unknown attributes named in one refusal.
const MAX_UNKNOWN_NAMED: usize = 8;

/// Our username fragment and password, the latter as a key.
pub(super) struct Credentials {
    pub(super) parameters: IceParameters,
    key: hmac::Key,
}

impl Credentials {
    pub(super) fn new(parameters: IceParameters) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, parameters.password.as_bytes());
        Self { parameters, key }
    }
}

/// Whether, and how, a check asks for its tuple to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nomination {
    None,
    /// USE-CANDIDATE alone.
    Plain,
    /// NOMINATION: of several, the highest counts.
    Value(u32),
}

/// Why an authentic request is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 420: comprehension-required attributes we do not know.
    UnknownAttributes(Vec<u16>),
    /// 487: the peer wants to be controlled, and a lite agent cannot control.
    RoleConflict,
}

/// A well-formed binding request whose FINGERPRINT is right; not authenticated by that.
pub(super) struct BindingRequest {
    message: Message,
}

impl BindingRequest {
    pub(super) fn parse(datagram: &[u8]) -> Option<Self> {
        let declared = usize::from(u16::from_be_bytes([*datagram.get(2)?, *datagram.get(3)?]));
        // The two top bits are zero (RFC 8489 §5); `rtc-stun` would read the type without them.
        if datagram.len() != MESSAGE_HEADER_SIZE + declared || datagram[0] & 0xC0 != 0 {
            return None;
        }
        let mut message = Message::new();
        message.unmarshal_binary(datagram).ok()?;
        let fingerprinted = message.attributes.0.last()?.typ == ATTR_FINGERPRINT;
        (message.typ == BINDING_REQUEST && fingerprinted && FINGERPRINT.check(&message).is_ok())
            .then_some(Self { message })
    }

    /// Our half of USERNAME.
    pub(super) fn username_fragment(&self) -> Option<&str> {
        let username = self.attributes().find(|attribute| attribute.typ == ATTR_USERNAME)?;
        local_fragment(&username.value)
    }

    /// Whether MESSAGE-INTEGRITY was made with our password; compared in constant time.
    pub(super) fn is_signed_with(&self, credentials: &Credentials) -> bool {
        let attributes = &self.message.attributes.0;
        let Some(position) = attributes.iter().position(|it| it.typ == ATTR_MESSAGE_INTEGRITY) else {
            return false;
        };
        let covered = MESSAGE_HEADER_SIZE + attributes[..position].iter().map(encoded_len).sum::<usize>();
        let mut signed = self.message.raw[..covered].to_vec();
        // As if the message ended with MESSAGE-INTEGRITY (RFC 8489 §14.5).
        let length = covered + ATTRIBUTE_HEADER_SIZE + INTEGRITY_LEN - MESSAGE_HEADER_SIZE;
        let Ok(length) = u16::try_from(length) else { return false };
        signed[2..4].copy_from_slice(&length.to_be_bytes());
        hmac::verify(&credentials.key, &signed, &attributes[position].value).is_ok()
    }

    /// Whether an authentic request can be served.
    pub(super) fn check(&self) -> Result<Nomination, Refusal> {
        let mut nomination = Nomination::None;
        let mut unknown = Vec::new();
        for attribute in self.attributes() {
            match attribute.typ {
                ATTR_USE_CANDIDATE if nomination == Nomination::None => nomination = Nomination::Plain,
                ATTR_USERNAME | ATTR_PRIORITY | ATTR_USE_CANDIDATE => {}
                ATTR_NOMINATION | ATTR_GOOG_NOMINATION => {
                    if let Some(value) = attribute.value.first_chunk::<4>() {
                        nomination = Nomination::Value(u32::from_be_bytes(*value));
                    }
                }
                ATTR_ICE_CONTROLLED => return Err(Refusal::RoleConflict),
                other if other.required() && unknown.len() < MAX_UNKNOWN_NAMED => {
                    unknown.push(other.value());
                }
                _ => {}
            }
        }
        if unknown.is_empty() { Ok(nomination) } else { Err(Refusal::UnknownAttributes(unknown)) }
    }

    /// The success response, signed.
    pub(super) fn accept(&self, credentials: &Credentials, remote: SocketAddr) -> Option<Vec<u8>> {
        let address = XorMappedAddress { ip: remote.ip(), port: remote.port() };
        let mut answer = Message::new();
        answer
            .build(&[Box::new(BINDING_SUCCESS), Box::new(self.message.transaction_id), Box::new(address)])
            .ok()?;
        sign(answer, credentials)
    }

    /// The error response, signed.
    pub(super) fn refuse(&self, credentials: &Credentials, refusal: &Refusal) -> Option<Vec<u8>> {
        let mut answer = Message::new();
        answer.build(&[Box::new(BINDING_ERROR), Box::new(self.message.transaction_id)]).ok()?;
        match refusal {
            Refusal::UnknownAttributes(unknown) => {
                CODE_UNKNOWN_ATTRIBUTE.add_to(&mut answer).ok()?;
                let unknown = unknown.iter().copied().map(AttrType).collect();
                UnknownAttributes(unknown).add_to(&mut answer).ok()?;
            }
            Refusal::RoleConflict => CODE_ROLE_CONFLICT.add_to(&mut answer).ok()?,
        }
        sign(answer, credentials)
    }

    /// What MESSAGE-INTEGRITY covers. Whatever follows it anybody may have added (RFC 8489 §14.5).
    fn attributes(&self) -> impl Iterator<Item = &RawAttribute> {
        self.message.attributes.0.iter().take_while(|attribute| attribute.typ != ATTR_MESSAGE_INTEGRITY)
    }
}

/// Adds MESSAGE-INTEGRITY and FINGERPRINT.
pub(super) fn sign(mut message: Message, credentials: &Credentials) -> Option<Vec<u8>> {
    let added = u32::try_from(ATTRIBUTE_HEADER_SIZE + INTEGRITY_LEN).ok()?;
    message.length += added;
    message.write_length();
    let tag = hmac::sign(&credentials.key, &message.raw);
    message.length -= added;
    message.add(ATTR_MESSAGE_INTEGRITY, tag.as_ref());
    FINGERPRINT.add_to(&mut message).ok()?;
    Some(message.raw)
}

fn encoded_len(attribute: &RawAttribute) -> usize {
    ATTRIBUTE_HEADER_SIZE + attribute.value.len().next_multiple_of(4)
}

/// The part of USERNAME before the colon: the receiver's (RFC 8445 §7.2.2).
fn local_fragment(username: &[u8]) -> Option<&str> {
    let colon = username.iter().position(|byte| *byte == b':')?;
    std::str::from_utf8(&username[..colon]).ok()
}

/// See [`super::stun_username_fragment`]: for every datagram from a stranger, so without allocation.
pub(super) fn username_fragment(datagram: &[u8]) -> Option<&str> {
    let (header, mut attributes) = datagram.split_first_chunk::<MESSAGE_HEADER_SIZE>()?;
    let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    if word(0) != BINDING_REQUEST.value()
        || usize::from(word(2)) != attributes.len()
        || header[4..8] != MAGIC_COOKIE.to_be_bytes()
    {
        return None;
    }
    while let Some((head, rest)) = attributes.split_first_chunk::<ATTRIBUTE_HEADER_SIZE>() {
        let len = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = rest.get(..len)?;
        if u16::from_be_bytes([head[0], head[1]]) == ATTR_USERNAME.value() {
            return local_fragment(value);
        }
        attributes = rest.get(len.next_multiple_of(4)..)?;
    }
    None
}
