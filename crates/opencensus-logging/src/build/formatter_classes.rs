//! The formatter classes.

use std::sync::Arc;

use opencensus_settings::checked::{fault, inside};
use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::build::arguments::Arguments;
use crate::build::values::redact_value;
use crate::formatters::{Colour, FormatContext, Formatter, HumanFormatter, JsonFormatter, StandardFormatter, Style};

pub(super) fn standard(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    Ok(Arc::new(standard_formatter(arguments)?.with_context(context(arguments))))
}

pub(super) fn server(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    Ok(Arc::new(standard_formatter(arguments)?.for_server().with_context(context(arguments))))
}

pub(super) fn json(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    let flat = arguments.flag("flat")?.unwrap_or(false);
    Ok(Arc::new(JsonFormatter::new().with_flat_fields(flat)))
}

pub(super) fn human(arguments: &mut Arguments<'_>) -> Checked<Arc<dyn Formatter>> {
    let colour = match arguments.text("colour")?.or(arguments.text("color")?).as_deref() {
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
    let format = match arguments.text("format")? {
        Some(format) => Some(format),
        None => arguments.text("fmt")?,
    };
    let style = arguments.text("style")?.unwrap_or_else(|| "%".to_owned());
    let style = Style::from_sign(&style)
        .ok_or_else(|| vec![Fault::new(redact::text(&style), "write `%`, `{` or `$`").inside("style")])?;
    let validate = arguments.flag("validate")?.unwrap_or(true);
    let mut formatter = match format {
        None => StandardFormatter::message_only(),
        Some(format) if validate => StandardFormatter::new(&format, style).map_err(|error| {
            let remedy = "write a format with fields in the configured style, such as `%(levelname)s %(message)s`";
            vec![Fault::new(format!("an invalid format ({error})"), remedy).inside("format")]
        })?,
        Some(format) => StandardFormatter::unchecked(&format, style),
    };
    if let Some(format) = arguments.text("datefmt")? {
        let is_known = arguments.shared.context.time(std::time::SystemTime::now(), &format).is_ok();
        if !is_known {
            return inside("datefmt", fault(redact::text(&format), "write a format of `strftime`, such as `%H:%M:%S`"));
        }
        formatter = formatter.with_date_format(format);
    }
    match arguments.value("defaults") {
        Some(Value::Object(defaults)) => Ok(formatter.with_defaults(defaults)),
        Some(other) => inside("defaults", fault(redact_value(&other), "write a table")),
        None => Ok(formatter),
    }
}
