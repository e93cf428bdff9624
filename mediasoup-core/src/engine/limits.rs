//! Bitrates that a transport's owner sets bounds to.

use std::time::Instant;

use super::{
    Engine,
    congestion::{BITRATE_MIN, Bounds},
};
use crate::{
    ids::TransportId,
    media::{error::TransportError, transport::OutgoingLimit},
};

impl Engine {
    /// The most the peer may send, bit/s; 0 or `None`: no limit.
    pub(crate) fn set_max_incoming_bitrate(
        &mut self,
        now: Instant,
        id: TransportId,
        bitrate: Option<u32>,
    ) -> Result<(), TransportError> {
        let key = self.transport_key(id)?;
        self.peers[key.0].remb.set_limit(now, bitrate.filter(|bitrate| *bitrate > 0));
        self.deadlines.sooner(key, now);
        Ok(())
    }

    pub(crate) fn set_outgoing_limit(
        &mut self,
        now: Instant,
        id: TransportId,
        limit: OutgoingLimit,
    ) -> Result<(), TransportError> {
        let key = self.transport_key(id)?;
        let congestion = &mut self.peers[key.0].egress.congestion;
        let bounds = limited(congestion.bounds(), limit)?;
        congestion.set_bounds(bounds);
        if self.peers[key.0].is_connected() {
            self.after_path_news(now, key);
        }
        Ok(())
    }
}

/// The bounds with one of them changed. Mediasoup's rules, in its words.
fn limited(bounds: Bounds, limit: OutgoingLimit) -> Result<Bounds, TransportError> {
    let must = |rule: String| TransportError::Invalid(format!("bitrate must be {rule} or 0 (unlimited)"));
    let (OutgoingLimit::Max(bitrate) | OutgoingLimit::Min(bitrate)) = limit;
    let Some(bitrate) = bitrate.filter(|bitrate| *bitrate > 0) else {
        return Ok(match limit {
            OutgoingLimit::Max(_) => Bounds { maximum: None, ..bounds },
            OutgoingLimit::Min(_) => Bounds { floor: None, ..bounds },
        });
    };
    if bitrate < BITRATE_MIN {
        return Err(must(format!(">= {BITRATE_MIN}")));
    }
    match (limit, bounds) {
        (OutgoingLimit::Max(_), Bounds { floor: Some(floor), .. }) if bitrate < floor => {
            Err(must(format!(">= current min outgoing bitrate ({floor})")))
        }
        (OutgoingLimit::Min(_), Bounds { maximum: Some(maximum), .. }) if bitrate > maximum => {
            Err(must(format!("<= current max outgoing bitrate ({maximum})")))
        }
        (OutgoingLimit::Max(_), _) => Ok(Bounds { maximum: Some(bitrate), ..bounds }),
        (OutgoingLimit::Min(_), _) => Ok(Bounds { floor: Some(bitrate), ..bounds }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OutgoingLimit::{Max, Min};

    fn after(limits: &[OutgoingLimit]) -> Result<(Option<u32>, Option<u32>), String> {
        let bounds = limits.iter().try_fold(Bounds::NONE, |bounds, limit| limited(bounds, *limit));
        bounds.map(|bounds| (bounds.floor, bounds.maximum)).map_err(|error| error.to_string())
    }

    #[test]
    fn outgoing_limits_follow_mediasoups_rules() {
        let refused = |text: &str| Err(format!("bitrate must be {text} or 0 (unlimited)"));
        let (low, high) = (Some(100_000), Some(200_000));
        assert_eq!(after(&[Max(high), Min(low)]), Ok((low, high)));
        assert_eq!(after(&[Max(high), Min(high)]), Ok((high, high)));
        assert_eq!(after(&[Min(high), Max(low)]), refused(">= current min outgoing bitrate (200000)"));
        assert_eq!(after(&[Max(low), Min(high)]), refused("<= current max outgoing bitrate (100000)"));
        assert_eq!(after(&[Max(low), Max(None), Min(high)]), Ok((high, None)));
        assert_eq!(after(&[Min(high), Min(Some(0)), Max(low)]), Ok((None, low)));
        assert_eq!(after(&[Max(Some(29_999))]), refused(">= 30000"));
        assert_eq!(after(&[Min(Some(1))]), refused(">= 30000"));
    }
}
