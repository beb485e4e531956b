//! Well-known classes of other Python packages that a class of this crate replaces.

use std::sync::Arc;

use opencensus_settings::Checked;
use serde_json::Value;

use crate::build::arguments::Arguments;
use crate::build::class_registry::ClassRegistry;
use crate::build::{file_classes, formatter_classes, handler_classes};
use crate::formatters::Formatter;

/// Formatters that write JSON lines.
const JSON: &[&str] = &[
    "pythonjsonlogger.jsonlogger.JsonFormatter",
    "pythonjsonlogger.json.JsonFormatter",
    "pythonjsonlogger.orjson.OrjsonFormatter",
    "pythonjsonlogger.msgspec.MsgspecFormatter",
    "json_log_formatter.JSONFormatter",
    "json_log_formatter.VerboseJSONFormatter",
    "jsonformatter.JsonFormatter",
    "logstash_async.formatter.DjangoLogstashFormatter",
    "logstash_async.formatter.LogstashFormatter",
    "logstash_formatter.LogstashFormatter",
    "logstash_formatter.LogstashFormatterV1",
    "logstash.formatter.LogstashFormatterVersion1",
    "ecs_logging.StdlibFormatter",
    "newrelic.api.log.NewRelicContextFormatter",
    "newrelic.agent.NewRelicContextFormatter",
];

/// Formatters that write coloured lines.
const HUMAN: &[&str] = &[
    "colorlog.ColoredFormatter",
    "colorlog.TTYColoredFormatter",
    "colorlog.formatter.ColoredFormatter",
    "coloredlogs.ColoredFormatter",
    "uvicorn.logging.DefaultFormatter",
    "uvicorn.logging.ColourizedFormatter",
    "uvicorn.logging.AccessFormatter",
    "django_colored_formatter.ColoredFormatter",
];

const STRUCTLOG: &[&str] = &["structlog.stdlib.ProcessorFormatter"];
const CONSOLE: &[&str] = &["colorlog.StreamHandler", "rich.logging.RichHandler"];
const ROTATING: &[&str] =
    &["concurrent_log_handler.ConcurrentRotatingFileHandler", "cloghandler.ConcurrentRotatingFileHandler"];
/// Of Django before 1.9.
const NULL: &[&str] = &["django.utils.log.NullHandler"];

/// Registers the classes of other packages that a class of this crate replaces. Arguments that only they have are
/// ignored.
pub(super) fn register(classes: &mut ClassRegistry) {
    let formatters = &mut classes.formatters;
    formatters.add_foreign(JSON, |arguments| without_arguments(arguments, formatter_classes::json));
    formatters.add_foreign(HUMAN, |arguments| without_arguments(arguments, formatter_classes::human));
    formatters.add_foreign(STRUCTLOG, structlog);
    let handlers = &mut classes.handlers;
    handlers.add_foreign(CONSOLE, |arguments| {
        let handler = handler_classes::console(arguments);
        arguments.ignore_rest();
        handler
    });
    handlers.add_foreign(ROTATING, |arguments| {
        let handler = file_classes::rotating(arguments);
        arguments.ignore_rest();
        handler
    });
    handlers.add_foreign(NULL, handler_classes::null);
}

type FormatterFactory = fn(&mut Arguments<'_>) -> Checked<Arc<dyn Formatter>>;

fn without_arguments(arguments: &mut Arguments<'_>, build: FormatterFactory) -> Checked<Arc<dyn Formatter>> {
    arguments.ignore_rest();
    build(arguments)
}

/// structlog's formatter, whose processor decides on the form: JSON, unless it is one for the console.
fn structlog(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    let processors = [arguments.value("processor"), arguments.value("processors")];
    let is_for_console = |value: &Value| value.to_string().contains("Console");
    let is_human = processors.iter().flatten().any(is_for_console);
    without_arguments(arguments, if is_human { formatter_classes::human } else { formatter_classes::json })
}
