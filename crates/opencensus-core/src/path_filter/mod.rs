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
//! is not looked at. Hosts are compared without letter case. `re:` is a regular expression of the
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

mod entry;
mod prefixes;

pub use entry::{EntryFault, InvalidPathEntry};

use entry::{Entry, PathRule};
use prefixes::Prefixes;
use regex::Regex;

/// Compiled blacklist.
#[derive(Clone, Debug, Default)]
pub struct PathFilter {
    // Entries that name nothing but a path prefix: the usual case, found by hash.
    prefixes: Prefixes,
    // All the others, tried one after the other.
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    method: Option<Box<str>>,
    scheme: Option<Box<str>>,
    host: Option<Box<str>>,
    path: PathMatch,
}

#[derive(Clone, Debug)]
enum PathMatch {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Pattern(Regex),
}

impl PathFilter {
    /// Compiles the entries.
    ///
    /// # Errors
    ///
    /// The first entry that is malformed, or that cannot match any request.
    pub fn new<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Result<Self, InvalidPathEntry> {
        let mut filter = Self::default();
        for entry in entries {
            let Entry { method, scheme, host, path } = Entry::parse(entry.as_ref())?;
            match path {
                PathRule::Prefix(prefix) if method.is_none() && scheme.is_none() && host.is_none() => {
                    filter.prefixes.insert(&prefix);
                }
                path => filter.rules.push(Rule { method, scheme, host, path: path.into() }),
            }
        }
        Ok(filter)
    }

    /// Whether no entry was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prefixes.is_empty() && self.rules.is_empty()
    }

    /// Whether a request leaves no telemetry. `host` may carry a port.
    #[must_use]
    pub fn hides(&self, method: &str, scheme: Option<&str>, host: Option<&str>, path: &str) -> bool {
        self.prefixes.matches(path) || self.rules.iter().any(|rule| rule.matches(method, scheme, host, path))
    }

    /// Whether a rule asks for the host or the scheme; else there is no need to look them up.
    #[must_use]
    pub fn needs_host(&self) -> bool {
        self.rules.iter().any(|rule| rule.host.is_some())
    }
}

impl Rule {
    fn matches(&self, method: &str, scheme: Option<&str>, host: Option<&str>, path: &str) -> bool {
        let wants = |wanted: &Option<Box<str>>, found: Option<&str>, fits: fn(&str, &str) -> bool| {
            wanted.as_deref().is_none_or(|wanted| found.is_some_and(|found| fits(wanted, found)))
        };
        wants(&self.method, Some(method), |wanted, found| wanted == found)
            && (scheme.is_none() || wants(&self.scheme, scheme, str::eq_ignore_ascii_case))
            && wants(&self.host, host, same_host)
            && self.path.matches(path)
    }
}

/// A wanted host without a port means every port.
fn same_host(wanted: &str, found: &str) -> bool {
    let found = if entry::has_port(wanted) { found } else { entry::without_port(found) };
    wanted.eq_ignore_ascii_case(found)
}

impl PathMatch {
    fn matches(&self, path: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(wanted) => path == &**wanted,
            Self::Prefix(prefix) => is_below(path, prefix),
            Self::Pattern(pattern) => pattern.is_match(path),
        }
    }
}

impl From<PathRule> for PathMatch {
    fn from(rule: PathRule) -> Self {
        match rule {
            PathRule::Any => Self::Any,
            PathRule::Exact(path) => Self::Exact(path),
            PathRule::Prefix(path) => Self::Prefix(path),
            PathRule::Pattern(pattern) => Self::Pattern(pattern),
        }
    }
}

