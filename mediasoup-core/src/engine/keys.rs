//! Places in the engine's tables. Ids are for the outside; inside, a place is found without a search.

macro_rules! key {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) usize);
    )+};
}

key! {
    /// A transport's place.
    TransportKey,
    /// A producer's place.
    ProducerKey,
    /// A consumer's place.
    ConsumerKey,
    /// A data producer's place.
    DataProducerKey,
    /// A data consumer's place.
    DataConsumerKey,
}
