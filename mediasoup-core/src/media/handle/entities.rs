//! What the handles of one router share: its open transports, producers and data producers.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;
use uuid::Uuid;

use super::tied::Tied;
use crate::{
    ids::{DataProducerId, ProducerId, TransportId},
    media::{
        data::DataProducerOptions,
        rtp::{MediaKind, RtpParameters, RtpType},
    },
};

/// A producer, as consumers need it.
#[derive(Clone, Debug)]
pub(super) struct Consumable {
    pub(super) transport: TransportId,
    pub(super) kind: MediaKind,
    pub(super) rtp_type: RtpType,
    pub(super) rtp_parameters: Arc<RtpParameters>,
    pub(super) paused: bool,
    pub(super) app_data: Value,
    /// What does as it does.
    pub(super) tied: Vec<Tied>,
}

/// A data producer, as pipes need it.
#[derive(Clone, Debug)]
pub(super) struct ConsumableData {
    pub(super) transport: TransportId,
    /// As it is now.
    pub(super) options: DataProducerOptions,
    /// What does as it does.
    pub(super) tied: Vec<Tied>,
}

/// The open transports, producers and data producers of a router. A producer is in it as long as its transport is.
#[derive(Debug)]
pub(super) struct Entities {
    transports: BTreeMap<TransportId, TransportNames>,
    producers: BTreeMap<ProducerId, Consumable>,
    data_producers: BTreeMap<DataProducerId, ConsumableData>,
    mapped_ssrcs: Ssrcs,
}

impl Entities {
    pub(super) fn new() -> Self {
        Self {
            transports: BTreeMap::new(),
            producers: BTreeMap::new(),
            data_producers: BTreeMap::new(),
            mapped_ssrcs: Ssrcs::random(),
        }
    }

    pub(super) fn add_transport(&mut self, id: TransportId) {
        self.transports.insert(id, TransportNames::new());
    }

    /// Gives what was tied to its producers.
    pub(super) fn remove_transport(&mut self, id: TransportId) -> Vec<Tied> {
        self.transports.remove(&id);
        let media = self.producers.extract_if(.., |_, producer| producer.transport == id);
        let media = media.flat_map(|(_, producer)| producer.tied);
        let data = self.data_producers.extract_if(.., |_, producer| producer.transport == id);
        media.chain(data.flat_map(|(_, producer)| producer.tied)).collect()
    }

    /// All that was tied to producers.
    pub(super) fn into_tied(self) -> Vec<Tied> {
        let media = self.producers.into_values().flat_map(|producer| producer.tied);
        media.chain(self.data_producers.into_values().flat_map(|producer| producer.tied)).collect()
    }

    /// `None` where the transport is closed.
    pub(super) fn transport(&mut self, id: TransportId) -> Option<&mut TransportNames> {
        self.transports.get_mut(&id)
    }

    /// Whether it was added: not where its transport was closed meanwhile.
    pub(super) fn add_producer(&mut self, id: ProducerId, producer: Consumable) -> bool {
        let open = self.transports.contains_key(&producer.transport);
        if open {
            self.producers.insert(id, producer);
        }
        open
    }

    /// Gives what was tied to it.
    pub(super) fn remove_producer(&mut self, id: ProducerId) -> Vec<Tied> {
        self.producers.remove(&id).map(|producer| producer.tied).unwrap_or_default()
    }

    /// `None` where it is closed.
    pub(super) fn producer_mut(&mut self, id: ProducerId) -> Option<&mut Consumable> {
        self.producers.get_mut(&id)
    }

    pub(super) fn producer(&self, id: ProducerId) -> Option<&Consumable> {
        self.producers.get(&id)
    }

    /// As [`Entities::add_producer`].
    pub(super) fn add_data_producer(&mut self, id: DataProducerId, producer: ConsumableData) -> bool {
        let open = self.transports.contains_key(&producer.transport);
        if open {
            self.data_producers.insert(id, producer);
        }
        open
    }

    /// As [`Entities::remove_producer`].
    pub(super) fn remove_data_producer(&mut self, id: DataProducerId) -> Vec<Tied> {
        self.data_producers.remove(&id).map(|producer| producer.tied).unwrap_or_default()
    }

    /// `None` where it is closed.
    pub(super) fn data_producer_mut(&mut self, id: DataProducerId) -> Option<&mut ConsumableData> {
        self.data_producers.get_mut(&id)
    }

    #[cfg(test)]
    pub(super) fn producer_count(&self) -> usize {
        self.producers.len()
    }

    /// As many SSRCs in a row, used by no other producer of this router. The first.
    pub(super) fn take_mapped_ssrcs(&mut self, count: usize) -> u32 {
        self.mapped_ssrcs.take(count)
    }
}

/// The names a transport has given out.
#[derive(Debug)]
pub(super) struct TransportNames {
    cname: Option<String>,
    next_mid: u32,
    ssrcs: Ssrcs,
}

impl TransportNames {
    fn new() -> Self {
        Self { cname: None, next_mid: 0, ssrcs: Ssrcs::random() }
    }

    /// The CNAME of all producers of the transport: the first one's, or a random one where it states none.
    pub(super) fn cname(&mut self, stated: Option<&str>) -> &str {
        self.cname.get_or_insert_with(|| match stated {
            Some(stated) if !stated.is_empty() => stated.to_owned(),
            _ => Uuid::new_v4().simple().to_string()[..8].to_owned(),
        })
    }

    /// A MID no consumer of this transport has had in the last hundred million: at most eight bytes.
    pub(super) fn take_mid(&mut self) -> String {
        let mid = self.next_mid;
        self.next_mid = (mid + 1) % 100_000_000;
        mid.to_string()
    }

    /// As many SSRCs in a row, used by no other consumer of this transport. The first.
    pub(super) fn take_ssrcs(&mut self, count: usize) -> u32 {
        self.ssrcs.take(count)
    }

    /// An SSRC and the one after it, used by no other consumer of this transport. The first.
    pub(super) fn take_consumer_ssrcs(&mut self) -> u32 {
        self.ssrcs.take(2)
    }
}

/// SSRCs in a row from a random start. Mediasoup draws each at random and lets them collide.
#[derive(Debug)]
struct Ssrcs {
    next: u32,
}

impl Ssrcs {
    fn random() -> Self {
        // Mediasoup's range: far from the SSRCs clients treat as special.
        const START: u32 = 100_000_000;
        const SPAN: u128 = 900_000_000;
        let offset = u32::try_from(Uuid::new_v4().as_u128() % SPAN).expect("the span fits 32 bits");
        Self { next: START + offset }
    }

    fn take(&mut self, count: usize) -> u32 {
        let first = self.next;
        self.next = first.wrapping_add(u32::try_from(count).unwrap_or(u32::MAX));
        first
    }
}
