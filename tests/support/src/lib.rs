//! Servers, clients, child processes and data that the tests of several crates share.
//!
//! This package depends on no other crate of the workspace, so that the tests of one crate build without the rest.
//! Without features it needs serde_json alone, and has [`vectors`], [`random`], [`process`], [`smtp`], [`aiosmtpd`],
//! [`captured`], [`exception`] and [`blocking_client`]. The features `certificates` and `client` add the modules of these
//! names; `servers` adds `endpoint` and `harness`.

pub mod aiosmtpd;
pub mod blocking_client;
pub mod captured;
#[cfg(feature = "certificates")]
pub mod certificates;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "servers")]
pub mod endpoint;
pub mod exception;
#[cfg(feature = "servers")]
pub mod harness;
pub mod process;
pub mod random;
pub mod smtp;
pub mod vectors;

use std::time::Duration;

/// The time limit of a wait, which is longer than any step of a test takes.
pub const TIMEOUT: Duration = Duration::from_secs(30);
