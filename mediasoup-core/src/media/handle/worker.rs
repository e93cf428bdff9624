use std::sync::Arc;

use crate::{
    ids::{RouterId, WorkerId},
    media::{
        dump::WorkerDump,
        error::{RouterError, WorkerError},
        options::RouterOptions,
        ortc,
        port::MediaPort,
    },
};

use super::Router;

/// One worker: a thread that carries media.
#[derive(Clone, Debug)]
pub struct Worker {
    id: WorkerId,
    port: Arc<dyn MediaPort>,
}

impl Worker {
    /// A handle of the worker behind `port`.
    #[must_use]
    pub fn new(id: WorkerId, port: Arc<dyn MediaPort>) -> Self {
        Self { id, port }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> WorkerId {
        self.id
    }

    /// What it has right now.
    ///
    /// # Errors
    /// Its end.
    pub async fn dump(&self) -> Result<WorkerDump, WorkerError> {
        self.port.dump_worker().await
    }

    /// Opens a router.
    ///
    /// # Errors
    /// Codecs that are malformed or not supported, or the worker's end.
    pub async fn create_router(&self, options: RouterOptions) -> Result<Router, RouterError> {
        let capabilities = ortc::router_rtp_capabilities(&options.media_codecs)?;
        let id = RouterId::random();
        // Whoever wants the events subscribes through the handle.
        let _events = self.port.create_router(id).await?;
        Ok(Router::new(id, capabilities, Arc::clone(&self.port)))
    }
}
