//! One thing that was said.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use serde_json::Value;

use crate::error::LoggedError;
use crate::level::Level;

/// One thing that was said: where, how grave, in which words, about which error. What
/// [`LogRecord`](https://docs.python.org/3/library/logging.html#logrecord-attributes) is in Python.
///
/// Filters and handlers share it. Who changes one that is shared gets a copy of his own
/// ([`Arc::make_mut`]).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    /// The logger's name.
    pub logger: Arc<str>,
    /// How grave.
    pub level: Level,
    /// The level's name.
    pub level_name: Cow<'static, str>,
    /// The words, before [`args`](Self::args) are put in.
    pub message: Cow<'static, str>,
    /// What is put into the words in place of `%s` and the like. `None`: the words stand as they are.
    pub args: Option<Args>,
    /// The error that it is about.
    pub error: Option<LoggedError>,
    /// Calls that led here, as text.
    pub stack: Option<Arc<str>>,
    /// Where in the program.
    pub source: Source,
    /// When.
    pub created: SystemTime,
    /// On which thread.
    pub thread: Arc<ThreadInfo>,
    /// The task's name, if somebody gave it one.
    pub task: Option<Arc<str>>,
    /// The trace that the current request belongs to.
    pub trace: Option<Trace>,
    /// The spans that it was said in, the outermost first.
    pub spans: Arc<[SpanName]>,
    /// The request in full, for reports; no formatter shows it.
    #[cfg(feature = "mail")]
    pub request: Option<Arc<crate::mail::DeferredReport>>,
    fields: Vec<(Cow<'static, str>, Value)>,
}

/// A span's name.
pub type SpanName = Cow<'static, str>;

/// What is put into a message, as Python's `%` does it.
#[derive(Clone, Debug, PartialEq)]
pub enum Args {
    /// One after the other.
    Positional(Vec<Value>),
    /// By name: `%(name)s`.
    Named(serde_json::Map<String, Value>),
}

/// A place in the program.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Source {
    /// The file's path, as the compiler saw it.
    pub path: Cow<'static, str>,
    /// The line, from 1.
    pub line: u32,
    /// The function or, where nothing else is known, the module's path.
    pub function: Option<Cow<'static, str>>,
}

/// A thread.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ThreadInfo {
    /// Its number within the process, in the order of their first records.
    pub id: u64,
    /// Its name; `Thread-7` if it has none.
    pub name: String,
}

/// The trace of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Trace {
    /// 16 bytes, not all of them 0.
    pub trace_id: [u8; 16],
    /// 8 bytes, not all of them 0.
    pub span_id: [u8; 8],
    /// Whether the trace is kept.
    pub sampled: bool,
}

/// The key of a field means something else already.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is an attribute of every record; name the field otherwise")]
pub struct ReservedField(String);

impl Record {
    /// A record of now, from this thread.
    #[must_use]
    pub fn new(logger: Arc<str>, level: Level, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            logger,
            level,
            level_name: level.name(),
            message: message.into(),
            args: None,
            error: None,
            stack: None,
            source: Source::default(),
            created: SystemTime::now(),
            thread: ThreadInfo::current(),
            task: None,
            trace: None,
            spans: no_spans(),
            #[cfg(feature = "mail")]
            request: None,
            fields: Vec::new(),
        }
    }

    /// Another level, and its name.
    pub fn set_level(&mut self, level: Level) {
        self.level = level;
        self.level_name = level.name();
    }

    /// The fields that the application added, in their order.
    #[must_use]
    pub fn fields(&self) -> &[(Cow<'static, str>, Value)] {
        &self.fields
    }

    /// A field that the application added.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Adds a field, or replaces it.
    ///
    /// # Errors
    ///
    /// The key is one of [`RESERVED`], which mean something else on every record.
    pub fn try_set_field(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<Value>,
    ) -> Result<(), ReservedField> {
        let key = key.into();
        if RESERVED.contains(&&*key) {
            return Err(ReservedField(key.into_owned()));
        }
        self.put(key, value.into());
        Ok(())
    }

    /// Adds a field, or replaces it. One of [`RESERVED`] gets `_` behind it.
    pub fn set_field(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let key = key.into();
        let key = if RESERVED.contains(&&*key) { Cow::Owned(format!("{key}_")) } else { key };
        self.put(key, value.into());
    }

    fn put(&mut self, key: Cow<'static, str>, value: Value) {
        match self.fields.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.fields.push((key, value)),
        }
    }
}

