//! Plays a clip onto a track, in time.

use std::time::Duration;

use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use super::Clip;
use crate::client::{ClientError, LocalTrack};

/// A clip that plays in a loop until stopped or dropped. A request for a key frame skips to the
/// next one there is.
#[derive(Debug)]
pub struct Player {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<u64, ClientError>>,
}

impl Player {
    /// Starts to play.
    #[must_use]
    pub fn start(clip: Clip, track: LocalTrack) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(play(clip, track, stopped));
        Self { stop, task }
    }

    /// Stops, and says how many packets were sent.
    ///
    /// # Errors
    /// The transport was closed while it played.
    pub async fn stop(self) -> Result<u64, ClientError> {
        drop(self.stop);
        self.task.await.map_err(|_| ClientError::Closed)?
    }
}

async fn play(
    clip: Clip,
    mut track: LocalTrack,
    mut stopped: oneshot::Receiver<()>,
) -> Result<u64, ClientError> {
    let mut ticks = interval(Duration::from_secs(1) / clip.frames_per_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut timestamp = 0_u32;
    let mut sent = 0;
    let mut next_frame = 0;
    loop {
        tokio::select! {
            _ = &mut stopped => return Ok(sent),
            () = track.key_frame_requested() => next_frame = clip.key_frame_from(next_frame),
            _ = ticks.tick() => {
                let (frame, _) = clip.frame(next_frame);
                for (i, payload) in frame.iter().enumerate() {
                    track.send(payload.clone(), timestamp, i + 1 == frame.len()).await?;
                    sent += 1;
                }
                timestamp = timestamp.wrapping_add(clip.clock_rate / clip.frames_per_second);
                next_frame = (next_frame + 1) % clip.frames.len();
            }
        }
    }
}
