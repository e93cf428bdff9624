use std::sync::Arc;

use super::{Producer, log_close, router};
use crate::{ids::RtpObserverId, media::error::ObserverError};

/// Listens to the levels that senders of audio state in their packets (RFC 6464): mediasoup's `AudioLevelObserver` or
/// `ActiveSpeakerObserver`, as it was made. What it hears is told among the router's [events](super::Router::events),
/// with its id.
///
/// A producer whose sender did not negotiate `urn:ietf:params:rtp-hdrext:ssrc-audio-level` is silent to it.
#[derive(Clone, Debug)]
pub struct RtpObserver {
    id: RtpObserverId,
    router: Arc<router::Shared>,
}

impl RtpObserver {
    pub(super) fn new(id: RtpObserverId, router: Arc<router::Shared>) -> Self {
        Self { id, router }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> RtpObserverId {
        self.id
    }

    /// Listens to an audio producer of this router until that closes. Idempotent.
    ///
    /// # Errors
    /// A producer that is closed, or no audio; a closed observer.
    pub async fn add_producer(&self, producer: &Producer) -> Result<(), ObserverError> {
        self.router.port.observe_producer(self.id, producer.id(), true).await
    }

    /// Listens to it no more. Idempotent.
    ///
    /// # Errors
    /// A producer or an observer that is closed.
    pub async fn remove_producer(&self, producer: &Producer) -> Result<(), ObserverError> {
        self.router.port.observe_producer(self.id, producer.id(), false).await
    }

    /// Listens to nothing until resumed. Where levels are measured and somebody was heard, that is silence.
    ///
    /// # Errors
    /// A closed observer.
    pub async fn pause(&self) -> Result<(), ObserverError> {
        self.router.port.pause_observer(self.id, true).await
    }

    /// Goes on.
    ///
    /// # Errors
    /// A closed observer.
    pub async fn resume(&self) -> Result<(), ObserverError> {
        self.router.port.pause_observer(self.id, false).await
    }

    /// Closes it. Idempotent.
    pub async fn close(&self) {
        log_close("observer", self.id, self.router.port.close_observer(self.id).await);
    }
}
