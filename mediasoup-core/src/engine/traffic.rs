//! What went over a transport, by what it is.

use std::time::Instant;

use super::rate::Rate;

/// Bytes, in all and lately.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) bytes: u64,
    rate: Rate,
}

impl Flow {
    fn new(now: Instant) -> Self {
        Self { bytes: 0, rate: Rate::new(now) }
    }

    pub(crate) fn add(&mut self, now: Instant, len: usize) {
        self.bytes += len as u64;
        self.rate.add(now, len);
    }

    /// bit/s.
    pub(crate) fn bitrate(&mut self, now: Instant) -> u64 {
        self.rate.bitrate(now)
    }
}

/// A transport's traffic. RTP is without RTX.
#[derive(Clone, Debug)]
pub(crate) struct Traffic {
    pub(crate) received: Flow,
    pub(crate) sent: Flow,
    pub(crate) rtp_received: Flow,
    pub(crate) rtp_sent: Flow,
    pub(crate) rtx_received: Flow,
    pub(crate) rtx_sent: Flow,
    /// Padding with which the path was probed.
    pub(crate) probation_sent: Flow,
    /// Packets thrown away.
    pub(crate) discarded: u64,
}

impl Traffic {
    pub(crate) fn new(now: Instant) -> Self {
        let flow = Flow::new(now);
        Self {
            received: flow.clone(),
            sent: flow.clone(),
            rtp_received: flow.clone(),
            rtp_sent: flow.clone(),
            rtx_received: flow.clone(),
            rtx_sent: flow.clone(),
            probation_sent: flow,
            discarded: 0,
        }
    }
}
