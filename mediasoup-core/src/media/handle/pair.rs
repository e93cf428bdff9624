//! The ways between routers of one process.

use std::sync::Arc;

use serde_json::Value;

use super::{Router, Transport, router};
use crate::{
    ids::TransportId,
    media::{bridge::BridgeEnd, error::TransportError},
};

/// One end of a bridge. Nobody outside is told anything of it.
type Bridge = Transport<()>;

/// The two ends of the way from one router to another.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) near: Bridge,
    pub(super) far: Bridge,
}

impl Pair {
    /// The way from one router to the other, made where there is none.
    pub(super) async fn between(near: &Router, far: &Router) -> Result<Self, TransportError> {
        let mut pairs = near.shared().pairs.lock().await;
        if let Some(pair) = pairs.get(&far.id()).filter(|pair| pair.is_open()) {
            return Ok(pair.clone());
        }
        let pair = Self::open(near, far).await?;
        if let Some(half_open) = pairs.insert(far.id(), pair.clone()) {
            half_open.close().await;
        }
        Ok(pair)
    }

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
