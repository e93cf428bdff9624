//! From configuration to what the core takes.

use std::time::Duration;

use mediasoup_core::{
    media::options::{ListenAddress, RouterOptions, WebRtcTransportOptions, WorkerOptions},
    recording::{AudioSettings, RecordingsOptions, Settings, VideoSettings},
    room::RoomOptions,
};

use super::{Config, ListenIp, Recording, Room, Router, WebRtcTransport};

impl Config {
    /// Options of the workers. Unspecified addresses without an announced one are announced as they are:
    /// resolve them first.
    #[must_use]
    pub fn worker_options(&self) -> WorkerOptions {
        let mut options = WorkerOptions::default();
        options.listen = self.web_rtc_transport.listen_ips.iter().map(ListenAddress::from).collect();
        options.ports = self.worker.rtc_min_port..=self.worker.rtc_max_port;
        options.enable_tcp = self.web_rtc_transport.enable_tcp;
        options
    }
}

impl From<&ListenIp> for ListenAddress {
    fn from(listen: &ListenIp) -> Self {
        Self {
            ip: listen.ip,
            announced: listen.announced_ip.clone(),
            expose_internal_ip: listen.expose_internal_ip,
        }
    }
}

impl From<&Router> for RouterOptions {
    fn from(router: &Router) -> Self {
        Self::new(router.media_codecs.iter().map(Into::into).collect())
    }
}

impl From<&WebRtcTransport> for WebRtcTransportOptions {
    fn from(transport: &WebRtcTransport) -> Self {
        let mut options = Self::default();
        options.enable_udp = transport.enable_udp;
        options.enable_tcp = transport.enable_tcp;
        options.initial_available_outgoing_bitrate = transport.initial_available_outgoing_bitrate.get();
        options.minimum_available_outgoing_bitrate = transport.minimum_available_outgoing_bitrate;
        options.max_incoming_bitrate = transport.max_incoming_bitrate.map(std::num::NonZeroU32::get);
        options
    }
}

impl From<&Room> for RoomOptions {
    fn from(room: &Room) -> Self {
        Self {
            max_participants: room.max_participants.get(),
            enable_recording: room.enable_recording,
            timeout: room.timeout,
        }
    }
}

impl From<&Recording> for RecordingsOptions {
    fn from(recording: &Recording) -> Self {
        let mut options = Self::new(recording.output_dir.clone());
        options.defaults = recording.into();
        options.disk_reserve = recording.min_free_space;
        options.max_age = recording.max_age.map(|seconds| Duration::from_secs(seconds.get().into()));
        options.max_total_size = recording.max_total_size.map(std::num::NonZeroU64::get);
        options.composers = recording.composers.map_or_else(two_for_each_core, usize::from);
        options
    }
}

/// Following a call of two takes a good third of a core.
fn two_for_each_core() -> usize {
    2 * std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}

impl From<&Recording> for Settings {
    /// What a recording is like where its options say nothing.
    fn from(recording: &Recording) -> Self {
        let Recording { audio, video, format, layout, tracks, .. } = recording;
        Self {
            audio: AudioSettings {
                codec: audio.codec,
                bitrate: audio.bitrate.into(),
                sample_rate: audio.sample_rate.get(),
                channels: audio.channels,
            },
            video: VideoSettings {
                codec: video.codec,
                bitrate: video.bitrate.into(),
                framerate: video.framerate.get(),
                resolution: video.resolution,
            },
            format: *format,
            layout: *layout,
            tracks: *tracks,
        }
    }
}
