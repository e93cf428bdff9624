//! Layers: a track's pictures can be had smaller (spatial layers) and fewer (temporal layers).

use crate::media::{ortc::ScalabilityMode, rtp::RtpEncodingParameters};

/// A choice of size and rate, with everything that is needed to decode it. Ordered by size, then by rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Layer {
    /// 0: the smallest pictures.
    pub(crate) spatial: u8,
    /// 0: the fewest.
    pub(crate) temporal: u8,
}

impl Layer {
    /// Everything there is.
    pub(crate) const ALL: Self = Self { spatial: Layering::MAX - 1, temporal: Layering::MAX - 1 };

    pub(crate) fn new(spatial: u8, temporal: u8) -> Self {
        Self { spatial, temporal }
    }

    /// The lower of both, in size and in rate.
    pub(crate) fn at_most(self, other: Self) -> Self {
        Self::new(self.spatial.min(other.spatial), self.temporal.min(other.temporal))
    }
}

/// Where a producer has its spatial layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Each is a stream: simulcast.
    Streams,
    /// All in one stream: SVC, or no layers at all.
    Within,
}

/// The layers of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layering {
    pub(crate) form: Form,
    /// How many of each there are, at least one.
    pub(crate) spatial: u8,
    pub(crate) temporal: u8,
}

impl Layering {
    /// Most of a kind: what three bits of VP8's, VP9's and the dependency descriptor's ids tell apart.
    pub(crate) const MAX: u8 = 8;

    /// What the encodings state.
    pub(crate) fn of(encodings: &[RtpEncodingParameters]) -> Self {
        let modes =
            encodings.iter().map(|encoding| ScalabilityMode::parse(encoding.scalability_mode.as_deref()));
        let temporal = modes.clone().map(|mode| mode.temporal_layers).max().unwrap_or(1).min(Self::MAX);
        match encodings.len() {
            0 | 1 => {
                let spatial = modes.map(|mode| mode.spatial_layers).next().unwrap_or(1);
                Self { form: Form::Within, spatial: spatial.min(Self::MAX), temporal }
            }
            streams => {
                let spatial = streams.min(Self::MAX.into()) as u8;
                Self { form: Form::Streams, spatial, temporal }
            }
        }
    }

    /// There is more than one.
    pub(crate) fn is_choice(self) -> bool {
        self.spatial > 1 || self.temporal > 1
    }

    pub(crate) fn highest(self) -> Layer {
        Layer::new(self.spatial - 1, self.temporal - 1)
    }

    /// The encoding that has a spatial layer.
    pub(crate) fn encoding_of(self, spatial: u8) -> usize {
        match self.form {
            Form::Streams => spatial.into(),
            Form::Within => 0,
        }
    }

    /// The spatial layer inside its stream that one of the producer's is.
    pub(crate) fn in_stream(self, spatial: u8) -> u8 {
        match self.form {
            Form::Streams => 0,
            Form::Within => spatial,
        }
    }

    /// The layers inside one of its streams.
    pub(crate) fn of_stream(self) -> Self {
        match self.form {
            Form::Streams => Self { spatial: 1, ..self },
            Form::Within => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layering(modes: &[Option<&str>]) -> Layering {
        let encoding = |mode: &Option<&str>| RtpEncodingParameters {
            scalability_mode: mode.map(str::to_owned),
            ..RtpEncodingParameters::default()
        };
        Layering::of(&modes.iter().map(encoding).collect::<Vec<_>>())
    }

    #[test]
    fn streams_and_modes_make_layers() {
        let of = |form, spatial, temporal| Layering { form, spatial, temporal };
        assert_eq!(layering(&[None]), of(Form::Within, 1, 1));
        assert_eq!(layering(&[Some("L3T3_KEY")]), of(Form::Within, 3, 3));
        assert_eq!(layering(&[Some("L99T99")]), of(Form::Within, 8, 8));
        assert_eq!(layering(&[Some("L1T3"), None]), of(Form::Streams, 2, 3));
        assert_eq!(layering(&[Some("L1T3"), None]).of_stream(), of(Form::Streams, 1, 3));
        assert_eq!(layering(&[None, None]).encoding_of(1), 1);
        assert_eq!(layering(&[Some("L3T1")]).encoding_of(1), 0);
    }

    #[test]
    fn the_lower_of_two_is_lower_in_both() {
        assert_eq!(Layer::new(2, 0).at_most(Layer::new(1, 2)), Layer::new(1, 0));
    }
}
