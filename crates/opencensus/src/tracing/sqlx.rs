//! Statements among the events of sqlx.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use opencensus_core::{Attribute, SpanId, SpanKind, SpanRecord, TelemetryItem, TraceContext, Value};

use crate::tracing::event_fields::EventFields;
use crate::tracing::statement::{Dialect, summary, without_literals};

/// The target of the events.
pub(super) const QUERY: &str = "sqlx::query";

/// The beginning of the names of the threads on which sqlx executes the statements of SQLite.
const SQLITE_THREAD: &str = "sqlx-sqlite-worker";

/// How statements of [sqlx](https://docs.rs/sqlx) are recorded: the data that its events do not have.
///
/// # Examples
///
/// ```
/// use opencensus::tracing::Sqlx;
///
/// let sqlx = Sqlx::new("postgresql").with_server("db.example", 5432).with_database("shop");
/// ```
#[derive(Clone, Debug)]
pub struct Sqlx {
    system: Cow<'static, str>,
    server: Option<(Cow<'static, str>, u16)>,
    database: Option<Cow<'static, str>>,
    literals: bool,
}

impl Sqlx {
    /// Statements of a database system, with its name in OpenTelemetry: `postgresql`, `mysql`, `mariadb`, `sqlite`. It
    /// decides how literals are written; for other names, texts in double quotes are literals, too.
    #[must_use]
    pub fn new(system: impl Into<Cow<'static, str>>) -> Self {
        Self { system: system.into(), server: None, database: None, literals: false }
    }

    /// Sets the database's host and port. Default: unknown.
    #[must_use]
    pub fn with_server(mut self, host: impl Into<Cow<'static, str>>, port: u16) -> Self {
        self.server = Some((host.into(), port));
        self
    }

    /// Sets the database's name. Default: unknown.
    #[must_use]
    pub fn with_database(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.database = Some(name.into());
        self
    }

    /// Whether the literals of statements are sent, which may be personal data. Default: each becomes `?`. Values that are
    /// bound to a statement are never sent.
    #[must_use]
    pub fn with_literals(mut self, enabled: bool) -> Self {
        self.literals = enabled;
        self
    }
}

/// The dependency that an event states. `parent`: `None` outside of requests. A statement of SQLite there has no item: the
/// thread that executes it knows its request only by a span.
pub(super) fn statement_item(
    options: &Sqlx,
    mut fields: EventFields,
    parent: Option<TraceContext>,
) -> Option<TelemetryItem> {
    let is_of_worker = || std::thread::current().name().is_some_and(|name| name.starts_with(SQLITE_THREAD));
    if parent.is_none() && is_of_worker() {
        return None;
    }
    let mut text = |key| fields.take(key).map(|value| value.to_string()).filter(|text| !text.trim().is_empty());
    // A short statement is only in the summary.
    let (short, long) = (text("summary"), text("db.statement"));
    let statement = long.or(short)?;
    let statement = statement.trim();
    let seconds = fields.take("elapsed_secs").and_then(|value| value.to_string().parse().ok()).unwrap_or_default();
    let duration = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let context = match parent {
        Some(parent) => TraceContext::new(parent.trace_id(), SpanId::random(), parent.flags()),
        None => TraceContext::root(),
    };
    let mut record = SpanRecord::new(context, SpanKind::Client, summary(statement));
    record.parent = parent.map(TraceContext::span_id);
    record.start = SystemTime::now().checked_sub(duration).unwrap_or(SystemTime::UNIX_EPOCH);
    record.duration = duration;
    record.attributes = attributes(options, statement, &mut fields);
    Some(record.into())
}

fn attributes(options: &Sqlx, statement: &str, fields: &mut EventFields) -> Vec<Attribute> {
    let query = match options.literals {
        true => statement.to_owned(),
        false => without_literals(statement, Dialect::of(&options.system)),
    };
    let mut attributes =
        vec![Attribute::new("db.system.name", options.system.clone()), Attribute::new("db.query.text", query)];
    attributes.extend(options.database.clone().map(|name| Attribute::new("db.namespace", name)));
    if let Some((host, port)) = &options.server {
        attributes.push(Attribute::new("server.address", host.clone()));
        attributes.push(Attribute::new("server.port", *port));
    }
    let is_select = statement.get(..6).is_some_and(|verb| verb.eq_ignore_ascii_case("SELECT"));
    let mut add = |field, key| attributes.extend(fields.take(field).map(|value: Value| Attribute::new(key, value)));
    add("rows_returned", "db.response.returned_rows");
    // SQLite reports the rows of the statement before.
    if !is_select {
        add("rows_affected", "db.rows_affected");
    }
    add("slow_threshold", "db.slow_threshold");
    attributes
}
