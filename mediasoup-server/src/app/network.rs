//! The address of this machine, where the configuration leaves it open.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
};

use super::StartError;
use crate::config::Config;

/// Gives every unspecified address without an announced one the address this machine uses on its way to the internet:
/// clients cannot connect to `0.0.0.0`.
pub(super) fn announce_own_addresses(config: &mut Config) -> Result<(), StartError> {
    for listen in &mut config.web_rtc_transport.listen_ips {
        if listen.ip.is_unspecified() && listen.announced_ip.is_none() {
            let own =
                own_address(listen.ip).map_err(|source| StartError::OwnAddress { ip: listen.ip, source })?;
            listen.announced_ip = Some(own.to_string());
        }
    }
    Ok(())
}

/// The source address of a datagram to the internet. None is sent: connecting a UDP socket only looks up the route.
/// The targets are documentation addresses (RFC 5737, RFC 3849).
fn own_address(unspecified: IpAddr) -> io::Result<IpAddr> {
    let target = match unspecified {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
    };
    let socket = UdpSocket::bind((unspecified, 0))?;
    socket.connect((target, 9))?;
    Ok(socket.local_addr()?.ip())
}
