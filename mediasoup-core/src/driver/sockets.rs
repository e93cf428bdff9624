//! The sockets a worker starts with.

use std::{io, net::IpAddr};

use super::{
    addresses::{self, Listening},
    ports,
    tcp::TcpPort,
    udp::UdpPort,
};
use crate::media::{
    error::WorkerError,
    options::{ListenAddress, WorkerOptions},
    transport::Protocol,
};

/// Bound, and not registered anywhere yet.
#[derive(Default)]
pub(super) struct Sockets {
    pub(super) udp: Vec<UdpPort>,
    pub(super) tcp: Vec<TcpPort>,
    /// All of them, the preferred first.
    pub(super) listening: Vec<Listening>,
}

impl Sockets {
    /// Opens a UDP port, and where wanted a TCP port, on each address.
    ///
    /// # Errors
    /// [`WorkerError::Listen`] with the address; [`WorkerError::Start`] where the machine does not tell its own.
    pub(super) fn open(options: &WorkerOptions) -> Result<Self, WorkerError> {
        let mut sockets = Self::default();
        for address in listen_addresses(options)? {
            sockets.open_at(&address, options)?;
        }
        Ok(sockets)
    }

    fn open_at(&mut self, address: &ListenAddress, options: &WorkerOptions) -> Result<(), WorkerError> {
        let (udp, tcp) = ports::open(address.ip, &options.ports, options.enable_tcp)?;
        let bound =
            [Some((Protocol::Udp, udp.local())), tcp.as_ref().map(|tcp| (Protocol::Tcp, tcp.local()))];
        let listening = bound.into_iter().flatten();
        self.listening.extend(listening.map(|(protocol, bound)| Listening::new(protocol, bound, address)));
        self.udp.push(udp);
        self.tcp.extend(tcp);
        Ok(())
    }
}

fn listen_addresses(options: &WorkerOptions) -> Result<Vec<ListenAddress>, WorkerError> {
    let wildcard = options.listen.iter().any(|address| address.ip.is_unspecified());
    let interfaces = if wildcard { interface_addresses()? } else { Vec::new() };
    let addresses = addresses::resolve(&options.listen, &interfaces);
    if addresses.is_empty() {
        let asked: Vec<String> = options.listen.iter().map(|address| address.ip.to_string()).collect();
        let source = io::Error::new(io::ErrorKind::AddrNotAvailable, "there is no address to listen on");
        return Err(WorkerError::Listen { address: asked.join(", "), source });
    }
    Ok(addresses)
}

fn interface_addresses() -> Result<Vec<IpAddr>, WorkerError> {
    let interfaces = if_addrs::get_if_addrs().map_err(WorkerError::Start)?;
    Ok(interfaces.into_iter().map(|interface| interface.ip()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(ip: [u8; 4], enable_tcp: bool) -> Sockets {
        let listen = vec![ListenAddress::new(ip.into())];
        let options = WorkerOptions { listen, ports: 0..=0, enable_tcp, ..WorkerOptions::default() };
        Sockets::open(&options).unwrap()
    }

    #[test]
    fn each_address_has_udp_first_and_tcp_where_wanted() {
        let protocols = |sockets: &Sockets| -> Vec<Protocol> {
            sockets.listening.iter().map(|socket| socket.protocol).collect()
        };
        assert_eq!(protocols(&open([127, 0, 0, 1], true)), [Protocol::Udp, Protocol::Tcp]);
        assert_eq!(protocols(&open([127, 0, 0, 1], false)), [Protocol::Udp]);
    }

    #[test]
    fn an_internal_address_is_told_after_the_announced_one_where_that_is_wanted() {
        let told = |expose_internal_ip| -> Vec<(String, Protocol)> {
            let ip = [127, 0, 0, 1].into();
            let listen = ListenAddress { ip, announced: Some("sfu.example".into()), expose_internal_ip };
            let options = WorkerOptions { listen: vec![listen], ports: 0..=0, ..WorkerOptions::default() };
            let candidates = addresses::candidates(&Sockets::open(&options).unwrap().listening);
            assert!(
                candidates
                    .is_sorted_by(|one, next| one.protocol != next.protocol || one.priority > next.priority)
            );
            candidates.into_iter().map(|candidate| (candidate.address, candidate.protocol)).collect()
        };
        let [outside, inside] = ["sfu.example", "127.0.0.1"].map(str::to_owned);
        let [udp, tcp] = [Protocol::Udp, Protocol::Tcp];
        assert_eq!(told(false), [(outside.clone(), udp), (outside.clone(), tcp)]);
        assert_eq!(
            told(true),
            [(outside.clone(), udp), (inside.clone(), udp), (outside, tcp), (inside, tcp)]
        );
    }

    #[test]
    fn no_address_is_an_error() {
        let options = WorkerOptions { listen: Vec::new(), ..WorkerOptions::default() };
        assert!(matches!(Sockets::open(&options), Err(WorkerError::Listen { .. })));
    }
}
