//! Time: a record of the log after the other makes frame after frame, each with its samples.

use std::{collections::VecDeque, time::Duration};

use super::{
    canvas::Canvas,
    mixer::Mixer,
    scene::Scene,
    speaker::ActiveSpeaker,
    stream::Horizon,
    studio::{Studio, StudioError},
    timeline::FrameRate,
    tracks::Tracks,
    video::Decoding,
};
use crate::recording::{log::Record, roster::RosterEvent, settings::Settings};

/// How far the log is read ahead of what is shown: enough for packets to be repaired, and for senders to report: browsers
/// first tell what time their sound is of after 2.5 s.
pub const LOOK_AHEAD: Duration = Duration::from_secs(3);

/// How far sound is decoded ahead of what is played, so that the end of it is seen coming.
const SOUND_AHEAD: Duration = Duration::from_millis(100);

/// How long before its first frame a composer that resumes listens: decoders of sound need some past, and so does who
/// is to be seen as the speaker.
const WARM_UP: Duration = Duration::from_secs(10);

/// Shows and plays, in a [`Studio`], what the records of a log say was to be seen and heard.
pub struct Composer<S: Studio> {
    studio: S,
    rate: FrameRate,
    /// The frame that is next.
    next: u64,
    /// The first that is shown.
    first: u64,
    /// The first whose sound is mixed.
    warm: u64,
    /// How far the log was read.
    read: Duration,
    /// What is to change yet.
    roster: VecDeque<(Duration, RosterEvent)>,
    tracks: Tracks<S::Frame>,
    scene: Scene,
    speaker: ActiveSpeaker,
    canvas: Canvas<S::Frame>,
    mixer: Mixer,
    heard: Vec<(u64, f32)>,
}

impl<S: Studio> Composer<S> {
    /// A composer of the files of `settings`. What is before `resume_at` is neither shown nor played: an earlier
    /// composer of the same log has done so. The log is to be read from its start all the same.
    pub fn new(studio: S, settings: &Settings, resume_at: Duration) -> Self {
        let rate = FrameRate::new(settings.video.framerate);
        let first = rate.nearest(resume_at);
        let warm = first.saturating_sub(rate.nearest(WARM_UP));
        Self {
            studio,
            rate,
            next: 0,
            first,
            warm,
            read: Duration::ZERO,
            roster: VecDeque::new(),
            tracks: Tracks::new(),
            scene: Scene::default(),
            speaker: ActiveSpeaker::default(),
            canvas: Canvas::new(settings),
            mixer: Mixer::new(rate.first_sample(warm)),
            heard: Vec::new(),
        }
    }

    /// Takes the next record of the log, and shows and plays what is known well enough now: everything up to
    /// [`LOOK_AHEAD`] before.
    ///
    /// # Errors
    /// The studio's. Then the files end here.
    pub fn take(&mut self, record: Record) -> Result<(), StudioError> {
        self.read = self.read.max(record.at());
        match record {
            Record::Header(_) | Record::Tick { .. } | Record::End { .. } => {}
            Record::Roster { at, event } => {
                if let RosterEvent::TrackAdded(track) = &event {
                    self.tracks.add(track);
                }
                self.roster.push_back((at, event));
            }
            Record::Packet(packet) => self.tracks.packet(packet),
            Record::SenderReport(report) => self.tracks.sender_report(&report),
        }
        let known = self.read.saturating_sub(LOOK_AHEAD);
        while self.rate.time(self.next + 1) <= known {
            self.make_frame()?;
        }
        Ok(())
    }

    /// Shows and plays up to `end`, or rather to the end of the frame that is nearest to it: what was not heard by now
    /// never is. Gives the studio back.
    ///
    /// # Errors
    /// The studio's.
    pub fn finish(mut self, end: Duration) -> Result<S, StudioError> {
        let frames = self.rate.nearest(end);
        while self.next < frames {
            self.make_frame()?;
        }
        Ok(self.studio)
    }

    /// How far the log has been shown and played.
    pub fn position(&self) -> Duration {
        self.rate.time(self.next)
    }

    /// Makes the next frame and the sound that goes with it.
    fn make_frame(&mut self) -> Result<(), StudioError> {
        let frame = self.next;
        self.next += 1;
        let now = self.rate.middle(frame);
        let is_shown = frame >= self.first;
        if frame == self.first {
            self.tracks.catch_up(&mut self.studio, now);
        }
        let is_changed = self.change_scene(now);
        let decoding = if is_shown { Decoding::Now } else { Decoding::Later };
        self.tracks.see(&mut self.studio, Horizon::due(now), decoding);
        self.hear(frame);
        let is_other_speaker = self.follow_speaker(frame);
        if is_changed || is_other_speaker {
            self.canvas.arrange(&self.scene, self.speaker.current());
        }
        if is_shown {
            let tracks = &self.tracks;
            self.studio.show(self.canvas.tiles(|id| tracks.picture(id)))?;
            self.studio.play(self.mixer.mixed())?;
        }
        Ok(())
    }

    /// Decodes and mixes the sound of a frame.
    fn hear(&mut self, frame: u64) {
        let due = Horizon::due(self.rate.time(frame + 1) + SOUND_AHEAD);
        let is_mixed = frame >= self.warm;
        self.tracks.hear(&mut self.studio, due, is_mixed.then(|| self.mixer.position()));
        if is_mixed {
            self.mixer.mix(self.rate.first_sample(frame + 1), self.tracks.voices());
        }
    }

    /// Lets what has changed by `now` be so; `false` if nothing has.
    fn change_scene(&mut self, now: Duration) -> bool {
        let mut is_changed = false;
        while let Some((at, event)) = self.roster.pop_front_if(|(at, _)| *at <= now) {
            is_changed = true;
            match &event {
                RosterEvent::TrackRemoved { producer_id } => {
                    self.tracks.remove(*producer_id).into_iter().for_each(|voice| self.mixer.retire(voice));
                }
                RosterEvent::TrackPaused { producer_id, .. } => self.tracks.hide(*producer_id, at),
                RosterEvent::Joined { .. } | RosterEvent::Left { .. } | RosterEvent::TrackAdded(_) => {}
            }
            self.scene.apply(event);
        }
        is_changed
    }

    /// Who speaks, if that matters; `true` if it is somebody else.
    fn follow_speaker(&mut self, frame: u64) -> bool {
        if !self.canvas.follows_speaker() || frame < self.warm {
            return false;
        }
        let level = |producer| self.tracks.level(producer);
        self.heard.clear();
        self.heard.extend(self.scene.voices().map(|(key, producer)| (key, producer.map_or(0.0, level))));
        let before = self.speaker.current();
        self.speaker.hear(self.rate.time(frame + 1) - self.rate.time(frame), &self.heard);
        self.speaker.current() != before
    }
}
