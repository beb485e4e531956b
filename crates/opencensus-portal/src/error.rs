//! The error of the portal.

use std::net::SocketAddr;

use crate::missing_items::MissingItems;
use crate::store::StoreError;
use crate::tls::CertificateError;

/// Why a portal cannot start or cannot return items.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{PortalError, PortalOptions};
///
/// let error = PortalOptions::default().with_listen("192.0.2.1:8787".parse()?).start().unwrap_err();
/// assert!(matches!(error, PortalError::NotLoopback(_)));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortalError {
    /// The address is not a loopback address.
    #[error(
        "`{0}` is not a loopback address: the portal accepts connections of other machines only with --allow-remote (`PortalOptions::with_remote_access`)"
    )]
    NotLoopback(SocketAddr),
    /// The portal cannot bind the address, or cannot start its thread.
    #[error("the portal cannot listen: {0}")]
    Io(#[from] std::io::Error),
    /// The items of a wait did not arrive in time.
    #[error("{0}")]
    Missing(Box<MissingItems>),
    /// The certificate for TLS cannot be made, or cannot be kept in the state folder.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
