//! Observers' side of a worker's control.

use async_trait::async_trait;

use super::port::WorkerPort;
use crate::{
    ids::{ProducerId, RouterId, RtpObserverId},
    media::{
        error::{ObserverError, WorkerError},
        observer::ObserverPort,
        options::RtpObserverOptions,
    },
};

#[async_trait]
impl ObserverPort for WorkerPort {
    async fn create_observer(
        &self,
        router: RouterId,
        id: RtpObserverId,
        options: &RtpObserverOptions,
    ) -> Result<(), ObserverError> {
        let options = options.clone();
        self.create(
            move |engine, _| engine.create_observer(router, id, &options),
            move |engine, _| engine.close_observer(id),
        )
        .await
    }

    async fn observe_producer(
        &self,
        id: RtpObserverId,
        producer: ProducerId,
        observed: bool,
    ) -> Result<(), ObserverError> {
        self.run(move |engine, now| match observed {
            true => engine.observe_producer(now, id, producer),
            false => engine.unobserve_producer(now, id, producer),
        })
        .await
    }

    async fn pause_observer(&self, id: RtpObserverId, paused: bool) -> Result<(), ObserverError> {
        self.run(move |engine, now| engine.pause_observer(now, id, paused)).await
    }

    async fn close_observer(&self, id: RtpObserverId) -> Result<(), WorkerError> {
        self.free(move |engine, _| engine.close_observer(id)).await
    }
}
