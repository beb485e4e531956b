//! Reads items in pages, so that an export of any size occupies little memory.

use axum::body::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;

use crate::store::{Filter, Run, Store, StoreError};
use crate::transfer::format::ExportFormat;
use crate::transfer::line::push_line;
use crate::transfer::metadata::Metadata;
use crate::transfer::otlp_json;

/// The items of one page.
const PAGE: usize = 500;

/// What is exported.
#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) filter: Filter,
    pub(crate) format: ExportFormat,
    /// The run whose items are exported, for the metadata.
    pub(crate) run: Option<Run>,
    /// The time, in microseconds since 1970.
    pub(crate) now: i64,
}

/// The place in an export.
struct Cursor {
    store: Store,
    filter: Filter,
    format: ExportFormat,
    /// The id of the last item that was read.
    last: i64,
    /// The text before the first page.
    head: Option<String>,
}

/// The exported text. Items that arrive during the export are not part of it.
pub(crate) fn export(store: Store, export: Export) -> impl Stream<Item = Result<Bytes, StoreError>> {
    let Export { filter, format, run, now } = export;
    let newest = *store.newest().borrow();
    let filter = filter.up_to(newest);
    let head = (format == ExportFormat::Jsonl).then(|| Metadata::new(now, run).to_line());
    let cursor = Cursor { store, filter, format, last: 0, head };
    try_unfold(cursor, |mut cursor| async move {
        let head = cursor.head.take();
        let page = match head {
            Some(head) => Some(head),
            None => cursor.page().await?,
        };
        Ok(page.map(|text| (Bytes::from(text), cursor)))
    })
}

impl Cursor {
    /// The next items as text. `None` after the last.
    async fn page(&mut self) -> Result<Option<String>, StoreError> {
        let filter = self.filter.clone().after(self.last);
        match self.format {
            ExportFormat::Jsonl => {
                let envelopes = self.store.envelopes(filter, PAGE).await?;
                let Some((last, _)) = envelopes.last() else { return Ok(None) };
                self.last = *last;
                let mut lines = String::new();
                envelopes.iter().for_each(|(_, envelope)| push_line(&mut lines, envelope));
                Ok(Some(lines))
            }
            ExportFormat::OtlpJson => {
                let items = self.store.oldest(filter, PAGE).await?;
                let Some(last) = items.last() else { return Ok(None) };
                self.last = last.id;
                Ok(Some(otlp_json::lines(&items)))
            }
        }
    }
}
