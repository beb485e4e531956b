//! Why a POST got no response.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use opencensus_core::exporter::BoxError;

/// Why a POST got no response. Shows no query and no credentials of a URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    #[error("no response within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// An error of the HTTP client. Its own text, `client error (Connect)`, is left out in favour of its source.
#[derive(Debug)]
pub(crate) struct ClientError(BoxError);

impl ClientError {
    pub(super) fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => write!(f, "{source}"),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source().and_then(Error::source)
    }
}
