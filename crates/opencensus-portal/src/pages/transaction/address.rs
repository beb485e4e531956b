//! The state of a transaction's page, all of which is in its address.

use std::collections::BTreeSet;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::pages::link;
use crate::pages::scope::Scope;
use crate::search::{Field, term};

/// The most characters of the text that is searched.
const MAX_FIND: usize = 200;
/// The most rows whose children are hidden.
const MAX_COLLAPSED: usize = 200;

/// What of a transaction is shown. A row's key is the id of its item; that of a parent that was not received is the
/// negative id of the first item below.
///
/// In the address: `item`, `root` and `collapse` (keys), `rows=spans`, `only=failed`, `find` (text), `at` (the number of the
/// first row). What cannot be parsed is ignored.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::pages) struct Address {
    /// The selected row.
    pub(super) item: Option<i64>,
    /// Whether only requests, calls and page views have rows.
    pub(super) spans_only: bool,
    pub(super) failed_only: bool,
    pub(super) find: String,
    /// The rows whose children are hidden.
    pub(super) collapsed: BTreeSet<i64>,
    /// The row that is the first.
    pub(super) root: Option<i64>,
    /// The number of the first row.
    pub(super) at: Option<usize>,
}

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Address {
    fn parse(query: &str) -> Self {
        let mut address = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "item" => address.item = value.parse().ok(),
                "rows" => address.spans_only = value == "spans",
                "only" => address.failed_only = value == "failed",
                "find" => address.find = value.trim().chars().take(MAX_FIND).collect(),
                "collapse" => {
                    let keys = value.split(',').filter_map(|key| key.parse().ok());
                    address.collapsed = keys.take(MAX_COLLAPSED).collect();
                }
                "root" => address.root = value.parse().ok(),
                "at" => address.at = value.parse().ok(),
                _ => {}
            }
        }
        address
    }

    /// The pairs of the query string that are not default.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let collapsed = self.collapsed.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let pairs = [
            ("item", self.item.map(|id| id.to_string()).unwrap_or_default()),
            ("rows", if self.spans_only { "spans" } else { "" }.to_owned()),
            ("only", if self.failed_only { "failed" } else { "" }.to_owned()),
            ("find", self.find.clone()),
            ("collapse", collapsed),
            ("root", self.root.map(|id| id.to_string()).unwrap_or_default()),
            ("at", self.at.map(|at| at.to_string()).unwrap_or_default()),
        ];
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// Builds the links of one page.
#[derive(Clone, Copy)]
pub(super) struct Links<'a> {
    pub(super) scope: &'a Scope,
    pub(super) operation_id: &'a str,
    pub(super) address: &'a Address,
}

impl Links<'_> {
    /// The address of this page after a change of its state.
    pub(super) fn with(self, change: impl FnOnce(&mut Address)) -> String {
        let mut address = self.address.clone();
        change(&mut address);
        let pairs = address.pairs();
        self.scope
            .link(&link::transaction(self.operation_id), pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// The address with this row selected, on the rows around it.
    pub(super) fn select(self, key: i64) -> String {
        let link = self.with(|address| {
            address.item = Some(key);
            address.at = None;
        });
        format!("{link}#row{key}")
    }

    /// The address of the search for items whose field has this value.
    pub(super) fn search(self, field: &Field, value: &str) -> String {
        self.scope.link("/search", [("q", term(field, value, false).as_str())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_parsed_and_written_and_what_does_not_fit_is_ignored() {
        let query = "item=7&rows=spans&only=failed&find=a%26b&collapse=-3%2C5&root=2&at=500";
        let address = Address::parse(query);
        assert_eq!(address.collapsed, BTreeSet::from([-3, 5]));
        let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(address.pairs()).finish();
        assert_eq!(written, query);
        assert_eq!(Address::parse("item=x&item=&rows=y&collapse=,,z&at=-1&root=1e9&other=%FF"), Address::default());
        let many: Vec<_> = (0..1000).map(|key: i64| key.to_string()).collect();
        let address = Address::parse(&format!("find={}&collapse={}", "x".repeat(999), many.join(",")));
        assert_eq!((address.find.len(), address.collapsed.len()), (MAX_FIND, MAX_COLLAPSED));
    }

    #[test]
    fn links_encode_ids_of_every_form() {
        let (scope, address) = (Scope { role: "shop".into(), ..Scope::default() }, Address::default());
        let links = Links { scope: &scope, operation_id: "|a/b.c?\"ü", address: &address };
        assert_eq!(links.select(3), "/transactions/%7Ca%2Fb.c%3F%22%C3%BC?role=shop&item=3#row3");
        let property = |key: &str, value| links.search(&Field::Property(key.into()), value);
        assert_eq!(property("tenant", "a\"b"), "/search?role=shop&q=tenant%3A%22a%5C%22b%22");
        assert_eq!(property("status", "v"), "/search?role=shop&q=%22status%22%3Av");
        assert_eq!(links.search(&Field::Role, "a b"), "/search?role=shop&q=role%3A%22a+b%22");
    }
}
