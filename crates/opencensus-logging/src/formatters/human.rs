//! A formatter for a developer's terminal.

use std::sync::Arc;

use crate::formatters::context::FormatContext;
use crate::formatters::escape::Escaping;
use crate::formatters::{FormatError, Formatter, message_in, text_of, traceback};
use crate::level::Level;
use crate::record::Record;

/// Formats records for a developer's terminal: time, level in colour, logger, message, fields, and the error on the
/// lines below.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::{Colour, Formatter, HumanFormatter};
/// use opencensus_logging::{Level, Record};
///
/// let mut line = String::new();
/// HumanFormatter::new(Colour::Never).format(&Record::new("shop".into(), Level::INFO, "a chair"), &mut line)?;
/// assert!(line.ends_with("INFO     shop a chair"));
/// # Ok::<(), opencensus_logging::formatters::FormatError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HumanFormatter {
    colour: Colour,
    context: Arc<FormatContext>,
}

/// When a formatter uses colours.
///
/// # Examples
///
/// ```
/// use opencensus_logging::formatters::{Colour, HumanFormatter};
///
/// // In a container whose log viewer shows colours.
/// let formatter = HumanFormatter::new(Colour::Always);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Colour {
    /// If the handler's own target is a terminal and `NO_COLOR` is not set: in files never, whatever standard error is.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";

impl HumanFormatter {
    /// A formatter with colours or without.
    #[must_use]
    pub fn new(colour: Colour) -> Self {
        Self { colour, context: Arc::new(FormatContext::default()) }
    }

    pub(crate) fn with_context(mut self, context: Arc<FormatContext>) -> Self {
        self.context = context;
        self
    }

    fn paint(&self, out: &mut String, colour: &str, text: &str) {
        if self.colour == Colour::Always {
            out.extend([colour, text, RESET]);
        } else {
            out.push_str(text);
        }
    }
}

fn colour_of(level: Level) -> &'static str {
    match level {
        level if level >= Level::CRITICAL => "\x1b[1;31m",
        level if level >= Level::ERROR => "\x1b[31m",
        level if level >= Level::WARNING => "\x1b[33m",
        level if level >= Level::INFO => "\x1b[32m",
        _ => "\x1b[36m",
    }
}

impl Formatter for HumanFormatter {
    fn format(&self, record: &Record, out: &mut String) -> Result<(), FormatError> {
        // Escape sequences of a text must not change this formatter's colours.
        let escaping = Escaping::Controls;
        let time = self.context.time(record.created, "%H:%M:%S%.3f")?;
        let message = message_in(&self.context, record)?;
        self.paint(out, DIM, &time);
        out.push(' ');
        self.paint(out, colour_of(record.level), &format!("{:<8}", record.level_name));
        out.push(' ');
        let mut logger = String::new();
        escaping.push(&mut logger, &record.logger);
        self.paint(out, DIM, &logger);
        out.push(' ');
        escaping.push(out, &message);
        for (key, value) in record.fields() {
            out.push(' ');
            let mut field = String::new();
            escaping.push(&mut field, key);
            self.paint(out, DIM, &format!("{field}="));
            escaping.push(out, &text_of(value));
        }
        traceback::write(out, record, escaping);
        Ok(())
    }

    fn for_terminal(&self) -> Option<Arc<dyn Formatter>> {
        let is_disabled = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_coloured = self.colour == Colour::Auto && !is_disabled;
        is_coloured.then(|| Arc::new(Self { colour: Colour::Always, ..self.clone() }) as Arc<dyn Formatter>)
    }
}
