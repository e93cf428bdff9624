//! Direct transports' side of a worker's control.

use async_trait::async_trait;

use super::{port::WorkerPort, worker::Media};
use crate::{
    ids::{ProducerId, RouterId, TransportId},
    media::{
        direct::{DirectPacket, DirectPort, DirectTransportOptions},
        error::{ProduceError, TransportError},
        feed::Feed,
    },
};

#[async_trait]
impl DirectPort for WorkerPort {
    async fn create_direct_transport(
        &self,
        router: RouterId,
        id: TransportId,
        options: &DirectTransportOptions,
    ) -> Result<Feed<DirectPacket>, TransportError> {
        let (capacity, max_message_size) = (options.capacity, options.max_message_size);
        let create = move |media: &mut Media, now| {
            media.engine.create_direct_transport(now, router, id, max_message_size)?;
            let (sender, feed) = Feed::channel(capacity);
            media.direct.insert(id, sender);
            Ok(feed)
        };
        self.jobs().call_creating(create, move |media, now| media.engine.close_transport(now, id)).await
    }

    async fn send_rtp(&self, producer: ProducerId, packet: Vec<u8>) -> Result<(), ProduceError> {
        self.run(move |engine, now| engine.send_rtp(now, producer, packet)).await
    }

    async fn send_rtcp(&self, id: TransportId, packet: Vec<u8>) -> Result<(), TransportError> {
        self.run(move |engine, now| engine.send_rtcp(now, id, &packet)).await
    }
}
