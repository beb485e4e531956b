//! Connections: HTTP/1.1 with and without TLS on one port.

mod listener;
mod protocol;

pub(crate) use listener::serve;
