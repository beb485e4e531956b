//! The state that all handlers share.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::access::Access;
use crate::faults::Faults;
use crate::ingest::Intake;
use crate::store::{Limits, Store};
use crate::tls::TlsProvider;
use crate::token::Token;

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) connection_string: String,
    /// The file of the database. `None`: memory.
    pub(crate) database: Option<Arc<Path>>,
    pub(crate) limits: Limits,
    /// Origins whose pages may send telemetry, besides those of this machine.
    pub(crate) allowed_origins: Arc<[String]>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) tls: Arc<TlsProvider>,
    pub(crate) faults: Arc<Faults>,
    /// The turns of the API's streams.
    pub(crate) streams: Arc<Semaphore>,
    /// The access from other machines. `None`: there is none.
    pub(crate) access: Option<Arc<Access>>,
    /// Required for changes.
    pub(crate) token: Token,
}
