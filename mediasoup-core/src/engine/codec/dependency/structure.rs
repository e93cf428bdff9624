//! The template dependency structure: what frames there are, and which decode targets need them.

use super::{LayerSet, REFERENCES_MAX, Uses};
use crate::engine::{codec::bits::Bits, layer::Layer};

const TARGETS_MAX: usize = 32;
const TEMPLATES_MAX: usize = 64;
/// As many as there are layers.
const LAYERS_MAX: usize = 32;

/// What a frame is to a decode target.
const NOT_PRESENT: u8 = 0;
const SWITCH: u8 = 2;

/// One kind of frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template {
    pub(super) layer: Layer,
    pub(super) uses: Uses,
    pub(super) distances: [u16; REFERENCES_MAX],
}

/// The kinds of frames of a stream.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    first_template_id: u8,
    templates: Vec<Template>,
    targets: Targets,
    active: LayerSet,
}

/// Decode targets with the layers they are.
#[derive(Clone, Copy, Debug)]
struct Targets {
    count: u8,
    layers: [Layer; TARGETS_MAX],
    /// The target that stands for each layer: the best one within it.
    of_layer: [u8; LAYERS_MAX],
}

impl Structure {
    /// Reads the structure; `None` where it makes no sense.
    pub(super) fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let first_template_id = bits.number(6)? as u8;
        let target_count = bits.number(5)? as u8 + 1;
        let layers = template_layers(bits)?;
        let mut indications = Vec::with_capacity(layers.len());
        for _ in &layers {
            indications.push(read_indications(bits, target_count)?);
        }
        let mut distances = Vec::with_capacity(layers.len());
        for _ in &layers {
            distances.push(template_distances(bits)?);
        }
        skip_chains(bits, target_count, layers.len())?;
        if bits.is_set()? {
            let sizes = layers.iter().map(|layer| layer.spatial).max()? + 1;
            for _ in 0..sizes {
                bits.number(32)?;
            }
        }
        let targets = Targets::of(target_count, &layers, &indications);
        let templates = layers.iter().zip(&indications).zip(distances);
        let templates = templates.map(|((layer, indications), distances)| Template {
            layer: *layer,
            uses: targets.uses(*layer, indications),
            distances,
        });
        let mut structure =
            Self { first_template_id, templates: templates.collect(), targets, active: LayerSet::default() };
        structure.activate(u32::MAX);
        Some(structure)
    }

    pub(super) fn target_count(&self) -> u32 {
        self.targets.count.into()
    }

    pub(super) fn template(&self, id: u8) -> Option<&Template> {
        self.templates.get(usize::from((id + 64 - self.first_template_id) % 64))
    }

    /// The layers that are being sent.
    pub(super) fn active(&self) -> LayerSet {
        self.active
    }

    /// One bit a decode target, the lowest bit the first.
    pub(super) fn activate(&mut self, targets: u32) {
        self.active = LayerSet::default();
        for (index, layer) in self.targets.layers().iter().enumerate() {
            if targets >> index & 1 == 1 {
                self.active.add(*layer);
            }
        }
    }

    /// What a frame with indications of its own is.
    pub(super) fn read_uses(&self, bits: &mut Bits<'_>, layer: Layer) -> Option<Uses> {
        let indications = read_indications(bits, self.targets.count)?;
        Some(self.targets.uses(layer, &indications))
    }
}

type Indications = [u8; TARGETS_MAX];

fn read_indications(bits: &mut Bits<'_>, target_count: u8) -> Option<Indications> {
    let mut indications = [NOT_PRESENT; TARGETS_MAX];
    for indication in indications.iter_mut().take(target_count.into()) {
        *indication = bits.number(2)? as u8;
    }
    Some(indications)
}

fn template_layers(bits: &mut Bits<'_>) -> Option<Vec<Layer>> {
    const NEXT_TEMPORAL: u32 = 1;
    const NEXT_SPATIAL: u32 = 2;
    const END: u32 = 3;
    let mut layers = Vec::new();
    let mut layer = Layer::default();
    loop {
        let is_valid = layer.spatial < LayerSet::SPATIAL && layer.temporal < LayerSet::TEMPORAL;
        if !is_valid || layers.len() == TEMPLATES_MAX {
            return None;
        }
        layers.push(layer);
        match bits.number(2)? {
            NEXT_TEMPORAL => layer.temporal += 1,
            NEXT_SPATIAL => layer = Layer::new(layer.spatial + 1, 0),
            END => return Some(layers),
            _ => {}
        }
    }
}

fn template_distances(bits: &mut Bits<'_>) -> Option<[u16; REFERENCES_MAX]> {
    let mut distances = [0; REFERENCES_MAX];
    let mut places = distances.iter_mut();
    while bits.is_set()? {
        *places.next()? = bits.number(4)? as u16 + 1;
    }
    Some(distances)
}

/// Chains tell a receiver what it has lost; who knows what it left out needs none.
fn skip_chains(bits: &mut Bits<'_>, target_count: u8, template_count: usize) -> Option<()> {
    let chain_count = bits.below(u32::from(target_count) + 1)?;
    if chain_count > 0 {
        for _ in 0..target_count {
            bits.below(chain_count)?;
        }
        for _ in 0..template_count {
            bits.number(4 * chain_count.min(8))?;
            for _ in 8..chain_count {
                bits.number(4)?;
            }
        }
    }
    Some(())
}

impl Targets {
    /// A target's layer is the highest of the frames it has.
    fn of(count: u8, template_layers: &[Layer], indications: &[Indications]) -> Self {
        let mut layers = [Layer::default(); TARGETS_MAX];
        for (index, target) in layers.iter_mut().enumerate().take(count.into()) {
            for (layer, _) in template_layers
                .iter()
                .zip(indications)
                .filter(|(_, indications)| indications[index] != NOT_PRESENT)
            {
                target.spatial = target.spatial.max(layer.spatial);
                target.temporal = target.temporal.max(layer.temporal);
            }
        }
        let mut targets = Self { count, layers, of_layer: [0; LAYERS_MAX] };
        for (place, layer) in LayerSet::layers().enumerate() {
            let within =
                targets.layers().iter().enumerate().filter(|(_, target)| target.at_most(layer) == **target);
            let best = within.max_by_key(|(_, target)| **target);
            targets.of_layer[place] = best.map_or(0, |(index, _)| index as u8);
        }
        targets
    }

    fn layers(&self) -> &[Layer] {
        &self.layers[..self.count.into()]
    }

    fn uses(&self, layer: Layer, indications: &Indications) -> Uses {
        let mut uses = Uses::default();
        for (viewed, target) in LayerSet::layers().zip(self.of_layer) {
            let target = usize::from(target);
            if indications[target] != NOT_PRESENT {
                uses.needed.add(viewed);
            }
            if indications[target] == SWITCH {
                uses.switches.add(viewed);
            }
            if layer.spatial == self.layers[target].spatial {
                uses.largest.add(viewed);
            }
        }
        uses
    }
}
