//! Plain transports: a port of their own each, or two, instead of ICE.

use std::{net::SocketAddr, time::Instant};

use super::{
    Engine,
    keys::TransportKey,
    peer::Peer,
    transport::{PlainSession, PlainSetup, Session},
};
use crate::{
    ids::{RouterId, TransportId},
    media::{
        data::SctpParameters,
        error::TransportError,
        plain::{PlainRemote, PlainTransportParameters},
        transport::TransportTuple,
    },
};

impl Engine {
    /// The addresses of `setup` were bound for it, and are its own until [`Engine::poll_unbound`] gives them back.
    pub(crate) fn create_plain_transport(
        &mut self,
        now: Instant,
        router: RouterId,
        id: TransportId,
        setup: PlainSetup,
    ) -> Result<PlainTransportParameters, TransportError> {
        let Some(peers) = self.routers.get_mut(&router) else { return Err(TransportError::NotFound(id)) };
        let session = PlainSession::new(setup, &mut self.rng);
        let mut parameters = parameters(id, &session, None);
        let peer = Peer::new(now, id, router, Session::Plain(Box::new(session)), None, None);
        let key = TransportKey(self.peers.insert(peer));
        peers.insert(key);
        self.transport_keys.insert(id, key);
        self.plain_ports.extend(std::iter::once(setup.rtp).chain(setup.rtcp).map(|local| (local, key)));
        parameters.sctp_parameters =
            setup.sctp.map(|options| self.enable_sctp(now, id, options)).transpose()?;
        Ok(parameters)
    }

    pub(crate) fn connect_plain_transport(
        &mut self,
        now: Instant,
        id: TransportId,
        remote: &PlainRemote,
    ) -> Result<PlainTransportParameters, TransportError> {
        let key = self.transport_key(id)?;
        let Peer { session, data, .. } = &mut self.peers[key.0];
        let session = session.plain().ok_or(TransportError::NotFound(id))?;
        session.connect(remote, &mut self.rng)?;
        let parameters = parameters(id, session, data.as_ref().and_then(|data| data.link.parameters()));
        self.drain_session(now, key);
        Ok(parameters)
    }

    /// A transport is about to go: its ports are free.
    pub(super) fn unbind(&mut self, key: TransportKey) {
        let Self { plain_ports, unbound, .. } = self;
        plain_ports.retain(|local, owner| {
            let stays = *owner != key;
            if !stays {
                unbound.push_back(*local);
            }
            stays
        });
    }

    /// A local address that no transport owns any more.
    pub(crate) fn poll_unbound(&mut self) -> Option<SocketAddr> {
        self.unbound.pop_front()
    }
}

fn parameters(
    id: TransportId,
    session: &PlainSession,
    sctp_parameters: Option<SctpParameters>,
) -> PlainTransportParameters {
    let tuple = |(local, remote)| TransportTuple::udp(local, remote);
    let rtcp = session.rtcp_path();
    PlainTransportParameters {
        id,
        rtcp_mux: rtcp.is_none(),
        comedia: session.is_comedia(),
        tuple: tuple(session.rtp_path()),
        rtcp_tuple: rtcp.map(tuple),
        srtp_parameters: session.srtp_parameters().cloned(),
        sctp_parameters,
    }
}
