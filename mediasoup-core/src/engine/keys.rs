//! Places in the engine's tables. Ids are for the outside; inside, a place is found without a search.

/// A place in one of the tables.
pub(crate) trait Key: Copy + Ord {
    fn place(self) -> usize;
}

macro_rules! key {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) usize);

        impl Key for $name {
            fn place(self) -> usize {
                self.0
            }
        }
    )+};
}

key! {
    /// A transport's place.
    TransportKey,
    /// A producer's place.
    ProducerKey,
    /// A consumer's place.
    ConsumerKey,
    /// An observer's place.
    ObserverKey,
}
