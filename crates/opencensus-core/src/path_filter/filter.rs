//! The compiled blacklist.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::path_filter::condition::Condition;
use crate::path_filter::entry::{self, Entry, InvalidPathEntry};
use crate::path_filter::path_index::PathIndex;
use crate::request::RequestHead;

/// A compiled blacklist. The time of a lookup hardly grows with the number of entries.
///
/// # Examples
///
/// ```
/// use opencensus_core::PathFilter;
///
/// let filter = PathFilter::new(["/health", "glob:/static/**.css"])?;
/// assert!(filter.matches("GET", None, None, "/static/site.css"));
/// assert!(!filter.matches("GET", None, None, "/static/site.js"));
/// # Ok::<(), opencensus_core::InvalidPathEntry>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PathFilter {
    // Entries without a host.
    anywhere: PathIndex,
    // The others by their host in lower case, with its port if the entry has one.
    hosts: HashMap<Box<str>, PathIndex>,
}

impl PathFilter {
    /// Compiles a blacklist.
    ///
    /// # Errors
    ///
    /// The first entry that is malformed, or that cannot match any request.
    pub fn new<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Result<Self, InvalidPathEntry> {
        let mut filter = Self::default();
        for text in entries {
            let Entry { method, scheme, host, path } = Entry::parse(text.as_ref())?;
            let index = match host {
                Some(host) => filter.hosts.entry(host.to_ascii_lowercase().into()).or_default(),
                None => &mut filter.anywhere,
            };
            index.insert(path, Condition { method, scheme });
        }
        for index in filter.hosts.values_mut().chain([&mut filter.anywhere]) {
            index.compile().map_err(InvalidPathEntry::of_all_patterns)?;
        }
        Ok(filter)
    }

    /// Whether the blacklist is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anywhere.is_empty() && self.hosts.is_empty()
    }

    /// Whether an entry matches a request, which is then excluded. `host` may have a port.
    #[must_use]
    pub fn matches(&self, method: &str, scheme: Option<&str>, host: Option<&str>, path: &str) -> bool {
        let holds = |condition: &Condition| condition.holds(method, scheme);
        self.anywhere.matches(path, holds) || self.of_host(host).any(|index| index.matches(path, holds))
    }

    /// Whether an entry matches a request, which is then excluded. Parts of the request that no entry needs are
    /// not read.
    #[inline(always)]
    #[must_use]
    pub fn matches_request<H: RequestHead + ?Sized>(&self, head: &H) -> bool {
        let path = head.path();
        let holds = |condition: &Condition| condition.holds(head.method(), head.scheme());
        let of_host = || {
            let host = head.host().and_then(|host| std::str::from_utf8(host).ok());
            self.of_host(host).any(|index| index.matches(path, holds))
        };
        self.anywhere.matches(path, holds) || !self.hosts.is_empty() && of_host()
    }

    /// The entries of a host with its port and of the host alone.
    fn of_host(&self, host: Option<&str>) -> impl Iterator<Item = &PathIndex> {
        let host = host.filter(|_| !self.hosts.is_empty()).map(lower_case);
        let get = |host: &str| self.hosts.get(host);
        let with_port = host.as_deref().and_then(get);
        let any_port = host.as_deref().filter(|host| entry::has_port(host)).map(entry::without_port).and_then(get);
        with_port.into_iter().chain(any_port)
    }
}

