//! Exports items as text, and imports them into a new run.
//!
//! An exported file has a line of metadata, and each envelope as a line. As OTLP, it has lines that a collector reads.

mod export;
mod format;
mod gunzip;
mod import;
mod line;
mod line_reader;
mod metadata;
mod otlp_json;

pub(crate) use export::{Export, export};
pub(crate) use format::ExportFormat;
pub(crate) use import::{ImportError, ImportReport, Importer};
