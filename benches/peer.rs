//! A peer of a worker in this process, over a socket of its own.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use mediasoup_core::{
    benching::{Client, ice_check},
    media::{Router, WebRtcTransport, options::WebRtcTransportOptions, transport::TransportParameters},
};

const PATIENCE: Duration = Duration::from_secs(10);
const DATAGRAM_LEN_MAX: usize = 2_048;

/// A connected peer of a transport.
pub struct Peer {
    /// The server's end.
    pub transport: WebRtcTransport,
    /// Its keys.
    pub client: Client,
    /// That does not block, and has been emptied.
    pub socket: UdpSocket,
}

impl Peer {
    /// Over loopback.
    ///
    /// # Panics
    /// Where the system lacks something, or nobody answers.
    pub async fn connect(router: &Router, options: WebRtcTransportOptions) -> Self {
        let transport = router.create_webrtc_transport(options).await.expect("there is a place");
        let mut client = Client::new(Instant::now());
        transport.connect(client.dtls_parameters()).await.expect("it is the first");

        let socket = greet(transport.parameters());
        shake_hands(&mut client, &socket);

        socket.set_nonblocking(true).expect("it is a socket");
        let mut buffer = [0; DATAGRAM_LEN_MAX];
        while !matches!(socket.recv(&mut buffer), Err(error) if error.kind() == io::ErrorKind::WouldBlock) {}
        Self { transport, client, socket }
    }
}

/// A new socket, from which a transport has been checked (ICE): what comes from it next is taken in.
///
/// # Panics
/// Where the system has no port left.
#[must_use]
pub fn greet(parameters: &TransportParameters) -> UdpSocket {
    let candidate = &parameters.ice_candidates[0];
    let ip: IpAddr = candidate.address.parse().expect("it is no host name");
    let socket = UdpSocket::bind((ip, 0)).expect("the system has a port");
    socket.connect(SocketAddr::new(ip, candidate.port)).expect("it is local");
    socket.send(&ice_check(&parameters.ice_parameters)).expect("loopback takes it");
    socket
}

fn shake_hands(client: &mut Client, socket: &UdpSocket) {
    socket.set_read_timeout(Some(Duration::from_millis(50))).expect("it is not zero");
    let begun = Instant::now();
    let mut buffer = [0; DATAGRAM_LEN_MAX];
    let mut flight = client.handshake(begun);
    loop {
        for datagram in flight {
            socket.send(&datagram).expect("loopback takes it");
        }
        if client.is_connected() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "no handshake");
        flight = match socket.recv(&mut buffer) {
            Ok(len) => client.handle(Instant::now(), &buffer[..len]),
            Err(_) => client.handshake(Instant::now()),
        };
    }
}
