//! The server: adapters (REST, Socket.IO) around `mediasoup-core`.
