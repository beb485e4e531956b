//! A statement that was sent to a database.

use std::borrow::Cow;
use std::panic::Location;
use std::time::Duration;

use serde_json::Value;

use crate::level::Level;
use crate::logger::Logger;
use crate::logging::Logging;
use crate::record::{Args, Record, Source};

pub(super) const LOGGER: &str = "opencensus.db.backends";
const SCHEMA_LOGGER: &str = "opencensus.db.backends.schema";

/// Django's messages.
const TEMPLATE: &str = "(%.3f) %s; args=%s; alias=%s";
const SCHEMA_TEMPLATE: &str = "%s; (params %r)";

/// Django's name of a database without another name.
const ALIAS: &str = "default";

/// The first words of statements that change the schema.
const SCHEMA_WORDS: [&str; 6] = ["ALTER", "COMMENT", "CREATE", "DROP", "RENAME", "TRUNCATE"];

/// A statement that was sent to a database.
///
/// # Examples
///
/// ```
/// use opencensus_logging::Logging;
/// use opencensus_logging::database::Statement;
/// use std::time::Duration;
///
/// let statement = Statement::new("SELECT 1", Duration::from_millis(3)).with_alias("replica");
/// statement.log(Logging::global());
/// ```
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    sql: Cow<'a, str>,
    duration: Duration,
    params: Value,
    alias: Cow<'a, str>,
    fields: Vec<(&'static str, Value)>,
}

impl<'a> Statement<'a> {
    /// A statement with the time that it took.
    #[must_use]
    pub fn new(sql: impl Into<Cow<'a, str>>, duration: Duration) -> Self {
        Self { sql: sql.into(), duration, params: Value::Null, alias: ALIAS.into(), fields: Vec::new() }
    }

    /// Sets the parameters. Default: unknown.
    #[must_use]
    pub fn with_params<V: Into<Value>>(mut self, params: impl IntoIterator<Item = V>) -> Self {
        self.params = params.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the name of the database. Default: `default`.
    #[must_use]
    pub fn with_alias(mut self, alias: impl Into<Cow<'a, str>>) -> Self {
        self.alias = alias.into();
        self
    }

    /// Logs the statement, if the [debug mode](Logging::set_debug) is on. The records' place is the caller.
    #[track_caller]
    pub fn log(self, logging: &Logging) {
        let location = Location::caller();
        self.log_with(logging, |record| record.source = Source::from(location));
    }

    #[cfg(feature = "tracing")]
    pub(super) fn with_fields(mut self, fields: Vec<(&'static str, Value)>) -> Self {
        self.fields = fields;
        self
    }

    /// Logs the statement, if the debug mode is on. `change` completes the records.
    pub(super) fn log_with(self, logging: &Logging, change: impl Fn(&mut Record)) {
        if !logging.is_debug() {
            return;
        }
        let log = |name: &str, template: &'static str, args: Vec<Value>, with_duration: bool| {
            let logger = logging.get_logger(name);
            if logger.is_enabled_for(Level::DEBUG) {
                self.log_to(&logger, template, args, with_duration, &change);
            }
        };
        let sql = || Value::from(&*self.sql);
        if changes_schema(&self.sql) {
            log(SCHEMA_LOGGER, SCHEMA_TEMPLATE, vec![sql(), self.params.clone()], false);
        }
        let args = vec![self.duration.as_secs_f64().into(), sql(), self.params.clone(), (&*self.alias).into()];
        log(LOGGER, TEMPLATE, args, true);
    }

    fn log_to(
        &self,
        logger: &Logger,
        template: &'static str,
        args: Vec<Value>,
        with_duration: bool,
        change: impl Fn(&mut Record),
    ) {
        let mut record = logger.new_record(Level::DEBUG, template);
        record.args = Some(Args::Positional(args));
        // Before the statement's own fields, which replace those of spans.
        change(&mut record);
        if with_duration {
            record.set_field("duration", self.duration.as_secs_f64());
        }
        record.set_field("sql", &*self.sql);
        record.set_field("params", self.params.clone());
        if with_duration {
            record.set_field("alias", &*self.alias);
            self.fields.iter().for_each(|(key, value)| record.set_field(*key, value.clone()));
        }
        logger.handle(record);
    }
}

fn changes_schema(sql: &str) -> bool {
    let word = sql.split_whitespace().next().unwrap_or_default();
    SCHEMA_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_word_shows_whether_a_statement_changes_the_schema() {
        for sql in ["CREATE TABLE a (b)", "\n  alter table a", "Drop Index i"] {
            assert!(changes_schema(sql), "{sql}");
        }
        for sql in ["SELECT 'CREATE'", "", "created", "INSERT INTO a VALUES (1)"] {
            assert!(!changes_schema(sql), "{sql}");
        }
    }
}
