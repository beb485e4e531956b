//! The blacklist: requests that leave no telemetry.
//!
//! One entry a rule; a request that any rule matches is hidden.
//!
//! | entry | hides | does not hide |
//! | --- | --- | --- |
//! | `/` | every path | `OPTIONS *` and `CONNECT`, which have none |
//! | `/health`, `health` | `/health`, `/health/live`, `/health/` | `/healthz`, `/a/health` |
//! | `=/health` | `/health` | `/health/live`, `/health/` |
//! | `glob:/static/**.css` | `/static/a.css`, `/static/a/b.css` | `/static/a.js` |
//! | `glob:/users/*/avatar` | `/users/7/avatar` | `/users/7/x/avatar` |
//! | `re:^/v[0-9]+/ping$` | `/v1/ping` | `/v1/ping/x` |
//! | `host:internal.example` | every request to that host | other hosts, other ports if one is given |
//! | `https://example.com/a` | `/a` and below, on that site, by `https` | the same path on other sites |
//! | `GET /metrics`, `GET` | only that method | `POST /metrics` |
//!
//! Behind a proxy that ends TLS, and on HTTP/1 without one, a request does not tell its scheme; an
//! URL's scheme then matches either.
//!
//! Paths are compared as they came: percent-escapes are not decoded, letter case counts, the query
//! is not looked at. Hosts are compared without letter case, a port as it was sent (few clients send
//! `:80` and `:443`). `re:` is a regular expression of the
//! [`regex`] crate, found anywhere in the path unless it is anchored; its time is linear in the
//! path's length. In a glob, `*` stands for anything but `/`, `**` for anything, `?` for one
//! character but `/`.
//!
//! An entry that cannot match anything is an error when the filter is made.
//!
//! # Examples
//!
//! ```
//! use opencensus_core::PathFilter;
//!
//! let filter = PathFilter::new(["/health", "GET /metrics"])?;
//! assert!(filter.hides("GET", None, None, "/health/live"));
//! assert!(!filter.hides("GET", None, None, "/healthz"));
//! assert!(!filter.hides("POST", None, None, "/metrics"));
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
