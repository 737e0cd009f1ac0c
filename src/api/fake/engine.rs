//! The transport of a fake: its own server, or another one.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::transport::http1::{Server, Sockets};
#[cfg(feature = "wiremock")]
use crate::transport::wiremock::Mount;

pub(super) enum Engine {
    Own(Server),
    #[cfg(feature = "wiremock")]
    Mounted(Mount),
}

impl Engine {
    pub(super) fn address(&self) -> SocketAddr {
        match self {
            Self::Own(server) => server.address(),
            #[cfg(feature = "wiremock")]
            Self::Mounted(mount) => mount.address(),
        }
    }

    /// The sockets, if the fake has its own.
    pub(super) fn sockets(&self) -> Option<Arc<Sockets>> {
        match self {
            Self::Own(server) => Some(server.sockets()),
            #[cfg(feature = "wiremock")]
            Self::Mounted(_) => None,
        }
    }

    /// Stops answering; `false` if a handler still blocks the fake's thread after a second.
    pub(super) fn stop(&mut self) -> bool {
        match self {
            Self::Own(server) => server.stop(),
            #[cfg(feature = "wiremock")]
            Self::Mounted(mount) => mount.stop(),
        }
    }
}
