//! Gives the middleware the client's address, on servers other than axum's.

use std::net::SocketAddr;

/// The address of the connection's other end, as an extension of a request. For servers other than
/// axum's, which has `ConnectInfo`, and for applications that know the address better: it goes before `ConnectInfo` and
/// before the address that actix-web knows.
///
/// # Examples
///
/// ```
/// use opencensus::PeerAddress;
///
/// # let peer: std::net::SocketAddr = ([127, 0, 0, 1], 4711).into();
/// let mut request = http::Request::get("/").body(())?;
/// request.extensions_mut().insert(PeerAddress(peer));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerAddress(pub SocketAddr);
