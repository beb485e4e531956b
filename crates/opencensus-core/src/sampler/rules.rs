//! Samplers by path and by route.

use crate::path_filter::{InvalidPathEntry, PathFilter};
use crate::request::RequestHead;
use crate::sampler::{Candidate, Decision, Sampler};

/// Selects a sampler by path and by route. The sampler of the first rule that matches a request decides;
/// a fallback decides about requests that no rule matches.
///
/// # Examples
///
/// ```
/// use opencensus_core::{AlwaysOff, AlwaysOn, RateRules, RouteEntry};
///
/// let rules = RateRules::new(AlwaysOn)
///     .with_path("/metrics", AlwaysOff)?
///     .with_route("GET /users/{id}".parse::<RouteEntry>()?, AlwaysOff);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RateRules {
    rules: Vec<(Matcher, Box<dyn Sampler>)>,
    fallback: Box<dyn Sampler>,
}

#[derive(Debug)]
enum Matcher {
    Path(PathFilter),
    Route(RouteEntry),
}

/// A route's template in the router's syntax, such as `/users/{id}`, optionally after a method.
///
/// It is compared with the matched route's template. The route must be known when the request begins: put the
/// layer around a router's routes, not around the router.
///
/// # Examples
///
/// ```
/// use opencensus_core::RouteEntry;
///
/// assert!("GET /users/{id}".parse::<RouteEntry>().is_ok());
/// assert!("users".parse::<RouteEntry>().is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteEntry {
    method: Option<Box<str>>,
    template: Box<str>,
}

/// The text is not a route.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a route must be a template such as `/users/{{id}}`, optionally after a method")]
#[non_exhaustive]
pub struct InvalidRouteEntry;

impl RateRules {
    /// Creates an empty list of rules: `fallback` decides about all requests.
    pub fn new(fallback: impl Into<Box<dyn Sampler>>) -> Self {
        Self { rules: Vec::new(), fallback: fallback.into() }
    }

    /// Adds a rule by path: `sampler` decides about requests that `entry` matches, which has the [blacklist's
    /// grammar](crate::path_filter).
    ///
    /// # Errors
    ///
    /// The entry is malformed, or cannot match any request.
    pub fn with_path(mut self, entry: &str, sampler: impl Into<Box<dyn Sampler>>) -> Result<Self, InvalidPathEntry> {
        self.rules.push((Matcher::Path(PathFilter::new([entry])?), sampler.into()));
        Ok(self)
    }

    /// Adds a rule by route: `sampler` decides about requests of this route.
    #[must_use]
    pub fn with_route(mut self, route: RouteEntry, sampler: impl Into<Box<dyn Sampler>>) -> Self {
        self.rules.push((Matcher::Route(route), sampler.into()));
        self
    }

    fn select(&self, head: &dyn RequestHead) -> &dyn Sampler {
        let rule = self.rules.iter().find(|(matcher, _)| matcher.matches(head));
        rule.map_or(&*self.fallback, |(_, sampler)| &**sampler)
    }
}

impl Sampler for RateRules {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        self.select(candidate.head).decide(candidate)
    }
}

impl Matcher {
    fn matches(&self, head: &dyn RequestHead) -> bool {
        match self {
            Self::Path(paths) => paths.matches_request(head),
            Self::Route(route) => route.matches(head),
        }
    }
}

impl RouteEntry {
    fn matches(&self, head: &dyn RequestHead) -> bool {
        head.route() == Some(&*self.template) && self.method.as_deref().is_none_or(|method| method == head.method())
    }
}

impl std::str::FromStr for RouteEntry {
    type Err = InvalidRouteEntry;

    fn from_str(text: &str) -> Result<Self, InvalidRouteEntry> {
        let text = text.trim();
        let (method, template) = match text.split_once(char::is_whitespace) {
            Some((method, template)) => (Some(method), template.trim_start()),
            None => (None, text),
        };
        let is_method = |method: &str| method.bytes().all(|byte| byte.is_ascii_uppercase() || b"-_".contains(&byte));
        if !template.starts_with('/') || template.contains(char::is_whitespace) || !method.is_none_or(is_method) {
            return Err(InvalidRouteEntry);
        }
        Ok(Self { method: method.map(Into::into), template: template.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TraceId;
    use crate::sampler::{AlwaysOff, AlwaysOn};
    use crate::testing::Head;

    fn keeps(rules: &RateRules, head: &Head) -> bool {
        rules.decide(&Candidate::new(TraceId::random(), None, head)).kept
    }

    #[test]
    fn first_rule_that_matches_decides() {
        let rules = RateRules::new(AlwaysOn)
            .with_path("=/users/7", AlwaysOn)
            .and_then(|rules| rules.with_path("/users", AlwaysOff))
            .unwrap()
            .with_route("GET /shop/{id}".parse::<RouteEntry>().unwrap(), AlwaysOff);
        assert!(keeps(&rules, &Head::get("/users/7")));
        assert!(!keeps(&rules, &Head::get("/users/8")));
        assert!(keeps(&rules, &Head::get("/shop/1")));
        assert!(!keeps(&rules, &Head { route: Some("/shop/{id}"), ..Head::get("/shop/1") }));
        assert!(keeps(&rules, &Head { route: Some("/shop/{id}"), method: "PUT", ..Head::get("/shop/1") }));
    }

    #[test]
    fn routes_are_templates_with_or_without_method() {
        assert!("/users/{id}".parse::<RouteEntry>().is_ok());
        for text in ["", "users", "GET", "get /users", "GET /a b"] {
            assert_eq!(text.parse::<RouteEntry>(), Err(InvalidRouteEntry), "{text:?}");
        }
    }
}
