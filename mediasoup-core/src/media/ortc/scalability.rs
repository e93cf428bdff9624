//! Scalability modes (W3C WebRTC-SVC §6), as far as mediasoup reads them.

/// How many layers a stream has inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalabilityMode {
    /// Spatial layers, 1 to 99.
    pub spatial_layers: u8,
    /// Temporal layers, 1 to 99.
    pub temporal_layers: u8,
    /// Upper spatial layers depend on lower ones only at key frames (`_KEY`).
    pub key_frame_dependent: bool,
}

impl ScalabilityMode {
    /// One layer.
    pub const NONE: Self = Self { spatial_layers: 1, temporal_layers: 1, key_frame_dependent: false };

    /// Reads `L1T3`, `S3T3`, `L3T3_KEY`, … What follows is ignored; anything else counts as one layer.
    #[must_use]
    pub fn parse(text: Option<&str>) -> Self {
        text.and_then(Self::parse_layers).unwrap_or(Self::NONE)
    }

    fn parse_layers(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(['L', 'S'])?;
        let (spatial_layers, rest) = layer_count(rest)?;
        let (temporal_layers, rest) = layer_count(rest.strip_prefix('T')?)?;
        Some(Self { spatial_layers, temporal_layers, key_frame_dependent: rest.starts_with("_KEY") })
    }
}

/// One or two digits, the first not zero, and what follows them.
fn layer_count(text: &str) -> Option<(u8, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (count, rest) = text.split_at(digits);
    if count.starts_with('0') { None } else { Some((count.parse().ok()?, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_mediasoup_reads_them() {
        let mode = |spatial_layers, temporal_layers, key_frame_dependent| ScalabilityMode {
            spatial_layers,
            temporal_layers,
            key_frame_dependent,
        };
        for (text, expected) in [
            ("L1T3", mode(1, 3, false)),
            ("S3T3_KEY", mode(3, 3, true)),
            ("L20T3h", mode(20, 3, false)),
            ("L3T3_KEY_SHIFT", mode(3, 3, true)),
            ("L1T999", mode(1, 99, false)),
            ("L100T1", ScalabilityMode::NONE),
            ("L0T3", ScalabilityMode::NONE),
            ("l1t3", ScalabilityMode::NONE),
            ("xL3T3", ScalabilityMode::NONE),
            ("L3", ScalabilityMode::NONE),
            ("L3T", ScalabilityMode::NONE),
            ("L\u{e9}T1", ScalabilityMode::NONE),
            ("", ScalabilityMode::NONE),
        ] {
            assert_eq!(ScalabilityMode::parse(Some(text)), expected, "{text:?}");
        }
        assert_eq!(ScalabilityMode::parse(None), ScalabilityMode::NONE);
    }
}
