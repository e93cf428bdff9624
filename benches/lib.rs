//! Shared by the benches: how long they run, a track as browsers state it, what the system knows of a process, tables.

use std::{error::Error, time::Duration};

use criterion::Criterion;
use mediasoup_core::media::{
    options::ProducerOptions,
    rtp::{MediaKind, RtpParameters},
};
use serde_json::json;

pub mod cpu;
pub mod histogram;
pub mod peer;
pub mod process;
pub mod report;
pub mod socket;
pub mod stamp;
pub mod traffic;

/// What a measuring program says when it cannot go on is for people.
pub type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// Short enough that all benches together take a minute and a half.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2))
}

/// VP8 with RTX.
///
/// # Panics
/// Never.
#[must_use]
pub fn video_parameters() -> RtpParameters {
    serde_json::from_value(json!({
        "mid": "1",
        "codecs": [
            { "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000, "rtcpFeedback": [
                { "type": "nack" }, { "type": "nack", "parameter": "pli" }, { "type": "transport-cc" },
            ] },
            { "mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": { "apt": 96 } },
        ],
        "headerExtensions": [{ "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 4 }],
        "encodings": [{ "ssrc": 1111, "rtx": { "ssrc": 1112 } }],
    }))
    .expect("it is well-formed")
}

/// [`video_parameters`] to be produced.
#[must_use]
pub fn video_track() -> ProducerOptions {
    ProducerOptions::new(MediaKind::Video, video_parameters())
}
