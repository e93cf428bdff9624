//! The ways between routers.

use super::{PipeTransport, Router};
use crate::media::{
    error::{PipeError, TransportError},
    options::PipeTransportOptions,
};

/// The two ends of the way from one router to another.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) near: PipeTransport,
    pub(super) far: PipeTransport,
}

impl Pair {
    /// The way from one router to the other, made where there is none.
    pub(super) async fn between(
        near: &Router,
        far: &Router,
        options: &PipeTransportOptions,
    ) -> Result<Self, PipeError> {
        let mut pairs = near.shared().pairs.lock().await;
        if let Some(pair) = pairs.get(&far.id()).filter(|pair| pair.is_open()) {
            return Ok(pair.clone());
        }
        let pair = Self::open(near, far, options).await?;
        if let Some(half_open) = pairs.insert(far.id(), pair.clone()) {
            half_open.close().await;
        }
        Ok(pair)
    }

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
