//! What can be asked of a room: check, do it in the media plane, record it, tell.

use std::num::NonZeroU8;

use serde_json::Value;
use tokio::sync::mpsc;
use tracing::{debug, info};

use super::{
    ambient::epoch_ms,
    error::RoomError,
    event::LeaveReason,
    info::{ConsumerInfo, ParticipantInfo, ProducerInfo, RoomInfo, TransportDirection},
    roster,
    state::SessionKey,
    task::RoomTask,
};
use crate::{
    ids::{ConsumerId, ParticipantId, ProducerId, TransportId},
    media::{
        data::SctpOptions,
        event::ConsumerLayers,
        options::{ConsumerOptions, ProducerOptions, WebRtcTransportOptions},
        rtp::MediaKind,
        stats::{ConsumerReport, ProducerStats, TransportStats},
        transport::{DtlsParameters, IceParameters, TransportParameters},
    },
    recording::RosterEvent,
};

/// A session's start, as the task hands it out.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) key: SessionKey,
    pub(super) room: RoomInfo,
    pub(super) info: ParticipantInfo,
    pub(super) events: tokio::sync::mpsc::Receiver<super::event::RoomEvent>,
}

/// Participants.
impl RoomTask {
    pub(super) async fn add(&mut self, id: ParticipantId, data: Value) -> Result<ParticipantInfo, RoomError> {
        let (info, effects) = self.state.add(id, data, epoch_ms())?;
        if !effects.is_empty() {
            info!(target: "mediasoup::participant", room = %self.id, participant = %info.id, "participant added");
        }
        self.carry_out(effects).await;
        Ok(info)
    }

    pub(super) async fn join(
        &mut self,
        id: ParticipantId,
        data: Option<Value>,
    ) -> Result<Started, RoomError> {
        let added = self.state.participant(&id).cloned();
        let (key, info, effects) = self.state.join(id, data, epoch_ms())?;
        info!(target: "mediasoup::participant", room = %self.id, participant = %info.id, "participant joined");
        if effects.is_empty() {
            self.rename(added.as_ref(), &info);
        }
        // Told before the session starts: all of it is in the snapshot, and none of it an event.
        self.carry_out(effects).await;
        let events = self.sessions.start(key.clone());
        Ok(Started { key, room: self.state.info(), info, events })
    }

    /// Somebody who was added came, and may call itself otherwise. Nobody in the room is told, but its recordings are:
    /// it owns nothing yet, so it can go and come.
    fn rename(&mut self, added: Option<&ParticipantInfo>, came: &ParticipantInfo) {
        if added.is_some_and(|added| roster::name(added) != roster::name(came)) {
            self.tell_followers(&roster::left(&came.id));
            self.tell_followers(&roster::joined(came));
        }
    }

    /// Tells who is here, and from then on who comes and goes.
    pub(super) fn follow(&mut self) -> mpsc::Receiver<RosterEvent> {
        self.followers.add(roster::present(&self.state.info(), &self.media))
    }

    pub(super) async fn remove(&mut self, id: &ParticipantId, reason: LeaveReason) -> Result<(), RoomError> {
        let effects = self.state.remove(id, reason)?;
        info!(target: "mediasoup::participant", room = %self.id, participant = %id, ?reason, "participant removed");
        self.carry_out(effects).await;
        Ok(())
    }

    pub(super) async fn leave(&mut self, who: &SessionKey) {
        let effects = self.state.leave(who);
        if !effects.is_empty() {
            info!(target: "mediasoup::participant", room = %self.id, participant = %who.participant, "participant left");
        }
        self.carry_out(effects).await;
    }
}

