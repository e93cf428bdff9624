//! Which function handles which request.

use super::{
    consumers, data, producers, recording, reply::Outcome, request::Request, rooms, session::Session, stats,
    transports,
};
use crate::error::ApiError;

/// Handles one request.
pub(super) async fn handle(session: &mut Session, request: &mut Request) -> Outcome {
    let event = request.event.clone();
    match event.strip_prefix("mediasoup:").unwrap_or_default() {
        "create-room" => rooms::create(session, request.parse()?).await,
        "join-room" => rooms::join(session, request.parse()?).await,
        "leave-room" => rooms::leave(session, request.parse()?).await,
        "get-room-info" => rooms::info(session, request.parse()?).await,
        "remove-participant" => rooms::remove_participant(session, request.parse()?).await,
        "close-room" => rooms::close(session, request.parse()?).await,

        "create-transport" => transports::create(session, request.parse()?).await,
        "connect-transport" => transports::connect(session, request.parse()?).await,
        "restart-ice" => transports::restart_ice(session, request.parse()?).await,
        "close-transport" => transports::close(session, request.parse()?).await,

        "create-producer" => producers::create(session, request.parse()?).await,
        "close-producer" => producers::close(session, request.parse()?).await,
        "pause-producer" => producers::pause(session, request.parse()?).await,
        "resume-producer" => producers::resume(session, request.parse()?).await,
        "lock-producer" => producers::lock(session, request.parse()?).await,
        "unlock-producer" => producers::unlock(session, request.parse()?).await,

        "create-consumer" => consumers::create(session, request.parse()?).await,
        "close-consumer" => consumers::close(session, request.parse()?).await,
        "pause-consumer" => consumers::pause(session, request.parse()?).await,
        "resume-consumer" => consumers::resume(session, request.parse()?).await,
        "set-consumer-preferred-layers" => consumers::set_preferred_layers(session, request.parse()?).await,
        "set-consumer-priority" => consumers::set_priority(session, request.parse()?).await,
        "request-consumer-key-frame" => consumers::request_key_frame(session, request.parse()?).await,

        "create-data-producer" => data::create_producer(session, request.parse()?).await,
        "close-data-producer" => data::close_producer(session, request.parse()?).await,
        "create-data-consumer" => data::create_consumer(session, request.parse()?).await,
        "close-data-consumer" => data::close_consumer(session, request.parse()?).await,
        "pause-data-consumer" => data::pause_consumer(session, request.parse()?).await,
        "resume-data-consumer" => data::resume_consumer(session, request.parse()?).await,

        "get-stats" => stats::read(session, request.parse()?).await,

        "start-recording" => recording::start(session, request.parse()?).await,
        "stop-recording" => recording::stop(session, request.parse()?).await,

        _ => Err(ApiError::unsupported(&event)),
    }
}
