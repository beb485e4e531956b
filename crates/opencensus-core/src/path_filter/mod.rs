//! The blacklist: requests that are excluded from telemetry.
//!
//! Each entry is a rule; a request that matches any rule is excluded.
//!
//! | entry | excludes | does not exclude |
//! | --- | --- | --- |
//! | `/` | every path | `OPTIONS *` and `CONNECT`, which have none |
//! | `/health`, `health` | `/health`, `/health/live`, `/health/` | `/healthz`, `/a/health` |
//! | `=/health` | `/health` | `/health/live`, `/health/` |
//! | `glob:/static/**.css` | `/static/a.css`, `/static/a/b.css` | `/static/a.js` |
//! | `glob:/users/*/avatar` | `/users/7/avatar` | `/users/7/x/avatar` |
//! | `re:^/v[0-9]+/ping$` | `/v1/ping` | `/v1/ping/x` |
//! | `host:internal.example` | every request to that host | other hosts, other ports if one is given |
//! | `https://example.com/a` | `/a` and below, on that site, by `https` | the same path on other sites |
//! | `GET /metrics`, `OPTIONS /` | only that method | `POST /metrics` |
//!
//! A request's scheme is unknown behind a proxy that terminates TLS, and on HTTP/1 without one. Then an entry's
//! scheme matches in any case.
//!
//! Paths are compared unchanged: percent-escapes are not decoded, letter case matters, and the query is
//! ignored. Hosts are compared without letter case, ports as they were sent (few clients send `:80` and
//! `:443`). `re:` is a regular expression of the
//! [`regex`] crate, which matches anywhere in the path unless it is anchored; its time is linear in the
//! path's length. In a glob, `*` matches any text without `/`, `**` any text, and `?` one character
//! except `/`.
//!
//! An entry that cannot match any request is an error when the filter is created.
//!
//! # Examples
//!
//! ```
//! use opencensus_core::PathFilter;
//!
//! let filter = PathFilter::new(["/health", "GET /metrics"])?;
//! assert!(filter.matches("GET", None, None, "/health/live"));
//! assert!(!filter.matches("GET", None, None, "/healthz"));
//! assert!(!filter.matches("POST", None, None, "/metrics"));
//! # Ok::<(), opencensus_core::InvalidPathEntry>(())
//! ```

mod condition;
mod entry;
mod filter;
mod path_index;
mod path_table;
mod patterns;

pub use entry::{EntryFault, InvalidPathEntry};
pub use filter::PathFilter;
