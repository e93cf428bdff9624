use super::Transport;
use crate::media::{
    error::TransportError,
    plain::{PlainRemote, PlainTransportParameters},
};

/// The way to a peer without ICE and DTLS, such as GStreamer or FFmpeg: plain RTP on a port of its own, or SRTP with keys
/// that the application carries to and fro.
pub type PlainTransport = Transport<PlainTransportParameters>;

impl PlainTransport {
    /// Tells it where its peer is, and the peer's key with SRTP; with `comedia` and without SRTP there is nothing to tell.
    /// Gives what it is then: the server's key is made anew where the peer's is of another suite.
    ///
    /// # Errors
    /// What is missing or not wanted, a second call, a closed transport.
    pub async fn connect(&self, remote: PlainRemote) -> Result<PlainTransportParameters, TransportError> {
        let mut parameters = self.port().connect_plain_transport(self.id(), remote).await?;
        let told = self.parameters();
        parameters.tuple = parameters.tuple.announced(&told.tuple.local_address);
        parameters.rtcp_tuple = parameters.rtcp_tuple.map(|tuple| tuple.announced(&told.tuple.local_address));
        Ok(parameters)
    }
}
