//! Direct transports: no network, packets and messages of the process itself.

use std::time::Instant;

use super::{
    Engine, data::PeerData, keys::TransportKey, outbox::Direct, peer::Peer, rtp::RtpPacket,
    transport::Session,
};
use crate::{
    ids::{ProducerId, RouterId, TransportId},
    media::{
        direct::DirectPacket,
        error::{ProduceError, RtpError, TransportError},
    },
};

/// Header and sender of a compound RTCP packet.
const RTCP_LEN_MIN: usize = 8;

impl Engine {
    pub(crate) fn create_direct_transport(
        &mut self,
        now: Instant,
        router: RouterId,
        id: TransportId,
        max_message_size: u32,
    ) -> Result<(), TransportError> {
        let Some(peers) = self.routers.get_mut(&router) else { return Err(TransportError::NotFound(id)) };
        let mut peer = Peer::new(now, id, router, Session::Direct(id), None, None);
        peer.data = Some(Box::new(PeerData::direct(max_message_size)));
        let key = TransportKey(self.peers.insert(peer));
        peers.insert(key);
        self.transport_keys.insert(id, key);
        self.on_connected(now, key);
        Ok(())
    }

    /// A packet of a producer, header and payload.
    pub(crate) fn send_rtp(
        &mut self,
        now: Instant,
        id: ProducerId,
        mut packet: Vec<u8>,
    ) -> Result<(), ProduceError> {
        let transport = self.producers[self.producer_key(id)?.0].transport;
        if !matches!(self.peers[transport.0].session, Session::Direct(_)) {
            return Err(RtpError::Unsupported("not a Producer of a DirectTransport".into()).into());
        }
        if RtpPacket::parse(&packet).is_none() {
            return Err(RtpError::Invalid("not an RTP packet".into()).into());
        }
        let len = packet.len();
        self.peers[transport.0].traffic.received.add(now, len);
        self.handle_plain_rtp(now, transport, &mut packet, len);
        Ok(())
    }

    /// A compound RTCP packet.
    pub(crate) fn send_rtcp(
        &mut self,
        now: Instant,
        id: TransportId,
        packet: &[u8],
    ) -> Result<(), TransportError> {
        let key = self.transport_key(id)?;
        if !matches!(self.peers[key.0].session, Session::Direct(_)) {
            return Err(TransportError::NotFound(id));
        }
        if packet.len() < RTCP_LEN_MIN {
            return Err(TransportError::Invalid("not an RTCP packet".into()));
        }
        self.peers[key.0].traffic.received.add(now, packet.len());
        self.handle_plain_rtcp(now, key, packet);
        Ok(())
    }

    /// The next packet for who reads a direct transport; `None` for the transport's end.
    pub(crate) fn poll_direct(&mut self) -> Option<(TransportId, Option<DirectPacket>)> {
        while let Some((id, packet)) = self.outbox.direct.pop_front() {
            match packet {
                Direct::End => return Some((id, None)),
                Direct::Rtcp(packet) => return Some((id, Some(DirectPacket::Rtcp(packet)))),
                Direct::Data(data_consumer_id, message) => {
                    return Some((id, Some(DirectPacket::Data { data_consumer_id, message })));
                }
                Direct::Rtp(packet) => {
                    let consumer = RtpPacket::parse(&packet).and_then(|parsed| {
                        let key = self.transport_key(id).ok()?;
                        self.peers[key.0].consumer_ssrcs.get(&parsed.ssrc).copied()
                    });
                    if let Some(consumer) = consumer {
                        let consumer_id = self.consumers[consumer.0].id;
                        return Some((id, Some(DirectPacket::Rtp { consumer_id, packet })));
                    }
                }
            }
        }
        None
    }
}
