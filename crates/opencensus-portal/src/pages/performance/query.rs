//! The parameters of the page in its address.

use serde::Deserialize;

use crate::pages::parameters::number;
use crate::pages::scope::Scope;
use crate::pages::section::PERFORMANCE;
use crate::store::{Filter, ItemKind};

/// What the page shows, besides the scope.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub(in crate::pages) struct PerformanceQuery {
    /// `dependencies` or `pages`; else requests.
    pub(super) of: String,
    /// The selected operation.
    pub(super) op: Option<String>,
    /// The selected durations in microseconds: from `min` up to, but not including, `max`.
    #[serde(deserialize_with = "number")]
    pub(super) min: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub(super) max: Option<i64>,
    /// The order of the table: `count`, `p50`, `p95`, `p99` or `failed`; else by impact.
    pub(super) sort: String,
    /// The run to compare with.
    pub(super) with: String,
}

impl PerformanceQuery {
    /// The kind of the items whose durations the page shows.
    pub(super) fn kind(&self) -> ItemKind {
        match self.of.as_str() {
            "dependencies" => ItemKind::Dependency,
            "pages" => ItemKind::PageView,
            _ => ItemKind::Request,
        }
    }

    /// The items of the selected operation and durations.
    pub(super) fn samples(&self, filter: Filter) -> Filter {
        let mut filter = filter.of_kind(self.kind());
        if let Some(op) = &self.op {
            filter = filter.named(op);
        }
        if let Some(min) = self.min {
            filter = filter.of_at_least(min);
        }
        match self.max {
            Some(max) => filter.of_less_than(max),
            None => filter,
        }
    }

    /// The address of this page with these parameters.
    pub(super) fn link(&self, scope: &Scope) -> String {
        let (min, max) = (self.min.map(|min| min.to_string()), self.max.map(|max| max.to_string()));
        let pairs = [
            ("of", Some(self.of.as_str()).filter(|of| !of.is_empty())),
            ("op", self.op.as_deref()),
            ("min", min.as_deref()),
            ("max", max.as_deref()),
            ("sort", Some(self.sort.as_str()).filter(|sort| !sort.is_empty())),
            ("with", Some(self.with.as_str()).filter(|with| !with.is_empty())),
        ];
        scope.link(PERFORMANCE.path, pairs.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_keeps_what_is_selected() {
        let query = PerformanceQuery { op: Some("GET /a b".into()), min: Some(10), ..PerformanceQuery::default() };
        assert_eq!(query.link(&Scope::default()), "/performance?op=GET+%2Fa+b&min=10");
        let expected = Filter::requests().named("GET /a b").of_at_least(10);
        assert_eq!(query.samples(Filter::default()), expected);
        let calls = PerformanceQuery { of: "dependencies".into(), max: Some(5), ..PerformanceQuery::default() };
        assert_eq!(calls.samples(Filter::default()), Filter::default().of_kind(ItemKind::Dependency).of_less_than(5));
    }
}
