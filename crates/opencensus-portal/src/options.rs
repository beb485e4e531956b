//! Options of a portal.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Address, database and allowed origins of a portal.
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
    /// Origins whose pages may send telemetry from a browser, such as `https://shop.example`, besides pages of this
    /// machine. Default: none.
    pub allowed_origins: Vec<String>,
}

impl Default for PortalOptions {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), database: None, allowed_origins: Vec::new() }
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

    /// Adds an origin whose pages may send telemetry from a browser, such as `https://shop.example`.
    #[must_use]
    pub fn with_allowed_origin(mut self, origin: impl Into<String>) -> Self {
        self.allowed_origins.push(origin.into());
        self
    }
}
