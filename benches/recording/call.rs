//! Rooms full of people who send.

use mediasoup_core::media::rtp::MediaKind;
use mediasoup_tests::{
    client::{JoinOptions, Participant, RemoteTrack},
    media::Player,
};
use reqwest::Method;
use serde_json::json;

use crate::{Result, footage::Footage, server::Server};

/// A room in which everyone sends picture and sound.
pub(crate) struct Call {
    pub(crate) room: String,
    people: Vec<Person>,
}

struct Person {
    participant: Participant,
    players: Vec<Player>,
    /// What it gets of the others.
    received: Vec<RemoteTrack>,
}

impl Call {
    /// Opens a room and fills it. With `watching`, everyone gets everything of everyone else.
    pub(crate) async fn start(
        server: &Server,
        footage: &Footage,
        room: String,
        participants: usize,
        watching: bool,
    ) -> Result<Self> {
        server.ask(Method::POST, "/rooms", &json!({ "roomId": room })).await?;
        let mut people = Vec::new();
        let mut producers = Vec::new();
        for number in 0..participants {
            let participant = Participant::join(JoinOptions::new(server.connect_options(), &*room)).await?;
            let mut players = Vec::new();
            let media = [
                (MediaKind::Video, "video/VP8", footage.picture(number)),
                (MediaKind::Audio, "audio/opus", footage.sound()),
            ];
            for (kind, mime_type, clip) in media {
                let track = participant.publish(kind, mime_type).await?;
                producers.push((number, track.producer_id()));
                players.push(Player::start(clip, track));
            }
            people.push(Person { participant, players, received: Vec::new() });
        }
        for (number, person) in people.iter_mut().enumerate().filter(|_| watching) {
            for (_, producer) in producers.iter().filter(|(owner, _)| *owner != number) {
                person.received.push(person.participant.consume(*producer).await?);
            }
        }
        Ok(Self { room, people })
    }

    /// Several rooms.
    pub(crate) async fn start_many(
        server: &Server,
        footage: &Footage,
        rooms: usize,
        participants: usize,
        watching: bool,
    ) -> Result<Vec<Self>> {
        let mut calls = Vec::new();
        for number in 0..rooms {
            let room = format!("room-{participants}-{number}");
            calls.push(Self::start(server, footage, room, participants, watching).await?);
        }
        Ok(calls)
    }

    /// Packets that did not come to somebody who was to get them: gaps that were not repaired.
    pub(crate) fn packets_not_received(&self) -> u64 {
        let tracks = self.people.iter().flat_map(|person| &person.received);
        tracks.map(|track| track.stats().missing).sum()
    }

    /// Ends it. Gives how many packets were sent.
    pub(crate) async fn stop(self) -> Result<u64> {
        let mut sent = 0;
        for person in self.people {
            for player in person.players {
                sent += player.stop().await?;
            }
            person.participant.close().await;
        }
        Ok(sent)
    }
}
