//! Converts query parameters to a filter and a limit.

use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserializer, IntoDeserializer as _};

use crate::store::{Filter, ItemKind};

/// The most items of one response.
pub(super) const MAX_ITEMS: usize = 1000;

/// Selects items by `kind` (one or several, separated by commas), `q` (text), `name`, `code`, `role`, `operation_id`,
/// `failed` (`true`: failed requests, calls and tests, and exceptions), `run` (`current` or an id) and `after` (an id).
/// `limit` is 100 by default, at most 1000. `order` is `newest` (first, the default) or `oldest`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ItemQuery {
    #[serde(default, deserialize_with = "kinds")]
    kind: Vec<ItemKind>,
    q: Option<String>,
    name: Option<String>,
    code: Option<String>,
    role: Option<String>,
    failed: Option<bool>,
    operation_id: Option<String>,
    run: Option<RunQuery>,
    after: Option<i64>,
    #[serde(default)]
    pub(super) order: Order,
    limit: Option<usize>,
}

/// The order of items by their arrival.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Order {
    #[default]
    Newest,
    Oldest,
}

/// A run. Without one, items of all runs match.
#[derive(Clone, Copy, Debug)]
enum RunQuery {
    All,
    Current,
    Id(i64),
}

impl ItemQuery {
    /// The filter of the query during run `current`.
    pub(super) fn filter(&self, current: i64) -> Filter {
        let mut filter = Filter::default().with_text(self.q.as_deref().unwrap_or_default());
        match self.kind[..] {
            [] => {}
            [kind] => filter = filter.of_kind(kind),
            _ => filter = filter.of_kinds(&self.kind),
        }
        if let Some(name) = &self.name {
            filter = filter.named(name);
        }
        if let Some(code) = &self.code {
            filter = filter.with_code(code);
        }
        if let Some(run) = self.run_id(current) {
            filter = filter.in_run(run);
        }
        if let Some(role) = &self.role {
            filter = filter.role(role);
        }
        if self.failed == Some(true) {
            filter = filter.failures();
        }
        if let Some(operation_id) = &self.operation_id {
            filter = filter.of_operation(operation_id);
        }
        if let Some(after) = self.after {
            filter = filter.after(after);
        }
        filter
    }

    /// The id of the run that is selected during run `current`.
    pub(super) fn run_id(&self, current: i64) -> Option<i64> {
        match self.run? {
            RunQuery::All => None,
            RunQuery::Current => Some(current),
            RunQuery::Id(id) => Some(id),
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(100).min(MAX_ITEMS)
    }
}

impl<'de> Deserialize<'de> for RunQuery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "all" => Ok(Self::All),
            "current" => Ok(Self::Current),
            id => id.parse().map(Self::Id).map_err(|_| serde::de::Error::custom("a run is `all`, `current` or an id")),
        }
    }
}

/// Parses kinds that commas separate.
fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ItemKind>, D::Error> {
    let list = String::deserialize(deserializer)?;
    let kind = |name: &str| {
        let name: StrDeserializer<'_, Error> = name.into_deserializer();
        ItemKind::deserialize(name).map_err(serde::de::Error::custom)
    };
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(kind).collect()
}
