//! What there is right now, told to a worker's owner.

use super::{
    Engine,
    keys::{ConsumerKey, ProducerKey, TransportKey},
    peer::Peer,
    rtp::{Extension, ExtensionIds},
    transport::{PlainSession, SecureSession, Session},
};
use crate::{
    ids::{ConsumerId, ProducerId, RouterId, TransportId},
    media::{
        dump::{
            ConsumerState, ProducerState, RecvRtpHeaderExtensions, RouterDump, Row, Rows, TransportDump,
            TransportKindDump,
        },
        error::{ConsumeError, ProduceError, TransportError},
        transport::TransportTuple,
    },
};

impl Engine {
    pub(crate) fn router_ids(&self) -> Vec<RouterId> {
        self.routers.keys().copied().collect()
    }

    /// `None`: there is no such router.
    pub(crate) fn dump_router(&self, id: RouterId) -> Option<RouterDump> {
        let transports = self.routers.get(&id)?;
        let peers = || transports.iter().map(|key| &self.peers[key.0]);
        let producers = || peers().flat_map(|peer| &peer.producers).map(|key| &self.producers[key.0]);
        let consumers = peers().flat_map(|peer| &peer.consumers).map(|key| &self.consumers[key.0]);
        let (of_data_producers, of_data_consumers) = self.dump_data(transports);
        Some(RouterDump {
            id,
            transport_ids: peers().map(|peer| peer.id).collect(),
            rtp_observer_ids: self.observers.ids_of(id),
            map_producer_id_consumer_ids: producers()
                .map(|producer| Rows { key: producer.id, values: self.consumer_ids(&producer.consumers) })
                .collect(),
            map_consumer_id_producer_id: consumers
                .map(|consumer| Row { key: consumer.id, value: self.producers[consumer.producer.0].id })
                .collect(),
            map_producer_id_observer_ids: producers()
                .map(|producer| Rows {
                    key: producer.id,
                    values: producer.observers.iter().map(|key| self.observers.id(*key)).collect(),
                })
                .collect(),
            map_data_producer_id_data_consumer_ids: of_data_producers,
            map_data_consumer_id_data_producer_id: of_data_consumers,
        })
    }

    fn consumer_ids(&self, keys: &[ConsumerKey]) -> Vec<ConsumerId> {
        keys.iter().map(|key| self.consumers[key.0].id).collect()
    }

    pub(crate) fn dump_transport(&self, id: TransportId) -> Result<TransportDump, TransportError> {
        let TransportKey(place) = self.transport_key(id)?;
        let peer = &self.peers[place];
        let producer_id = |key: ProducerKey| self.producers[key.0].id;
        let by_ssrc = |is_wanted: fn(&super::Consumer, u32) -> bool| {
            let rows = peer.consumer_ssrcs.iter().map(|(ssrc, key)| (*ssrc, &self.consumers[key.0]));
            let rows = rows.filter(move |(ssrc, consumer)| is_wanted(consumer, *ssrc));
            rows.map(|(key, consumer)| Row { key, value: consumer.id }).collect()
        };
        let data = peer.data.as_ref();
        let options = data.map(|data| data.link.options());
        let max_message_size = options.map_or(0, |options| options.max_message_size);
        let (data_producer_ids, data_consumer_ids, sctp_listener) = self.dump_streams(peer);
        Ok(TransportDump {
            id,
            producer_ids: peer.producers.iter().copied().map(producer_id).collect(),
            consumer_ids: self.consumer_ids(&peer.consumers),
            map_ssrc_consumer_id: by_ssrc(|consumer, ssrc| consumer.ssrc == ssrc),
            map_rtx_ssrc_consumer_id: by_ssrc(|consumer, ssrc| consumer.ssrc != ssrc),
            recv_rtp_header_extensions: header_extensions(&peer.extensions),
            rtp_listener: peer.listener.dump(producer_id),
            max_send_message_size: max_message_size,
            max_receive_message_size: max_message_size,
            data_producer_ids,
            data_consumer_ids,
            sctp_parameters: data.and_then(|data| data.link.parameters()),
            sctp_state: data.and_then(|data| data.link.state()),
            sctp_listener,
            trace_event_types: peer.traces.types(),
            kind: self.kind(peer),
        })
    }

    fn kind(&self, peer: &Peer) -> TransportKindDump {
        match &peer.session {
            Session::Secure(session) => self.webrtc(peer, session),
            Session::Plain(session) => plain(session),
            Session::Direct(_) => TransportKindDump::Direct {},
            Session::Bridge(_) => TransportKindDump::Bridge {},
        }
    }

    fn webrtc(&self, peer: &Peer, session: &SecureSession) -> TransportKindDump {
        TransportKindDump::WebRtc {
            ice_role: "controlled",
            ice_parameters: session.ice_parameters().clone(),
            ice_candidates: peer.candidates.clone(),
            ice_state: session.ice_state(),
            ice_selected_tuple: session.selected_tuple().map(Into::into),
            dtls_parameters: self.dtls_parameters(session.dtls_role()),
            dtls_state: session.dtls_state(),
        }
    }

    pub(crate) fn producer_state(&self, id: ProducerId) -> Result<ProducerState, ProduceError> {
        let key = self.producer_key(id)?;
        Ok(self.producers[key.0].state())
    }

    pub(crate) fn consumer_state(&self, id: ConsumerId) -> Result<ConsumerState, ConsumeError> {
        let key = self.consumer_key(id)?;
        let consumer = &self.consumers[key.0];
        Ok(consumer.state(self.producers[consumer.producer.0].paused))
    }
}

fn header_extensions(ids: &ExtensionIds) -> RecvRtpHeaderExtensions {
    RecvRtpHeaderExtensions {
        mid: ids.id(Extension::Mid),
        rid: ids.id(Extension::Rid),
        rrid: ids.id(Extension::RepairedRid),
        abs_send_time: ids.id(Extension::AbsSendTime),
        transport_wide_cc: ids.id(Extension::TransportWideCc),
    }
}

fn plain(session: &PlainSession) -> TransportKindDump {
    let tuple = |(local, remote)| TransportTuple::udp(local, remote);
    let rtcp = session.rtcp_path();
    TransportKindDump::Plain {
        rtcp_mux: rtcp.is_none(),
        comedia: session.is_comedia(),
        tuple: tuple(session.rtp_path()),
        rtcp_tuple: rtcp.map(tuple),
        srtp_parameters: session.srtp_parameters().cloned(),
    }
}
