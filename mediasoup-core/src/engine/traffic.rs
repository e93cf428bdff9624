//! What went over a transport, by what it is.

use std::time::Instant;

use super::meter::Meter;

/// A transport's traffic. RTP is without RTX.
#[derive(Clone, Debug)]
pub(crate) struct Traffic {
    pub(crate) received: Meter,
    pub(crate) sent: Meter,
    pub(crate) rtp_received: Meter,
    pub(crate) rtp_sent: Meter,
    pub(crate) rtx_received: Meter,
    pub(crate) rtx_sent: Meter,
    /// Padding with which the path was probed.
    pub(crate) probation_sent: Meter,
    /// Packets thrown away.
    pub(crate) discarded: u64,
}

impl Traffic {
    pub(crate) fn new(now: Instant) -> Self {
        let none = Meter::new(now);
        Self {
            received: none.clone(),
            sent: none.clone(),
            rtp_received: none.clone(),
            rtp_sent: none.clone(),
            rtx_received: none.clone(),
            rtx_sent: none.clone(),
            probation_sent: none,
            discarded: 0,
        }
    }
}
