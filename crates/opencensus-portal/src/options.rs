//! Options of a portal.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::store::Limits;

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
    /// The most items that are kept; the oldest are deleted first. Default: 200,000.
    pub max_items: u64,
    /// The most bytes of items that are kept, about. Default: 256 MiB.
    pub max_bytes: u64,
    /// How long items are kept. Default: 30 days.
    pub max_age: Duration,
}

impl Default for PortalOptions {
    fn default() -> Self {
        let Limits { max_items, max_bytes, max_age } = Limits::default();
        let listen = (Ipv4Addr::LOCALHOST, 0).into();
        Self { listen, database: None, allowed_origins: Vec::new(), max_items, max_bytes, max_age }
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

    /// Keeps at most so many items, so many bytes of them, about, and for so long.
    #[must_use]
    pub fn with_retention(mut self, max_items: u64, max_bytes: u64, max_age: Duration) -> Self {
        (self.max_items, self.max_bytes, self.max_age) = (max_items, max_bytes, max_age);
        self
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { max_items: self.max_items, max_bytes: self.max_bytes, max_age: self.max_age }
    }
}
