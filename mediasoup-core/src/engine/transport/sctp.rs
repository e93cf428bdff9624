//! One SCTP association (RFC 9260), over DTLS (RFC 8831) or over UDP alone: the only place that knows `dcsctp`.
//!
//! Over DTLS the peer begins, as all browsers do, and nobody who has not the keys of DTLS can use the crate's own random tags and
//! first sequence numbers. Over UDP they are all the protection there is, as in mediasoup: with SRTP, too, messages are neither
//! encrypted nor authenticated.

use std::time::{Duration, Instant};

use dcsctp::api::{
    DcSctpSocket, Message, Options, PpId, SendError, SendOptions, Socket, SocketEvent, SocketTime, StreamId,
    ZERO_CHECKSUM_ALTERNATE_ERROR_DETECTION_METHOD_LOWER_LAYER_DTLS,
    ZERO_CHECKSUM_ALTERNATE_ERROR_DETECTION_METHOD_NONE,
};

use crate::media::data::{Delivery, SctpOptions, SctpParameters, SctpState};

/// Longest packet: with what DTLS adds (37 bytes) no longer than its own flights.
const MTU: usize = 1160;
/// Longest wait between two tries: a path that comes back after an outage is used soon.
const MAX_BACKOFF: Duration = Duration::from_secs(3);

/// A message, as it comes and goes.
#[derive(Debug)]
pub(crate) struct SctpMessage {
    pub(crate) stream: u16,
    /// RFC 8831 §8.
    pub(crate) ppid: u32,
    pub(crate) payload: Vec<u8>,
}

/// What the association wants done, or known.
pub(crate) enum SctpEvent {
    /// To be sent.
    Packet(Vec<u8>),
    /// It went on or back.
    State(SctpState),
    /// The peer closed its side of these streams.
    Reset(Vec<u16>),
    /// No more than its threshold is waiting on a stream.
    BufferedAmountLow(u16),
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    TooLarge,
    BufferFull,
    /// The association has ended.
    Closed,
}

/// What packets go over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// It knows who the peer is. Streams are data channels, and the peer begins.
    Dtls,
    /// It knows where the peer is. Streams have one direction each, and either side begins.
    Udp,
}

/// An association.
pub(crate) struct Association {
    socket: Socket,
    epoch: Instant,
    state: SctpState,
    options: SctpOptions,
    carrier: Carrier,
}

impl Association {
    pub(crate) fn new(now: Instant, options: SctpOptions, carrier: Carrier) -> Self {
        let socket = Socket::new("", &socket_options(&options, carrier));
        Self { socket, epoch: now, state: SctpState::New, options, carrier }
    }

    /// Asks for it, unless that is the peer's to do or was done by either side. Whether it did.
    pub(crate) fn begin(&mut self, now: Instant) -> bool {
        let begins = self.carrier == Carrier::Udp && self.state == SctpState::New;
        if begins {
            self.advance(now);
            self.socket.connect();
            self.state = SctpState::Connecting;
        }
        begins
    }

    pub(crate) fn state(&self) -> SctpState {
        self.state
    }

    pub(crate) fn options(&self) -> SctpOptions {
        self.options
    }

    /// What the peer is told of it.
    pub(crate) fn parameters(&self) -> SctpParameters {
        SctpParameters { is_data_channel: self.is_data_channel(), ..self.options.into() }
    }

    /// Whether a stream is the same channel both ways.
    pub(crate) fn is_data_channel(&self) -> bool {
        self.carrier == Carrier::Dtls
    }

    /// A packet of the peer, as far as its carrier can tell.
    pub(crate) fn handle_packet(&mut self, now: Instant, packet: &[u8]) {
        self.advance(now);
        self.socket.handle_input(packet);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let at = self.socket.poll_timeout();
        (at != SocketTime::infinite_future()).then(|| self.epoch + (at - SocketTime::zero()))
    }

    pub(crate) fn poll_event(&mut self) -> Option<SctpEvent> {
        loop {
            let event = match self.socket.poll_event()? {
                SocketEvent::SendPacket(packet) => SctpEvent::Packet(packet),
                // Told again where both sides began, or the peer began anew.
                SocketEvent::OnConnected() if self.state == SctpState::Connected => continue,
                SocketEvent::OnConnected() => self.turn(SctpState::Connected),
                SocketEvent::OnClosed() => self.turn(SctpState::Closed),
                SocketEvent::OnAborted(kind, reason) => {
                    tracing::debug!(?kind, reason, "SCTP failed");
                    self.turn(SctpState::Failed)
                }
                SocketEvent::OnIncomingStreamReset(streams) => {
                    SctpEvent::Reset(streams.into_iter().map(|stream| stream.0).collect())
                }
                SocketEvent::OnBufferedAmountLow(stream) => SctpEvent::BufferedAmountLow(stream.0),
                _ => continue,
            };
            return Some(event);
        }
    }

