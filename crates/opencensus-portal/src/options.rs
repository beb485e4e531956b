//! Options of a portal.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::time::Duration;

use crate::store::Limits;

/// The address of the program `opencensus-portal` unless it has the option `--listen`: `127.0.0.1:8787`. Exporters send to
/// it with the connection string `UseDevelopmentTelemetry=true`.
pub const DEFAULT_ADDRESS: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8787));

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
    /// The address to listen on, which must be a loopback address without `remote_access`. Default: `127.0.0.1` and a free port.
    pub listen: SocketAddr,
    /// The file of the database. Default: none, items are kept in memory.
    pub database: Option<PathBuf>,
    /// Origins whose pages may send telemetry from a browser, such as `https://shop.example`, besides pages of this
    /// machine. Default: none.
    pub allowed_origins: Vec<String>,
    /// Whether other machines may connect. They need a token for pages and API, but none to send telemetry. Default:
    /// `false`.
    pub remote_access: bool,
    /// Names of this machine that requests may use, such as `portal.example`, with `remote_access`. Addresses are
    /// accepted without being listed. Default: none.
    pub allowed_hosts: Vec<String>,
    /// The folder that keeps the certificate for TLS, which only its owner may write to. It is created if it does not
    /// exist. Default: none, a certificate is made in memory at the first connection with TLS.
    pub state_folder: Option<PathBuf>,
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
        Self {
            listen,
            database: None,
            allowed_origins: Vec::new(),
            remote_access: false,
            allowed_hosts: Vec::new(),
            state_folder: None,
            max_items,
            max_bytes,
            max_age,
        }
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

    /// Lets other machines connect: [`Portal::remote_url`](crate::Portal::remote_url) is the address for their browsers.
    ///
    /// # Examples
    ///
    /// ```
    /// use opencensus_portal::PortalOptions;
    ///
    /// let portal = PortalOptions::default().with_remote_access().with_listen("0.0.0.0:0".parse()?).start()?;
    /// assert!(portal.remote_url().unwrap().contains("/?access="));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_remote_access(mut self) -> Self {
        self.remote_access = true;
        self
    }

    /// Adds a name of this machine that requests may use, such as `portal.example`, with remote access.
    #[must_use]
    pub fn with_allowed_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
        self
    }

    /// Keeps the certificate for TLS in this folder.
    #[must_use]
    pub fn with_state_folder(mut self, state_folder: impl Into<PathBuf>) -> Self {
        self.state_folder = Some(state_folder.into());
        self
    }

    /// Limits the items that are kept: their number, their size in bytes (approximately), and their age. By default
    /// 200,000 items, 256 MiB and 30 days. The oldest items are deleted first.
    #[must_use]
    pub fn with_retention(mut self, max_items: u64, max_bytes: u64, max_age: Duration) -> Self {
        (self.max_items, self.max_bytes, self.max_age) = (max_items, max_bytes, max_age);
        self
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { max_items: self.max_items, max_bytes: self.max_bytes, max_age: self.max_age }
    }
}
