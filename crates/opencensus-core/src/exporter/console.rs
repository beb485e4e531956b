//! One line an item on the standard output, for development.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use crate::exporter::{Batch, Delivery, EncodeError, Exporter, SendFuture};
use crate::propagation::TraceContext;
use crate::telemetry::TelemetryItem;
use crate::telemetry::{OutcomeKind, RequestRecord};

/// Prints one line an item; of a request its status, duration, name, path, trace id.
///
/// Characters that could drive a terminal are escaped. A closed
/// output loses lines and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConsoleExporter;

impl ConsoleExporter {
    fn line(record: &RequestRecord) -> String {
        let status = record.status().map_or_else(|| "-".to_owned(), |status| status.to_string());
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

    fn line_of(what: &str, context: Option<TraceContext>) -> String {
        let mut line = String::from("- ");
        escape_into(&mut line, what);
        let _ = match context {
            Some(context) => writeln!(line, " trace={}", context.trace_id()),
            None => writeln!(line),
        };
        line
    }
}

fn escape_into(line: &mut String, text: &str) {
    for c in text.chars() {
        let directs_text = matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || directs_text {
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
                let what = format!("{:?} {}", record.kind, record.name);
                Self::line_of(&format!("{:.3} ms {what}", record.duration.as_secs_f64() * 1000.0), Some(record.context))
            }
            TelemetryItem::Exception(record) => {
                let told = [&record.type_name, &record.message].into_iter().flatten();
                let told: Vec<_> = told.map(|text| &**text).collect();
                Self::line_of(&format!("exception {}", told.join(": ")), record.origin.context)
            }
            TelemetryItem::Message(record) => Self::line_of(&record.message, record.origin.context),
            TelemetryItem::Event(record) => Self::line_of(&format!("event {}", record.name), record.origin.context),
            TelemetryItem::PageView(record) => Self::line_of(&format!("page {}", record.name), record.origin.context),
            TelemetryItem::Metric(record) => Self::line_of(&format!("{} = {}", record.name, record.value), None),
            TelemetryItem::Availability(record) => {
                let how = if record.success { "reached" } else { "not reached" };
                Self::line_of(&format!("{} {how}", record.name), record.origin.context)
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
        Box::pin(std::future::ready(Delivery::Delivered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling_rate::SamplingRate;
    use crate::testing::Head;

    #[test]
    fn line_is_one_line_whatever_the_path_holds() {
        let head = Head::get("/a\n\u{1b}[31m\u{202e}");
        let record = RequestRecord::new(TraceContext::root(), None, SamplingRate::ALL, &head);
        let line = ConsoleExporter::line(&record);
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.contains('\u{1b}') && line.contains("\\u{202e}"));
    }
}
