//! Data channels: whose they are, who hears of them, and what goes with what.

use super::*;
use crate::{
    ids::DataProducerId,
    media::data::{DataConsumerOptions, DataProducerOptions, Delivery, SctpStreamParameters},
    room::{ConsumerCloseReason, DataConsumerInfo, DataProducerInfo, limits::DATA_PRODUCERS_MAX},
};

fn channel(stream_id: u16) -> DataProducerOptions {
    let mut options =
        DataProducerOptions::new(SctpStreamParameters { stream_id, delivery: Delivery::Ordered });
    options.label = "chat".to_owned();
    options
}

impl Peer {
    async fn publish(&self) -> (TransportId, DataProducerInfo) {
        let transport = self.transport(TransportDirection::Send).await;
        (transport, self.me.produce_data(transport, channel(0)).await.unwrap())
    }

    async fn read(&self, id: DataProducerId) -> (TransportId, DataConsumerInfo) {
        let transport = self.transport(TransportDirection::Recv).await;
        (transport, self.me.consume_data(transport, DataConsumerOptions::new(id)).await.unwrap())
    }
}

#[tokio::test]
async fn a_data_channel_is_told_of_and_closes_with_its_readers() {
    let (world, room) = World::with_room(3).await;
    let (ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let (_, producer) = ada.publish().await;
    assert_eq!(bob.heard(), [RoomEvent::NewDataProducer(producer.clone())]);
    let eve = Peer::join(&room, "eve").await;
    assert_eq!(eve.room.data_producers, std::slice::from_ref(&producer), "who comes later finds it");
    bob.heard();

    let (_, consumer) = bob.read(producer.id).await;
    assert_eq!((consumer.label.as_str(), consumer.data_producer_id), ("chat", producer.id));
    ada.me.close_data_producer(producer.id).await.unwrap();
    let closed = RoomEvent::DataConsumerClosed {
        data_consumer_id: consumer.id,
        data_producer_id: producer.id,
        reason: ConsumerCloseReason::ProducerClosed,
    };
    let gone = RoomEvent::DataProducerClosed {
        data_producer_id: producer.id,
        participant_id: participant_id("ada"),
    };
    assert_eq!(bob.heard(), [closed, gone]);
    assert!(world.media.open().data_producers.is_empty());
    let again = ada.me.close_data_producer(producer.id).await;
    assert!(matches!(again, Err(RoomError::DataProducerNotFound)));
}

#[tokio::test]
async fn what_is_anothers_is_not_found() {
    let (world, room) = World::with_room(3).await;
    let (ada, eve) = (Peer::join(&room, "ada").await, Peer::join(&room, "eve").await);
    let (transport, producer) = ada.publish().await;
    let (_, consumer) = ada.read(producer.id).await;
    assert!(matches!(eve.me.close_data_producer(producer.id).await, Err(RoomError::DataProducerNotFound)));
    assert!(matches!(eve.me.data_producer_stats(producer.id).await, Err(RoomError::DataProducerNotFound)));
    assert!(matches!(eve.me.close_data_consumer(consumer.id).await, Err(RoomError::DataConsumerNotFound)));
    assert!(matches!(
        eve.me.pause_data_consumer(consumer.id, true).await,
        Err(RoomError::DataConsumerNotFound)
    ));
    assert!(matches!(eve.me.produce_data(transport, channel(1)).await, Err(RoomError::TransportNotFound)));
    let wrong_way = ada.me.consume_data(transport, DataConsumerOptions::new(producer.id)).await;
    assert!(matches!(wrong_way, Err(RoomError::Invalid(_))));
    assert_eq!(ada.me.close_data_consumer(consumer.id).await.unwrap(), producer.id);
    assert!(world.media.open().data_consumers.is_empty());
}

#[tokio::test]
async fn who_goes_takes_its_channels_along() {
    let (_world, room) = World::with_room(3).await;
    let (ada, mut bob) = (Peer::join(&room, "ada").await, Peer::join(&room, "bob").await);
    let (_, producer) = ada.publish().await;
    let (transport, consumer) = bob.read(producer.id).await;
    bob.heard();
    bob.me.close_transport(transport).await.unwrap();
    let closed = RoomEvent::DataConsumerClosed {
        data_consumer_id: consumer.id,
        data_producer_id: producer.id,
        reason: ConsumerCloseReason::TransportClosed,
    };
    assert_eq!(bob.heard(), [closed]);
    bob.read(producer.id).await;
    ada.me.leave().await;
    let gone = RoomEvent::DataProducerClosed {
        data_producer_id: producer.id,
        participant_id: participant_id("ada"),
    };
    assert!(bob.heard().contains(&gone));
    assert!(room.info().await.unwrap().data_producers.is_empty());
}

#[tokio::test]
async fn channels_and_their_names_are_bounded() {
    let (_world, room) = World::with_room(3).await;
    let ada = Peer::join(&room, "ada").await;
    let transport = ada.transport(TransportDirection::Send).await;
    let mut long = channel(0);
    long.label = "x".repeat(1025);
    assert!(matches!(ada.me.produce_data(transport, long).await, Err(RoomError::Invalid(_))));
    for stream in 0..DATA_PRODUCERS_MAX {
        ada.me.produce_data(transport, channel(stream.try_into().unwrap())).await.unwrap();
    }
    let more = ada.me.produce_data(transport, channel(999)).await;
    assert!(matches!(more, Err(RoomError::LimitExceeded(_))));
}
