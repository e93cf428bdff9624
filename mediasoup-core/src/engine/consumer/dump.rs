//! What a consumer is right now.

use super::{Consumer, Flow};
use crate::{
    engine::layer::Layer,
    media::dump::{ConsumerState, LayersDump, RtpStreamDump},
};

impl Consumer {
    pub(crate) fn state(&self, producer_paused: bool) -> ConsumerState {
        let layering = self.layers.layering();
        let params = self.codec.stream_parameters(self.ssrc, self.rtx_ssrc(), layering);
        ConsumerState {
            supported_codec_payload_types: self.payload_types.clone(),
            trace_event_types: self.traces.types(),
            paused: self.is_paused(),
            producer_paused,
            priority: self.priority.get(),
            rtp_stream: RtpStreamDump { params, score: self.reports.score.value() },
            layers: layering.is_choice().then(|| self.dump_layers()),
        }
    }

    fn dump_layers(&self) -> LayersDump {
        let current = self.forwarded_layers();
        let current = Layer::new(current.spatial_layer, current.temporal_layer.unwrap_or_default());
        let current = Some(current).filter(|_| self.flow == Flow::Flowing);
        let [preferred, target, current] =
            [Some(self.layers.preferred()), self.layers.target(), current].map(numbers);
        LayersDump {
            preferred_spatial_layer: preferred.0,
            preferred_temporal_layer: preferred.1,
            target_spatial_layer: target.0,
            target_temporal_layer: target.1,
            current_spatial_layer: current.0,
            current_temporal_layer: current.1,
        }
    }
}

/// As mediasoup tells them.
fn numbers(layer: Option<Layer>) -> (i8, i8) {
    layer.map_or((-1, -1), |layer| (layer.spatial.cast_signed(), layer.temporal.cast_signed()))
}
