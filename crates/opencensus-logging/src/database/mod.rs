//! Statements that are sent to a database, as Django tells them: in debug mode alone.
//!
//! The logger `opencensus.db.backends` gets a DEBUG record for each statement, with the fields `duration` (seconds),
//! `sql`, `params` and `alias`; `opencensus.db.backends.schema` one more for each that changes the schema, with `sql`
//! and `params`. Outside of [debug mode](crate::Logging::set_debug) there are none, since statements and their
//! parameters hold what users have entered.
//!
//! Statements of [sqlx](https://docs.rs/sqlx) are found among its events if the front end for `tracing` is installed.
//! In debug mode those that sqlx tells at its level DEBUG become these records, with `rows_affected` and
//! `rows_returned`; sqlx does not tell parameters. What it finds slow stays a warning of `sqlx.query`. sqlx works for
//! SQLite on a thread of its own: records from there belong to the request's trace if a span of `tracing` began in it.
//! For other drivers there is [`Statement`]:
//!
//! ```
//! use opencensus_logging::Logging;
//! use opencensus_logging::database::Statement;
//! use std::time::{Duration, Instant};
//!
//! # let logging = Logging::builder().build();
//! logging.set_debug(true);
//! let begun = Instant::now();
//! // … the driver works …
//! Statement::new("SELECT name FROM chairs WHERE id = ?", begun.elapsed()).with_params([7]).log(&logging);
//! ```

mod statement;

pub use statement::Statement;
#[cfg(feature = "tracing")]
pub(crate) use statement::sqlx;
