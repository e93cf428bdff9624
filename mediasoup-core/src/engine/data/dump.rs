//! What there is of data channels right now.

use std::collections::BTreeSet;

use crate::{
    engine::{Engine, data::consumer::Flow, keys::TransportKey, peer::Peer},
    ids::{DataConsumerId, DataProducerId},
    media::{
        dump::{DataConsumerDump, DataProducerDump, Row, Rows, SctpListenerDump},
        error::DataError,
    },
};

type Consumed = Vec<Rows<DataProducerId, DataConsumerId>>;
type Consuming = Vec<Row<DataConsumerId, DataProducerId>>;

impl Engine {
    /// Who gets each data producer of these transports, and what each data consumer gets.
    pub(in crate::engine) fn dump_data(&self, transports: &BTreeSet<TransportKey>) -> (Consumed, Consuming) {
        let producers = self.data.producers.iter().map(|(_, producer)| producer);
        let consumers = self.data.consumers.iter().map(|(_, consumer)| consumer);
        let consumed =
            producers.filter(|producer| transports.contains(&producer.transport)).map(|producer| {
                let values = producer.consumers.iter().map(|key| self.data.consumers[key.0].id).collect();
                Rows { key: producer.id, values }
            });
        let consuming = consumers.filter(|consumer| transports.contains(&consumer.transport));
        let consuming = consuming
            .map(|consumer| Row { key: consumer.id, value: self.data.producers[consumer.producer.0].id });
        (consumed.collect(), consuming.collect())
    }

    /// A transport's data producers, its data consumers, and its table of streams where it has SCTP.
    pub(in crate::engine) fn dump_streams(
        &self,
        peer: &Peer,
    ) -> (Vec<DataProducerId>, Vec<DataConsumerId>, Option<SctpListenerDump>) {
        let Some(data) = &peer.data else { return Default::default() };
        let streams = data.producers.iter();
        let streams: Vec<_> =
            streams.map(|(stream, key)| Row { key: *stream, value: self.data.producers[key.0].id }).collect();
        let producers = streams.iter().map(|row| row.value).collect();
        let consumers = data.consumers.values().map(|key| self.data.consumers[key.0].id).collect();
        let listener = (!data.link.is_direct()).then_some(SctpListenerDump { stream_id_table: streams });
        (producers, consumers, listener)
    }

    fn data_type(&self, transport: TransportKey) -> &'static str {
        let is_direct = self.peers[transport.0].data.as_ref().is_some_and(|data| data.link.is_direct());
        if is_direct { "direct" } else { "sctp" }
    }

    pub(crate) fn dump_data_producer(&self, id: DataProducerId) -> Result<DataProducerDump, DataError> {
        let key = self.data_producer_key(id)?;
        let producer = &self.data.producers[key.0];
        Ok(DataProducerDump {
            id,
            data_type: self.data_type(producer.transport),
            sctp_stream_parameters: producer.stream,
            label: producer.label.clone(),
            protocol: producer.protocol.clone(),
            paused: producer.paused,
        })
    }

    pub(crate) fn dump_data_consumer(&self, id: DataConsumerId) -> Result<DataConsumerDump, DataError> {
        let key = self.data_consumer_key(id)?;
        let consumer = &self.data.consumers[key.0];
        let producer = &self.data.producers[consumer.producer.0];
        let data = self.peers[consumer.transport.0].data.as_ref();
        let stream = consumer.stream.stream_id;
        let threshold = data.and_then(|data| data.link.association());
        let threshold = threshold.map_or(0, |sctp| sctp.buffered_amount_low_threshold(stream));
        Ok(DataConsumerDump {
            id,
            data_producer_id: producer.id,
            data_type: self.data_type(consumer.transport),
            sctp_stream_parameters: consumer.stream,
            label: producer.label.clone(),
            protocol: producer.protocol.clone(),
            paused: consumer.flow == Flow::Paused,
            data_producer_paused: producer.paused,
            subchannels: consumer.subchannels.clone(),
            buffered_amount: self.buffered_amount(key),
            buffered_amount_low_threshold: threshold as u64,
        })
    }
}
