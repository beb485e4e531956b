//! The state that all handlers share.

use crate::store::Store;

#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) connection_string: String,
}
