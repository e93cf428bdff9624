//! Support for the integration tests: servers on port 0, native peers, fixtures.
