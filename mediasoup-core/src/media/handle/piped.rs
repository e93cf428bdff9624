//! Producers that are producers of other routers, too.

use std::sync::Arc;

use serde_json::Value;

use super::{PipeConsumer, Producer, Router, Transport, router};
use crate::{
    ids::{ProducerId, TransportId},
    media::{
        bridge::BridgeEnd,
        error::{ConsumeError, PipeError, TransportError},
        options::{PipeToRouterOptions, ProducerOptions},
    },
};

/// A producer piped to another router.
#[derive(Clone, Debug)]
pub struct Piped {
    /// The end in its own router.
    pub pipe_consumer: PipeConsumer,
    /// The end in the other router.
    pub pipe_producer: Producer,
}

/// One end of a bridge. Nobody outside is told anything of it.
type Bridge = Transport<()>;

/// The two ends of the way from one router to another.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    near: Bridge,
    far: Bridge,
}

impl Pair {
    async fn open(near: &Router, far: &Router) -> Result<Self, TransportError> {
        let (near_id, far_id) = (TransportId::random(), TransportId::random());
        let (near, far) = (near.shared(), far.shared());
        let inbox = |id, router: &router::Shared| {
            router.port.bridge_inbox().map(|inbox| (id, inbox)).ok_or(TransportError::NotFound(id))
        };
        let (near_end, far_end) = BridgeEnd::pair(inbox(near_id, near)?, inbox(far_id, far)?);
        let near = open_end(near, near_id, near_end).await?;
        match open_end(far, far_id, far_end).await {
            Ok(far) => Ok(Self { near, far }),
            Err(error) => {
                near.close().await;
                Err(error)
            }
        }
    }

    fn is_open(&self) -> bool {
        [&self.near, &self.far].iter().all(|end| end.router().has_transport(end.id()))
    }

    async fn close(&self) {
        self.near.close().await;
        self.far.close().await;
    }
}

async fn open_end(
    router: &Arc<router::Shared>,
    id: TransportId,
    end: BridgeEnd,
) -> Result<Bridge, TransportError> {
    router.port.create_bridge(router.id(), id, end).await?;
    router.add_transport(id)?;
    Ok(Bridge::new(id, (), Value::Null, Arc::clone(router)))
}

pub(super) async fn pipe(
    near: &Router,
    producer: ProducerId,
    far: &Router,
    options: PipeToRouterOptions,
) -> Result<Piped, PipeError> {
    if near.id() == far.id() {
        return Err(PipeError::SameRouter);
    }
    let original = near.shared().producer(producer).ok_or(ConsumeError::ProducerNotFound(producer))?;
    let pair = pair(near, far).await?;
    let pipe_consumer = pair.near.consume_whole(producer, false).await?;
    let copy = ProducerOptions {
        paused: original.paused,
        app_data: original.app_data,
        ..ProducerOptions::new(original.kind, pipe_consumer.rtp_parameters().clone())
    };
    let id = if options.new_id { ProducerId::random() } else { producer };
    let pipe_producer = match pair.far.produce_as(id, copy).await {
        Ok(pipe_producer) => pipe_producer,
        Err(error) => {
            pipe_consumer.close().await;
            return Err(error.into());
        }
    };
    let paused = near.shared().entities().as_mut().and_then(|entities| {
        let original = entities.producer_mut(producer)?;
        original.piped.push(pipe_producer.clone());
        Some(original.paused)
    });
    let Some(paused) = paused else {
        pipe_producer.close().await;
        return Err(ConsumeError::ProducerNotFound(producer).into());
    };
    if paused != original.paused {
        // Meanwhile it was changed.
        set_paused(vec![pipe_producer.clone()], paused).await;
    }
    Ok(Piped { pipe_consumer, pipe_producer })
}

/// The way from one router to the other, made where there is none.
async fn pair(near: &Router, far: &Router) -> Result<Pair, PipeError> {
    let mut pairs = near.shared().pairs.lock().await;
    if let Some(pair) = pairs.get(&far.id()).filter(|pair| pair.is_open()) {
        return Ok(pair.clone());
    }
    let pair = Pair::open(near, far).await?;
    if let Some(half_open) = pairs.insert(far.id(), pair.clone()) {
        half_open.close().await;
    }
    Ok(pair)
}

/// What becomes of the original becomes of these.
pub(super) async fn set_paused(piped: Vec<Producer>, paused: bool) {
    for producer in piped {
        let done = if paused { Box::pin(producer.pause()).await } else { Box::pin(producer.resume()).await };
        if let Err(error) = done {
            // It was closed in its own router.
            tracing::debug!(producer = %producer.id(), %error, "a piped producer does not follow");
        }
    }
}

pub(super) async fn close(piped: Vec<Producer>) {
    for producer in piped {
        Box::pin(producer.close()).await;
    }
}
