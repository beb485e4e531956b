//! The scope of a page: a run, a role and a span of time, which the address names.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use crate::pages::parameters::Parameters;
use crate::store::Filter;

/// The spans of time that the pages offer, in minutes.
pub(super) const SPANS: [(&str, &str, i64); 5] = [
    ("5m", "Last 5 minutes", 5),
    ("30m", "Last 30 minutes", 30),
    ("4h", "Last 4 hours", 240),
    ("24h", "Last 24 hours", 1440),
    ("7d", "Last 7 days", 10_080),
];

/// What part of the store a page shows. By default the current run, all roles, all of its time.
///
/// In the address: `run` (`all` or an id), `role`, `last` (such as `30m`), or `from` and `to` in microseconds since 1970.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub(super) struct Scope {
    pub(super) run: String,
    pub(super) role: String,
    pub(super) last: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl<S: Sync> FromRequestParts<S> for Scope {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let Parameters(scope) = Parameters::from_request_parts(parts, state).await?;
        Ok(scope)
    }
}

impl Scope {
    /// The filter of the scope at `now`, in microseconds since 1970, during run `current`. Parts that cannot be parsed
    /// are ignored.
    pub(super) fn filter(&self, current: i64, now: i64) -> Filter {
        let mut filter = self.run(current).map_or_else(Filter::default, |run| Filter::default().in_run(run));
        if !self.role.is_empty() {
            filter = filter.role(&self.role);
        }
        let (since, until) = self.window(now);
        if let Some(since) = since {
            filter = filter.since(since);
        }
        if let Some(until) = until {
            filter = filter.until(until);
        }
        filter
    }

    /// The id of the run during run `current`, or `None` for all runs.
    pub(super) fn run(&self, current: i64) -> Option<i64> {
        (self.run != "all").then(|| self.run.parse().unwrap_or(current))
    }

    /// The first and the last time that the address permits, in microseconds since 1970, as far as it limits them.
    pub(super) fn window(&self, now: i64) -> (Option<i64>, Option<i64>) {
        let last = SPANS.iter().find(|(name, ..)| *name == self.last);
        let since = last.map(|(.., minutes)| now - minutes * 60_000_000);
        (since.max(self.from.parse().ok()), self.to.parse().ok())
    }

    /// The pairs of the query string that are not default.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all =
            [("run", &self.run), ("role", &self.role), ("last", &self.last), ("from", &self.from), ("to", &self.to)];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str()))
    }

    /// The address of a page in this scope, with further parameters.
    pub(super) fn link<'a>(&self, path: &str, more: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs());
        query.extend_pairs(more);
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_has_the_parts_of_the_address() {
        let scope = Scope { role: "shop".into(), last: "5m".into(), ..Scope::default() };
        let expected = Filter::default().in_run(3).role("shop").since(700_000_000);
        assert_eq!(scope.filter(3, 1_000_000_000), expected);
        let scope = Scope { run: "all".into(), from: "5".into(), to: "9".into(), ..Scope::default() };
        assert_eq!(scope.filter(3, 0), Filter::default().since(5).until(9));
        let odd = Scope { run: "x".into(), last: "x".into(), to: "x".into(), ..Scope::default() };
        assert_eq!(odd.filter(3, 0), Filter::default().in_run(3));
    }

    #[test]
    fn links_keep_the_scope_and_encode_values() {
        let scope = Scope { role: "a&b".into(), ..Scope::default() };
        assert_eq!(scope.link("/search", [("q", "x y")]), "/search?role=a%26b&q=x+y");
        assert_eq!(Scope::default().link("/", []), "/");
    }
}
