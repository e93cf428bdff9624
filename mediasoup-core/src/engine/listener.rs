//! Which producer and stream a packet belongs to (RFC 8843 §9.2): by SSRC, else by MID and RID, once.

use std::collections::BTreeMap;

use super::{
    keys::ProducerKey,
    rtp::{Extension, ExtensionIds, RtpPacket},
};
use crate::{
    ids::ProducerId,
    media::{
        dump::{Row, RtpListenerDump},
        error::ProduceError,
        rtp::RtpParameters,
    },
};

/// Where a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) producer: ProducerKey,
    /// Index of the encoding.
    pub(crate) encoding: usize,
    /// It repairs that encoding's stream.
    pub(crate) is_rtx: bool,
}

/// A producer's streams, as far as they are told apart by something else than SSRC.
#[derive(Debug)]
struct Announced {
    producer: ProducerKey,
    mid: Option<String>,
    /// RID of each encoding.
    rids: Vec<Option<String>>,
    media_payload_types: Vec<u8>,
    rtx_payload_types: Vec<u8>,
    /// Streams whose SSRC is not known yet, media and RTX, by encoding.
    awaited: Vec<[bool; 2]>,
}

/// The table of one transport. Bounded by its producers: each encoding has one media and one RTX stream.
#[derive(Debug, Default)]
pub(crate) struct Listener {
    by_ssrc: BTreeMap<u32, Route>,
    announced: Vec<Announced>,
}

impl Listener {
    /// See [`Peer::touch`](super::peer::Peer::touch).
    pub(crate) fn touch(&self) -> u64 {
        self.by_ssrc.first_key_value().map_or(0, |(ssrc, _)| u64::from(*ssrc))
    }

    /// Adds a producer's streams.
    ///
    /// # Errors
    /// A MID, SSRC or RID in use; then nothing was added.
    pub(crate) fn add(
        &mut self,
        producer: ProducerKey,
        parameters: &RtpParameters,
    ) -> Result<(), ProduceError> {
        self.check(parameters)?;
        let is_rtx = |mime_type: &str| mime_type.to_ascii_lowercase().ends_with("/rtx");
        let payload_types = |rtx: bool| {
            let codecs = parameters.codecs.iter().filter(move |codec| is_rtx(&codec.mime_type) == rtx);
            codecs.map(|codec| codec.payload_type).collect::<Vec<_>>()
        };
        let rtx_payload_types = payload_types(true);
        let mut awaited = Vec::with_capacity(parameters.encodings.len());
        for (encoding, parameters) in parameters.encodings.iter().enumerate() {
            let route = |is_rtx| Route { producer, encoding, is_rtx };
            if let Some(ssrc) = parameters.ssrc {
                self.by_ssrc.insert(ssrc, route(false));
            }
            if let Some(rtx) = parameters.rtx {
                self.by_ssrc.insert(rtx.ssrc, route(true));
            }
            awaited
                .push([parameters.ssrc.is_none(), parameters.rtx.is_none() && !rtx_payload_types.is_empty()]);
        }
        self.announced.push(Announced {
            producer,
            mid: parameters.mid.clone().filter(|mid| !mid.is_empty()),
            rids: parameters.encodings.iter().map(|encoding| encoding.rid.clone()).collect(),
            media_payload_types: payload_types(false),
            rtx_payload_types,
            awaited,
        });
        Ok(())
    }

    fn check(&self, parameters: &RtpParameters) -> Result<(), ProduceError> {
        let mid = parameters.mid.as_ref().filter(|mid| !mid.is_empty());
        if let Some(mid) = mid
            && self.announced.iter().any(|announced| announced.mid.as_ref() == Some(mid))
        {
            return Err(ProduceError::DuplicateMid(mid.clone()));
        }
        let mut own = Vec::new();
        for encoding in &parameters.encodings {
            for ssrc in encoding.ssrc.into_iter().chain(encoding.rtx.map(|rtx| rtx.ssrc)) {
                if self.by_ssrc.contains_key(&ssrc) || own.contains(&ssrc) {
                    return Err(ProduceError::DuplicateSsrc(ssrc));
                }
                own.push(ssrc);
            }
            if let Some(rid) = encoding.rid.as_ref().filter(|_| mid.is_none())
                && self
                    .announced
                    .iter()
                    .any(|announced| announced.rids.iter().flatten().any(|known| known == rid))
            {
                return Err(ProduceError::DuplicateRid(rid.clone()));
            }
        }
        Ok(())
    }

