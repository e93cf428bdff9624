//! When packets pass the loopback interface, by the kernel's clock: how long they were in the server, however long its
//! clients take to send and to notice them.

use std::{
    collections::HashMap,
    os::fd::{AsRawFd as _, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use nix::{
    cmsg_space,
    errno::Errno,
    sys::{
        socket::{
            AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType,
            recvmsg, setsockopt, socket, sockopt,
        },
        time::{TimeSpec, TimeVal},
    },
};

use crate::Result;

/// Enough of a packet: the headers of IP and UDP, and the first of RTP.
const SNAPSHOT: usize = 128;
/// Seconds of what passes.
const BUFFER: usize = 64 << 20;
/// `PACKET_OUTGOING` of linux/if_packet.h: on loopback all packets pass twice, and this is the first time.
const OUTGOING: u8 = 4;
const IDLE: i64 = 50_000;

/// Watches two streams: what a publisher sends, and what a subscriber gets of it. Needs `CAP_NET_RAW`.
pub(crate) struct Wire {
    published: u32,
    received: u32,
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<nix::Result<Vec<Passed>>>,
}

#[derive(Clone, Copy)]
struct Passed {
    at: Duration,
    ssrc: u32,
    sequence: u16,
}

impl Wire {
    /// Watches the streams with these SSRCs from now on.
    pub(crate) fn watch(published: u32, received: u32) -> Result<Self> {
        let tap =
            socket(AddressFamily::Packet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, SockProtocol::EthAll)?;
        setsockopt(&tap, sockopt::RcvBufForce, &BUFFER)?;
        setsockopt(&tap, sockopt::ReceiveTimestampns, &true)?;
        setsockopt(&tap, sockopt::ReceiveTimeout, &TimeVal::new(0, IDLE))?;
        let stopped = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let stopped = Arc::clone(&stopped);
            move || listen(&tap, &stopped, [published, received])
        });
        Ok(Self { published, received, stopped, thread })
    }

    /// Watches no longer; how long each packet was in the server.
    pub(crate) fn stop(self) -> Result<Vec<Duration>> {
        self.stopped.store(true, Ordering::Relaxed);
        let passed = self.thread.join().map_err(|_| "watching the packets failed")??;
        let of = |ssrc| passed.iter().filter(move |packet| packet.ssrc == ssrc).copied().collect::<Vec<_>>();
        Ok(delays(&of(self.published), &of(self.received)))
    }
}

fn listen(tap: &OwnedFd, stopped: &AtomicBool, ssrcs: [u32; 2]) -> nix::Result<Vec<Passed>> {
    let mut all = Vec::new();
    let mut buffer = [0; SNAPSHOT];
    let mut control = cmsg_space!(TimeSpec);
    while !stopped.load(Ordering::Relaxed) {
        let mut parts = [std::io::IoSliceMut::new(&mut buffer)];
        let message =
            match recvmsg::<LinkAddr>(tap.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty()) {
                Err(Errno::EAGAIN | Errno::EINTR) => continue,
                result => result?,
            };
        let is_first = message.address.is_some_and(|address| address.pkttype() == OUTGOING);
        let at = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
            _ => None,
        });
        let len = message.bytes.min(SNAPSHOT);
        if let (true, Some(at), Some((ssrc, sequence))) = (is_first, at, rtp(&buffer[..len]))
            && ssrcs.contains(&ssrc)
        {
            all.push(Passed { at, ssrc, sequence });
        }
    }
    Ok(all)
}

/// SSRC and sequence number of an RTP packet over UDP and IPv4.
fn rtp(packet: &[u8]) -> Option<(u32, u16)> {
    const UDP: u8 = 17;
    let header_len = usize::from(packet.first()? & 0x0f) * 4;
    if packet[0] >> 4 != 4 || *packet.get(9)? != UDP {
        return None;
    }
    let [first, second, high, low, _, _, _, _, ssrc @ ..] =
        packet.get(header_len + 8..)?.first_chunk::<12>()?;
    // RFC 7983 §7, RFC 5761 §4: neither STUN nor DTLS nor RTCP.
    let is_rtp = first >> 6 == 2 && !(192..=223).contains(second);
    is_rtp.then(|| (u32::from_be_bytes(*ssrc), u16::from_be_bytes([*high, *low])))
}

/// From a packet to the one it became: its sequence number is another by always the same amount, which is that most
/// packets agree on.
fn delays(published: &[Passed], received: &[Passed]) -> Vec<Duration> {
    let sent: HashMap<u16, Duration> = published.iter().map(|packet| (packet.sequence, packet.at)).collect();
    let mut votes = HashMap::<u16, usize>::new();
    for packet in received {
        let latest = published.partition_point(|sent| sent.at <= packet.at);
        if let Some(before) = latest.checked_sub(1).and_then(|index| published.get(index)) {
            *votes.entry(packet.sequence.wrapping_sub(before.sequence)).or_default() += 1;
        }
    }
    let Some((offset, _)) = votes.into_iter().max_by_key(|(_, votes)| *votes) else { return Vec::new() };
    let delay = |packet: &Passed| packet.at.checked_sub(*sent.get(&packet.sequence.wrapping_sub(offset))?);
    received.iter().filter_map(delay).collect()
}
