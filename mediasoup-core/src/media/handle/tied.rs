//! What is tied to a producer by a pipe, and does as it does.

use super::{DataConsumer, DataProducer, PipeConsumer, Producer};
use crate::media::error::PipeError;

/// The other end of a pipe.
#[derive(Clone, Debug)]
pub(super) enum Tied {
    /// What a producer is in another router.
    Producer(Producer),
    /// What a data producer is in another router.
    DataProducer(DataProducer),
    /// What feeds a producer that is another router's.
    Consumer(Box<PipeConsumer>),
    /// What feeds a data producer that is another router's.
    DataConsumer(DataConsumer),
}

impl Tied {
    /// What feeds a producer goes on: it carries nothing while the original is paused.
    async fn set_paused(&self, paused: bool) {
        let done = match self {
            Self::Producer(producer) => Box::pin(producer.set_paused(paused)).await.map_err(PipeError::from),
            Self::DataProducer(producer) => {
                Box::pin(producer.set_paused(paused)).await.map_err(PipeError::from)
            }
            Self::Consumer(_) | Self::DataConsumer(_) => Ok(()),
        };
        if let Err(error) = done {
            // It was closed in its own router.
            tracing::debug!(%error, "a piped producer does not follow");
        }
    }

    async fn close(&self) {
        match self {
            Self::Producer(producer) => Box::pin(producer.close()).await,
            Self::DataProducer(producer) => Box::pin(producer.close()).await,
            Self::Consumer(consumer) => consumer.close().await,
            Self::DataConsumer(consumer) => consumer.close().await,
        }
    }
}

/// What was tied to something is paused or resumed as that.
pub(super) async fn set_paused(tied: Vec<Tied>, paused: bool) {
    for end in tied {
        end.set_paused(paused).await;
    }
}

/// What was tied to something is closed as that.
pub(super) async fn close(tied: Vec<Tied>) {
    for end in tied {
        end.close().await;
    }
}
