//! TLS of the client, by rustls with an explicit crypto provider. Installs no process-wide provider.

mod config;
mod error;
mod provider;
mod roots;

pub(crate) use config::system;
pub use error::TlsError;
pub use roots::{ExtraRoots, ParseRootsError};
