//! Connections: HTTP/1.1 with and without TLS on one port.

mod listener;
mod peer;
mod protocol;

pub(crate) use listener::serve;
pub(crate) use peer::Peer;
