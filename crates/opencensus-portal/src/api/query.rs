//! Converts query parameters to a filter and a limit.

use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserializer, IntoDeserializer as _};

use crate::store::{Filter, ItemKind};

/// The most items of one response.
pub(super) const MAX_ITEMS: usize = 1000;

/// Selects items by `kind` (one or several, separated by commas), `q` (text), `name`, `code`, `role`, `operation_id`,
/// `failed` (`true`: failed requests, calls and tests, and exceptions) and `after` (an id). `limit` is 100 by default, at
/// most 1000.
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
    after: Option<i64>,
    limit: Option<usize>,
}

impl ItemQuery {
    pub(super) fn filter(&self) -> Filter {
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

    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(100).min(MAX_ITEMS)
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
