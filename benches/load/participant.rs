//! A participant of a room: its requests, in the order a browser makes them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use mediasoup_tests::client::{ConnectOptions, Socket};
use serde_json::{Value, json};

use crate::{
    Result,
    connect::Identity,
    histogram::Histogram,
    media::{ClientId, Media},
    options::Options,
    schedule::phase,
    track::{Kind, Track},
};

const WIDE_CC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// SSRC of a publisher's video; that of its audio is the next.
const VIDEO_SSRC: u32 = 1_000_000;

/// What all participants share.
pub(crate) struct Stage {
    pub(crate) options: Options,
    pub(crate) identity: Identity,
    pub(crate) media: Media,
    /// Nanoseconds that replies took.
    pub(crate) replies: Mutex<Histogram>,
}

/// One that has joined.
pub(crate) struct Participant {
    stage: Arc<Stage>,
    socket: Socket,
    room: String,
    /// As `room-joined` gave it.
    state: Value,
    client: Option<ClientId>,
    /// Whether it made the room, and closes it.
    is_host: bool,
}

impl Stage {
    pub(crate) fn replies(&self) -> Histogram {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Participant {
    /// Makes a room with places for all, and joins it.
    pub(crate) async fn host(stage: Arc<Stage>, room: String) -> Result<Self> {
        let socket = connect(&stage).await?;
        let mut host = Self { stage, socket, room, state: Value::Null, client: None, is_host: true };
        let places = host.stage.options.publishers + host.stage.options.viewers;
        host.request("create-room", json!({ "options": { "maxParticipants": places } })).await?;
        host.enter().await?;
        Ok(host)
    }

    pub(crate) async fn join(stage: Arc<Stage>, room: String) -> Result<Self> {
        let socket = connect(&stage).await?;
        let mut participant = Self { stage, socket, room, state: Value::Null, client: None, is_host: false };
        participant.enter().await?;
        Ok(participant)
    }

    async fn enter(&mut self) -> Result<()> {
        let mut reply = self.request("join-room", json!({ "participantData": {} })).await?;
        self.state = reply["room"].take();
        Ok(())
    }

    /// Sends its tracks; `number` tells senders apart.
    pub(crate) async fn publish(&mut self, number: usize) -> Result<()> {
        let (transport, client) = self.open_transport("send", Instant::now(), None).await?;
        let options = &self.stage.options;
        let video = Kind::Video { packets: options.packets, fps: options.fps };
        let tracks = [
            (options.media.has_video(), video, "video", "video/VP8", options.payload),
            (options.media.has_audio(), Kind::Audio, "audio", "audio/opus", options.audio_payload),
        ];
        for (index, (_, kind, name, mime_type, payload)) in
            tracks.into_iter().enumerate().filter(|(_, t)| t.0)
        {
            let ssrc = VIDEO_SSRC + 2 * number as u32 + index as u32;
            let (payload_type, codec) = self.codec(mime_type)?;
            let parameters = json!({
                "mid": index.to_string(),
                "codecs": [codec],
                "encodings": [{ "ssrc": ssrc }],
                "rtcp": { "cname": format!("load-{number}"), "reducedSize": true },
            });
            let request = json!({ "transportId": transport, "kind": name, "rtpParameters": parameters });
            self.request("create-producer", request).await?;
            let start = Instant::now() + phase(number, kind.per_second());
            self.stage.media.publish(client, Track::new(kind, ssrc, payload_type, payload, start));
        }
        Ok(())
    }

    /// Receives everything there is in the room; began to connect at `begun`.
    pub(crate) async fn watch(&mut self, begun: Instant) -> Result<()> {
        let capabilities = self.capabilities();
        let extension = capabilities["headerExtensions"]
            .as_array()
            .and_then(|all| all.iter().find(|extension| extension["uri"] == WIDE_CC))
            .and_then(|extension| u8::try_from(extension["preferredId"].as_u64()?).ok());
        let (transport, client) = self.open_transport("recv", begun, extension).await?;
        let producers = self.state["producers"].as_array().cloned().unwrap_or_default();
        for producer in &producers {
            let request = json!({
                "transportId": transport,
                "producerId": producer["id"],
                "rtpCapabilities": capabilities,
                "paused": true,
            });
            let consumer = self.request("create-consumer", request).await?["consumer"].take();
            let ssrc = consumer["rtpParameters"]["encodings"][0]["ssrc"].as_u64();
            let ssrc = ssrc.and_then(|ssrc| u32::try_from(ssrc).ok()).ok_or("a consumer without SSRC")?;
            self.stage.media.watch(client, ssrc);
            self.request("resume-consumer", json!({ "consumerId": consumer["id"] })).await?;
        }
        Ok(())
    }

    /// Leaves the room. Who made it closes it.
    pub(crate) async fn leave(self) -> Result<()> {
        if let Some(client) = self.client {
            self.stage.media.remove(client);
        }
        let last = if self.is_host { "close-room" } else { "leave-room" };
        let left = self.request(last, json!({})).await;
        self.socket.close().await;
        left.map(drop)
    }

    async fn open_transport(
        &mut self,
        direction: &str,
        begun: Instant,
        extension: Option<u8>,
    ) -> Result<(Value, ClientId)> {
        let mut transport =
            self.request("create-transport", json!({ "direction": direction })).await?["transport"].take();
        let stage = Arc::clone(&self.stage);
        let request =
            json!({ "transportId": transport["id"], "dtlsParameters": stage.identity.dtls_parameters() });
        self.request("connect-transport", request).await?;
        let connected = stage.identity.connect(&stage.options, &transport).await?;
        let client = stage.media.add(connected, begun, extension)?;
        self.client = Some(client);
        Ok((transport["id"].take(), client))
    }

    /// The room's codec of this name, as a sender states it: without retransmission and congestion control, of which
    /// a sender here does nothing.
    fn codec(&self, mime_type: &str) -> Result<(u8, Value)> {
        let is_it = |codec: &&Value| {
            codec["mimeType"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(mime_type))
        };
        let codecs = self.state["rtpCapabilities"]["codecs"].as_array();
        let codec = codecs
            .and_then(|codecs| codecs.iter().find(is_it))
            .ok_or_else(|| format!("the room has no {mime_type}"))?;
        let payload_type =
            codec["preferredPayloadType"].as_u64().and_then(|number| u8::try_from(number).ok());
        let payload_type = payload_type.ok_or("a codec without payload type")?;
        let mut stated = json!({
            "mimeType": codec["mimeType"],
            "payloadType": payload_type,
            "clockRate": codec["clockRate"],
            "parameters": codec["parameters"],
            "rtcpFeedback": [
                { "type": "ccm", "parameter": "fir" },
                { "type": "nack", "parameter": "pli" },
            ],
        });
        if !codec["channels"].is_null() {
            stated["channels"] = codec["channels"].clone();
        }
        Ok((payload_type, stated))
    }

    /// The room's, without congestion control where it is not done.
    fn capabilities(&self) -> Value {
        let mut capabilities = self.state["rtpCapabilities"].clone();
        if !self.stage.options.transport_cc {
            for codec in capabilities["codecs"].as_array_mut().into_iter().flatten() {
                if let Some(feedback) = codec["rtcpFeedback"].as_array_mut() {
                    feedback.retain(|feedback| {
                        feedback["type"] != "transport-cc" && feedback["type"] != "goog-remb"
                    });
                }
            }
            if let Some(extensions) = capabilities["headerExtensions"].as_array_mut() {
                extensions.retain(|extension| extension["uri"] != WIDE_CC);
            }
        }
        capabilities
    }

    async fn request(&self, event: &str, mut data: Value) -> Result<Value> {
        data["roomId"] = json!(self.room);
        let begun = Instant::now();
        let reply = self.socket.request(&format!("mediasoup:{event}"), data).await?;
        let took = begun.elapsed().as_nanos() as u64;
        self.stage.replies.lock().unwrap_or_else(PoisonError::into_inner).record(took);
        Ok(reply)
    }
}

async fn connect(stage: &Stage) -> Result<Socket> {
    let options = ConnectOptions::new(&stage.options.url).namespace(&stage.options.namespace);
    let options = match &stage.options.token {
        Some(token) => options.token(token),
        None => options,
    };
    Ok(Socket::connect(&options).await?)
}
