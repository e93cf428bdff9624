//! Observers' part of the seam between handles and whatever carries the media.

use async_trait::async_trait;

use super::{
    error::{ObserverError, WorkerError},
    options::RtpObserverOptions,
};
use crate::ids::{ProducerId, RouterId, RtpObserverId};

/// One worker's observers. Object safe; every call is complete when it returns, and has changed nothing where it fails. What
/// a port answers whose observers never hear anything is already here.
#[async_trait]
#[expect(unused_variables, reason = "the answers of a port that hears nothing")]
pub trait ObserverPort: Send + Sync + 'static {
    /// Opens an observer; its events are the router's.
    async fn create_observer(
        &self,
        router: RouterId,
        id: RtpObserverId,
        options: &RtpObserverOptions,
    ) -> Result<(), ObserverError> {
        Ok(())
    }
    /// Listens to an audio producer from now on, or no more. Idempotent.
    async fn observe_producer(
        &self,
        id: RtpObserverId,
        producer: ProducerId,
        observed: bool,
    ) -> Result<(), ObserverError> {
        Ok(())
    }
    /// Pauses or resumes an observer.
    async fn pause_observer(&self, id: RtpObserverId, paused: bool) -> Result<(), ObserverError> {
        Ok(())
    }
    /// Closes an observer.
    async fn close_observer(&self, id: RtpObserverId) -> Result<(), WorkerError> {
        Ok(())
    }
}
