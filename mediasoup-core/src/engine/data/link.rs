//! What the data channels of a transport go over.

use std::{collections::VecDeque, time::Instant};

use crate::{
    engine::transport::sctp::{Association, Carrier, Refused, SctpEvent, SctpMessage},
    media::data::{Delivery, NumSctpStreams, SctpOptions, SctpParameters, SctpState},
};

/// A way to a transport's peer, on which messages have streams.
#[expect(clippy::large_enum_variant, reason = "it is boxed with what it is part of")]
pub(in crate::engine) enum Link {
    /// Over the network.
    Sctp(Association),
    /// To this process itself: nothing waits, nothing is lost.
    Direct(DirectLink),
}

/// The way to this process.
pub(in crate::engine) struct DirectLink {
    options: SctpOptions,
    sent: VecDeque<SctpMessage>,
}

impl DirectLink {
    fn new(max_message_size: u32) -> Self {
        let num_sctp_streams = NumSctpStreams { incoming: u16::MAX, outgoing: u16::MAX };
        let options = SctpOptions { max_message_size, num_sctp_streams, ..SctpOptions::default() };
        Self { options, sent: VecDeque::new() }
    }
}

impl Link {
    pub(super) fn sctp(now: Instant, options: SctpOptions, carrier: Carrier) -> Self {
        Self::Sctp(Association::new(now, options, carrier))
    }

    pub(super) fn direct(max_message_size: u32) -> Self {
        Self::Direct(DirectLink::new(max_message_size))
    }

    pub(in crate::engine) fn association(&self) -> Option<&Association> {
        match self {
            Self::Sctp(association) => Some(association),
            Self::Direct(_) => None,
        }
    }

    pub(super) fn association_mut(&mut self) -> Option<&mut Association> {
        match self {
            Self::Sctp(association) => Some(association),
            Self::Direct(_) => None,
        }
    }

    pub(in crate::engine) fn is_direct(&self) -> bool {
        matches!(self, Self::Direct(_))
    }

    /// Whether a stream is the same channel both ways, and what one side closes is closed on both.
    pub(super) fn is_data_channel(&self) -> bool {
        self.association().is_none_or(Association::is_data_channel)
    }

    /// What the peer is told of the association, where there is one.
    pub(in crate::engine) fn parameters(&self) -> Option<SctpParameters> {
        self.association().map(Association::parameters)
    }

    /// How far the association has come, where there is one.
    pub(in crate::engine) fn state(&self) -> Option<SctpState> {
        self.association().map(Association::state)
    }

    pub(in crate::engine) fn options(&self) -> SctpOptions {
        match self {
            Self::Sctp(association) => association.options(),
            Self::Direct(link) => link.options,
        }
    }

    pub(in crate::engine) fn poll_timeout(&self) -> Option<Instant> {
        self.association()?.poll_timeout()
    }

    pub(super) fn poll_event(&mut self) -> Option<SctpEvent> {
        self.association_mut()?.poll_event()
    }

    /// What the peer has sent.
    pub(super) fn poll_message(&mut self) -> Option<SctpMessage> {
        self.association_mut()?.poll_message()
    }

    /// What was sent to this process.
    pub(super) fn poll_direct(&mut self) -> Option<SctpMessage> {
        match self {
            Self::Sctp(_) => None,
            Self::Direct(link) => link.sent.pop_front(),
        }
    }

    pub(super) fn send(
        &mut self,
        now: Instant,
        message: SctpMessage,
        delivery: Delivery,
    ) -> Result<(), Refused> {
        match self {
            Self::Sctp(association) => association.send(now, message, delivery),
            Self::Direct(link) => {
                link.sent.push_back(message);
                Ok(())
            }
        }
    }

    pub(super) fn reset_stream(&mut self, now: Instant, stream: u16) {
        if let Some(association) = self.association_mut() {
            association.reset_stream(now, stream);
        }
    }

    /// Bytes that wait on a stream.
    pub(super) fn buffered_amount(&self, stream: u16) -> usize {
        self.association().map_or(0, |association| association.buffered_amount(stream))
    }
}
