//! Producers and data producers that are those of other routers, too.

use super::{
    DataConsumer, DataProducer, PipeConsumer, Producer, Router,
    pair::Pair,
    tied::{self, Tied},
};
use crate::{
    ids::{DataProducerId, ProducerId},
    media::{
        data::{DataConsumerOptions, DataProducerOptions},
        error::{ConsumeError, DataError, PipeError},
        options::{PipeToRouterOptions, ProducerOptions},
    },
};

/// A producer piped to another router.
#[derive(Clone, Debug)]
pub struct Piped {
    /// The end in its own router.
    pub pipe_consumer: PipeConsumer,
    /// The end in the other router. Where it is closed, so is the end in its own.
    pub pipe_producer: Producer,
}

/// A data producer piped to another router.
#[derive(Clone, Debug)]
pub struct PipedData {
    /// The end in its own router.
    pub pipe_data_consumer: DataConsumer,
    /// The end in the other router. Where it is closed, so is the end in its own.
    pub pipe_data_producer: DataProducer,
}

pub(super) async fn pipe(
    near: &Router,
    producer: ProducerId,
    far: &Router,
    options: PipeToRouterOptions,
) -> Result<Piped, PipeError> {
    check_routers(near, far)?;
    let not_found = || ConsumeError::ProducerNotFound(producer);
    let original = near.shared().producer(producer).ok_or_else(not_found)?;
    let pair = Pair::between(near, far).await?;
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
    if let Some(copy) = far.shared().entities().as_mut().and_then(|entities| entities.producer_mut(id)) {
        copy.tied.push(Tied::Consumer(Box::new(pipe_consumer.clone())));
    }
    let paused = near.shared().entities().as_mut().and_then(|entities| {
        let original = entities.producer_mut(producer)?;
        original.tied.push(Tied::Producer(pipe_producer.clone()));
        Some(original.paused)
    });
    let Some(paused) = paused else {
        pipe_producer.close().await;
        return Err(not_found().into());
    };
    if paused != original.paused {
        // Meanwhile it was changed.
        tied::set_paused(vec![Tied::Producer(pipe_producer.clone())], paused).await;
    }
    Ok(Piped { pipe_consumer, pipe_producer })
}

pub(super) async fn pipe_data(
    near: &Router,
    producer: DataProducerId,
    far: &Router,
    options: PipeToRouterOptions,
) -> Result<PipedData, PipeError> {
    check_routers(near, far)?;
    let not_found = || DataError::ProducerNotFound(producer);
    let original = near.shared().data_producer(producer).ok_or_else(not_found)?;
    let pair = Pair::between(near, far).await?;
    let pipe_data_consumer = pair.near.consume_data(DataConsumerOptions::new(producer)).await?;
    let copy = DataProducerOptions {
        sctp_stream_parameters: pipe_data_consumer.sctp_stream_parameters(),
        ..original.options
    };
    let was_paused = copy.paused;
    let id = if options.new_id { DataProducerId::random() } else { producer };
    let pipe_data_producer = match pair.far.produce_data_as(id, copy).await {
        Ok(pipe_data_producer) => pipe_data_producer,
        Err(error) => {
            pipe_data_consumer.close().await;
            return Err(error.into());
        }
    };
    if let Some(copy) = far.shared().entities().as_mut().and_then(|entities| entities.data_producer_mut(id)) {
        copy.tied.push(Tied::DataConsumer(pipe_data_consumer.clone()));
    }
    let paused = near.shared().entities().as_mut().and_then(|entities| {
        let original = entities.data_producer_mut(producer)?;
        original.tied.push(Tied::DataProducer(pipe_data_producer.clone()));
        Some(original.options.paused)
    });
    let Some(paused) = paused else {
        pipe_data_producer.close().await;
        return Err(not_found().into());
    };
    if paused != was_paused {
        // Meanwhile it was changed.
        tied::set_paused(vec![Tied::DataProducer(pipe_data_producer.clone())], paused).await;
    }
    Ok(PipedData { pipe_data_consumer, pipe_data_producer })
}

fn check_routers(near: &Router, far: &Router) -> Result<(), PipeError> {
    if near.id() == far.id() { Err(PipeError::SameRouter) } else { Ok(()) }
}
