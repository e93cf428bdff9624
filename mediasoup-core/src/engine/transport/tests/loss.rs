//! Handshakes on a network that loses datagrams.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::*;

const LOSS: f64 = 0.25;
const ONE_WAY: Duration = Duration::from_millis(20);
const TRIALS: u64 = 100;

/// Where a datagram goes.
#[derive(Clone, Copy)]
enum To {
    Session,
    Peer,
}

/// A link both ways, with its clock.
struct Link {
    now: Instant,
    random: StdRng,
    in_flight: BTreeMap<(Instant, u64), (To, Vec<u8>)>,
    sent: u64,
}

impl Link {
    fn send(&mut self, to: To, datagram: Vec<u8>) {
        self.sent += 1;
        if !self.random.random_bool(LOSS) {
            self.in_flight.insert((self.now + ONE_WAY, self.sent), (to, datagram));
        }
    }
}

/// How long until both sides have keys.
fn handshake(role: PeerRole, seed: u64, peer_retransmits_after: Duration) -> Option<Duration> {
    let start = Instant::now();
    let mut link =
        Link { now: start, random: StdRng::seed_from_u64(seed), in_flight: BTreeMap::new(), sent: 0 };
    let identity = Arc::new(DtlsIdentity(super::super::dtls::Identity::seeded(seed)));
    let mut session = SecureSession::new(ice_parameters("ours"), identity, Some(CONSENT_TIMEOUT), start);
    let config = dimpl::Config::builder()
        .use_server_cookie(false)
        .flight_start_rto(peer_retransmits_after)
        .flight_retries(10)
        .dangerously_set_rng_seed(seed + 1);
    let mut peer = Peer::with_config(role, start, config);
    session.check(start, tuple(1), &Check::NOMINATING);
    session.connect(start, &peer.parameters()).expect("it is valid");
    let mut to_session = peer.handle(start, None);
    loop {
        to_session.drain(..).for_each(|datagram| link.send(To::Session, datagram));
        for (_, datagram) in session.transmits() {
            link.send(To::Peer, datagram);
        }
        if session.dtls_state() == DtlsState::Connected && peer.keys.is_some() {
            return Some(link.now - start);
        }
        let arrival = link.in_flight.keys().next().map(|(at, _)| *at);
        link.now = [arrival, session.poll_timeout(), peer.deadline].into_iter().flatten().min()?;
        if link.now - start > Duration::from_secs(25) {
            return None;
        }
        if arrival == Some(link.now) {
            let (_, (to, datagram)) = link.in_flight.pop_first()?;
            match to {
                To::Session => session.handle_dtls(link.now, tuple(1), &datagram),
                To::Peer if datagram[0] < 20 => {}
                To::Peer => to_session = peer.handle(link.now, Some(&datagram)),
            }
        } else {
            session.handle_timeout(link.now);
            to_session = peer.handle(link.now, None);
        }
    }
}

#[test]
fn every_handshake_survives_a_quarter_of_all_datagrams_lost() {
    for role in [Side::Client, Side::Server] {
        // As browsers do, and as slow as RFC 6347 has it.
        for peer_retransmits_after in [50, 1_000].map(Duration::from_millis) {
            let mut times = (0..TRIALS)
                .filter_map(|seed| handshake(role, seed, peer_retransmits_after))
                .collect::<Vec<_>>();
            times.sort_unstable();
            let percentile = |percent: usize| times[(times.len() - 1) * percent / 100];
            println!(
                "peer {role:?}, retransmitting after {peer_retransmits_after:?}: {} of {TRIALS}; \
                 0 % {:?}, 50 % {:?}, 90 % {:?}, 99 % {:?}, 100 % {:?}",
                times.len(),
                percentile(0),
                percentile(50),
                percentile(90),
                percentile(99),
                percentile(100),
            );
            assert_eq!(times.len() as u64, TRIALS);
        }
    }
}
