//! The way of packets.

use rand::{RngExt, rngs::StdRng};

/// The way of a stream's packets from sender to server. Times are in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Network {
    /// Of every packet.
    pub delay: f64,
    /// Of some packets, at most, beside that. Packets do not overtake each other.
    pub jitter: f64,
    /// What is lost.
    pub loss: Loss,
}

impl Network {
    /// At once, and everything.
    pub const PERFECT: Self = Self { delay: 0.0, jitter: 0.0, loss: Loss::None };
}

/// Packets that do not arrive the first time.
#[derive(Clone, Copy, Debug, Default)]
pub enum Loss {
    /// None.
    #[default]
    None,
    /// A share of the packets comes up to so many seconds later: sent again.
    Repaired {
        /// 0 to 1.
        share: f64,
        /// Seconds.
        within: f64,
    },
    /// A share of the packets never comes.
    Lost {
        /// 0 to 1.
        share: f64,
    },
    /// Of each loop of the clip, this frame never comes.
    Frame(usize),
}

/// A stream's packets under way.
pub(super) struct Way {
    network: Network,
    last: f64,
}

impl Way {
    pub(super) fn new(network: Network) -> Self {
        Self { network, last: 0.0 }
    }

    /// When a packet of a frame of the clip that is sent now arrives; `None`: never.
    pub(super) fn arrival(&mut self, random: &mut StdRng, sent: f64, frame: usize) -> Option<f64> {
        let delayed = sent + self.network.delay + self.network.jitter * random.random_range(0.0..=1.0);
        self.last = self.last.max(delayed);
        match self.network.loss {
            Loss::Repaired { share, within } if random.random_bool(share) => {
                Some(self.last + random.random_range(0.02..=within))
            }
            Loss::Lost { share } if random.random_bool(share) => None,
            Loss::Frame(lost) if lost == frame => None,
            _ => Some(self.last),
        }
    }
}
