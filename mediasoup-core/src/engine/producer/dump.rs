//! What a producer is right now.

use super::Producer;
use crate::media::{
    dump::{ProducerState, RtpStreamDump, RtpStreamParameters},
    rtp::{EncodingMapping, RtpMapping},
};

impl Producer {
    pub(crate) fn state(&self) -> ProducerState {
        let encodings = self.encodings.iter().zip(&self.mapped_ssrcs).map(|(encoding, mapped_ssrc)| {
            EncodingMapping { rid: encoding.rid.clone(), ssrc: encoding.ssrc, mapped_ssrc: *mapped_ssrc }
        });
        let layering = self.layering.of_stream();
        let streams = self.streams.iter().enumerate().filter_map(|(encoding_idx, stream)| {
            let stream = stream.as_ref()?;
            let params = stream.codec.stream_parameters(stream.ssrc, stream.rtx_ssrc, layering);
            let params = RtpStreamParameters { encoding_idx, rid: stream.rid.clone(), ..params };
            Some(RtpStreamDump { params, score: stream.score.value() })
        });
        ProducerState {
            rtp_mapping: RtpMapping { codecs: self.codecs.clone(), encodings: encodings.collect() },
            rtp_streams: streams.collect(),
            trace_event_types: self.traces.types(),
            paused: self.paused,
        }
    }
}
