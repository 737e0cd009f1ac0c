//! The capabilities that a reply or a setting needs of its transport, and which transport has them.

use crate::ground::clock::Clock;

/// A feature that not every transport supports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Capability {
    /// Anything other than a whole HTTP reply or a close in its place.
    RawBytes,
    /// Holding a reply at a gate.
    Hold,
    /// A pause between head and body.
    BodyDelay,
    /// Pauses, faults and damaged frames in a stream.
    Streaming,
    /// A pause before a close that replaces a reply.
    DelayedClose,
    /// A reply without `Date`.
    NoDate,
    /// Processing several requests at the same time.
    Concurrency,
    /// Keeping requests waiting while rules change.
    Pause,
    /// Refusing connections and cutting the open ones.
    Outage,
}

/// The capability that a script needs, and its spelling in the test: `` `hold` ``.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Need {
    pub(crate) capability: Capability,
    pub(crate) written: String,
}

/// The transport that carries the requests and replies of one fake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TransportKind {
    /// The fake's own server.
    Socket,
    /// The same connections over in-memory pipes, on the runtime and the clock of the caller.
    #[cfg(feature = "in-memory")]
    InMemory,
    /// A `wiremock::MockServer`, which sends whole replies under one lock.
    #[cfg(feature = "wiremock")]
    Mount,
}

impl Need {
    pub(crate) fn of(capability: Capability, written: impl Into<String>) -> Self {
        Self {
            capability,
            written: written.into(),
        }
    }
}

impl TransportKind {
    /// The clock by which a fake with this transport measures time: the clock of the runtime that
    /// serves its connections if a test can pause it, or else the system's.
    pub(crate) fn clock(self) -> Clock {
        match self {
            #[cfg(feature = "in-memory")]
            Self::InMemory => Clock::Tokio,
            Self::Socket => Clock::Real,
            #[cfg(feature = "wiremock")]
            Self::Mount => Clock::Real,
        }
    }

    /// Returns `true` if the caller's runtime serves the connections, and the fake has no thread.
    pub(crate) fn is_in_memory(self) -> bool {
        self.clock().is_virtual()
    }

    pub(crate) fn can(self, capability: Capability) -> bool {
        match (self, capability) {
            (Self::Socket, _) => true,
            #[cfg(feature = "in-memory")]
            (Self::InMemory, _) => true,
            #[cfg(feature = "wiremock")]
            (
                Self::Mount,
                Capability::RawBytes
                | Capability::Hold
                | Capability::BodyDelay
                | Capability::Streaming
                | Capability::DelayedClose
                | Capability::NoDate
                | Capability::Concurrency
                | Capability::Pause
                | Capability::Outage,
            ) => false,
        }
    }
}
