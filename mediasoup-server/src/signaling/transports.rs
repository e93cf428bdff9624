//! Transports: create, connect, restart, close.

use std::time::SystemTime;

use mediasoup_core::{
    ids::{RoomId, TransportId},
    media::{
        data::{NumSctpStreams, SctpOptions, SctpParameters},
        transport::{DtlsParameters, TransportParameters},
    },
    room::{RoomError, TransportDirection},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    reply::{Outcome, Reply},
    session::Session,
};
use crate::{
    error::ApiError,
    ice::{self, ClientIceServer},
    input::Object,
};

/// A transport a client named. What is no id of ours names no transport.
pub(super) fn transport_id(text: &str) -> Result<TransportId, ApiError> {
    text.parse().map_err(|_| RoomError::TransportNotFound.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateTransport {
    room_id: RoomId,
    direction: TransportDirection,
    /// Data channels. Absent: yes.
    enable_sctp: Option<bool>,
    num_sctp_streams: Option<Object<NumSctpStreams>>,
    max_sctp_message_size: Option<u32>,
}

impl CreateTransport {
    /// What its data channels are to be like; `None`: it has none.
    fn sctp(&self) -> Result<Option<SctpOptions>, ApiError> {
        let mut options = SctpOptions::default();
        if let Some(Object(streams)) = self.num_sctp_streams {
            for (field, count) in [("OS", streams.outgoing), ("MIS", streams.incoming)] {
                if count == 0 {
                    return Err(ApiError::invalid(format!("numSctpStreams.{field}"), "must be at least 1"));
                }
            }
            options.num_sctp_streams = streams;
        }
        if let Some(size) = self.max_sctp_message_size {
            if !(1..=SctpOptions::MESSAGE_SIZE_MAX).contains(&size) {
                let why = format!("must be 1 to {}", SctpOptions::MESSAGE_SIZE_MAX);
                return Err(ApiError::invalid("maxSctpMessageSize", why));
            }
            options.max_message_size = size;
        }
        Ok(self.enable_sctp.unwrap_or(true).then_some(options))
    }
}

/// What mediasoup-client makes its transport from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransportView {
    #[serde(flatten)]
    parameters: TransportParameters,
    direction: TransportDirection,
    /// Null without data channels.
    sctp_parameters: Option<SctpParameters>,
    ice_servers: Vec<ClientIceServer>,
}

pub(super) async fn create(session: &mut Session, request: CreateTransport) -> Outcome {
    let sctp = request.sctp()?;
    let CreateTransport { room_id, direction, .. } = request;
    let mut parameters = session.participant_in(&room_id)?.create_transport_with(direction, sctp).await?;
    let sctp_parameters = parameters.sctp_parameters.take();
    let ice_servers = ice::servers_for(&session.state.config.ice, &session.participant, SystemTime::now());
    let transport = TransportView { parameters, direction, sctp_parameters, ice_servers };
    let body = json!({ "roomId": room_id, "direction": direction, "transport": transport });
    Ok(Reply::new("mediasoup:transport-created", body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectTransport {
    room_id: RoomId,
    transport_id: String,
    dtls_parameters: Object<DtlsParameters>,
}

pub(super) async fn connect(session: &mut Session, request: ConnectTransport) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = transport_id(&request.transport_id)?;
    let Object(remote) = request.dtls_parameters;
    participant.connect_transport(id, remote).await?;
    let body = json!({ "roomId": request.room_id, "transportId": id });
    Ok(Reply::new("mediasoup:transport-connected", body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfTransport {
    room_id: RoomId,
    transport_id: String,
}

pub(super) async fn restart_ice(session: &mut Session, request: OfTransport) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = transport_id(&request.transport_id)?;
    let ice_parameters = participant.restart_ice(id).await?;
    let body = json!({ "roomId": request.room_id, "transportId": id, "iceParameters": ice_parameters });
    Ok(Reply::new("mediasoup:ice-restarted", body))
}

pub(super) async fn close(session: &mut Session, request: OfTransport) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let id = transport_id(&request.transport_id)?;
    participant.close_transport(id).await?;
    let body = json!({ "roomId": request.room_id, "transportId": id });
    Ok(Reply::new("mediasoup:transport-closed", body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input;

    #[test]
    fn directions_are_send_and_recv() {
        let field = |direction| {
            let request = json!({ "roomId": "a", "direction": direction });
            input::parse::<CreateTransport>(Some(request)).err().and_then(|error| error.field)
        };
        assert_eq!(field("send"), None);
        assert_eq!(field("recv"), None);
        assert_eq!(field("both").as_deref(), Some("direction"));
    }

    #[test]
    fn data_channels_are_there_unless_refused_and_within_bounds() {
        let sctp = |fields: serde_json::Value| {
            let mut request = json!({ "roomId": "a", "direction": "send" });
            request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            input::parse::<CreateTransport>(Some(request)).and_then(|request| request.sctp())
        };
        assert_eq!(sctp(json!({})).unwrap(), Some(SctpOptions::default()));
        assert_eq!(sctp(json!({ "enableSctp": false })).unwrap(), None);
        let few = json!({ "numSctpStreams": { "OS": 5, "MIS": 6 }, "maxSctpMessageSize": 1000 });
        let options = sctp(few).unwrap().unwrap();
        assert_eq!((options.num_sctp_streams.incoming, options.max_message_size), (6, 1000));
        let field = |fields| sctp(fields).unwrap_err().field;
        assert_eq!(field(json!({ "numSctpStreams": { "OS": 5 } })).as_deref(), Some("numSctpStreams.MIS"));
        assert_eq!(
            field(json!({ "numSctpStreams": { "OS": 0, "MIS": 1 } })).as_deref(),
            Some("numSctpStreams.OS")
        );
        for size in [0, 262_145] {
            assert_eq!(field(json!({ "maxSctpMessageSize": size })).as_deref(), Some("maxSctpMessageSize"));
        }
    }

    #[test]
    fn dtls_parameters_are_read_as_the_clients_send_them() {
        let fingerprint = json!({ "algorithm": "sha-256", "value": "AB:CD" });
        let request = |role| {
            json!({ "roomId": "a", "transportId": "t",
                "dtlsParameters": { "role": role, "fingerprints": [fingerprint] } })
        };
        assert!(input::parse::<ConnectTransport>(Some(request(json!("client")))).is_ok());
        assert!(input::parse::<ConnectTransport>(Some(request(json!(null)))).is_ok());
        let error = input::parse::<ConnectTransport>(Some(request(json!("boss")))).err().unwrap();
        assert_eq!(error.field.as_deref(), Some("dtlsParameters.role"));
    }

    #[test]
    fn what_is_no_id_names_no_transport() {
        let error = transport_id("transport-123").unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.error.as_str()),
            ("TRANSPORT_NOT_FOUND", "Transport not found")
        );
    }
}
