//! Statements that are sent to a database: as in Django, they are logged in debug mode.
//!
//! The logger `opencensus.db.backends` receives a DEBUG record for each statement, with the fields `duration`
//! (seconds), `sql`, `params` and `alias`; `opencensus.db.backends.schema` another one for each statement that changes
//! the schema, with `sql` and `params`. Without [debug mode](crate::Logging::set_debug) nothing is logged, since
//! statements and their parameters may contain data of users.
//!
//! With the front end for `tracing`, statements of [sqlx](https://docs.rs/sqlx) are logged automatically: in debug mode
//! its events at DEBUG become these records, with `rows_affected` and `rows_returned`, and without parameters, which
//! the events do not have. Warnings of slow statements stay records of `sqlx.query`. For SQLite, sqlx uses threads of
//! its own: records from there belong to the trace of a request if a `tracing` span began within the request.
//!
//! For other drivers there is [`Statement`]:
//!
//! ```
//! use opencensus_logging::Logging;
//! use opencensus_logging::database::Statement;
//! use std::time::{Duration, Instant};
//!
//! # let logging = Logging::builder().build();
//! logging.set_debug(true);
//! let started = Instant::now();
//! // … the driver executes the statement …
//! Statement::new("SELECT name FROM chairs WHERE id = ?", started.elapsed()).with_params([7]).log(&logging);
//! ```

#[cfg(feature = "tracing")]
pub(crate) mod sqlx;
mod statement;

pub use statement::Statement;
