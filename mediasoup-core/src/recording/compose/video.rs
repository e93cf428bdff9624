//! The pictures of one track.

use std::{collections::BTreeMap, time::Duration};

use super::{
    backlog::Backlog,
    stream::Placed,
    studio::{Studio, VideoDecoder},
    timeline::RETRY,
};
use crate::recording::roster::TrackCodec;

/// What is to be seen of a track.
#[derive(Clone, Debug)]
pub(super) struct Picture<F> {
    pub(super) frame: F,
    /// Degrees, clockwise.
    pub(super) rotation: u16,
    /// Tells it from every other picture of any track.
    pub(super) revision: u64,
}

/// When packets are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoding {
    /// As they come: what they show is seen.
    Now,
    /// When there is too much of them, or they are asked for: nobody looks.
    Later,
}

/// Decodes a video track: of several encodings the highest there is.
pub(super) struct VideoTrack<F> {
    codec: TrackCodec,
    encodings: BTreeMap<u8, Encoding<F>>,
    /// The one whose pictures are seen.
    current: Option<u8>,
    /// The one that is to be, as soon as it has given a picture.
    candidate: Option<u8>,
    picture: Option<Picture<F>>,
    /// Another one for each picture of any track.
    revision: u64,
    /// Earlier pictures are not seen.
    hidden_until: Duration,
    frames: Vec<(Duration, F)>,
}

struct Encoding<F> {
    decoder: Option<Box<dyn VideoDecoder<F>>>,
    backlog: Backlog,
    /// When its last packet was due.
    last: Duration,
    /// No decoder is opened before.
    retry_at: Duration,
    rotation: u16,
}

impl<F> Encoding<F> {
    /// An encoding that brings nothing for so long makes room for a lower one.
    const ALIVE: Duration = Duration::from_millis(500);

    fn is_alive(&self, now: Duration) -> bool {
        now.saturating_sub(self.last) <= Self::ALIVE
    }

    fn fail(&mut self, now: Duration) {
        self.decoder = None;
        self.backlog.clear();
        self.retry_at = now + RETRY;
    }
}

impl<F: Clone> VideoTrack<F> {
    /// The `number`-th track.
    pub(super) fn new(codec: TrackCodec, number: u32) -> Self {
        Self {
            codec,
            encodings: BTreeMap::new(),
            current: None,
            candidate: None,
            picture: None,
            revision: u64::from(number) << 32,
            hidden_until: Duration::ZERO,
            frames: Vec::new(),
        }
    }

    /// The latest picture that is due.
    pub(super) fn picture(&self) -> Option<&Picture<F>> {
        self.picture.as_ref()
    }

    /// Nothing from before `at` is to be seen any more.
    pub(super) fn hide(&mut self, at: Duration) {
        self.picture = None;
        self.hidden_until = at;
    }

    /// Takes the next packet of an encoding, which is due.
    pub(super) fn take<S>(&mut self, studio: &mut S, index: u8, placed: Placed, decoding: Decoding)
    where
        S: Studio<Frame = F>,
    {
        let at = placed.packet.at;
        let encoding = self.encodings.entry(index).or_insert_with(|| Encoding {
            decoder: None,
            backlog: Backlog::default(),
            last: at,
            retry_at: Duration::ZERO,
            rotation: 0,
        });
        encoding.last = at;
        encoding.rotation = placed.rotation.unwrap_or(encoding.rotation);
        encoding.backlog.push(placed.packet, encoding.decoder.is_some());
        let is_full = encoding.backlog.is_full();
        if self.is_wanted(index, at) {
            if decoding == Decoding::Now || is_full {
                self.decode(studio, index, at);
            }
        } else if is_full && let Some(encoding) = self.encodings.get_mut(&index) {
            encoding.backlog.clear();
            encoding.decoder = None;
        }
    }

    /// Decodes what was left for later, as far as it would be seen at `now`.
    pub(super) fn catch_up<S>(&mut self, studio: &mut S, now: Duration)
    where
        S: Studio<Frame = F>,
    {
        let rank = |(index, encoding): (&u8, &Encoding<F>)| {
            let is_alive = encoding.is_alive(now);
            (is_alive, if is_alive { now } else { encoding.last }, *index)
        };
        let mut ranks: Vec<_> = self.encodings.iter().map(rank).collect();
        ranks.sort_unstable();
        for (_, _, index) in ranks.into_iter().rev() {
            self.decode(studio, index, now);
            if self.current == Some(index) {
                return;
            }
        }
    }

    /// Whether the encoding is the best there is: there is no higher one that is alive.
    fn is_wanted(&self, index: u8, now: Duration) -> bool {
        let is_good = |encoding: &Encoding<F>| encoding.is_alive(now) && encoding.decoder.is_some();
        let yields = |rival: u8| index >= rival || !self.encodings.get(&rival).is_some_and(is_good);
        self.current == Some(index) || [self.candidate, self.current].into_iter().flatten().all(yields)
    }

    /// Decodes what waits of an encoding.
    fn decode<S>(&mut self, studio: &mut S, index: u8, now: Duration)
    where
        S: Studio<Frame = F>,
    {
        let Some(encoding) = self.encodings.get_mut(&index).filter(|encoding| !encoding.backlog.is_empty())
        else {
            return;
        };
        if encoding.decoder.is_none() {
            if now < encoding.retry_at {
                if encoding.backlog.is_full() {
                    encoding.backlog.clear();
                }
                return;
            }
            let Ok(decoder) = studio.video_decoder(&self.codec) else { return encoding.fail(now) };
            encoding.decoder = Some(decoder);
        }
        if self.current != Some(index) {
            self.candidate = Some(index);
        }
        let Encoding { decoder: Some(decoder), backlog, .. } = encoding else { return };
        let mut latest = None;
        let mut failed = false;
        for packet in backlog.drain() {
            failed = decoder.decode(&packet, &mut self.frames).is_err();
            latest = self.frames.drain(..).next_back().or(latest);
            if failed {
                break;
            }
        }
        let rotation = encoding.rotation;
        if failed {
            encoding.fail(now);
        }
        if let Some((at, frame)) = latest {
            self.see(index, at, frame, rotation);
        }
        if failed && self.candidate == Some(index) {
            self.candidate = None;
        }
    }

    /// An encoding has given a picture: it is the one to be seen.
    fn see(&mut self, index: u8, at: Duration, frame: F, rotation: u16) {
        if self.candidate == Some(index) {
            self.current = Some(index);
            self.candidate = None;
        }
        // Of a current encoding that has a candidate, too: until that one has a picture, this one moves on.
        if at >= self.hidden_until {
            self.revision += 1;
            self.picture = Some(Picture { frame, rotation, revision: self.revision });
        }
    }
}
