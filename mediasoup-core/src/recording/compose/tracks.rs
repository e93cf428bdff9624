//! All tracks: from the log to decoders.

use std::{collections::BTreeMap, time::Duration};

use super::{
    audio::AudioTrack,
    sender_clock::SenderClock,
    stream::{Horizon, Stream},
    studio::Studio,
    video::{Decoding, Picture, VideoTrack},
    voice::Voice,
};
use crate::{
    ids::{ParticipantId, ProducerId},
    media::rtp::MediaKind,
    recording::{
        log::{LoggedPacket, LoggedSenderReport, TrackIndex},
        roster,
    },
};

/// The tracks that there are, and the clocks of their participants.
pub(super) struct Tracks<F> {
    /// By [`TrackIndex`].
    names: Vec<ProducerId>,
    tracks: BTreeMap<ProducerId, Track<F>>,
    clocks: BTreeMap<ParticipantId, SenderClock>,
}

struct Track<F> {
    participant: ParticipantId,
    clock_rate: u32,
    /// By encoding.
    streams: BTreeMap<u8, Stream>,
    media: Media<F>,
}

enum Media<F> {
    Audio(AudioTrack),
    Video(VideoTrack<F>),
}

impl<F: Clone> Tracks<F> {
    pub(super) fn new() -> Self {
        Self { names: Vec::new(), tracks: BTreeMap::new(), clocks: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, track: &roster::Track) {
        let number = self.names.len() as u32;
        self.names.push(track.producer_id);
        let media = match track.kind {
            MediaKind::Audio => Media::Audio(AudioTrack::new(track.codec.clone())),
            MediaKind::Video => Media::Video(VideoTrack::new(track.codec.clone(), number)),
        };
        self.clocks.entry(track.participant_id.clone()).or_default();
        self.tracks.entry(track.producer_id).or_insert(Track {
            participant: track.participant_id.clone(),
            clock_rate: track.codec.clock_rate,
            streams: BTreeMap::new(),
            media,
        });
    }

    /// Nothing more is to be seen of it; gives what was to be heard yet.
    pub(super) fn remove(&mut self, id: ProducerId) -> Option<Voice> {
        let Track { participant, media, .. } = self.tracks.remove(&id)?;
        if self.tracks.values().all(|track| track.participant != participant) {
            self.clocks.remove(&participant);
        }
        match media {
            Media::Audio(audio) => Some(audio.into_voice()),
            Media::Video(_) => None,
        }
    }

    /// Nothing from before `at` is to be seen any more of it.
    pub(super) fn hide(&mut self, id: ProducerId, at: Duration) {
        if let Some(Track { media: Media::Video(video), .. }) = self.tracks.get_mut(&id) {
            video.hide(at);
        }
    }

    pub(super) fn packet(&mut self, packet: LoggedPacket) {
        if let Some((stream, _)) = self.stream(packet.track, packet.encoding) {
            stream.take(packet);
        }
    }

    pub(super) fn sender_report(&mut self, report: &LoggedSenderReport) {
        if let Some((stream, clock)) = self.stream(report.track, report.encoding) {
            stream.report(report, clock);
        }
    }

    fn stream(&mut self, track: TrackIndex, encoding: u8) -> Option<(&mut Stream, &mut SenderClock)> {
        let track = self.tracks.get_mut(self.names.get(track as usize)?)?;
        let clock = self.clocks.get_mut(&track.participant)?;
        let stream = track.streams.entry(encoding).or_insert_with(|| Stream::new(track.clock_rate));
        Some((stream, clock))
    }

    /// Takes the video that is due.
    pub(super) fn see<S>(&mut self, studio: &mut S, horizon: Horizon, decoding: Decoding)
    where
        S: Studio<Frame = F>,
    {
        for track in self.tracks.values_mut() {
            let Track { participant, streams, media: Media::Video(video), .. } = track else { continue };
            let Some(clock) = self.clocks.get(participant) else { continue };
            // The highest first: a lower one is decoded only if that brings nothing.
            for (encoding, stream) in streams.iter_mut().rev() {
                while let Some(placed) = stream.pop(horizon, clock) {
                    video.take(studio, *encoding, placed, decoding);
                }
            }
        }
    }

    /// Decodes the video that was left for later.
    pub(super) fn catch_up<S: Studio<Frame = F>>(&mut self, studio: &mut S, now: Duration) {
        for track in self.tracks.values_mut() {
            if let Media::Video(video) = &mut track.media {
                video.catch_up(studio, now);
            }
        }
    }

    /// Decodes the sound that is due. Whatever belongs before the `position`-th sample is lost, so nothing at all is
    /// decoded when that is `None`.
    pub(super) fn hear<S>(&mut self, studio: &mut S, horizon: Horizon, position: Option<u64>)
    where
        S: Studio<Frame = F>,
    {
        for track in self.tracks.values_mut() {
            let Track { participant, streams, media: Media::Audio(audio), .. } = track else { continue };
            let Some(clock) = self.clocks.get(participant) else { continue };
            for stream in streams.values_mut() {
                while let Some(placed) = stream.pop(horizon, clock) {
                    if let Some(position) = position {
                        audio.take(studio, &placed.packet, position);
                    }
                }
            }
        }
    }

    pub(super) fn picture(&self, id: ProducerId) -> Option<&Picture<F>> {
        match &self.tracks.get(&id)?.media {
            Media::Video(video) => video.picture(),
            Media::Audio(_) => None,
        }
    }

    pub(super) fn voices(&mut self) -> impl Iterator<Item = &mut Voice> {
        self.tracks.values_mut().filter_map(|track| match &mut track.media {
            Media::Audio(audio) => Some(audio.voice()),
            Media::Video(_) => None,
        })
    }

    /// How loud it was just now.
    pub(super) fn level(&self, id: ProducerId) -> f32 {
        match self.tracks.get(&id).map(|track| &track.media) {
            Some(Media::Audio(audio)) => audio.level(),
            _ => 0.0,
        }
    }
}
