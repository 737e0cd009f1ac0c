//! The transport of a fake: its own server, another one, or memory.

use std::net::SocketAddr;
use std::sync::Arc;

#[cfg(feature = "in-memory")]
use crate::transport::http1::InMemory;
use crate::transport::http1::{Server, Sockets};
#[cfg(feature = "wiremock")]
use crate::transport::wiremock::Mount;

/// What serves a fake, owned by it.
pub(super) enum Engine {
    Own(Server),
    #[cfg(feature = "in-memory")]
    InMemory(Arc<InMemory>),
    #[cfg(feature = "wiremock")]
    Mounted(Mount),
}

/// How clients reach a fake, for its handles.
#[derive(Clone)]
pub(super) enum Reach {
    Own(SocketAddr, Arc<Sockets>),
    #[cfg(feature = "in-memory")]
    InMemory(Arc<InMemory>),
    #[cfg(feature = "wiremock")]
    Mounted(SocketAddr),
}

impl Engine {
    pub(super) fn reach(&self) -> Reach {
        match self {
            Self::Own(server) => Reach::Own(server.address(), server.sockets()),
            #[cfg(feature = "in-memory")]
            Self::InMemory(server) => Reach::InMemory(server.clone()),
            #[cfg(feature = "wiremock")]
            Self::Mounted(mount) => Reach::Mounted(mount.address()),
        }
    }

    /// Stops answering; `false` if a handler still blocks the fake's thread after a second.
    pub(super) fn stop(&mut self) -> bool {
        match self {
            Self::Own(server) => server.stop(),
            #[cfg(feature = "in-memory")]
            Self::InMemory(server) => {
                server.stop();
                true
            }
            #[cfg(feature = "wiremock")]
            Self::Mounted(mount) => mount.stop(),
        }
    }
}

impl Reach {
    /// The address, unless clients connect in memory.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Own(address, _) => Some(*address),
            #[cfg(feature = "in-memory")]
            Self::InMemory(_) => None,
            #[cfg(feature = "wiremock")]
            Self::Mounted(address) => Some(*address),
        }
    }

    pub(super) fn url(&self) -> String {
        match self {
            Self::Own(address, _) => format!("http://{address}"),
            #[cfg(feature = "in-memory")]
            Self::InMemory(server) => server.url(),
            #[cfg(feature = "wiremock")]
            Self::Mounted(address) => format!("http://{address}"),
        }
    }

    /// The connections, if they are the fake's own.
    pub(super) fn sockets(&self) -> Option<Arc<Sockets>> {
        match self {
            Self::Own(_, sockets) => Some(sockets.clone()),
            #[cfg(feature = "in-memory")]
            Self::InMemory(server) => Some(server.sockets()),
            #[cfg(feature = "wiremock")]
            Self::Mounted(_) => None,
        }
    }

    /// Returns `true` if events run while this thread is blocked.
    pub(super) fn runs_elsewhere(&self) -> bool {
        match self {
            Self::Own(..) => true,
            #[cfg(feature = "in-memory")]
            Self::InMemory(server) => server.runs_elsewhere(),
            #[cfg(feature = "wiremock")]
            Self::Mounted(_) => true,
        }
    }

    /// Lets the caller's runtime run events, if no thread of the fake does.
    pub(super) fn run_events(&self) {
        match self {
            Self::Own(..) => {}
            #[cfg(feature = "in-memory")]
            Self::InMemory(server) => server.run_events(),
            #[cfg(feature = "wiremock")]
            Self::Mounted(_) => {}
        }
    }
}