    fn turn(&mut self, state: SctpState) -> SctpEvent {
        self.state = state;
        SctpEvent::State(state)
    }

    /// The next whole message that is no longer than allowed: browsers keep to what they were told.
    pub(crate) fn poll_message(&mut self) -> Option<SctpMessage> {
        loop {
            let Message { stream_id, ppid, payload } = self.socket.get_next_message()?;
            if payload.len() <= to_usize(self.options.max_message_size) {
                return Some(SctpMessage { stream: stream_id.0, ppid: ppid.0, payload });
            }
        }
    }

    /// Takes a message to be sent; before there is a peer, too.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        message: SctpMessage,
        delivery: Delivery,
    ) -> Result<(), Refused> {
        if matches!(self.state, SctpState::Failed | SctpState::Closed) {
            return Err(Refused::Closed);
        }
        self.advance(now);
        let SctpMessage { stream, ppid, payload } = message;
        let message = Message::new(StreamId(stream), PpId(ppid), payload);
        self.socket.send(message, &send_options(delivery)).map_err(|error| match error {
            SendError::MessageTooLarge { .. } => Refused::TooLarge,
            SendError::ResourceExhaustion => Refused::BufferFull,
            SendError::EmptyPayload | SendError::ShuttingDown => Refused::Closed,
        })
    }

    /// Closes our side of a stream (RFC 6525), as soon as what is being sent on it is sent.
    pub(crate) fn reset_stream(&mut self, now: Instant, stream: u16) {
        self.advance(now);
        if let Err(error) = self.socket.reset_streams(&[StreamId(stream)]) {
            tracing::debug!(%error, stream, "stream not reset");
        }
    }

    /// Bytes waiting to be sent on a stream.
    pub(crate) fn buffered_amount(&self, stream: u16) -> usize {
        self.socket.buffered_amount(StreamId(stream))
    }

    pub(crate) fn buffered_amount_low_threshold(&self, stream: u16) -> usize {
        self.socket.buffered_amount_low_threshold(StreamId(stream))
    }

    pub(crate) fn set_buffered_amount_low_threshold(&mut self, stream: u16, bytes: u32) {
        self.socket.set_buffered_amount_low_threshold(StreamId(stream), to_usize(bytes));
    }

    /// Tells the peer that it is over.
    pub(crate) fn close(&mut self, now: Instant) {
        self.advance(now);
        self.socket.close();
    }

    fn advance(&mut self, now: Instant) {
        self.socket.advance_time(SocketTime::zero() + now.saturating_duration_since(self.epoch));
    }
}

pub(super) fn socket_options(options: &SctpOptions, carrier: Carrier) -> Options {
    let send_buffer = to_usize(options.send_buffer_size);
    Options {
        mtu: MTU,
        announced_maximum_incoming_streams: options.num_sctp_streams.incoming,
        announced_maximum_outgoing_streams: options.num_sctp_streams.outgoing,
        max_message_size: to_usize(options.max_message_size),
        max_receiver_window_buffer_size: to_usize(SctpOptions::RECEIVE_WINDOW),
        max_send_buffer_size: send_buffer,
        per_stream_send_queue_limit: send_buffer,
        max_timer_backoff_duration: Some(MAX_BACKOFF),
        // How long a silent peer is waited for is ICE's to say, or the application's.
        max_retransmissions: None,
        max_init_retransmits: None,
        zero_checksum_alternate_error_detection_method: match carrier {
            Carrier::Dtls => ZERO_CHECKSUM_ALTERNATE_ERROR_DETECTION_METHOD_LOWER_LAYER_DTLS,
            Carrier::Udp => ZERO_CHECKSUM_ALTERNATE_ERROR_DETECTION_METHOD_NONE,
        },
        ..Options::default()
    }
}

fn send_options(delivery: Delivery) -> SendOptions {
    let options = SendOptions { unordered: true, ..SendOptions::default() };
    match delivery {
        Delivery::Ordered => SendOptions::default(),
        Delivery::Unordered => options,
        Delivery::MaxPacketLifeTime(ms) => {
            SendOptions { lifetime: Some(Duration::from_millis(ms.into())), ..options }
        }
        Delivery::MaxRetransmits(count) => SendOptions { max_retransmissions: Some(count), ..options },
    }
}

fn to_usize(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
