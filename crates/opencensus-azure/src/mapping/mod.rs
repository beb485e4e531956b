//! What the fields of Application Insights' telemetry hold.

pub(crate) mod attributes;
pub(crate) mod dependency;
pub(crate) mod request;
pub(crate) mod span;
pub(crate) mod stack;

use std::fmt::Write as _;

use opencensus_core::{Link, Value};

use crate::envelope::limits;

/// OpenTelemetry's attribute (user agent conventions).
pub(crate) const SYNTHETIC_TYPE: &str = "user_agent.synthetic.type";

/// Whether no human stands behind such a user agent.
pub(crate) fn is_synthetic_type(value: &Value) -> bool {
    matches!(value.to_string().as_str(), "bot" | "test")
}

/// Whether the user agent is that of Azure's availability tests.
pub(crate) fn is_availability_test(user_agent: &str) -> bool {
    user_agent.contains("AlwaysOn")
}

/// A host without the port that its scheme has by default.
pub(crate) fn without_default_port<'a>(host: &'a str, scheme: &str) -> &'a str {
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return host,
    };
    host.strip_suffix(port).unwrap_or(host)
}

/// The tag that an attribute goes to instead of the properties, and its longest value.
pub(crate) fn tag_of(key: &str) -> Option<(&'static str, usize)> {
    match key {
        "user.id" | "enduser.id" => Some(("ai.user.authUserId", limits::TAG_USER_AUTH_ID)),
        "enduser.pseudo.id" => Some(("ai.user.id", limits::TAG_USER_ID)),
        "session.id" => Some(("ai.session.id", limits::TAG_SESSION_ID)),
        _ => None,
    }
}

/// Whether an attribute is a number to calculate with, and goes to the measurements.
pub(crate) fn is_measurement(key: &str) -> bool {
    matches!(key, "http.request.body.size" | "http.response.body.size")
}

/// The longest value of a property.
pub(crate) fn property_limit(key: &str) -> usize {
    const CONVERSATIONS: [&str; 7] = [
        "evaluation.explanation",
        "input.messages",
        "output.messages",
        "system_instructions",
        "tool.call.arguments",
        "tool.call.result",
        "tool.definitions",
    ];
    let is_conversation = key.strip_prefix("gen_ai.").is_some_and(|key| CONVERSATIONS.contains(&key));
    if is_conversation { limits::CONVERSATION } else { limits::PROPERTY_VALUE }
}

/// Writes a value to `text`, which is emptied first. Lists are JSON; but one line of a header, as most headers
/// have it, is that line.
pub(crate) fn write_value(text: &mut String, key: &str, value: &Value) {
    text.clear();
    match value {
        Value::List(values) if values.len() == 1 && key.starts_with("http.") => write_plain(text, &values[0]),
        value => write_plain(text, value),
    }
}

fn write_plain(text: &mut String, value: &Value) {
    let Value::List(values) = value else {
        let _ = write!(text, "{value}");
        return;
    };
    text.push('[');
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        match value {
            Value::Text(value) => write_json_text(text, value),
            value => write_plain(text, value),
        }
    }
    text.push(']');
}

fn write_json_text(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// As many links as a property holds: the notation of Microsoft's exporters, without blanks.
pub(crate) fn links(links: &[Link]) -> String {
    let mut text = String::from("[");
    for link in links {
        // 83 characters at most; 98 of them fit.
        if text.len() + 84 > limits::PROPERTY_VALUE {
            break;
        }
        let comma = if text.len() > 1 { "," } else { "" };
        let (trace, span) = (link.context.trace_id(), link.context.span_id());
        let _ = write!(text, "{comma}{{\"operation_Id\":\"{trace}\",\"id\":\"{span}\"}}");
    }
    text.push(']');
    text
}
