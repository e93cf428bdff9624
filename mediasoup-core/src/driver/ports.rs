//! Which ports a worker listens on: the first of the range that are free.

use std::{io, net::IpAddr, ops::RangeInclusive};

use super::{tcp::TcpPort, udp::UdpPort};
use crate::media::error::WorkerError;

/// How often the system is asked for a port that is free for both UDP and TCP.
const SYSTEM_CHOICES_MAX: usize = 16;

/// Opens a UDP port on `ip` and, where wanted, a TCP port: of the same number where one is free for both.
///
/// # Errors
/// [`WorkerError::Listen`]: the address is not this machine's, the port is not allowed, or the range is used up.
pub(super) fn open(
    ip: IpAddr,
    range: &RangeInclusive<u16>,
    enable_tcp: bool,
) -> Result<(UdpPort, Option<TcpPort>), WorkerError> {
    open_ports(ip, range, enable_tcp)
        .map_err(|source| WorkerError::Listen { address: describe(ip, range), source })
}

/// Opens a UDP port on `ip`.
///
/// # Errors
/// As [`open`].
pub(super) fn open_udp(ip: IpAddr, range: &RangeInclusive<u16>) -> Result<UdpPort, WorkerError> {
    first_free("UDP", range, |port| UdpPort::bind(ip, port))
        .map_err(|source| WorkerError::Listen { address: describe(ip, range), source })
}

fn open_ports(
    ip: IpAddr,
    range: &RangeInclusive<u16>,
    enable_tcp: bool,
) -> io::Result<(UdpPort, Option<TcpPort>)> {
    if range.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the port range is empty"));
    }
    if !enable_tcp {
        return Ok((first_free("UDP", range, |port| UdpPort::bind(ip, port))?, None));
    }
    if let Some((udp, tcp)) = first_free_for_both(ip, range)? {
        return Ok((udp, Some(tcp)));
    }
    let udp = first_free("UDP", range, |port| UdpPort::bind(ip, port))?;
    let tcp = first_free("TCP", range, |port| TcpPort::bind(ip, port))?;
    Ok((udp, Some(tcp)))
}

fn first_free_for_both(ip: IpAddr, range: &RangeInclusive<u16>) -> io::Result<Option<(UdpPort, TcpPort)>> {
    for port in numbers(range) {
        let Some(udp) = unless_in_use(UdpPort::bind(ip, port))? else { continue };
        let Some(tcp) = unless_in_use(TcpPort::bind(ip, udp.local().port()))? else { continue };
        return Ok(Some((udp, tcp)));
    }
    Ok(None)
}

fn first_free<T>(
    protocol: &str,
    range: &RangeInclusive<u16>,
    bind: impl Fn(u16) -> io::Result<T>,
) -> io::Result<T> {
    for port in numbers(range) {
        if let Some(bound) = unless_in_use(bind(port))? {
            return Ok(bound);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, format!("every {protocol} port of the range is in use")))
}

/// The ports to try, in order; 0 stands for the system's choice.
fn numbers(range: &RangeInclusive<u16>) -> Box<dyn Iterator<Item = u16>> {
    match *range.end() {
        0 => Box::new(std::iter::repeat_n(0, SYSTEM_CHOICES_MAX)),
        end => Box::new((*range.start()).max(1)..=end),
    }
}

fn unless_in_use<T>(bound: io::Result<T>) -> io::Result<Option<T>> {
    match bound {
        Ok(bound) => Ok(Some(bound)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        Err(error) => Err(error),
    }
}

fn describe(ip: IpAddr, range: &RangeInclusive<u16>) -> String {
    match (*range.start(), *range.end()) {
        (_, 0) => format!("{ip}, any port"),
        (start, end) if start == end => format!("{ip}, port {start}"),
        (start, end) => format!("{ip}, ports {start} to {end}"),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// Addresses of one test each: what runs beside it takes none of its ports.
    const OWN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11));
    const OWN_TOO: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 12));

    /// `count` neighbouring ports that are free for both protocols.
    fn free_range(ip: IpAddr, count: u16) -> RangeInclusive<u16> {
        loop {
            let (udp, _tcp) = open(ip, &(0..=0), true).unwrap();
            let start = udp.local().port();
            let Some(end) = start.checked_add(count - 1) else { continue };
            let rest_free = (start + 1..=end).all(|port| open(ip, &(port..=port), true).is_ok());
            if rest_free {
                return start..=end;
            }
        }
    }

    fn numbers_of((udp, tcp): &(UdpPort, Option<TcpPort>)) -> (u16, Option<u16>) {
        (udp.local().port(), tcp.as_ref().map(|tcp| tcp.local().port()))
    }

    #[test]
    fn workers_take_the_next_free_port_until_the_range_is_used_up() {
        let range = free_range(OWN, 2);
        let (start, end) = (*range.start(), *range.end());
        let first = open(OWN, &range, true).unwrap();
        let second = open(OWN, &range, true).unwrap();
        assert_eq!(numbers_of(&first), (start, Some(start)));
        assert_eq!(numbers_of(&second), (end, Some(end)));

        let error = open(OWN, &range, true).err().unwrap().to_string();
        assert_eq!(
            error,
            format!(
                "cannot listen on 127.0.0.11, ports {start} to {end}: every UDP port of the range is in use"
            )
        );

        drop(first);
        assert_eq!(numbers_of(&open(OWN, &range, true).unwrap()), (start, Some(start)));
    }

    #[test]
    fn the_tcp_port_is_another_where_the_same_is_taken() {
        let range = free_range(OWN_TOO, 2);
        let (start, end) = (*range.start(), *range.end());
        let _udp = UdpPort::bind(OWN_TOO, start).unwrap();
        let _tcp = TcpPort::bind(OWN_TOO, end).unwrap();
        assert_eq!(numbers_of(&open(OWN_TOO, &range, true).unwrap()), (end, Some(start)));
    }

    #[test]
    fn the_system_chooses_one_number_for_both() {
        let opened = open(LOOPBACK, &(0..=0), true).unwrap();
        let (udp, tcp) = numbers_of(&opened);
        assert_ne!(udp, 0);
        assert_eq!(Some(udp), tcp);
        assert_eq!(numbers_of(&open(LOOPBACK, &(0..=0), false).unwrap()).1, None);
    }

    #[test]
    fn what_cannot_be_bound_is_named() {
        let elsewhere = IpAddr::from([203, 0, 113, 1]);
        let error = open(elsewhere, &(7..=7), true).err().unwrap().to_string();
        assert!(error.starts_with("cannot listen on 203.0.113.1, port 7: "), "{error}");
        #[expect(clippy::reversed_empty_ranges, reason = "an operator may write it so")]
        let error = open(LOOPBACK, &(9..=8), true).err().unwrap().to_string();
        assert!(error.ends_with("the port range is empty"), "{error}");
    }
}
