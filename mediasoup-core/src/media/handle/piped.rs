//! Producers that are producers of other routers, too.

use super::{PipeConsumer, PipeTransport, Producer, Router};
use crate::{
    ids::ProducerId,
    media::{
        error::{ConsumeError, PipeError, TransportError},
        options::{PipeToRouterOptions, PipeTransportOptions, ProducerOptions},
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

/// The two ends of the way from one router to another.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    near: PipeTransport,
    far: PipeTransport,
}

impl Pair {
    async fn open(near: &Router, far: &Router, options: &PipeTransportOptions) -> Result<Self, PipeError> {
        let near = near.create_pipe_transport(options.clone()).await?;
        let far = match far.create_pipe_transport(options.clone()).await {
            Ok(far) => far,
            Err(error) => {
                near.close().await;
                return Err(error.into());
            }
        };
        let pair = Self { near, far };
        if let Err(error) = pair.connect().await {
            pair.close().await;
            return Err(error.into());
        }
        Ok(pair)
    }

    async fn connect(&self) -> Result<(), TransportError> {
        for (end, other) in [(&self.near, &self.far), (&self.far, &self.near)] {
            let ip = other.tuple().local_address.parse();
            let ip =
                ip.map_err(|_| TransportError::Invalid("the announced address is no IP address".into()))?;
            end.connect(ip, other.tuple().local_port, other.srtp_parameters().cloned()).await?;
        }
        Ok(())
    }

    fn is_open(&self) -> bool {
        self.near.is_open() && self.far.is_open()
    }

    async fn close(&self) {
        self.near.close().await;
        self.far.close().await;
    }
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
    let pair = pair(near, far, &options.transport).await?;
    let pipe_consumer = pair.near.consume(producer).await?;
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
async fn pair(near: &Router, far: &Router, options: &PipeTransportOptions) -> Result<Pair, PipeError> {
    let mut pairs = near.shared().pairs.lock().await;
    if let Some(pair) = pairs.get(&far.id()).filter(|pair| pair.is_open()) {
        return Ok(pair.clone());
    }
    let pair = Pair::open(near, far, options).await?;
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
