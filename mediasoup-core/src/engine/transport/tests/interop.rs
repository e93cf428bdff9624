//! Against `rtc-dtls` as the client: another implementation, and one that lets us choose what it offers.
