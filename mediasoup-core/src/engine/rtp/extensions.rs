//! RTP header extensions (RFC 8285): which there are, and reading them in place.

/// The extensions the engine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extension {
    Mid,
    Rid,
    RepairedRid,
    AbsSendTime,
    TransportWideCc,
    AudioLevel,
    DependencyDescriptor,
    VideoOrientation,
    TimeOffset,
    AbsCaptureTime,
    PlayoutDelay,
}

/// Every extension with its URI.
const URIS: [(Extension, &str); 11] = [
    (Extension::Mid, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    (Extension::Rid, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
    (Extension::RepairedRid, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
    (Extension::AbsSendTime, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
    (Extension::TransportWideCc, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
    (Extension::AudioLevel, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
    (
        Extension::DependencyDescriptor,
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    ),
    (Extension::VideoOrientation, "urn:3gpp:video-orientation"),
    (Extension::TimeOffset, "urn:ietf:params:rtp-hdrext:toffset"),
    (Extension::AbsCaptureTime, "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"),
    (Extension::PlayoutDelay, "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"),
];

/// The extension a URI names, where the engine knows it.
fn id_of(uri: &str) -> Option<Extension> {
    URIS.iter().find(|(_, known)| *known == uri).map(|(extension, _)| *extension)
}

/// The ids one side of a stream uses on the wire; 0 is no id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExtensionIds([u8; URIS.len()]);

impl ExtensionIds {
    /// How many extensions there are.
    pub(crate) const LEN: usize = URIS.len();

    pub(crate) fn from_parameters(parameters: &[crate::media::rtp::RtpHeaderExtensionParameters]) -> Self {
        let mut ids = Self::default();
        for parameter in parameters {
            if let Some(extension) = id_of(&parameter.uri) {
                ids.0[extension as usize] = parameter.id;
            }
        }
        ids
    }

    pub(crate) fn id(&self, extension: Extension) -> Option<u8> {
        Some(self.0[extension as usize]).filter(|id| *id != 0)
    }

    /// Takes over every id that `newer` has.
    pub(crate) fn merge(&mut self, newer: &Self) {
        for (id, newer) in self.0.iter_mut().zip(newer.0) {
            if newer != 0 {
                *id = newer;
            }
        }
    }

    /// The extensions with their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Extension, u8)> + '_ {
        URIS.iter().map(|(extension, _)| *extension).zip(self.0).filter(|(_, id)| *id != 0)
    }
}

/// The extension block of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extensions<'a> {
    form: Form,
    body: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// RFC 8285 §4.2.
    OneByte,
    /// RFC 8285 §4.3.
    TwoByte,
    /// Another profile: nothing to be read.
    Other,
}

impl<'a> Extensions<'a> {
    pub(crate) const NONE: Self = Self { form: Form::Other, body: &[] };

    pub(super) fn new(profile: u16, body: &'a [u8]) -> Self {
        let form = match profile {
            0xBEDE => Form::OneByte,
            0x1000..=0x100F => Form::TwoByte,
            _ => Form::Other,
        };
        Self { form, body }
    }

    /// Ids and values, in order. Stops at what is malformed.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u8, &'a [u8])> {
        let mut rest = self.body;
        std::iter::from_fn(move || {
            loop {
                let (&first, tail) = rest.split_first()?;
                if first == 0 {
                    rest = tail;
                    continue;
                }
                let (id, len, tail) = match self.form {
                    Form::OneByte if first >> 4 == 15 => return None,
                    Form::OneByte => (first >> 4, usize::from(first & 0x0F) + 1, tail),
                    Form::TwoByte => {
                        let (&len, tail) = tail.split_first()?;
                        (first, usize::from(len), tail)
                    }
                    Form::Other => return None,
                };
                let (value, tail) = tail.split_at_checked(len)?;
                rest = tail;
                return Some((id, value));
            }
        })
    }

    /// The value of an extension, with the ids its sender uses.
    pub(crate) fn value(self, ids: &ExtensionIds, extension: Extension) -> Option<&'a [u8]> {
        let id = ids.id(extension)?;
        self.iter().find(|(found, _)| *found == id).map(|(_, value)| value)
    }

    /// The value as text (MID, RID).
    pub(crate) fn text(self, ids: &ExtensionIds, extension: Extension) -> Option<&'a str> {
        std::str::from_utf8(self.value(ids, extension)?).ok().filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_and_stops_at_nonsense() {
        let one = Extensions::new(0xBEDE, &[0x11, 1, 2, 0, 0x20, 3, 0xF0, 9]);
        assert_eq!(one.iter().collect::<Vec<_>>(), [(1, &[1, 2][..]), (2, &[3][..])]);
        let two = Extensions::new(0x1000, &[20, 2, 1, 2, 0, 30, 0, 40, 9, 1]);
        assert_eq!(two.iter().collect::<Vec<_>>(), [(20, &[1, 2][..]), (30, &[][..])]);
        assert_eq!(Extensions::new(0x1234, &[1, 2]).iter().count(), 0);
    }

    #[test]
    fn every_extension_has_its_own_place() {
        for (index, (extension, uri)) in URIS.iter().enumerate() {
            assert_eq!(*extension as usize, index);
            assert_eq!(id_of(uri), Some(*extension));
        }
    }
}
