//! The log of a recording: all that was heard, in one file that only grows.
//!
//! It is the truth a recording's files are made from, as often as needed: whoever makes them may die and begin anew.
//! A record is written whole or not at all: each has its length and a checksum, and a reader stops at the first that
//! is torn. So a crash costs what was not yet written, nothing more.

mod reader;
mod record;
mod repair;
mod source;
mod writer;

pub use reader::{LogReader, ReadError};
pub(crate) use record::TrackIndices;
pub use record::{LogHeader, LoggedPacket, LoggedSenderReport, Record, TrackIndex};
pub(crate) use repair::repair;
pub use source::{LogGrowth, LogInput, LogSource, LogStop};
pub use writer::LogWriter;
