//! The measured servers with one interface: start, script a number of functions, and return how a
//! client connects.

use std::any::Any;

use crate::bare_hyper::BareHyper;
use crate::client::function_name;
use crate::ours;
use crate::wiremock_server::WiremockServer;

/// A server to measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Engine {
    /// hyper with a constant short reply and no state: the minimum cost of a server on it.
    BareHyper,
    /// Our fake with its default settings.
    Ours,
    /// Our fake in memory, on the thread of its client.
    #[cfg(feature = "in-memory")]
    OursInMemory,
    /// Our fake, configured to keep every payload.
    OursUncapped,
    /// wiremock's server with one mock per function, recording requests as it does by default.
    Wiremock,
}

const NAMES: &[(Engine, &str)] = &[
    (Engine::BareHyper, "bare-hyper"),
    (Engine::Ours, "ours"),
    #[cfg(feature = "in-memory")]
    (Engine::OursInMemory, "ours-in-memory"),
    (Engine::OursUncapped, "ours-uncapped"),
    (Engine::Wiremock, "wiremock"),
];

/// A server that runs until it is dropped.
pub(crate) struct Running {
    pub(crate) reach: Reach,
    _server: Box<dyn Any>,
}

/// How a client connects.
pub(crate) enum Reach {
    Port(u16),
    #[cfg(feature = "in-memory")]
    Memory(fake_lambda::Handle),
}

impl Engine {
    /// The name of the engine on the command line of a child process.
    pub(crate) fn name(self) -> &'static str {
        let named = NAMES.iter().find(|(engine, _)| *engine == self);
        named.expect("every engine has a name").1
    }

    /// Finds an engine by its name.
    pub(crate) fn named(name: &str) -> Engine {
        let named = NAMES.iter().find(|(_, known)| *known == name);
        named
            .unwrap_or_else(|| panic!("no engine is called `{name}`"))
            .0
    }

    /// Starts the engine and scripts this many functions to answer `{"ok":true}`.
    pub(crate) fn run(self, functions: usize) -> Running {
        let names = (0..functions).map(function_name);
        match self {
            Self::BareHyper => {
                let server = BareHyper::start();
                Running {
                    reach: Reach::Port(server.port()),
                    _server: Box::new(server),
                }
            }
            #[cfg(feature = "in-memory")]
            Self::OursInMemory => {
                let server = ours::start_in_memory();
                names.for_each(|name| ours::script(&server, &name));
                Running {
                    reach: Reach::Memory(server.handle()),
                    _server: Box::new(server),
                }
            }
            Self::Ours | Self::OursUncapped => {
                let server = if self == Self::Ours {
                    ours::start()
                } else {
                    ours::start_uncapped()
                };
                names.for_each(|name| ours::script(&server, &name));
                Running {
                    reach: Reach::Port(server.port()),
                    _server: Box::new(server),
                }
            }
            Self::Wiremock => {
                let server = WiremockServer::start();
                names.for_each(|name| server.script(&name));
                Running {
                    reach: Reach::Port(server.port()),
                    _server: Box::new(server),
                }
            }
        }
    }
}
