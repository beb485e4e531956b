//! Converts query parameters to a filter and a limit.

use serde::Deserialize;

use crate::store::{Filter, ItemKind};

/// The most items of one response.
pub(super) const MAX_ITEMS: usize = 1000;

/// Selects items by `kind`, `q` (text), `name`, `code`, `operation_id` and `after` (an id). `limit` is 100
/// by default, at most 1000.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ItemQuery {
    kind: Option<ItemKind>,
    q: Option<String>,
    name: Option<String>,
    code: Option<String>,
    operation_id: Option<String>,
    after: Option<i64>,
    limit: Option<usize>,
}

impl ItemQuery {
    pub(super) fn filter(&self) -> Filter {
        let mut filter = Filter::default().with_text(self.q.as_deref().unwrap_or_default());
        if let Some(kind) = self.kind {
            filter = filter.of_kind(kind);
        }
        if let Some(name) = &self.name {
            filter = filter.named(name);
        }
        if let Some(code) = &self.code {
            filter = filter.with_code(code);
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
