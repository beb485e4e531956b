//! Servers with the same routes on axum, actix-web and hyper, for tests.
//!
//! | route | response |
//! | --- | --- |
//! | `GET,POST /` | 200 |
//! | `GET,POST,PUT,DELETE /users/{id}` | 200 |
//! | `GET /u/{name}` | 200 |
//! | `GET /health`, `/healthz` | 200 |
//! | `GET /forbidden`, `/bad`, `/unavailable`, `/redirect` | 403, 400, 503, 302 |
//! | `GET /fail` | the handler returns an error: 500 |
//! | `GET /boom` | the handler panics |
//! | `GET /slow` | 200 after 120 ms |
//! | `GET /stream` | 4 chunks, 60 ms apart |
//! | `GET /events` | server-sent events without end, 60 ms apart |
//! | `GET /hang` | never responds |
//! | `GET /out`, `/health-out` | GETs `OUT_URL` with the trace headers, and responds with its body |
//! | `POST /trace-context-test` | POSTs each `arguments` of `[{"url", "arguments"}]` to its `url` with the trace headers |

pub mod actix_server;
pub mod axum_server;
mod chunks;
pub mod hyper_server;
mod outgoing;
mod program;

pub use outgoing::Outgoing;
pub use program::main;

/// The state of the handlers.
#[derive(Clone, Debug, Default)]
pub struct Shop {
    /// Outgoing calls.
    pub outgoing: Outgoing,
    /// The URL that `/out` calls.
    pub out_url: Option<String>,
}

/// The error of a handler.
#[derive(Debug)]
pub struct HandlerError(pub String);

impl std::fmt::Display for HandlerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
