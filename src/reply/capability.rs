//! What a reply or a setting needs of the transport, and which transport can do it.

/// Something that not every transport can do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Capability {
    /// Anything but a whole HTTP reply, or a close in place of one.
    RawBytes,
    /// To hold a reply at a gate.
    Hold,
    /// A pause between head and body.
    BodyDelay,
    /// A pause before a close in place of a reply.
    DelayedClose,
    /// A reply without `Date`.
    NoDate,
    /// Several requests at work at once.
    Concurrency,
    /// To keep requests waiting while rules are changed.
    Pause,
    /// To refuse connections and to cut those that are open.
    Outage,
}

/// What a script needs, as the test wrote it: `` `hold` ``.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Need {
    pub(crate) capability: Capability,
    pub(crate) written: String,
}

/// What carries the requests and replies of one fake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TransportKind {
    /// The fake's own server.
    Socket,
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
    pub(crate) fn can(self, capability: Capability) -> bool {
        match (self, capability) {
            (Self::Socket, _) => true,
            #[cfg(feature = "wiremock")]
            (
                Self::Mount,
                Capability::RawBytes
                | Capability::Hold
                | Capability::BodyDelay
                | Capability::DelayedClose
                | Capability::NoDate
                | Capability::Concurrency
                | Capability::Pause
                | Capability::Outage,
            ) => false,
        }
    }
}
