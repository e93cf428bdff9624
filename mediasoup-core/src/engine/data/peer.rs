//! The data channels of one transport.

use std::{collections::BTreeMap, time::Instant};

use super::link::Link;
use crate::{
    engine::keys::{DataConsumerKey, DataProducerKey},
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
    pub(super) fn new(now: Instant, options: SctpOptions) -> Self {
        Self::over(Link::sctp(now, options))
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

    /// Whether a peer may send on this stream: a channel has one id both ways.
    pub(super) fn may_receive_on(&self, stream: u16) -> Result<(), DataError> {
        let count = self.streams().incoming;
        if stream >= count {
            Err(DataError::StreamOutOfRange(count))
        } else if self.is_used(stream) {
            Err(DataError::StreamInUse(stream))
        } else {
            Ok(())
        }
    }

    /// A stream nothing is sent on.
    pub(super) fn take_stream(&mut self) -> Result<u16, DataError> {
        let count = self.streams().outgoing;
        let start = self.next_stream.checked_rem(count).ok_or(DataError::NoStreamLeft)?;
        let stream = (start..count).chain(0..start).find(|stream| !self.is_used(*stream));
        let stream = stream.ok_or(DataError::NoStreamLeft)?;
        self.next_stream = stream + 1;
        Ok(stream)
    }

    /// Those of these streams (none: of all) that are a channel's.
    pub(super) fn live_among(&self, streams: &[u16]) -> Vec<u16> {
        let live = self.producers.keys().chain(self.consumers.keys()).copied();
        live.filter(|stream| streams.is_empty() || streams.contains(stream)).collect()
    }

    fn is_used(&self, stream: u16) -> bool {
        self.producers.contains_key(&stream) || self.consumers.contains_key(&stream)
    }
}
