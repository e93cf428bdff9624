//! Thin I/O: the only home of clock, sockets and threads.
