//! The layer that records the calls of an HTTP client.

mod body;
mod future;
mod layer;

pub use body::ClientBody;
pub use future::ClientFuture;
pub use layer::{ClientLayer, ClientService};
