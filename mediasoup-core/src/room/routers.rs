//! A room over several workers.
//!
//! A room begins on one worker, where all its producers are: they are heard and recorded there. Where that worker has more to do
//! than others, those who come next watch from another one: a router there is a branch of the room. What is watched on a branch
//! goes there once, over a bridge, and is sealed there for each viewer.

use std::{collections::BTreeMap, sync::Arc};

use tokio::{
    sync::{broadcast, mpsc},
    task::JoinSet,
};

use super::{ambient, error::RoomError, info::TransportDirection};
use crate::{
    ids::{DataProducerId, ProducerId, WorkerId},
    media::{
        Router, WebRtcTransport, Worker, WorkerManager,
        error::RouterError,
        event::RouterEvent,
        options::{PipeToRouterOptions, RouterOptions},
    },
};

/// Events of branches that wait for the room's task.
const EVENTS_MAX: usize = 256;

/// The routers of one room.
#[derive(Debug)]
pub(super) struct Routers {
    workers: Arc<dyn WorkerManager>,
    options: RouterOptions,
    home_worker: WorkerId,
    home: Router,
    branches: BTreeMap<WorkerId, Router>,
    /// Of all branches.
    events: (mpsc::Sender<Arc<RouterEvent>>, mpsc::Receiver<Arc<RouterEvent>>),
    listeners: JoinSet<()>,
}

impl Routers {
    /// On the next worker.
    ///
    /// # Errors
    /// No worker, or its end.
    pub(super) async fn open(
        workers: Arc<dyn WorkerManager>,
        options: RouterOptions,
    ) -> Result<Self, RouterError> {
        let worker = workers.next_worker()?;
        let home = worker.create_router(options.clone()).await?;
        Ok(Self {
            workers,
            options,
            home_worker: worker.id(),
            home,
            branches: BTreeMap::new(),
            events: mpsc::channel(EVENTS_MAX),
            listeners: JoinSet::new(),
        })
    }

    /// Where all producers are.
    pub(super) fn home(&self) -> &Router {
        &self.home
    }

    /// Where the next transport is to be.
    ///
    /// # Errors
    /// The end of a worker.
    pub(super) async fn place(&mut self, direction: TransportDirection) -> Result<Router, RouterError> {
        let helper = match direction {
            TransportDirection::Send => None,
            TransportDirection::Recv => self.workers.helper_of(self.home_worker),
        };
        match helper {
            Some(worker) => self.branch(&worker).await,
            None => Ok(self.home.clone()),
        }
    }

    async fn branch(&mut self, worker: &Worker) -> Result<Router, RouterError> {
        if let Some(router) = self.branches.get(&worker.id()) {
            return Ok(router.clone());
        }
        let router = worker.create_router(self.options.clone()).await?;
        ambient::spawn_in(&mut self.listeners, pass_on(router.events(), self.events.0.clone()));
        self.branches.insert(worker.id(), router.clone());
        Ok(router)
    }

    /// Sees to it that a producer is where this transport is.
    ///
    /// # Errors
    /// A producer that is closed, the end of a worker.
    pub(super) async fn bring(
        &self,
        producer: ProducerId,
        transport: &WebRtcTransport,
    ) -> Result<(), RoomError> {
        match self.branch_of(transport) {
            Some(branch) if !branch.has_producer(producer) => {
                self.home.pipe_to(producer, branch, PipeToRouterOptions::default()).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The same of a data producer.
    ///
    /// # Errors
    /// A data producer that is closed, the end of a worker, a way without a stream left.
    pub(super) async fn bring_data(
        &self,
        producer: DataProducerId,
        transport: &WebRtcTransport,
    ) -> Result<(), RoomError> {
        match self.branch_of(transport) {
            Some(branch) if !branch.has_data_producer(producer) => {
                self.home.pipe_data_to(producer, branch, PipeToRouterOptions::default()).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn branch_of(&self, transport: &WebRtcTransport) -> Option<&Router> {
        self.branches.values().find(|branch| branch.id() == transport.router_id())
    }

    /// The next thing a branch says; pending for ever where there is none.
    pub(super) async fn branch_event(&mut self) -> Arc<RouterEvent> {
        match self.events.1.recv().await {
            Some(event) => event,
            // Not while its sender is here.
            None => std::future::pending().await,
        }
    }

    /// Closes all of them.
    pub(super) async fn close(&self) {
        self.home.close().await;
        for branch in self.branches.values() {
            branch.close().await;
        }
    }
}

/// Passes on what a branch says, until it closes.
async fn pass_on(mut events: broadcast::Receiver<Arc<RouterEvent>>, room: mpsc::Sender<Arc<RouterEvent>>) {
    loop {
        let event = match events.recv().await {
            // What is said of a producer, its own router says.
            Ok(event) if matches!(*event, RouterEvent::ProducerScore(..)) => continue,
            Ok(event) => event,
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        if room.send(event).await.is_err() {
            return;
        }
    }
}
