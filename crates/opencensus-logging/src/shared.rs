//! State that all parts of a logging system share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::background::Backlog;
use crate::diagnostics::Diagnostics;
use crate::dialect::Dialect;
use crate::formatters::{FormatContext, args, repr};
use crate::handler_error::HandlerError;
use crate::level_names::LevelNames;
use crate::record::{Record, Trace};
use crate::stream::Stream;

/// Looks up the value of `${NAME}`.
pub(crate) type Variables = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Reads the trace of the current request.
pub(crate) type TraceSource = fn() -> Option<Trace>;

/// State that all parts of a logging system share.
pub(crate) struct Shared {
    pub(crate) dialect: Dialect,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    pub(crate) context: Arc<FormatContext>,
    pub(crate) current_trace: TraceSource,
    pub(crate) variables: Variables,
    pub(crate) level_names: LevelNames,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) backlog: Arc<Backlog>,
    /// Django's `DEBUG`.
    pub(crate) debug: AtomicBool,
    /// Filters that panicked; their record passed.
    pub(crate) filter_panics: AtomicU64,
    /// Records that a handler logged while it handled one; they were dropped.
    pub(crate) recursive: AtomicU64,
}

impl Shared {
    pub(crate) fn new(
        dialect: Dialect,
        stdout: Stream,
        stderr: Stream,
        context: FormatContext,
        current_trace: TraceSource,
        variables: Variables,
    ) -> Self {
        let backlog = Arc::new(Backlog::default());
        Self {
            dialect,
            stdout,
            diagnostics: Diagnostics::new(stderr.clone(), Arc::clone(&backlog)),
            stderr,
            context: Arc::new(context),
            current_trace,
            variables,
            level_names: LevelNames::default(),
            backlog,
            debug: AtomicBool::new(false),
            filter_panics: AtomicU64::new(0),
            recursive: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_debug(&self) -> bool {
        self.debug.load(Ordering::Relaxed)
    }

    /// Reports a record that a handler lost; `lost` is the number of records that it has lost so far.
    pub(crate) fn report_loss(&self, handler: &str, error: &HandlerError, record: &Record, lost: u64) {
        if !self.diagnostics.reports_losses() {
            return;
        }
        if self.dialect.reports_each_loss() {
            let message = repr(&serde_json::Value::from(&*record.message));
            let report = format!("--- Logging error ---\n{error}\nMessage: {message}\nArguments: {}\n", args(record));
            let _ = self.stderr.write(&report);
        } else {
            let logger = &record.logger;
            self.diagnostics.log(&format!("handler '{handler}' lost a record of '{logger}': {error} ({lost} so far)"));
        }
    }
}
