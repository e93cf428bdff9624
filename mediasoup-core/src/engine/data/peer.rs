//! The data channels of one transport.

use std::{collections::BTreeMap, time::Instant};

use super::link::Link;
use crate::{
    engine::{
        keys::{DataConsumerKey, DataProducerKey},
        transport::sctp::Carrier,
    },
    media::{
        data::{NumSctpStreams, SctpOptions},
        error::DataError,
    },
};

/// A transport's way for messages, and whose its streams are.
pub(in crate::engine) struct PeerData {
    pub(in crate::engine) link: Link,
    pub(super) producers: BTreeMap<u16, DataProducerKey>,
    pub(super) consumers: BTreeMap<u16, DataConsumerKey>,
    /// Where the search for a free stream begins: one just closed is the last to be used anew.
    next_stream: u16,
}

impl PeerData {
    /// Over SCTP.
    pub(super) fn new(now: Instant, options: SctpOptions, carrier: Carrier) -> Self {
        Self::over(Link::sctp(now, options, carrier))
    }

    /// To this process itself, in messages of at most so many bytes.
    pub(in crate::engine) fn direct(max_message_size: u32) -> Self {
        Self::over(Link::direct(max_message_size))
    }

    fn over(link: Link) -> Self {
        Self { link, producers: BTreeMap::new(), consumers: BTreeMap::new(), next_stream: 0 }
    }

    fn streams(&self) -> NumSctpStreams {
        self.link.options().num_sctp_streams
    }

    /// Whether it produces or consumes anything.
    pub(super) fn has_channels(&self) -> bool {
        !(self.producers.is_empty() && self.consumers.is_empty())
    }

    /// Whether a peer may send on this stream. A data channel has one id both ways.
    pub(super) fn may_receive_on(&self, stream: u16) -> Result<(), DataError> {
        let count = self.streams().incoming;
        let is_sent_on = self.link.is_data_channel() && self.consumers.contains_key(&stream);
        if stream >= count {
            Err(DataError::StreamOutOfRange(count))
        } else if is_sent_on || self.producers.contains_key(&stream) {
            Err(DataError::StreamInUse(stream))
        } else {
            Ok(())
        }
    }

    /// A stream nothing is sent on.
    pub(super) fn take_stream(&mut self) -> Result<u16, DataError> {
        let count = self.streams().outgoing;
        let start = self.next_stream.checked_rem(count).ok_or(DataError::NoStreamLeft)?;
        let stream = (start..count).chain(0..start).find(|stream| !self.is_used_for_sending(*stream));
        let stream = stream.ok_or(DataError::NoStreamLeft)?;
        self.next_stream = stream + 1;
        Ok(stream)
    }

    /// Those of these streams (none: of all) that are a channel's.
    pub(super) fn live_among(&self, streams: &[u16]) -> Vec<u16> {
        let live = self.producers.keys().chain(self.consumers.keys()).copied();
        live.filter(|stream| streams.is_empty() || streams.contains(stream)).collect()
    }

    fn is_used_for_sending(&self, stream: u16) -> bool {
        let is_received_on = self.link.is_data_channel() && self.producers.contains_key(&stream);
        is_received_on || self.consumers.contains_key(&stream)
    }
}