/// Whether `path` is `prefix` or lies below it, by whole segments. `prefix` has no `/` at its end.
fn is_below(path: &str, prefix: &str) -> bool {
    // Most paths differ in their length or at this place already.
    let ends_segment = match path.as_bytes().get(prefix.len()) {
        None => path.len() == prefix.len(),
        Some(byte) => *byte == b'/',
    };
    ends_segment && path.starts_with(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hides(entry: &str, path: &str) -> bool {
        PathFilter::new([entry]).unwrap().hides("GET", Some("http"), Some("Shop.example:8080"), path)
    }

    #[test]
    fn plain_entry_hides_by_segment_with_or_without_leading_slash() {
        for entry in ["/health", "health", "/health/"] {
            assert!(hides(entry, "/health"), "{entry}");
            assert!(hides(entry, "/health/"), "{entry}");
            assert!(hides(entry, "/health/live"), "{entry}");
            assert!(!hides(entry, "/healthz"), "{entry}");
            assert!(!hides(entry, "/a/health"), "{entry}");
            assert!(!hides(entry, "/Health"), "{entry}");
            assert!(!hides(entry, "/"), "{entry}");
        }
    }

    #[test]
    fn root_hides_everything_and_exact_root_only_itself() {
        assert!(hides("/", "/anything"));
        assert!(hides("=/", "/"));
        assert!(!hides("=/", "/anything"));
    }

    #[test]
    fn exact_glob_and_regex() {
        assert!(hides("=/health", "/health"));
        assert!(!hides("=/health", "/health/"));
        assert!(hides("glob:/users/*/avatar", "/users/7/avatar"));
        assert!(!hides("glob:/users/*/avatar", "/users/7/x/avatar"));
        assert!(hides("glob:/static/**.css", "/static/a/b.css"));
        assert!(!hides("glob:/static/**.css", "/static/a.js"));
        assert!(!hides("glob:/a.c", "/abc"));
        assert!(hides("glob:/v?", "/v1"));
        assert!(hides("re:^/v[0-9]+/ping$", "/v12/ping"));
        assert!(!hides("re:^/v[0-9]+/ping$", "/v12/ping/x"));
    }

    #[test]
    fn host_matches_without_case_and_with_any_port_unless_one_is_given() {
        assert!(hides("host:shop.EXAMPLE", "/"));
        assert!(hides("host:shop.example:8080", "/"));
        assert!(!hides("host:shop.example:80", "/"));
        assert!(!hides("host:example", "/"));
    }

    #[test]
    fn url_hides_one_site_only() {
        assert!(hides("http://shop.example", "/anything"));
        assert!(hides("http://shop.example/a", "/a/b"));
        assert!(!hides("http://shop.example/a", "/b"));
        assert!(!hides("https://shop.example", "/"));
        assert!(!hides("http://other.example", "/"));
    }

    #[test]
    fn unknown_scheme_matches_either() {
        let filter = PathFilter::new(["https://shop.example/a"]).unwrap();
        assert!(filter.hides("GET", None, Some("shop.example"), "/a"));
        assert!(!filter.hides("GET", None, Some("other.example"), "/a"));
    }

    #[test]
    fn method_in_front_limits_an_entry() {
        let filter = PathFilter::new(["POST /users", "OPTIONS"]).unwrap();
        assert!(filter.hides("POST", None, None, "/users/7"));
        assert!(!filter.hides("GET", None, None, "/users/7"));
        assert!(filter.hides("OPTIONS", None, None, "/any"));
    }

    #[test]
    fn star_target_and_empty_path_match_no_prefix() {
        let many: Vec<_> = (0..20).map(|n| format!("/{n}")).chain(["/".to_owned()]).collect();
        for entries in [vec!["/health".to_owned()], vec!["/".to_owned()], many] {
            let filter = PathFilter::new(entries).unwrap();
            assert!(!filter.hides("OPTIONS", None, None, "*"));
            assert!(!filter.hides("CONNECT", None, None, ""));
        }
    }

    #[test]
    fn filter_of_many_entries_finds_each() {
        let entries: Vec<_> = (0..1000).map(|n| format!("/route{n}/part")).collect();
        let filter = PathFilter::new(&entries).unwrap();
        for entry in &entries {
            assert!(filter.hides("GET", None, None, &format!("{entry}/x")));
            assert!(!filter.hides("GET", None, None, &format!("{entry}x")));
        }
    }
}
