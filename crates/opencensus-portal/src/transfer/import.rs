//! Imports the lines of a file as the items of a run.

use std::io;

use serde::{Deserialize, Serialize};

use crate::ingest::parse_imported;
use crate::store::{NewItem, Store, StoreError};
use crate::transfer::gunzip::Gunzip;
use crate::transfer::line_reader::{Line, LineReader, MAX_LINE};
use crate::transfer::metadata::{Metadata, VERSION};

/// The most bytes of a file after decompression.
const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// The most refused lines that a report lists.
const MAX_ERRORS: usize = 100;
/// The lines that are parsed and committed at once.
const GROUP: usize = 500;

/// What an import did.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct ImportReport {
    /// The run of the imported items. `None` if there are none.
    pub(crate) run: Option<i64>,
    pub(crate) imported: u64,
    pub(crate) refused: u64,
    /// The first refused lines, at most 100.
    pub(crate) errors: Vec<LineError>,
}

/// Why a line was refused.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct LineError {
    pub(crate) line: u64,
    pub(crate) message: String,
}

/// Why an import ends early. The lines before are imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("a later version of the portal wrote the file (format {0}): use that version")]
    Newer(u64),
    #[error("the file is larger than 2 GiB after decompression")]
    TooLarge,
    #[error("the file is not whole or not gzip: {0}")]
    Gzip(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An import that goes on.
pub(crate) struct Importer {
    store: Store,
    name: String,
    /// The time, in microseconds since 1970.
    now: i64,
    gunzip: Gunzip,
    input: Input,
    report: ImportReport,
}

/// The lines that are not parsed yet.
#[derive(Default)]
struct Input {
    reader: LineReader,
    bytes: u64,
    lines: Vec<Line>,
}

impl Input {
    fn feed(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > MAX_BYTES {
            return Err(ImportError::TooLarge);
        }
        self.reader.feed(bytes, &mut self.lines);
        Ok(())
    }
}

impl Importer {
    /// An import of the file with this name at `now`, in microseconds since 1970.
    pub(crate) fn new(store: Store, name: String, now: i64) -> Self {
        let (gunzip, input, report) = (Gunzip::default(), Input::default(), ImportReport::default());
        Self { store, name, now, gunzip, input, report }
    }

    /// Imports the lines that end within the bytes.
    pub(crate) async fn feed(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        let input = &mut self.input;
        self.gunzip.feed(bytes, &mut |plain: &[u8]| input.feed(plain))?;
        if self.input.lines.len() >= GROUP { self.commit().await } else { Ok(()) }
    }

    /// Imports the rest.
    pub(crate) async fn finish(mut self) -> Result<ImportReport, ImportError> {
        let input = &mut self.input;
        std::mem::take(&mut self.gunzip).finish(&mut |plain: &[u8]| input.feed(plain))?;
        self.input.lines.extend(self.input.reader.finish());
        self.commit().await?;
        Ok(self.report)
    }

    async fn commit(&mut self) -> Result<(), ImportError> {
        let mut lines = std::mem::take(&mut self.input.lines).into_iter().peekable();
        while lines.peek().is_some() {
            let group: Vec<_> = lines.by_ref().take(GROUP).collect();
            let now = self.now;
            let parsed = tokio::task::spawn_blocking(move || parse(group, now)).await;
            let (items, errors) = parsed.map_err(|_| StoreError::Stopped)??;
            self.report.refused += errors.len() as u64;
            let room = MAX_ERRORS - self.report.errors.len();
            self.report.errors.extend(errors.into_iter().take(room));
            self.insert(items).await?;
        }
        Ok(())
    }

    async fn insert(&mut self, mut items: Vec<NewItem>) -> Result<(), ImportError> {
        if items.is_empty() {
            return Ok(());
        }
        let run = match self.report.run {
            Some(run) => run,
            None => self.store.begin_import(self.now, self.name.clone()).await?,
        };
        self.report.run = Some(run);
        self.report.imported += items.len() as u64;
        items.iter_mut().for_each(|item| item.run = Some(run));
        Ok(self.store.insert_with_refusals(items, Vec::new()).await?)
    }
}

fn parse(lines: Vec<Line>, now: i64) -> Result<(Vec<NewItem>, Vec<LineError>), ImportError> {
    let (mut items, mut errors) = (Vec::new(), Vec::new());
    for (number, line) in lines {
        let Some(line) = line else {
            errors.push(LineError { line: number, message: format!("the line is longer than {MAX_LINE} bytes") });
            continue;
        };
        match parse_imported(&line, now) {
            Ok(item) => items.push(item),
            Err(message) => match Metadata::parse(&line) {
                Some(metadata) if metadata.version > VERSION => return Err(ImportError::Newer(metadata.version)),
                Some(_) => {}
                None => errors.push(LineError { line: number, message }),
            },
        }
    }
    Ok((items, errors))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Filter, Limits};

    const EVENT: &str = r#"{"name":"n","time":"2019-03-05T06:07:08Z","iKey":"k",
        "data":{"baseType":"EventData","baseData":{"name":"n"}}}"#;

    async fn import(text: &str) -> (Store, Result<ImportReport, ImportError>) {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let mut importer = Importer::new(store.clone(), "old.jsonl".into(), 1_800_000_000_000_000);
        for chunk in text.as_bytes().chunks(1000) {
            if let Err(error) = importer.feed(chunk).await {
                return (store, Err(error));
            }
        }
        let report = importer.finish().await;
        (store, report)
    }

    #[tokio::test]
    async fn old_items_become_a_run_with_the_name_of_the_file() {
        let event = EVENT.replace('\n', "");
        let text = format!("{{\"opencensus_portal_export\":1}}\n{event}\nno json\n\n{event}\n");
        let (store, report) = import(&text.repeat(300)).await;
        let report = report.unwrap();
        assert_eq!((report.imported, report.refused, report.errors.len()), (600, 300, 100));
        assert_eq!((report.errors[0].line, report.errors[1].line), (3, 8));
        let run = store.runs().await.unwrap().remove(0);
        assert_eq!((run.id, run.name.as_deref(), run.items), (report.run.unwrap(), Some("old.jsonl"), 600));
        let item = store.items(Filter::default(), 1).await.unwrap().remove(0);
        assert_eq!((item.time, item.received, item.run), (1_551_766_028_000_000, 1_800_000_000_000_000, run.id));
    }

    #[tokio::test]
    async fn file_without_items_begins_no_run_and_one_of_a_later_version_is_refused() {
        let (store, report) = import("no json\n").await;
        assert_eq!((report.unwrap().run, store.runs().await.unwrap().len()), (None, 1));
        let (_, report) = import("{\"opencensus_portal_export\":2,\"new\":1}\n").await;
        assert!(matches!(report, Err(ImportError::Newer(2))));
    }
}