/// Transports.
impl RoomTask {
    pub(super) async fn create_transport(
        &mut self,
        who: &SessionKey,
        direction: TransportDirection,
        sctp: Option<SctpOptions>,
    ) -> Result<TransportParameters, RoomError> {
        self.state.may_open_transport(who)?;
        let options = WebRtcTransportOptions { sctp, ..self.transport_options.clone() };
        let router = self.media.routers.place(direction).await?;
        let transport = router.create_webrtc_transport(options).await?;
        let parameters = transport.parameters().clone();
        self.state.transport_opened(who, transport.id(), direction);
        self.media.keep_transport(transport);
        debug!(target: "mediasoup::transport", room = %self.id, participant = %who.participant,
            transport = %parameters.id, ?direction, "transport created");
        Ok(parameters)
    }

    pub(super) async fn connect_transport(
        &mut self,
        who: &SessionKey,
        id: TransportId,
        remote: DtlsParameters,
    ) -> Result<(), RoomError> {
        self.state.owns_transport(who, id)?;
        self.media.transport(id)?.connect(remote).await?;
        debug!(target: "mediasoup::transport", room = %self.id, participant = %who.participant,
            transport = %id, "transport connecting");
        Ok(())
    }

    pub(super) async fn restart_ice(
        &mut self,
        who: &SessionKey,
        id: TransportId,
    ) -> Result<IceParameters, RoomError> {
        self.state.owns_transport(who, id)?;
        Ok(self.media.transport(id)?.restart_ice().await?)
    }

    pub(super) async fn close_transport(
        &mut self,
        who: &SessionKey,
        id: TransportId,
    ) -> Result<(), RoomError> {
        let effects = self.state.close_transport(who, id)?;
        debug!(target: "mediasoup::transport", room = %self.id, participant = %who.participant,
            transport = %id, "transport closed");
        self.carry_out(effects).await;
        Ok(())
    }

    pub(super) async fn transport_stats(
        &mut self,
        who: &SessionKey,
        id: TransportId,
    ) -> Result<TransportStats, RoomError> {
        self.state.owns_transport(who, id)?;
        Ok(self.media.transport(id)?.stats().await?)
    }
}

/// Producers.
impl RoomTask {
    pub(super) async fn produce(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        options: ProducerOptions,
    ) -> Result<ProducerInfo, RoomError> {
        self.state.may_produce(who, transport)?;
        let paused = options.paused;
        let producer = self.media.transport(transport)?.produce(options).await?;
        let info = ProducerInfo {
            id: producer.id(),
            participant_id: who.participant.clone(),
            kind: producer.kind(),
            rtp_type: producer.rtp_type(),
            paused,
            app_data: producer.app_data().clone(),
        };
        if info.kind == MediaKind::Audio
            && let Err(error) = self.media.observers.add(&producer).await
        {
            debug!(target: "mediasoup::room", room = %self.id, producer = %info.id, %error, "not listened to");
        }
        self.media.keep_producer(producer);
        let effects = self.state.producer_started(who, transport, info.clone());
        debug!(target: "mediasoup::transport", room = %self.id, participant = %who.participant,
            %transport, producer = %info.id, kind = ?info.kind, "producer created");
        self.carry_out(effects).await;
        Ok(info)
    }

    pub(super) async fn pause_producer(
        &mut self,
        who: &SessionKey,
        id: ProducerId,
        paused: bool,
    ) -> Result<ProducerInfo, RoomError> {
        self.state.may_pause(who, id, paused)?;
        self.set_producer_paused(id, paused).await
    }

    pub(super) async fn lock_producer(&mut self, id: ProducerId, locked: bool) -> Result<(), RoomError> {
        if locked {
            self.set_producer_paused(id, true).await?;
        }
        self.state.lock_producer(id, locked)
    }

    /// A producer that is in this state already is left alone, and nobody is told.
    async fn set_producer_paused(&mut self, id: ProducerId, paused: bool) -> Result<ProducerInfo, RoomError> {
        if self.state.producer(id)?.paused != paused {
            let producer = self.media.producer(id)?;
            if paused { producer.pause().await? } else { producer.resume().await? }
        }
        let effects = self.state.producer_paused(id, paused);
        let info = self.state.producer(id)?.clone();
        self.carry_out(effects).await;
        Ok(info)
    }

