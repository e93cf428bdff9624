//! GStreamer and FFmpeg as programs of their own. They end with their handle.

use std::{io::Write, net::UdpSocket, process::Stdio, time::Duration};

use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

/// Of what is sent.
pub(crate) const SSRC: u32 = 2_222;

/// A port nobody has at the moment, and the one after it is free, too.
pub(crate) fn free_port() -> u16 {
    loop {
        let first = UdpSocket::bind(("127.0.0.1", 0)).expect("loopback has ports");
        let port = first.local_addr().expect("it is bound").port();
        if port.checked_add(1).is_some_and(|next| UdpSocket::bind(("127.0.0.1", next)).is_ok()) {
            return port;
        }
    }
}

/// A key of SRTP, as FFmpeg takes it.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    pub(crate) suite: &'a str,
    pub(crate) base64: &'a str,
}

/// Runs until its handle is dropped.
fn start(program: &str, arguments: &str) -> Child {
    let mut command = Command::new(program);
    command.args(arguments.split_whitespace()).stdin(Stdio::null()).stdout(Stdio::null());
    command.kill_on_drop(true).spawn().expect("it is installed")
}

/// Sends VP8 of [`SSRC`] as payload type 96, with a key frame every second, until it is dropped.
pub(crate) struct Sender {
    _program: Child,
}

impl Sender {
    pub(crate) fn gstreamer(port: u16) -> Self {
        let pipeline = format!(
            "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=20/1 \
             ! vp8enc deadline=1 keyframe-max-dist=20 ! rtpvp8pay ssrc={SSRC} pt=96 mtu=1200 \
             ! udpsink host=127.0.0.1 port={port}"
        );
        Self::pipeline(&pipeline)
    }

    /// Whatever a pipeline of GStreamer sends.
    pub(crate) fn pipeline(pipeline: &str) -> Self {
        Self { _program: start("gst-launch-1.0", &format!("-q {pipeline}")) }
    }

    /// With SRTP, RTCP to a port of its own.
    pub(crate) fn ffmpeg(port: u16, rtcp_port: u16, key: Key<'_>) -> Self {
        let Key { suite, base64 } = key;
        let arguments = format!(
            "-hide_banner -loglevel error -re -f lavfi -i testsrc=size=320x240:rate=20 -c:v libvpx -deadline realtime \
             -g 20 -ssrc {SSRC} -payload_type 96 -srtp_out_suite {suite} -srtp_out_params {base64} \
             -f rtp srtp://127.0.0.1:{port}?rtcpport={rtcp_port}&pkt_size=1200"
        );
        Self { _program: start("ffmpeg", &arguments) }
    }
}

/// Decodes what it gets, and ends well after so many frames.
pub(crate) struct Viewer {
    program: Child,
    _sdp: Option<NamedTempFile>,
}

impl Viewer {
    /// A pipeline of GStreamer that ends by itself.
    pub(crate) fn gstreamer(pipeline: &str) -> Self {
        Self { program: start("gst-launch-1.0", &format!("-q {pipeline}")), _sdp: None }
    }

    pub(crate) async fn succeeds_within(&mut self, patience: Duration) {
        let ended = tokio::time::timeout(patience, self.program.wait()).await;
        assert!(ended.expect("it decodes in time").expect("it was started").success());
    }
}

pub(crate) fn gstreamer_viewer(port: u16, payload_type: u8, frames: u32) -> Viewer {
    Viewer::gstreamer(&format!(
        "udpsrc port={port} address=127.0.0.1 \
         caps=application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload={payload_type} \
         ! rtpvp8depay ! vp8dec ! identity eos-after={frames} ! fakesink"
    ))
}

/// With SRTP; RTCP comes to the next port.
pub(crate) fn ffmpeg_viewer(port: u16, payload_type: u8, key: Key<'_>, frames: u32) -> Viewer {
    let Key { suite, base64 } = key;
    let mut sdp = NamedTempFile::with_suffix(".sdp").expect("a temporary file");
    let text = format!(
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/SAVP {payload_type}\n\
         a=rtpmap:{payload_type} VP8/90000\na=crypto:1 {suite} inline:{base64}\n"
    );
    sdp.write_all(text.as_bytes()).expect("a temporary file");
    let arguments = format!(
        "-hide_banner -loglevel error -protocol_whitelist file,udp,rtp,srtp,crypto -i {} -frames:v {frames} -f null -",
        sdp.path().display()
    );
    Viewer { program: start("ffmpeg", &arguments), _sdp: Some(sdp) }
}