    /// The tables, under the producers' ids.
    pub(crate) fn dump(&self, id_of: impl Fn(ProducerKey) -> ProducerId) -> RtpListenerDump {
        let by_name = |names: fn(&Announced) -> Vec<String>| {
            let announced = self.announced.iter();
            let rows = announced.flat_map(|it| names(it).into_iter().map(|key| (key, it.producer)));
            rows.map(|(key, producer)| Row { key, value: id_of(producer) }).collect()
        };
        let by_ssrc =
            self.by_ssrc.iter().map(|(ssrc, route)| Row { key: *ssrc, value: id_of(route.producer) });
        RtpListenerDump {
            ssrc_table: by_ssrc.collect(),
            mid_table: by_name(|announced| announced.mid.iter().cloned().collect()),
            rid_table: by_name(|announced| announced.rids.iter().flatten().cloned().collect()),
        }
    }

    pub(crate) fn remove(&mut self, producer: ProducerKey) {
        self.by_ssrc.retain(|_, route| route.producer != producer);
        self.announced.retain(|announced| announced.producer != producer);
    }

    /// Finds a packet's stream; learns its SSRC where MID or RID tell.
    pub(crate) fn route(&mut self, packet: &RtpPacket<'_>, ids: &ExtensionIds) -> Option<Route> {
        if let Some(route) = self.by_ssrc.get(&packet.ssrc) {
            return Some(*route);
        }
        let mid = packet.extensions.text(ids, Extension::Mid);
        let rid = packet.extensions.text(ids, Extension::Rid);
        let repaired_rid = packet.extensions.text(ids, Extension::RepairedRid);
        let announced = self.announced.iter_mut().find(|announced| match (mid, &announced.mid) {
            (Some(mid), Some(known)) => mid == known,
            (Some(_), None) => false,
            (None, _) => rid
                .or(repaired_rid)
                .is_some_and(|rid| announced.rids.iter().any(|known| known.as_deref() == Some(rid))),
        })?;
        let is_rtx = announced.rtx_payload_types.contains(&packet.payload_type);
        if !is_rtx && !announced.media_payload_types.contains(&packet.payload_type) {
            return None;
        }
        let rid = if is_rtx { repaired_rid.or(rid) } else { rid };
        let encoding = match (rid, announced.rids.as_slice()) {
            (Some(rid), rids) => rids.iter().position(|known| known.as_deref() == Some(rid))?,
            (None, [_]) => 0,
            (None, _) => return None,
        };
        let awaited = announced.awaited.get_mut(encoding)?.get_mut(usize::from(is_rtx))?;
        if !std::mem::take(awaited) {
            return None; // the stream has its SSRC: this one is not of the producer
        }
        let route = Route { producer: announced.producer, encoding, is_rtx };
        self.by_ssrc.insert(packet.ssrc, route);
        Some(route)
    }

    /// The stream with this SSRC, where it is known.
    pub(crate) fn find(&self, ssrc: u32) -> Option<Route> {
        self.by_ssrc.get(&ssrc).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::rtp::{ExtensionValue, Header, write_packet},
        media::rtp::{RtpCodecParameters, RtpEncodingParameters, RtpHeaderExtensionParameters, RtxEncoding},
    };

    fn codec(mime_type: &str, payload_type: u8) -> RtpCodecParameters {
        RtpCodecParameters {
            mime_type: mime_type.into(),
            payload_type,
            clock_rate: 90_000,
            channels: None,
            parameters: Default::default(),
            rtcp_feedback: vec![],
        }
    }

    fn parameters(mid: Option<&str>, encodings: Vec<RtpEncodingParameters>) -> RtpParameters {
        RtpParameters {
            mid: mid.map(Into::into),
            codecs: vec![codec("video/VP8", 96), codec("video/rtx", 97)],
            encodings,
            ..RtpParameters::default()
        }
    }

    fn by_ssrc(ssrc: u32, rtx: u32) -> RtpEncodingParameters {
        RtpEncodingParameters { ssrc: Some(ssrc), rtx: Some(RtxEncoding { ssrc: rtx }), ..Default::default() }
    }

    fn by_rid(rid: &str) -> RtpEncodingParameters {
        RtpEncodingParameters { rid: Some(rid.into()), ..Default::default() }
    }

