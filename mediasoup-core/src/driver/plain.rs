//! The ports of plain transports: each has its own, out of the worker's range or one that its owner names.

use std::{io, ops::RangeInclusive, time::Instant};

use async_trait::async_trait;

use super::{port::WorkerPort, ports, udp::UdpPort, worker::Media};
use crate::{
    engine::transport::PlainSetup,
    ids::{RouterId, TransportId},
    media::{
        error::{TransportError, WorkerError},
        options::{ListenAddress, PlainTransportOptions, WorkerOptions},
        plain::{PlainPort, PlainRemote, PlainTransportParameters},
    },
};

/// Where plain transports listen that say nothing of it.
#[derive(Debug)]
pub(super) struct PlainPorts {
    listen: Option<ListenAddress>,
    ports: RangeInclusive<u16>,
}

impl PlainPorts {
    pub(super) fn new(options: &WorkerOptions) -> Self {
        Self { listen: options.listen.first().cloned(), ports: options.ports.clone() }
    }

    /// Binds what a transport needs. On the caller's thread: packets need not wait for it.
    pub(super) fn bind(&self, options: &PlainTransportOptions) -> Result<BoundPlain, WorkerError> {
        let listen = options.listen.as_ref().or(self.listen.as_ref()).cloned().ok_or_else(no_address)?;
        let range = options.ports.as_ref().unwrap_or(&self.ports);
        let rtp = ports::open_udp(listen.ip, range)?;
        let rtcp = if options.rtcp_mux { None } else { Some(ports::open_udp(listen.ip, range)?) };
        Ok(BoundPlain { rtp, rtcp, announced: listen.announced, options: options.clone() })
    }
}

fn no_address() -> WorkerError {
    let source = io::Error::new(io::ErrorKind::AddrNotAvailable, "there is no address to listen on");
    WorkerError::Listen { address: String::new(), source }
}

/// Ports of a transport to be.
pub(super) struct BoundPlain {
    rtp: UdpPort,
    rtcp: Option<UdpPort>,
    announced: Option<String>,
    options: PlainTransportOptions,
}

impl BoundPlain {
    /// Opens the transport. Where that fails, the ports are closed.
    pub(super) fn open(
        self,
        media: &mut Media,
        now: Instant,
        router: RouterId,
        id: TransportId,
    ) -> Result<PlainTransportParameters, TransportError> {
        let setup = PlainSetup {
            rtp: self.rtp.local(),
            rtcp: self.rtcp.as_ref().map(UdpPort::local),
            comedia: self.options.comedia,
            srtp: self.options.srtp,
            sctp: self.options.sctp,
        };
        let mut parameters = media.engine.create_plain_transport(now, router, id, setup)?;
        for port in std::iter::once(self.rtp).chain(self.rtcp) {
            let address = port.local().to_string();
            if let Err(source) = media.network.add_plain(port) {
                media.engine.close_transport(now, id);
                return Err(WorkerError::Listen { address, source }.into());
            }
        }
        if let Some(announced) = self.announced {
            parameters.tuple = parameters.tuple.announced(&announced);
            parameters.rtcp_tuple = parameters.rtcp_tuple.map(|tuple| tuple.announced(&announced));
        }
        Ok(parameters)
    }
}

#[async_trait]
impl PlainPort for WorkerPort {
    async fn create_plain_transport(
        &self,
        router: RouterId,
        id: TransportId,
        options: &PlainTransportOptions,
    ) -> Result<PlainTransportParameters, TransportError> {
        let bound = self.plain().bind(options)?;
        let create = move |media: &mut Media, now| bound.open(media, now, router, id);
        let undo = move |media: &mut Media, now| media.engine.close_transport(now, id);
        self.jobs().call_creating(create, undo).await
    }

    async fn connect_plain_transport(
        &self,
        id: TransportId,
        remote: PlainRemote,
    ) -> Result<PlainTransportParameters, TransportError> {
        self.run(move |engine, now| engine.connect_plain_transport(now, id, &remote)).await
    }
}
