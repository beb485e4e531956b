//! TLS with a certificate for this machine that the portal makes itself.

mod certificate;
mod certificate_file;
mod error;
mod provider;
mod state_folder;

pub(crate) use certificate_file::open_in_folder;
pub use error::CertificateError;
pub(crate) use provider::TlsProvider;
pub(crate) use state_folder::default_state_folder;
