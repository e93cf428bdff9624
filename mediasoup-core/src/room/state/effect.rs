//! What a change of the state asks the room's task to do.

use crate::{
    ids::{ConsumerId, DataConsumerId, DataProducerId, ParticipantId, ProducerId, TransportId},
    room::event::{Audience, RoomEvent},
};

/// Something in the media plane that a participant owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::room) enum Resource {
    Transport(TransportId),
    Producer(ProducerId),
    Consumer(ConsumerId),
    DataProducer(DataProducerId),
    DataConsumer(DataConsumerId),
}

/// One step. Steps are carried out in their order.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::room) enum Effect {
    /// Close it in the media plane, with all that hangs on it there.
    Close(Resource),
    /// It went with what was closed before: drop its handle.
    Forget(Resource),
    /// Tell the sessions of an audience.
    Tell(Audience, RoomEvent),
    /// Tell a session its last event and end it.
    End(ParticipantId, RoomEvent),
}
