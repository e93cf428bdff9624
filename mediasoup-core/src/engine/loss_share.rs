//! Share of packets that were lost, lately.

/// An average over what messages of feedback tell, written or read.
#[derive(Debug, Default)]
pub(crate) struct LossShare(Option<f64>);

impl LossShare {
    /// Of the share so far, in one message's: ten messages make a second.
    const WEIGHT: f64 = 0.1;

    /// 0.0 (none) to 1.0 (all); `None` before the first message.
    pub(crate) fn get(&self) -> Option<f64> {
        self.0
    }

    /// A message tells of packets, some of which came. More than `expected` come where some are late: then none was lost.
    pub(crate) fn on_message(&mut self, expected: u64, received: usize) {
        if expected == 0 {
            return;
        }
        let lost = (1.0 - received as f64 / expected as f64).max(0.0);
        self.0 = Some(self.0.map_or(lost, |share| share + Self::WEIGHT * (lost - share)));
    }
}