    fn ids() -> ExtensionIds {
        let uris = [(1, "sdes:mid"), (2, "sdes:rtp-stream-id"), (3, "sdes:repaired-rtp-stream-id")];
        let parameters: Vec<_> = uris
            .map(|(id, name)| RtpHeaderExtensionParameters {
                uri: format!("urn:ietf:params:rtp-hdrext:{name}"),
                id,
                encrypt: false,
                parameters: Default::default(),
            })
            .into();
        ExtensionIds::from_parameters(&parameters)
    }

    fn route(
        listener: &mut Listener,
        ssrc: u32,
        payload_type: u8,
        extensions: &[(u8, &str)],
    ) -> Option<(usize, usize, bool)> {
        let mut bytes = Vec::new();
        let header = Header { marker: false, payload_type, sequence_number: 1, timestamp: 1, ssrc };
        let extensions: Vec<_> = extensions
            .iter()
            .map(|(id, value)| ExtensionValue { id: *id, value: value.as_bytes() })
            .collect();
        write_packet(&mut bytes, &header, &extensions, &[b"x"]);
        let packet = RtpPacket::parse(&bytes).unwrap();
        listener.route(&packet, &ids()).map(|route| (route.producer.0, route.encoding, route.is_rtx))
    }

    #[test]
    fn known_ssrcs_need_nothing_else() {
        let mut listener = Listener::default();
        listener.add(ProducerKey(7), &parameters(None, vec![by_ssrc(1, 2)])).unwrap();
        assert_eq!(route(&mut listener, 1, 96, &[]), Some((7, 0, false)));
        assert_eq!(route(&mut listener, 2, 97, &[]), Some((7, 0, true)));
        assert_eq!(route(&mut listener, 3, 96, &[]), None);
    }

    #[test]
    fn learns_simulcast_streams_from_rids_once() {
        let mut listener = Listener::default();
        listener.add(ProducerKey(1), &parameters(Some("0"), vec![by_rid("r0"), by_rid("r1")])).unwrap();
        assert_eq!(route(&mut listener, 10, 96, &[(1, "0"), (2, "r1")]), Some((1, 1, false)));
        assert_eq!(route(&mut listener, 11, 97, &[(1, "0"), (3, "r1")]), Some((1, 1, true)));
        assert_eq!(route(&mut listener, 10, 96, &[]), Some((1, 1, false)), "learnt");
        assert_eq!(route(&mut listener, 12, 96, &[(1, "0"), (2, "r1")]), None, "taken");
        assert_eq!(route(&mut listener, 12, 96, &[(1, "0"), (2, "r9")]), None, "unknown RID");
        assert_eq!(route(&mut listener, 12, 55, &[(1, "0"), (2, "r0")]), None, "unknown payload type");
        listener.remove(ProducerKey(1));
        assert_eq!(route(&mut listener, 10, 96, &[]), None);
    }

    #[test]
    fn learns_a_single_stream_from_its_mid() {
        let mut listener = Listener::default();
        listener.add(ProducerKey(1), &parameters(Some("a"), vec![RtpEncodingParameters::default()])).unwrap();
        assert_eq!(route(&mut listener, 5, 96, &[(1, "b")]), None);
        assert_eq!(route(&mut listener, 5, 96, &[(1, "a")]), Some((1, 0, false)));
    }

    #[test]
    fn duplicates_are_refused_and_change_nothing() {
        let mut listener = Listener::default();
        listener.add(ProducerKey(1), &parameters(Some("a"), vec![by_ssrc(1, 2)])).unwrap();
        let refuse =
            |listener: &mut Listener, parameters| listener.add(ProducerKey(2), &parameters).unwrap_err();
        assert!(matches!(
            refuse(&mut listener, parameters(Some("a"), vec![by_ssrc(8, 9)])),
            ProduceError::DuplicateMid(_)
        ));
        assert!(matches!(
            refuse(&mut listener, parameters(None, vec![by_ssrc(8, 1)])),
            ProduceError::DuplicateSsrc(1)
        ));
        assert!(matches!(
            refuse(&mut listener, parameters(None, vec![by_ssrc(8, 8)])),
            ProduceError::DuplicateSsrc(8)
        ));
        assert_eq!(route(&mut listener, 8, 96, &[]), None);
        listener.add(ProducerKey(3), &parameters(None, vec![by_rid("r0")])).unwrap();
        assert!(matches!(
            refuse(&mut listener, parameters(None, vec![by_rid("r0")])),
            ProduceError::DuplicateRid(_)
        ));
    }
}
