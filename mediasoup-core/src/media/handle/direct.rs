use super::Transport;
use crate::media::error::TransportError;

/// A transport without a network (mediasoup's `DirectTransport`): what its producers send, the application hands in, and what
/// its consumers are sent, the application reads. So it is with RTP,
/// and with messages: those of its data producers are sent with [`DataProducer::send`](super::DataProducer::send). Their
/// streams are numbers that the application chooses.
pub type DirectTransport = Transport<()>;

impl DirectTransport {
    /// A compound RTCP packet to the server: what the reader of its consumers asks for, or reports of its producers.
    ///
    /// # Errors
    /// A closed transport, something that is no RTCP.
    pub async fn send_rtcp(&self, packet: Vec<u8>) -> Result<(), TransportError> {
        self.port().send_rtcp(self.id(), packet).await
    }
}