fn lower_case(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(entry: &str, path: &str) -> bool {
        PathFilter::new([entry]).unwrap().matches("GET", Some("http"), Some("Shop.example:8080"), path)
    }

    #[test]
    fn plain_entry_matches_by_segment_with_or_without_leading_slash() {
        for entry in ["/health", "health", "/health/"] {
            assert!(matches(entry, "/health"), "{entry}");
            assert!(matches(entry, "/health/"), "{entry}");
            assert!(matches(entry, "/health/live"), "{entry}");
            assert!(!matches(entry, "/healthz"), "{entry}");
            assert!(!matches(entry, "/a/health"), "{entry}");
            assert!(!matches(entry, "/Health"), "{entry}");
            assert!(!matches(entry, "/"), "{entry}");
        }
    }

    #[test]
    fn root_matches_every_path_and_exact_root_only_itself() {
        assert!(matches("/", "/anything"));
        assert!(matches("=/", "/"));
        assert!(!matches("=/", "/anything"));
    }

    #[test]
    fn exact_glob_and_regex() {
        assert!(matches("=/health", "/health"));
        assert!(!matches("=/health", "/health/"));
        assert!(matches("glob:/users/*/avatar", "/users/7/avatar"));
        assert!(!matches("glob:/users/*/avatar", "/users/7/x/avatar"));
        assert!(matches("glob:/static/**.css", "/static/a/b.css"));
        assert!(!matches("glob:/static/**.css", "/static/a.js"));
        assert!(!matches("glob:/a.c", "/abc"));
        assert!(matches("glob:/v?", "/v1"));
        assert!(matches("re:^/v[0-9]+/ping$", "/v12/ping"));
        assert!(!matches("re:^/v[0-9]+/ping$", "/v12/ping/x"));
    }

    #[test]
    fn host_matches_without_case_and_with_any_port_unless_one_is_given() {
        assert!(matches("host:shop.EXAMPLE", "/"));
        assert!(matches("host:shop.example:8080", "/"));
        assert!(!matches("host:shop.example:80", "/"));
        assert!(!matches("host:example", "/"));
    }

    #[test]
    fn url_matches_one_site_only() {
        assert!(matches("http://shop.example", "/anything"));
        assert!(matches("http://shop.example/a", "/a/b"));
        assert!(!matches("http://shop.example/a", "/b"));
        assert!(!matches("https://shop.example", "/"));
        assert!(!matches("http://other.example", "/"));
    }

    #[test]
    fn unknown_scheme_matches_either() {
        let filter = PathFilter::new(["https://shop.example/a"]).unwrap();
        assert!(filter.matches("GET", None, Some("shop.example"), "/a"));
        assert!(!filter.matches("GET", None, Some("other.example"), "/a"));
    }

    #[test]
    fn method_in_front_limits_an_entry() {
        let filter = PathFilter::new(["POST /users", "OPTIONS /"]).unwrap();
        assert!(filter.matches("POST", None, None, "/users/7"));
        assert!(!filter.matches("GET", None, None, "/users/7"));
        assert!(filter.matches("OPTIONS", None, None, "/any"));
    }

    #[test]
    fn star_target_and_empty_path_match_no_prefix() {
        let many: Vec<_> = (0..20).map(|n| format!("/{n}")).chain(["/".to_owned()]).collect();
        for entries in [vec!["/health".to_owned()], vec!["/".to_owned()], many] {
            let filter = PathFilter::new(entries).unwrap();
            assert!(!filter.matches("OPTIONS", None, None, "*"));
            assert!(!filter.matches("CONNECT", None, None, ""));
        }
    }

    /// Texts in backticks that are paths.
    fn paths(cell: &str) -> impl Iterator<Item = &str> {
        cell.split('`').skip(1).step_by(2).filter(|text| text.starts_with('/'))
    }

    #[test]
    fn table_of_the_documentation_is_true() {
        let mut checked = 0;
        for row in include_str!("mod.rs").lines().filter_map(|line| line.strip_prefix("//! | `")) {
            let cells: Vec<_> = row.split(" | ").collect();
            let entry = format!("`{}", cells[0]);
            for entry in entry.split('`').skip(1).step_by(2) {
                let filter = PathFilter::new([entry]).unwrap();
                let matches = |path: &str| filter.matches("GET", Some("https"), Some("example.com"), path);
                let matching = paths(cells[1]).map(|path| (path, true));
                for (path, expected) in matching.chain(paths(cells[2]).map(|path| (path, false))) {
                    assert_eq!(matches(path), expected, "{entry}: {path}");
                    checked += 1;
                }
            }
        }
        assert!(checked >= 18, "{checked}");
    }

    #[test]
    fn each_of_many_entries_of_every_form_matches_only_its_own_paths() {
        type Form = fn(usize) -> String;
        let forms: [(&str, Form); 6] = [
            ("exact", |n| format!("=/a{n}/b")),
            ("method", |n| format!("GET /a{n}/b")),
            ("glob", |n| format!("glob:/a{n}/*")),
            ("regex", |n| format!("re:^/a{n}/.$")),
            ("url", |n| format!("http://host{n}.example/a{n}/b")),
            ("path on one site", |n| format!("http://shop.example/a{n}/b")),
        ];
        for (name, form) in forms {
            let filter = PathFilter::new((0..500).map(form)).unwrap();
            for n in [0, 7, 499] {
                let host = if name == "url" { format!("host{n}.example:80") } else { "Shop.example".to_owned() };
                let matches = |path: &str| filter.matches("GET", Some("http"), Some(&host), path);
                assert!(matches(&format!("/a{n}/b")), "{name} {n}");
                assert!(!matches("/a500/b") && !matches(&format!("/a{n}")), "{name} {n}");
            }
        }
    }

    /// Few entries are compared one by one, many are hashed.
    #[test]
    fn few_and_many_entries_decide_alike() {
        let entries = ["/a", "=/a", "/a/b", "=/a/b/", "GET /c", "=*", "/", "POST /"];
        let paths = ["/", "", "*", "/a", "/a/", "/ab", "/a/b", "/a/b/", "/a/b/c", "/c", "/c/d", "//", "//a"];
        let others = (0..20).map(|n| format!("/other{n}"));
        for picked in 0..1_u32 << entries.len() {
            let some = || {
                entries.iter().enumerate().filter(|(at, _)| picked >> at & 1 == 1).map(|(_, entry)| (*entry).to_owned())
            };
            let (few, many) =
                (PathFilter::new(some()).unwrap(), PathFilter::new(some().chain(others.clone())).unwrap());
            for path in paths {
                for method in ["GET", "POST"] {
                    let matches = |filter: &PathFilter| filter.matches(method, None, None, path);
                    assert_eq!(matches(&few), matches(&many), "{method} {path:?} {:?}", some().collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn conditions_of_several_entries_for_one_path_are_independent() {
        let filter = PathFilter::new(["GET /a", "POST /a", "=/b", "PUT /b", "=*"]).unwrap();
        let matches = |method, path| filter.matches(method, None, None, path);
        assert!(matches("GET", "/a/x") && matches("POST", "/a") && !matches("PUT", "/a"));
        assert!(matches("GET", "/b") && !matches("GET", "/b/x") && matches("PUT", "/b/x"));
        assert!(matches("OPTIONS", "*") && !matches("GET", "/"));
    }

    #[test]
    fn each_of_many_prefixes_matches_by_segment() {
        let entries: Vec<_> = (0..1000).map(|n| format!("/route{n}/part")).collect();
        let filter = PathFilter::new(&entries).unwrap();
        for entry in &entries {
            assert!(filter.matches("GET", None, None, &format!("{entry}/x")));
            assert!(!filter.matches("GET", None, None, &format!("{entry}x")));
        }
    }
}
