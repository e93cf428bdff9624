//! Clocks of a sender, none of which need be right.

/// A sender's clocks, as far as they are wrong, in parts per million.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clocks {
    /// The computer's, which sender reports and the timestamps of pictures are taken from.
    pub system_ppm: f64,
    /// The sound card's, against the computer's: timestamps of sound count its samples.
    pub audio_ppm: f64,
}

impl Clocks {
    /// What the computer's clock says when `content` seconds of sound were sampled. Beacons flash when they beep:
    /// their content goes by samples.
    pub(super) fn system(self, content: f64) -> f64 {
        content / (1.0 + self.audio_ppm / 1e6)
    }

    /// How much content there is when the computer's clock says `system`.
    pub(super) fn content(self, system: f64) -> f64 {
        system * (1.0 + self.audio_ppm / 1e6)
    }

    /// How long it really takes until the computer's clock says `system`.
    pub(super) fn real(self, system: f64) -> f64 {
        system / (1.0 + self.system_ppm / 1e6)
    }
}
