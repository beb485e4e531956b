//! A statement that was sent to a database.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use crate::level::Level;
use crate::logger::Logger;
use crate::logging::Logging;
use crate::record::{Args, Record};

const LOGGER: &str = "opencensus.db.backends";
const SCHEMA_LOGGER: &str = "opencensus.db.backends.schema";

/// Django's words.
const TEMPLATE: &str = "(%.3f) %s; args=%s; alias=%s";
const SCHEMA_TEMPLATE: &str = "%s; (params %r)";

/// What Django calls a database that has no other name.
const ALIAS: &str = "default";

/// What statements begin with that change a schema.
const SCHEMA_WORDS: [&str; 6] = ["ALTER", "COMMENT", "CREATE", "DROP", "RENAME", "TRUNCATE"];

/// A statement that was sent to a database.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    sql: Cow<'a, str>,
    duration: Duration,
    params: Value,
    alias: Cow<'a, str>,
    fields: Vec<(&'static str, Value)>,
}

impl<'a> Statement<'a> {
    /// It took so long, whether it failed or not.
    #[must_use]
    pub fn new(sql: impl Into<Cow<'a, str>>, duration: Duration) -> Self {
        Self { sql: sql.into(), duration, params: Value::Null, alias: ALIAS.into(), fields: Vec::new() }
    }

    /// Its parameters. Default: nobody knows them.
    #[must_use]
    pub fn with_params<V: Into<Value>>(mut self, params: impl IntoIterator<Item = V>) -> Self {
        self.params = params.into_iter().map(Into::into).collect();
        self
    }

    /// Which database. Default: `default`.
    #[must_use]
    pub fn with_alias(mut self, alias: impl Into<Cow<'a, str>>) -> Self {
        self.alias = alias.into();
        self
    }

    /// Tells it, in debug mode.
    pub fn log(self, logging: &Logging) {
        self.tell(logging, |_| ());
    }

    /// Tells it, as `change` leaves the records.
    fn tell(self, logging: &Logging, change: impl Fn(&mut Record)) {
        if !logging.is_debug() {
            return;
        }
        let tell = |name: &str, template: &'static str, args: Vec<Value>, with_duration: bool| {
            let logger = logging.get_logger(name);
            if logger.is_enabled_for(Level::DEBUG) {
                self.tell_to(&logger, template, args, with_duration, &change);
            }
        };
        let sql = || Value::from(&*self.sql);
        if is_of_schema(&self.sql) {
            tell(SCHEMA_LOGGER, SCHEMA_TEMPLATE, vec![sql(), self.params.clone()], false);
        }
        let args = vec![self.duration.as_secs_f64().into(), sql(), self.params.clone(), (&*self.alias).into()];
        tell(LOGGER, TEMPLATE, args, true);
    }

    fn tell_to(
        &self,
        logger: &Logger,
        template: &'static str,
        args: Vec<Value>,
        with_duration: bool,
        change: impl Fn(&mut Record),
    ) {
        let mut record = logger.new_record(Level::DEBUG, template);
        record.args = Some(Args::Positional(args));
        // Fields of spans stand behind the statement's own.
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

fn is_of_schema(sql: &str) -> bool {
    let word = sql.split_whitespace().next().unwrap_or_default();
    SCHEMA_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// What sqlx tells of statements: its target, and where it is told.
#[cfg(feature = "tracing")]
pub(crate) mod sqlx {
    use std::time::Duration;

    use serde_json::Value;

    use super::{LOGGER, Statement};
    use crate::level::Level;
    use crate::logging::Logging;
    use crate::record::Record;

    /// Whether events of this target and level are statements that somebody wants.
    pub(crate) fn wants(logging: &Logging, target: &str, level: Level) -> bool {
        is_statement(target, level) && logging.is_debug() && logging.get_logger(LOGGER).is_enabled_for(level)
    }

    /// Tells an event as a statement.
    pub(crate) fn tell(logging: &Logging, mut field: impl FnMut(&str) -> Option<Value>, change: impl Fn(&mut Record)) {
        let mut text = |key| field(key).and_then(|value| value.as_str().map(|text| text.trim().to_owned()));
        // A short statement is its own summary.
        let summary = text("summary").unwrap_or_default();
        let sql = text("db.statement").filter(|sql| !sql.is_empty()).unwrap_or(summary);
        let seconds = field("elapsed_secs").and_then(|value| value.as_f64()).unwrap_or_default();
        let mut statement = Statement::new(sql, Duration::try_from_secs_f64(seconds).unwrap_or_default());
        let counts = ["rows_affected", "rows_returned"].into_iter();
        statement.fields = counts.filter_map(|key| Some((key, field(key)?))).collect();
        statement.tell(logging, change);
    }

    fn is_statement(target: &str, level: Level) -> bool {
        target == "sqlx::query" && level == Level::DEBUG
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_change_a_schema_are_told_by_their_first_word() {
        for sql in ["CREATE TABLE a (b)", "\n  alter table a", "Drop Index i"] {
            assert!(is_of_schema(sql), "{sql}");
        }
        for sql in ["SELECT 'CREATE'", "", "created", "INSERT INTO a VALUES (1)"] {
            assert!(!is_of_schema(sql), "{sql}");
        }
    }
}
