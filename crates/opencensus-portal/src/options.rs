//! Options of a portal.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Address and database of a portal.
///
/// # Examples
///
/// ```
/// use opencensus_portal::PortalOptions;
///
/// let portal = PortalOptions::default().with_listen("127.0.0.1:0".parse()?).start()?;
/// assert!(portal.address().ip().is_loopback());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PortalOptions {
    /// The address to listen on, which must be a loopback address. Default: `127.0.0.1` and a free port.
    pub listen: SocketAddr,
    /// The file of the database. Default: none, items are kept in memory.
    pub database: Option<PathBuf>,
}

impl Default for PortalOptions {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), database: None }
    }
}

impl PortalOptions {
    /// Sets the address to listen on.
    #[must_use]
    pub fn with_listen(mut self, listen: SocketAddr) -> Self {
        self.listen = listen;
        self
    }

    /// Keeps items in this file.
    #[must_use]
    pub fn with_database(mut self, database: impl Into<PathBuf>) -> Self {
        self.database = Some(database.into());
        self
    }
}