/// Names that no field can have, since every record has an attribute of that name.
pub const RESERVED: [&str; 27] = [
    "args",
    "asctime",
    "created",
    "exc_info",
    "exc_text",
    "filename",
    "funcName",
    "levelname",
    "levelno",
    "lineno",
    "message",
    "module",
    "msecs",
    "msg",
    "name",
    "pathname",
    "process",
    "processName",
    "relativeCreated",
    "span",
    "span_id",
    "spans",
    "stack_info",
    "taskName",
    "thread",
    "threadName",
    "trace_id",
];

impl Source {
    /// A place in the program.
    #[must_use]
    pub fn new(path: impl Into<Cow<'static, str>>, line: u32, function: Option<Cow<'static, str>>) -> Self {
        Self { path: path.into(), line, function }
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit(std::path::is_separator).next().unwrap_or_default()
    }

    /// The file's name without its last extension.
    #[must_use]
    pub fn module(&self) -> &str {
        let name = self.file_name();
        match name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => name,
        }
    }
}

impl From<&'static std::panic::Location<'static>> for Source {
    fn from(location: &'static std::panic::Location<'static>) -> Self {
        Self::new(location.file(), location.line(), None)
    }
}

impl ThreadInfo {
    /// A thread of this number and name.
    #[must_use]
    pub fn new(id: u64, name: impl Into<String>) -> Self {
        Self { id, name: name.into() }
    }

    /// The thread that asks.
    #[must_use]
    pub fn current() -> Arc<Self> {
        thread_local!(static CURRENT: OnceCell<Arc<ThreadInfo>> = const { OnceCell::new() });
        // A thread that is about to end has none any more.
        CURRENT
            .try_with(|current| Arc::clone(current.get_or_init(|| Arc::new(Self::ask()))))
            .unwrap_or_else(|_| Arc::new(Self::ask()))
    }

    fn ask() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let thread = std::thread::current();
        Self { id, name: thread.name().map_or_else(|| format!("Thread-{id}"), str::to_owned) }
    }
}

impl Trace {
    /// A place in a trace.
    #[must_use]
    pub fn new(trace_id: [u8; 16], span_id: [u8; 8], sampled: bool) -> Self {
        Self { trace_id, span_id, sampled }
    }

    /// The trace's id in lower-case hexadecimal.
    pub fn trace_id_hex(&self) -> impl fmt::Display {
        Hex(self.trace_id)
    }

    /// The span's id in lower-case hexadecimal.
    pub fn span_id_hex(&self) -> impl fmt::Display {
        Hex(self.span_id)
    }
}

struct Hex<const N: usize>([u8; N]);

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Records outside of all spans share one empty list.
fn no_spans() -> Arc<[SpanName]> {
    thread_local!(static NONE: Arc<[SpanName]> = Arc::from([]));
    NONE.try_with(Arc::clone).unwrap_or_else(|_| Arc::from([]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keys_are_refused_or_renamed() {
        let mut record = Record::new("a".into(), Level::INFO, "m");
        assert!(record.try_set_field("lineno", 1).is_err());
        record.set_field("lineno", 1);
        record.set_field("user", "ann");
        record.set_field("user", "bob");
        let fields: Vec<_> = record.fields().iter().map(|(key, value)| (&**key, value.clone())).collect();
        assert_eq!(fields, [("lineno_", 1.into()), ("user", "bob".into())]);
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn module_is_the_files_name_without_its_last_extension() {
        for (path, file, module) in [
            ("/x/y.rs", "y.rs", "y"),
            ("z", "z", "z"),
            ("/x/a.b.c", "a.b.c", "a.b"),
            ("/x/.hidden", ".hidden", ".hidden"),
            ("", "", ""),
        ] {
            let source = Source::new(path, 1, None);
            assert_eq!((source.file_name(), source.module()), (file, module));
        }
    }

    #[test]
    fn threads_have_a_number_and_a_name() {
        let here = ThreadInfo::current();
        assert_eq!(here, ThreadInfo::current());
        let there =
            std::thread::Builder::new().name("worker".into()).spawn(ThreadInfo::current).unwrap().join().unwrap();
        assert!(there.id != here.id && there.name == "worker");
    }
}
