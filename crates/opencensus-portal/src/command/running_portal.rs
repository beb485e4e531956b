//! Finds out which program listens on an address.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::to_bytes;
use tokio::time::timeout;

use crate::command::client::PortalClient;
use crate::error::PortalError;

/// The longest time for a response: the program behind the port may speak another protocol.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether the portal cannot start because another program listens on its address.
pub(super) fn is_in_use(error: &PortalError) -> bool {
    matches!(error, PortalError::Io(error) if error.kind() == ErrorKind::AddrInUse)
}

/// A client of the portal that listens on the address. `None` if another program does.
pub(super) async fn find_portal(address: SocketAddr) -> Option<PortalClient> {
    let client = PortalClient::new(&format!("http://{address}")).ok()?;
    let probe = async { to_bytes(client.get("/healthz").await.ok()?, 16).await.ok() };
    let health = timeout(PROBE_TIMEOUT, probe).await.ok()??;
    (health == "ok").then_some(client)
}

/// Replaces the error for an address in use by one that names the program behind it.
pub(super) async fn explain(error: PortalError, address: SocketAddr) -> String {
    if !is_in_use(&error) {
        return error.to_string();
    }
    match find_portal(address).await {
        Some(portal) => format!(
            "a portal already listens on {}: open that page, or start another with `--listen {}:0`",
            portal.url(),
            address.ip()
        ),
        None => format!(
            "another program listens on {address}: choose a free port with `--listen {}:0`, and the address is printed",
            address.ip()
        ),
    }
}
