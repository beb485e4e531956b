//! Errors of the portal's certificate.

use std::io;
use std::path::PathBuf;

/// Why the portal has no certificate.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{PortalError, PortalOptions};
///
/// let folder = std::env::current_exe()?; // a file
/// let error = PortalOptions::default().with_state_folder(folder).start().unwrap_err();
/// assert!(matches!(error, PortalError::Certificate(_)));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A file or folder cannot be read or written.
    #[error("`{}`: {source}", path.display())]
    #[non_exhaustive]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// Other users can write to the folder, and could replace the certificate that programs trust.
    #[error("`{}`: other users can write to this folder", .0.display())]
    FolderOfOthers(PathBuf),
    /// The certificate cannot be made.
    #[error("the certificate cannot be made: {0}")]
    NotMade(String),
}

impl CertificateError {
    pub(super) fn of_file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
