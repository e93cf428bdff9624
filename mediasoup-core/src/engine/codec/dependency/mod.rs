//! Dependency descriptor (AV1 RTP payload format, appendix A): which frames a decoder needs for which layer.

mod moments;
mod structure;

use self::{
    moments::Moments,
    structure::{Structure, Template},
};
use super::bits::Bits;
use crate::engine::layer::Layer;

/// Most frames a frame is decoded from: AV1 has seven references.
const REFERENCES_MAX: usize = 8;
/// Of a descriptor without anything but its mandatory fields.
const MANDATORY_LEN: usize = 3;

/// One bit for each layer there can be: four sizes of eight rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct LayerSet(u32);

impl LayerSet {
    const SPATIAL: u8 = 4;
    const TEMPORAL: u8 = 8;

    fn bit(layer: Layer) -> u32 {
        let spatial = layer.spatial.min(Self::SPATIAL - 1);
        let temporal = layer.temporal.min(Self::TEMPORAL - 1);
        1 << (spatial * Self::TEMPORAL + temporal)
    }

    fn layers() -> impl DoubleEndedIterator<Item = Layer> {
        (0..Self::SPATIAL)
            .flat_map(|spatial| (0..Self::TEMPORAL).map(move |temporal| Layer::new(spatial, temporal)))
    }

    fn has(self, layer: Layer) -> bool {
        self.0 & Self::bit(layer) != 0
    }

    fn add(&mut self, layer: Layer) {
        self.0 |= Self::bit(layer);
    }
}

/// What a frame is to the viewers of each layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Uses {
    /// It is part of what they get.
    needed: LayerSet,
    /// From it on they can decode all they get, once it is decoded.
    switches: LayerSet,
    /// It is of the largest size they get.
    largest: LayerSet,
}

/// A packet's frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) number: u16,
    pub(crate) layer: Layer,
    /// It is decoded from a smaller frame of its own picture.
    pub(crate) is_of_smaller: bool,
    /// The first packet of the frame.
    pub(crate) starts: bool,
    /// The last.
    pub(crate) ends: bool,
    uses: Uses,
    /// The layers that are being sent.
    active: LayerSet,
    /// How many frames before this one are those it is decoded from; 0 is none.
    distances: [u16; REFERENCES_MAX],
}

impl Frame {
    /// Whether viewers of this layer get it.
    pub(crate) fn is_needed_by(&self, layer: Layer) -> bool {
        self.uses.needed.has(layer)
    }

    /// Whether a viewer that can decode it may get this layer from here on.
    pub(crate) fn switches_to(&self, layer: Layer) -> bool {
        self.uses.switches.has(layer)
    }

    /// Whether it is of the largest size in what viewers of this layer get.
    pub(crate) fn is_largest_of(&self, layer: Layer) -> bool {
        self.uses.largest.has(layer)
    }

    /// The best layer within `wanted` that is being sent, or the least there is.
    pub(crate) fn best_within(&self, wanted: Layer) -> Layer {
        let within = |layer: &Layer| layer.at_most(wanted) == *layer && self.active.has(*layer);
        LayerSet::layers().rev().find(within).unwrap_or_default()
    }

    /// Numbers of the frames it is decoded from.
    pub(crate) fn references(&self) -> impl Iterator<Item = u16> {
        let used = self.distances.into_iter().take_while(|distance| *distance > 0);
        used.map(|distance| self.number.wrapping_sub(distance))
    }
}

/// Reads the descriptors of one stream: most refer to a structure that came before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader {
    /// With the number of the packet it came with.
    known: Option<(u64, Structure)>,
    moments: Moments,
}

impl Reader {
    /// Reads the descriptor of the packet with this number on the stream's line, and keeps what later ones refer to. `None`
    /// where it makes no sense, or refers to what did not come.
    pub(crate) fn read(&mut self, sequence: u64, timestamp: u32, descriptor: &[u8]) -> Option<Frame> {
        let (frame, newer) = self.parse(timestamp, descriptor)?;
        self.moments.note(frame.number, timestamp);
        if let Some(structure) = newer
            && self.known.as_ref().is_none_or(|(known, _)| *known <= sequence)
        {
            self.known = Some((sequence, structure));
        }
        Some(frame)
    }

    /// Reads the descriptor of a packet that was read before.
    pub(crate) fn read_again(&self, timestamp: u32, descriptor: &[u8]) -> Option<Frame> {
        self.parse(timestamp, descriptor).map(|(frame, _)| frame)
    }

    /// Gives the structure too, where it came along or changed.
    fn parse(&self, timestamp: u32, descriptor: &[u8]) -> Option<(Frame, Option<Structure>)> {
        let mut bits = Bits::new(descriptor);
        let starts = bits.is_set()?;
        let ends = bits.is_set()?;
        let template_id = bits.number(6)? as u8;
        let number = bits.number(16)? as u16;
        let flags = if descriptor.len() > MANDATORY_LEN { Flags::read(&mut bits)? } else { Flags::default() };
        let mut newer = if flags.has_structure { Some(Structure::read(&mut bits)?) } else { None };
        if flags.has_active_targets {
            let known = self.known.as_ref().map(|(_, structure)| structure);
            let mut structure = newer.take().or_else(|| known.cloned())?;
            structure.activate(bits.number(structure.target_count())?);
            newer = Some(structure);
        }
        let structure = newer.as_ref().or(self.known.as_ref().map(|(_, structure)| structure))?;
        let Template { layer, uses, distances } = *structure.template(template_id)?;
        let uses = if flags.has_own_indications { structure.read_uses(&mut bits, layer)? } else { uses };
        let distances = if flags.has_own_references { own_distances(&mut bits)? } else { distances };
        let active = structure.active();
        let mut frame = Frame { number, layer, is_of_smaller: false, starts, ends, uses, active, distances };
        frame.is_of_smaller = self.moments.is_of_smaller(&frame, timestamp);
        Some((frame, newer))
    }
}

/// Which optional fields follow.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    has_structure: bool,
    has_active_targets: bool,
    has_own_indications: bool,
    has_own_references: bool,
}

impl Flags {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let flags = Self {
            has_structure: bits.is_set()?,
            has_active_targets: bits.is_set()?,
            has_own_indications: bits.is_set()?,
            has_own_references: bits.is_set()?,
        };
        // Chains of its own: they come last, and are not used.
        bits.is_set()?;
        Some(flags)
    }
}

/// References that are not the template's.
fn own_distances(bits: &mut Bits<'_>) -> Option<[u16; REFERENCES_MAX]> {
    let mut distances = [0; REFERENCES_MAX];
    let mut places = distances.iter_mut();
    loop {
        let size = bits.number(2)?;
        if size == 0 {
            return Some(distances);
        }
        *places.next()? = bits.number(4 * size)? as u16 + 1;
    }
}

#[cfg(test)]
pub(crate) mod tests;
