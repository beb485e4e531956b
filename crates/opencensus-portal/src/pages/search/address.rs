//! The address of a search, which holds all of its state.

use serde::Deserialize;

use crate::pages::scope::Scope;
use crate::pages::section::SEARCH;
use crate::search::{Field, RESOURCE_METRIC, Switch, term, toggle};

/// The parameters of the page besides the scope: `q` (a search) and `before` (an id: older rows).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct SearchQuery {
    pub(super) q: String,
    before: String,
}

impl SearchQuery {
    pub(super) fn before(&self) -> Option<i64> {
        self.before.parse().ok()
    }
}

/// Builds the links of one page.
#[derive(Clone, Copy)]
pub(super) struct Links<'a> {
    pub(super) scope: &'a Scope,
    pub(super) q: &'a str,
}

impl Links<'_> {
    /// The first page of a search in this scope.
    pub(super) fn search(&self, q: &str) -> String {
        self.scope.link(SEARCH.path, (!q.is_empty()).then_some(("q", q)))
    }

    /// The rows of this search before the item with this id.
    pub(super) fn before(&self, id: i64) -> String {
        let id = id.to_string();
        let q = (!self.q.is_empty()).then_some(("q", self.q));
        self.scope.link(SEARCH.path, q.into_iter().chain([("before", id.as_str())]))
    }

    /// The search with the term for this value, or without it if it has the term: the link, and whether it has.
    pub(super) fn toggle(&self, field: &Field, value: &str, excluded: bool) -> (String, bool) {
        let Switch { text, is_on } = toggle(self.q, &term(field, value, excluded));
        (self.search(&text), is_on)
    }

    /// The address of the API that counts the items above this id which match these terms. `None` if new items never
    /// match.
    pub(super) fn count_after(&self, terms: &str, shows_resource_metrics: bool, id: i64) -> Option<String> {
        let Scope { run, role, from, to, .. } = self.scope;
        if !to.is_empty() || run.parse::<i64>().is_ok() {
            return None;
        }
        let hidden = if shows_resource_metrics { String::new() } else { format!("-name:{RESOURCE_METRIC}") };
        let q = format!("{terms} {hidden}");
        let mut query = form_urlencoded::Serializer::new(String::new());
        let run = if run == "all" { "all" } else { "current" };
        query.extend_pairs([("q", q.trim()), ("run", run), ("after", &id.to_string())]);
        let optional = [("role", role), ("since", from)];
        query.extend_pairs(optional.into_iter().filter(|(_, value)| !value.is_empty()));
        Some(format!("/api/v1/count?{}", query.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_scope_and_edit_the_search() {
        let scope = Scope { role: "shop".into(), ..Scope::default() };
        let links = Links { scope: &scope, q: "oak status:500" };
        assert_eq!(links.search(""), "/search?role=shop");
        assert_eq!(links.before(7), "/search?role=shop&q=oak+status%3A500&before=7");
        assert_eq!(links.toggle(&Field::Code, "500", false), ("/search?role=shop&q=oak".into(), true));
        let (excluding, is_on) = links.toggle(&Field::Role, "a b", true);
        assert_eq!(excluding, "/search?role=shop&q=oak+status%3A500+-role%3A%22a+b%22");
        assert!(!is_on);
    }

    #[test]
    fn new_items_are_counted_only_in_scopes_that_grow() {
        let count = |run: &str, to: &str| {
            let scope = Scope { run: run.into(), to: to.into(), ..Scope::default() };
            Links { scope: &scope, q: "oak" }.count_after("oak", true, 7)
        };
        assert_eq!(count("", "").as_deref(), Some("/api/v1/count?q=oak&run=current&after=7"));
        assert_eq!(count("all", "").as_deref(), Some("/api/v1/count?q=oak&run=all&after=7"));
        assert_eq!((count("3", ""), count("", "99")), (None, None));
    }
}
