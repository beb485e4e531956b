//! The formatter classes.

use std::sync::Arc;

use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::build::arguments::Arguments;
use crate::build::values::redact_value;
use crate::dialect::Dialect;
use crate::formatters::{Colour, FormatContext, Formatter, HumanFormatter, JsonFormatter, StandardFormatter, Style};

pub(super) fn standard(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    Ok(Arc::new(standard_formatter(arguments)?.with_context(context(arguments))))
}

pub(super) fn server(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    Ok(Arc::new(standard_formatter(arguments)?.for_server().with_context(context(arguments))))
}

pub(super) fn json(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    let flat = arguments.noted_flag(&["flat"]).unwrap_or(false);
    Ok(Arc::new(JsonFormatter::new().with_flat_fields(flat)))
}

pub(super) fn human(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    let colours = [arguments.noted_text("colour"), arguments.noted_text("color")];
    let colour = match colours.into_iter().flatten().next().as_deref() {
        None | Some("auto") => Colour::Auto,
        Some("always") => Colour::Always,
        Some("never") => Colour::Never,
        Some(other) => return inside("colour", fault(redact::text(other), "write `auto`, `always` or `never`")),
    };
    Ok(Arc::new(HumanFormatter::new(colour).with_context(context(arguments))))
}

fn context(arguments: &Arguments<'_>) -> Arc<FormatContext> {
    Arc::clone(&arguments.shared.context)
}

fn standard_formatter(arguments: &mut Arguments<'_>) -> Checked<StandardFormatter> {
    let [format, fmt] = ["format", "fmt"].map(|key| arguments.noted_text(key));
    let style = arguments.noted_text("style").unwrap_or_else(|| "%".to_owned());
    let style = Style::from_sign(&style).or_else(|| {
        arguments.fault("style", Fault::new(redact::text(&style), "write `%`, `{` or `$`"));
        None
    });
    let validate = arguments.noted_flag(&["validate"]).unwrap_or(true);
    // An empty format is none, as in Python.
    let format = format.or(fmt).filter(|format| !format.is_empty());
    let is_python = arguments.shared.dialect == Dialect::Python;
    let new = if is_python { StandardFormatter::as_python } else { StandardFormatter::new };
    let mut formatter = match (format, style) {
        (None, _) | (_, None) => StandardFormatter::message_only(),
        (Some(format), Some(style)) if validate => new(&format, style).unwrap_or_else(|error| {
            let remedy = "write a format with fields in the configured style, such as `%(levelname)s %(message)s`";
            arguments.fault("format", Fault::new(format!("an invalid format ({error})"), remedy));
            StandardFormatter::message_only()
        }),
        (Some(format), Some(style)) => StandardFormatter::unchecked(&format, style),
    };
    if let Some(format) = arguments.noted_text("datefmt") {
        if arguments.shared.context.time(std::time::SystemTime::now(), &format).is_err() {
            let remedy = "write a format of `strftime`, such as `%H:%M:%S`";
            arguments.fault("datefmt", Fault::new(redact::text(&format), remedy));
        }
        formatter = formatter.with_date_format(format);
    }
    match arguments.value("defaults") {
        Some(Value::Object(defaults)) => Ok(formatter.with_defaults(defaults)),
        Some(other) => inside("defaults", fault(redact_value(&other), "write a table")),
        None => Ok(formatter),
    }
}
