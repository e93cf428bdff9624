//! This side's ORTC parameters, read out of the description the peer connection wrote.

use std::{collections::BTreeMap, str::FromStr};

use mediasoup_core::media::{
    rtp::{
        RtcpFeedback, RtcpParameters, RtpCodecParameters, RtpEncodingParameters,
        RtpHeaderExtensionParameters, RtpParameters, RtxEncoding,
    },
    transport::{DtlsFingerprint, DtlsParameters, DtlsRole, FingerprintAlgorithm},
};
use rtc::sdp::{MediaDescription, SessionDescription};

use super::fmtp;
use crate::client::ClientError;

/// The certificate fingerprints of the session, with the role this side takes.
pub(in crate::client) fn dtls_parameters(
    session: &SessionDescription,
    role: DtlsRole,
) -> Result<DtlsParameters, ClientError> {
    let of_session = session.attributes.iter();
    let of_media = session.media_descriptions.iter().flat_map(|media| &media.attributes);
    let value = of_session
        .chain(of_media)
        .find(|attribute| attribute.key == "fingerprint")
        .and_then(|attribute| attribute.value.as_deref())
        .ok_or(ClientError::Malformed("local description: no fingerprint"))?;
    let (algorithm, value) =
        value.split_once(' ').ok_or(ClientError::Malformed("local description: fingerprint"))?;
    let fingerprint = DtlsFingerprint { algorithm: algorithm_named(algorithm)?, value: value.to_owned() };
    Ok(DtlsParameters { role, fingerprints: vec![fingerprint] })
}

fn algorithm_named(name: &str) -> Result<FingerprintAlgorithm, ClientError> {
    Ok(serde_json::from_value(name.to_ascii_lowercase().into())?)
}

/// What is sent in the section at `index`, with its mid.
///
/// Codecs and header extensions are those the section offers: the caller keeps what the room knows.
pub(in crate::client) fn sent_parameters(
    session: &SessionDescription,
    index: usize,
) -> Result<(String, RtpParameters), ClientError> {
    let media = session
        .media_descriptions
        .get(index)
        .ok_or(ClientError::Malformed("local description: too few media sections"))?;
    let mid = values(media, "mid").next().ok_or(ClientError::Malformed("local description: no mid"))?;
    let parameters = RtpParameters {
        mid: Some(mid.to_owned()),
        codecs: codecs(media),
        header_extensions: values(media, "extmap").filter_map(header_extension).collect(),
        encodings: vec![encoding(media)?],
        rtcp: RtcpParameters {
            cname: values(media, "ssrc").find_map(|value| Some(value.split_once("cname:")?.1.to_owned())),
            reduced_size: Some(true),
            mux: None,
        },
        msid: values(media, "msid").next().map(str::to_owned),
    };
    Ok((mid.to_owned(), parameters))
}

/// The mid of the section of data channels.
pub(in crate::client) fn data_mid(session: &SessionDescription) -> Result<String, ClientError> {
    let media = session.media_descriptions.iter().find(|media| media.media_name.media == "application");
    let mid = media.and_then(|media| values(media, "mid").next());
    mid.map(str::to_owned).ok_or(ClientError::Malformed("local description: no data channels"))
}

fn values<'a>(media: &'a MediaDescription, key: &'a str) -> impl Iterator<Item = &'a str> {
    media.attributes.iter().filter(move |attribute| attribute.key == key).filter_map(|a| a.value.as_deref())
}

/// `rest` of those attributes whose value is `<payload type> <rest>`, in order.
fn by_payload_type<'a>(media: &'a MediaDescription, key: &'a str) -> impl Iterator<Item = (u8, &'a str)> {
    values(media, key).filter_map(|value| {
        let (payload_type, rest) = value.split_once(' ')?;
        Some((payload_type.parse().ok()?, rest))
    })
}

fn codecs(media: &MediaDescription) -> Vec<RtpCodecParameters> {
    let parameters: BTreeMap<u8, &str> = by_payload_type(media, "fmtp").collect();
    let codec = |(payload_type, map): (u8, &str)| {
        let mut parts = map.split('/');
        let (name, clock_rate) = (parts.next()?, parts.next()?.parse().ok()?);
        Some(RtpCodecParameters {
            mime_type: format!("{}/{name}", media.media_name.media),
            payload_type,
            clock_rate,
            channels: parts.next().and_then(|channels| channels.parse().ok()),
            parameters: parameters.get(&payload_type).copied().map(fmtp::read).unwrap_or_default(),
            rtcp_feedback: by_payload_type(media, "rtcp-fb")
                .filter(|(pt, _)| *pt == payload_type)
                .map(|(_, text)| feedback(text))
                .collect(),
        })
    };
    by_payload_type(media, "rtpmap").filter_map(codec).collect()
}

fn feedback(text: &str) -> RtcpFeedback {
    let (feedback, parameter) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    RtcpFeedback { feedback: feedback.to_owned(), parameter: parameter.to_owned() }
}

/// `<id>[/<direction>] <uri>` (RFC 8285 §5).
fn header_extension(text: &str) -> Option<RtpHeaderExtensionParameters> {
    let (id, uri) = text.split_once(' ')?;
    let id = id.split('/').next()?.parse().ok()?;
    Some(RtpHeaderExtensionParameters {
        uri: uri.to_owned(),
        id,
        encrypt: false,
        parameters: BTreeMap::new(),
    })
}

fn encoding(media: &MediaDescription) -> Result<RtpEncodingParameters, ClientError> {
    let mut repaired = values(media, "ssrc-group").filter_map(|group| {
        let mut ssrcs = group.strip_prefix("FID ")?.split_whitespace().map(u32::from_str);
        Some((ssrcs.next()?.ok()?, ssrcs.next()?.ok()?))
    });
    let (ssrc, rtx) = match repaired.next() {
        Some((ssrc, rtx_ssrc)) => (ssrc, Some(RtxEncoding { ssrc: rtx_ssrc })),
        None => {
            let first = values(media, "ssrc").find_map(|value| value.split(' ').next()?.parse().ok());
            (first.ok_or(ClientError::Malformed("local description: no ssrc"))?, None)
        }
    };
    Ok(RtpEncodingParameters { ssrc: Some(ssrc), rtx, ..Default::default() })
}
