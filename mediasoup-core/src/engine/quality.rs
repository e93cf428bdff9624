//! Scores of streams, 0 to 10, with mediasoup's formula.

use std::time::{Duration, Instant};

/// A stream that is silent for this long counts as dead.
const INACTIVITY: Duration = Duration::from_millis(1_500);

/// Quality of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    value: u8,
    last_packet: Option<Instant>,
}

impl Score {
    pub(crate) fn value(self) -> u8 {
        self.value
    }

    /// A packet of the stream came or went; the first makes a full score.
    pub(crate) fn on_packet(&mut self, now: Instant) {
        if self.value == 0 {
            self.value = 10;
        }
        self.last_packet = Some(now);
    }

    /// A reporting interval is over, with this loss in 1/256.
    pub(crate) fn on_report(&mut self, now: Instant, fraction_lost: u8) {
        let silent = self.last_packet.is_none_or(|at| now.saturating_duration_since(at) > INACTIVITY);
        let delivered = 1.0 - f64::from(fraction_lost) / 256.0;
        self.value = if silent { 0 } else { ((delivered.powi(4) * 10.0).round() as u8).max(1) };
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use super::*;

    #[test]
    fn falls_with_loss_and_dies_with_silence() {
        let now = Instant::now();
        let mut score = Score::default();
        assert_eq!(score.value(), 0);
        score.on_packet(now);
        assert_eq!(score.value(), 10);
        for (fraction_lost, expected) in [(0, 10), (26, 7), (128, 1), (255, 1)] {
            score.on_report(now, fraction_lost);
            assert_eq!(score.value(), expected, "{fraction_lost}");
        }
        score.on_report(now + Duration::from_secs(2), 0);
        assert_eq!(score.value(), 0);
    }
}