    pub(super) async fn close_own_producer(
        &mut self,
        who: &SessionKey,
        id: ProducerId,
    ) -> Result<(), RoomError> {
        self.state.owns_producer(who, id)?;
        self.close_producer(id).await
    }

    pub(super) async fn close_producer(&mut self, id: ProducerId) -> Result<(), RoomError> {
        let effects = self.state.close_producer(id)?;
        debug!(target: "mediasoup::transport", room = %self.id, producer = %id, "producer closed");
        self.carry_out(effects).await;
        Ok(())
    }

    pub(super) async fn producer_stats(
        &mut self,
        who: &SessionKey,
        id: ProducerId,
    ) -> Result<Vec<ProducerStats>, RoomError> {
        self.state.owns_producer(who, id)?;
        Ok(self.media.producer(id)?.stats().await?)
    }
}

/// Consumers.
impl RoomTask {
    pub(super) async fn consume(
        &mut self,
        who: &SessionKey,
        transport: TransportId,
        options: ConsumerOptions,
    ) -> Result<ConsumerInfo, RoomError> {
        self.state.may_consume(who, transport, options.producer_id)?;
        let source = self.state.producer(options.producer_id)?.clone();
        let paused = options.paused;
        let over = self.media.transport(transport)?;
        self.media.routers.bring(options.producer_id, over).await?;
        let consumer = over.consume(options).await?;
        let info = ConsumerInfo {
            id: consumer.id(),
            producer_id: source.id,
            participant_id: source.participant_id,
            kind: consumer.kind(),
            rtp_type: consumer.rtp_type(),
            rtp_parameters: consumer.rtp_parameters().clone(),
            paused,
            producer_paused: source.paused,
            app_data: source.app_data,
        };
        self.media.keep_consumer(consumer);
        self.state.consumer_started(who, transport, info.id, info.producer_id, info.kind);
        debug!(target: "mediasoup::transport", room = %self.id, participant = %who.participant,
            %transport, producer = %info.producer_id, consumer = %info.id, "consumer created");
        Ok(info)
    }

    pub(super) async fn pause_consumer(
        &mut self,
        who: &SessionKey,
        id: ConsumerId,
        paused: bool,
    ) -> Result<(), RoomError> {
        self.state.owns_consumer(who, id)?;
        let consumer = self.media.consumer(id)?;
        // Passed on even where it changes nothing: resuming asks for a key frame each time.
        if paused {
            consumer.pause().await?;
        } else {
            consumer.resume().await?;
        }
        Ok(())
    }

    pub(super) async fn set_preferred_layers(
        &mut self,
        who: &SessionKey,
        id: ConsumerId,
        layers: ConsumerLayers,
    ) -> Result<ConsumerLayers, RoomError> {
        self.state.owns_consumer(who, id)?;
        Ok(self.media.consumer(id)?.set_preferred_layers(layers).await?)
    }

    pub(super) async fn set_consumer_priority(
        &mut self,
        who: &SessionKey,
        id: ConsumerId,
        priority: NonZeroU8,
    ) -> Result<(), RoomError> {
        self.state.owns_consumer(who, id)?;
        Ok(self.media.consumer(id)?.set_priority(priority).await?)
    }

    pub(super) async fn request_key_frame(
        &mut self,
        who: &SessionKey,
        id: ConsumerId,
    ) -> Result<(), RoomError> {
        self.state.owns_consumer(who, id)?;
        Ok(self.media.consumer(id)?.request_key_frame().await?)
    }

    pub(super) async fn close_consumer(&mut self, who: &SessionKey, id: ConsumerId) -> Result<(), RoomError> {
        let effects = self.state.close_consumer(who, id)?;
        self.carry_out(effects).await;
        Ok(())
    }

    pub(super) async fn consumer_stats(
        &mut self,
        who: &SessionKey,
        id: ConsumerId,
    ) -> Result<ConsumerReport, RoomError> {
        self.state.owns_consumer(who, id)?;
        Ok(self.media.consumer(id)?.stats().await?)
    }
}
