//! Items as lines for people.

use crate::command::tail::escape::escape;
use crate::command::tail::paint::{Paint, Style};
use crate::pages::{clock, duration};
use crate::store::{Item, ItemKind};

/// A line with time, kind, name, result, duration and role, and an indented line for each line of a message and for
/// each cause.
pub(super) fn format(item: &Item, paint: Paint) -> String {
    let time = format!("{}Z", clock(item.time));
    let kind = format!("{:<12}", item.kind.as_str());
    let style = style(item);
    let kind = style.map_or_else(|| kind.clone(), |style| paint.apply(style, &kind));
    let mut line = format!("{} {kind} {}", paint.apply(Style::Dim, &time), title(item));
    for part in parts(item, paint) {
        line.push_str("  ");
        line.push_str(&part);
    }
    for detail in details(item) {
        line.push_str("\n    ");
        line.push_str(&escape(&detail));
    }
    line
}

fn style(item: &Item) -> Option<Style> {
    match (item.kind, item.severity.as_deref()) {
        (_, _) if item.success == Some(false) => Some(Style::Failed),
        (ItemKind::Exception, _) | (_, Some("Error" | "Critical")) => Some(Style::Failed),
        (_, Some("Warning")) => Some(Style::Warning),
        _ => None,
    }
}

/// The name, or the first line of a message; the value of a metric; the URL of a request without a route.
fn title(item: &Item) -> String {
    let name = escape(item.name.lines().next().unwrap_or_default());
    match (item.kind, item.value, item.url.as_deref()) {
        (ItemKind::Metric, Some(value), _) => format!("{name} = {value}"),
        (ItemKind::Request, _, Some(url)) if !name.contains('/') => format!("{name} ({})", escape(url)),
        _ => name.into_owned(),
    }
}

fn parts(item: &Item, paint: Paint) -> Vec<String> {
    let failed = (item.success == Some(false)).then(|| "failed".to_owned());
    let code = item.code.as_deref().filter(|code| !code.is_empty()).map(|code| escape(code).into_owned());
    let result: Vec<_> = code.into_iter().chain(failed).collect();
    let result = (!result.is_empty()).then(|| result.join(" "));
    let result = result.map(|text| style(item).map_or_else(|| text.clone(), |style| paint.apply(style, &text)));
    let severity = item.severity.as_deref().map(|severity| escape(severity).into_owned());
    let role = item.role.as_deref().map(|role| paint.apply(Style::Dim, &escape(role)));
    [result, severity, item.duration.map(duration), role].into_iter().flatten().collect()
}

fn details(item: &Item) -> Vec<String> {
    let message = item.message.as_deref().unwrap_or_default();
    // The name of a log record is the start of its message.
    let skipped = usize::from(item.kind == ItemKind::Trace);
    let lines = message.lines().skip(skipped).map(str::to_owned);
    lines.chain(item.causes.iter().map(|cause| format!("caused by {cause}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Item {
        Item {
            time: 1_709_618_828_123_456,
            name: "GET /boom".into(),
            code: Some("500".into()),
            success: Some(false),
            duration: Some(12_300),
            role: Some("shop".into()),
            ..Item::at(1)
        }
    }

    #[test]
    fn failed_request_has_its_result_in_words_and_in_red_on_terminals() {
        let line = "06:07:08.123Z request      GET /boom  500 failed  12.3 ms  shop";
        assert_eq!(format(&request(), Paint::new(false)), line);
        let coloured = format(&request(), Paint::new(true));
        assert!(coloured.contains("\u{1b}[1;31m500 failed\u{1b}[0m"), "{coloured:?}");
    }

    #[test]
    fn request_without_a_route_has_its_url() {
        let item = Item { name: "GET".into(), url: Some("http://a/no/\u{7}".into()), ..request() };
        let line = format(&item, Paint::new(false));
        assert!(line.contains(" GET (http://a/no/\\u{7})  500 failed"), "{line}");
    }

    #[test]
    fn messages_and_causes_are_indented_and_cannot_pass_for_lines_or_escape_sequences() {
        let item = Item {
            kind: ItemKind::Exception,
            name: "shop::Error\u{1b}[2J".into(),
            message: Some("first\nsecond\u{7}".into()),
            causes: vec!["io::Error: no\nroute".into()],
            ..Item::at(1)
        };
        let expected = "00:00:00.000Z exception    shop::Error\\u{1b}[2J\n    first\n    second\\u{7}\n    \
                        caused by io::Error: no\\nroute";
        assert_eq!(format(&item, Paint::new(false)), expected);
    }

    #[test]
    fn log_records_have_their_severity_and_metrics_their_value() {
        let trace = Item {
            kind: ItemKind::Trace,
            name: "started\nnow".into(),
            message: Some("started\nnow".into()),
            severity: Some("Warning".into()),
            ..Item::at(1)
        };
        let line = "00:00:00.000Z trace        started  Warning\n    now";
        assert_eq!(format(&trace, Paint::new(false)), line);
        let metric = Item { kind: ItemKind::Metric, name: "queue".into(), value: Some(2.5), ..Item::at(1) };
        assert_eq!(format(&metric, Paint::new(false)), "00:00:00.000Z metric       queue = 2.5");
    }
}
