//! Ports: loopback only, and no port twice in one process while the system offers another.
//!
//! A client of a dropped fake must not reach the next one. Without this module, the system would
//! repeat about 1,400 of 5,000 ports.

use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Mutex, PoisonError};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// The number of connections that can wait to be accepted while a handler blocks the fake's thread;
/// the system can allow fewer.
const BACKLOG: i32 = 4_096;

/// The number of ports to request from the system before the unused ports between the lowest and
/// the highest that it has given are tried one by one.
const DRAWS: usize = 8;

/// The number of ports to try one by one before a used one is accepted.
const TRIES: usize = 512;

/// The ports that this process has used.
#[derive(Default)]
struct UsedPorts {
    ports: HashSet<u16>,
    lowest: u16,
    highest: u16,
    /// Every port from `lowest` up to, but not including, this one was used; searches skip them.
    next: u32,
}

/// A listening socket and its address, with a loopback port that this process has not used, if the
/// system has one.
pub(super) fn listen() -> io::Result<(TcpListener, SocketAddr)> {
    static HAD: Mutex<Option<UsedPorts>> = Mutex::new(None);
    let mut had = HAD.lock().unwrap_or_else(PoisonError::into_inner);
    let had = had.get_or_insert_with(UsedPorts::default);
    // Held until we return, so that the system does not give the same port again.
    let mut held = Vec::new();
    for _ in 0..DRAWS {
        let listener = bind(0)?;
        let address = listener.local_addr()?;
        if had.take(address.port()) {
            return Ok((listener, address));
        }
        held.push((listener, address));
    }
    for _ in 0..TRIES {
        let Some(port) = had.unused() else { break };
        // The port is not tried again, even if another process holds it now.
        had.take(port);
        if let Ok(listener) = bind(port) {
            let address = listener.local_addr()?;
            return Ok((listener, address));
        }
    }
    held.pop()
        .ok_or_else(|| io::Error::other("no loopback port is free"))
}

fn bind(port: u16) -> io::Result<TcpListener> {
    let socket = new_socket()?;
    // On systems other than Unix, this would let another process listen on the same port.
    #[cfg(unix)]
    if port != 0 {
        socket.set_reuse_address(true)?;
    }
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    // Connections inherit the option, and a lingering one must not prevent listening on the port
    // again after an outage.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// A socket that does not block.
fn new_socket() -> io::Result<Socket> {
    // One system call in place of three.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return Socket::new(
        Domain::IPV4,
        Type::STREAM.nonblocking(),
        Some(Protocol::TCP),
    );
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }
}

/// Holds the port of a listening socket with a second one that never listens: connections are
/// refused once the first is closed, and no other process gets the port. `None` if the system has
/// no `SO_REUSEPORT`, or does not allow it on a bound socket.
pub(super) fn twin(listener: SockRef<'_>, address: SocketAddr) -> Option<Socket> {
    #[cfg(unix)]
    {
        let twin = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).ok()?;
        for socket in [&listener, &SockRef::from(&twin)] {
            socket.set_reuse_address(true).ok()?;
            socket.set_reuse_port(true).ok()?;
        }
        twin.bind(&address.into()).ok()?;
        // Another process could bind the same address if its socket and this one had this option.
        twin.set_reuse_address(false).ok()?;
        Some(twin)
    }
    #[cfg(not(unix))]
    {
        let _ = (listener, address);
        None
    }
}

/// Listens again on the port that a twin holds, or that is free.
pub(super) fn listen_again(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = new_socket()?;
    #[cfg(unix)]
    {
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    // Only the twin was meant to share the port.
    #[cfg(unix)]
    socket.set_reuse_port(false)?;
    Ok(socket.into())
}

impl UsedPorts {
    /// Records the port; returns whether it is new.
    fn take(&mut self, port: u16) -> bool {
        if self.ports.is_empty() {
            (self.lowest, self.highest) = (port, port);
        }
        if port < self.lowest {
            (self.lowest, self.next) = (port, port.into());
        }
        self.highest = self.highest.max(port);
        self.ports.insert(port)
    }

    /// An unused port between the lowest and the highest that the system gave.
    fn unused(&mut self) -> Option<u16> {
        let start = self.next.max(self.lowest.into());
        let end = u32::from(self.highest) + 1;
        let found = (start..end).find(|port| !self.ports.contains(&(*port as u16)));
        self.next = found.unwrap_or(end);
        found.map(|port| port as u16)
    }
}
