//! The layer that records the calls of an HTTP client.

mod body;
mod future;
mod layer;
#[cfg(feature = "reqwest-middleware")]
mod reqwest;

pub use body::ClientBody;
pub use future::ClientFuture;
pub use layer::{ClientLayer, ClientService};
#[cfg(feature = "reqwest-middleware")]
pub use reqwest::ReqwestFuture;
