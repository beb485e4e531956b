//! Statements among the `tracing` events of sqlx.

use std::time::Duration;

use serde_json::Value;

use crate::database::statement::{LOGGER, Statement};
use crate::level::Level;
use crate::logging::Logging;
use crate::record::Record;

/// Whether events of this target and level are statements that are logged.
pub(crate) fn is_enabled(logging: &Logging, target: &str, level: Level) -> bool {
    is_statement(target, level) && logging.is_debug() && logging.get_logger(LOGGER).is_enabled_for(level)
}

/// Logs the statement of an event. `change` completes the records.
pub(crate) fn log(logging: &Logging, mut field: impl FnMut(&str) -> Option<Value>, change: impl Fn(&mut Record)) {
    let mut text = |key| field(key).and_then(|value| value.as_str().map(|text| text.trim().to_owned()));
    // For a short statement there is only a summary.
    let summary = text("summary").unwrap_or_default();
    let sql = text("db.statement").filter(|sql| !sql.is_empty()).unwrap_or(summary);
    let seconds = field("elapsed_secs").and_then(|value| value.as_f64()).unwrap_or_default();
    let duration = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let counts = ["rows_affected", "rows_returned"].into_iter();
    let counts = counts.filter_map(|key| Some((key, field(key)?))).collect();
    Statement::new(sql, duration).with_fields(counts).log_with(logging, change);
}

fn is_statement(target: &str, level: Level) -> bool {
    target == "sqlx::query" && level == Level::DEBUG
}
