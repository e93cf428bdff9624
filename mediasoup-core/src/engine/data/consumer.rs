//! A data channel the engine sends.

use std::{collections::BTreeSet, time::Instant};

use super::{link::Link, wire::WireMessage};
use crate::{
    engine::{
        keys::{DataProducerKey, TransportKey},
        transport::sctp::{Refused, SctpMessage},
    },
    ids::DataConsumerId,
    media::data::{ConsumeDataRequest, DataConsumerStats, SctpStreamParameters, Subchannels},
};

/// Whether anything more is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Open,
    Paused,
    /// The peer has closed the channel: what was sent would reach nobody.
    Reset,
}

/// A data consumer.
pub(super) struct DataConsumer {
    pub(super) id: DataConsumerId,
    pub(super) transport: TransportKey,
    pub(super) producer: DataProducerKey,
    pub(super) stream: SctpStreamParameters,
    pub(super) flow: Flow,
    pub(super) subchannels: BTreeSet<u16>,
    /// Somebody wants to know when it is drained.
    pub(super) tells_drained: bool,
    /// Its owner was told that too much waits.
    told_full: bool,
    messages_sent: u64,
    bytes_sent: u64,
    messages_dropped: u64,
}

impl DataConsumer {
    pub(super) fn new(
        transport: TransportKey,
        producer: DataProducerKey,
        stream: SctpStreamParameters,
        request: ConsumeDataRequest,
    ) -> Self {
        Self {
            id: request.id,
            transport,
            producer,
            stream,
            flow: if request.paused { Flow::Paused } else { Flow::Open },
            subchannels: request.subchannels,
            tells_drained: false,
            told_full: false,
            messages_sent: 0,
            bytes_sent: 0,
            messages_dropped: 0,
        }
    }

    /// Pauses or resumes; what the peer has closed stays closed.
    pub(super) fn set_paused(&mut self, paused: bool) {
        if self.flow != Flow::Reset {
            self.flow = if paused { Flow::Paused } else { Flow::Open };
        }
    }

    /// Whether a message to these subchannels is for it.
    pub(super) fn wants(&self, subchannels: &Subchannels) -> bool {
        self.flow == Flow::Open && subchannels.reach(&self.subchannels)
    }

    /// Hands a message to its transport's link.
    pub(super) fn send(
        &mut self,
        now: Instant,
        link: &mut Link,
        message: WireMessage,
    ) -> Result<(), Refused> {
        let (SctpStreamParameters { stream_id, delivery }, len) = (self.stream, message.len());
        let WireMessage { ppid, payload } = message;
        let sent = link.send(now, SctpMessage { stream: stream_id, ppid, payload }, delivery);
        match sent {
            Ok(()) => {
                self.messages_sent += 1;
                self.bytes_sent += len as u64;
                // Not at the first gap in a queue that stays full.
                let half = link.options().send_buffer_size as usize / 2;
                self.told_full &= link.buffered_amount(stream_id) > half;
            }
            Err(_) => self.messages_dropped += 1,
        }
        sent
    }

    /// Whether its owner is to be told now that too much waits.
    pub(super) fn tell_full(&mut self) -> bool {
        !std::mem::replace(&mut self.told_full, true)
    }

    /// `label` and `protocol` are its producer's.
    pub(super) fn stats(
        &self,
        timestamp: u64,
        label: String,
        protocol: String,
        buffered_amount: u64,
    ) -> DataConsumerStats {
        DataConsumerStats {
            stats_type: "data-consumer",
            data_consumer_id: self.id,
            timestamp,
            label,
            protocol,
            messages_sent: self.messages_sent,
            bytes_sent: self.bytes_sent,
            messages_dropped: self.messages_dropped,
            buffered_amount,
        }
    }
}
