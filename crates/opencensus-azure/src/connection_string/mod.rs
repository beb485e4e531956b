//! The connection string: the endpoint that telemetry is sent to and the key of the resource.
//!
//! `parts` splits the text, `string` is the parsed form, `error` has the errors.

mod error;
mod parts;
mod string;

pub use error::{InvalidEndpoint, InvalidEndpointReason, ParseConnectionStringError};
pub use string::{ConnectionString, InstrumentationKey};
