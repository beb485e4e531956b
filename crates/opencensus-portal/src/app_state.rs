//! The state that all handlers share.

use std::sync::Arc;

use crate::ingest::Intake;
use crate::store::Store;

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) connection_string: String,
    /// Origins whose pages may send telemetry, besides those of this machine.
    pub(crate) allowed_origins: Arc<[String]>,
    pub(crate) intake: Arc<Intake>,
}
