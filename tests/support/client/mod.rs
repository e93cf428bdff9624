//! A native client of the server: Socket.IO signaling, and WebRTC transports on the `webrtc` crate.
//!
//! The server speaks ORTC (parameters of each part), the `webrtc` crate speaks SDP (descriptions of the
//! whole). A transport here is one peer connection: it writes the server's half of the SDP from the
//! parameters the server gave, and reads its own parameters back out of the local half, as
//! mediasoup-client's handlers do in a browser.
//!
//! - [`signaling`]: the socket, its requests and its events.
//! - [`Device`]: what this client can send and receive in a given room.
//! - [`SendTransport`], [`RecvTransport`]: one peer connection each, asking a [`TransportSignaling`].
//! - [`Participant`]: all of it together, in one room.

mod channel;
mod device;
mod error;
mod participant;
mod peer;
mod recv_transport;
mod rtcp;
mod sdp;
mod send_transport;
pub mod signaling;
mod track;

#[cfg(test)]
mod tests;

pub use channel::{DataConsumerParameters, LocalChannel, Message, RemoteChannel};
pub use device::Device;
pub use error::ClientError;
pub use participant::{JoinOptions, Participant};
pub use recv_transport::{ConsumerParameters, RecvTransport};
pub use send_transport::{LocalTrack, SendTransport, TransportSignaling};
pub use signaling::{ConnectOptions, Events, Socket};
pub use track::{ReceivedPacket, ReceivedStats, RemoteTrack};
