//! Prints items on the standard output, for development.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use crate::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};
use crate::propagation::TraceContext;
use crate::telemetry::TelemetryItem;
use crate::telemetry::{OutcomeKind, RequestRecord};

/// Prints one line for each item, with status, duration, name, path and trace id for a request.
///
/// Characters that could control a terminal are escaped. Lines are lost if the output is closed.
///
/// # Examples
///
/// ```
/// use opencensus_core::{ConsoleExporter, Pipeline, PipelineLimits};
///
/// let pipeline = Pipeline::start(Box::new(ConsoleExporter), PipelineLimits::default(), None)?;
/// # Ok::<(), opencensus_core::StartError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ConsoleExporter;

impl ConsoleExporter {
    fn line(record: &RequestRecord) -> String {
        let http_status = || record.status().map_or_else(|| "-".to_owned(), |status| status.to_string());
        let status = record.grpc_status().map_or_else(http_status, |status| status.name().to_owned());
        let mut line = format!("{status} {:>8.3} ms ", record.duration().as_secs_f64() * 1000.0);
        escape_into(&mut line, &record.name());
        line.push(' ');
        escape_into(&mut line, &record.path());
        if let Some(query) = record.query() {
            line.push('?');
            escape_into(&mut line, &query);
        }
        if record.outcome().kind() != OutcomeKind::Completed {
            let _ = write!(line, " ({})", record.outcome().kind().as_str());
        }
        let _ = writeln!(line, " trace={}", record.context().trace_id());
        line
    }

    fn line_of(text: &str, context: Option<TraceContext>) -> String {
        let mut line = String::from("- ");
        escape_into(&mut line, text);
        let _ = match context {
            Some(context) => writeln!(line, " trace={}", context.trace_id()),
            None => writeln!(line),
        };
        line
    }
}

fn escape_into(line: &mut String, text: &str) {
    for c in text.chars() {
        let is_directional = matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || is_directional {
            line.extend(c.escape_unicode());
        } else {
            line.push(c);
        }
    }
}

impl Exporter for ConsoleExporter {
    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        let line = match item {
            TelemetryItem::Request(record) => Self::line(&record),
            TelemetryItem::Span(record) => {
                let millis = record.duration.as_secs_f64() * 1000.0;
                Self::line_of(&format!("{millis:.3} ms {:?} {}", record.kind, record.name), Some(record.context))
            }
            TelemetryItem::Exception(record) => {
                let texts = [&record.type_name, &record.message].into_iter().flatten();
                let texts: Vec<_> = texts.map(|text| &**text).collect();
                Self::line_of(&format!("exception {}", texts.join(": ")), record.origin.context)
            }
            TelemetryItem::Message(record) => Self::line_of(&record.message, record.origin.context),
            TelemetryItem::Event(record) => Self::line_of(&format!("event {}", record.name), record.origin.context),
            TelemetryItem::PageView(record) => Self::line_of(&format!("page {}", record.name), record.origin.context),
            TelemetryItem::Metric(record) => Self::line_of(&format!("{} = {}", record.name, record.value), None),
            TelemetryItem::Availability(record) => {
                let result = if record.success { "reached" } else { "not reached" };
                Self::line_of(&format!("{} {result}", record.name), record.origin.context)
            }
        };
        batch.push_bytes(|bytes| bytes.extend_from_slice(line.as_bytes()));
        Ok(())
    }

    fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
        let mut output = io::stdout().lock();
        for line in batch.chunks() {
            if output.write_all(line).is_err() {
                break;
            }
        }
        let _ = output.flush();
        Box::pin(std::future::ready(Delivery::Delivered.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling_rate::SamplingRate;
    use crate::testing::Head;

    #[test]
    fn control_characters_of_the_path_are_escaped() {
        let head = Head::get("/a\n\u{1b}[31m\u{202e}");
        let record = RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, &head);
        let line = ConsoleExporter::line(&record);
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.contains('\u{1b}') && line.contains("\\u{202e}"));
    }
}
