//! The handler classes that send records to another program.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use opencensus_settings::redact;
use opencensus_settings::{Checked, Fault};
use serde_json::Value;

use crate::build::arguments::Arguments;
use crate::build::values::{number, redact_value, whole_number};
use crate::dialect::Dialect;
use crate::formatters::{Formatter, JsonFormatter};
use crate::handlers::network::{HttpMethod, Peer, TIMEOUT};
use crate::handlers::{Facility, Handler, HttpHandler, SocketHandler, SyslogFormat, SyslogHandler};

/// Python's `logging.handlers.SYSLOG_UDP_PORT`, and its default address.
const SYSLOG_PORT: u16 = 514;
const LOCALHOST: &str = "localhost";
const HTTP_PORT: u16 = 80;
/// The longest timeout, in seconds.
const LONGEST: f64 = 3600.0;

pub(super) fn syslog(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let is_stream = is_stream(arguments);
    let peer = match arguments.value("address") {
        None => network_peer(LOCALHOST.to_owned(), SYSLOG_PORT, is_stream),
        Some(Value::String(path)) if path.starts_with('/') => local_peer(path, is_stream),
        Some(address) => match host_and_port(&address, SYSLOG_PORT) {
            Some((host, port)) => network_peer(host, port, is_stream),
            None => {
                let remedy = "write `[\"localhost\", 514]`, or the path of a socket such as `/dev/log`";
                arguments.fault("address", Fault::new(redact_value(&address), remedy));
                network_peer(LOCALHOST.to_owned(), SYSLOG_PORT, is_stream)
            }
        },
    };
    let facility = facility(arguments).unwrap_or(Facility::USER);
    let is_python = arguments.shared.dialect == Dialect::Python;
    let format = match arguments.noted_text("format").as_deref() {
        None if is_python => SyslogFormat::Python,
        None | Some("rfc3164") => SyslogFormat::Rfc3164,
        Some("rfc5424") => SyslogFormat::Rfc5424,
        Some("python") => SyslogFormat::Python,
        Some(other) => {
            arguments.fault("format", Fault::new(redact::text(other), "write `rfc3164`, `rfc5424` or `python`"));
            SyslogFormat::Rfc3164
        }
    };
    let app = arguments.noted_text("app");
    let timeout = timeout(arguments);
    let zone = arguments.shared.context.time_zone.clone();
    let handler = SyslogHandler::to(peer, timeout, arguments.formatter()).with_time_zone(zone);
    let handler = handler.with_facility(facility).with_format(format);
    Ok(Box::new(match app {
        Some(app) => handler.with_app(&app),
        None => handler,
    }))
}

/// `socktype`: Python's constants, their numbers on Linux, or `tcp` and `udp`. `None`: absent.
fn is_stream(arguments: &mut Arguments<'_>) -> Option<bool> {
    let value = arguments.value("socktype")?;
    match value.as_str().map(|name| name.trim_start_matches("ext://")) {
        Some("socket.SOCK_STREAM" | "tcp") => Some(true),
        Some("socket.SOCK_DGRAM" | "udp") => Some(false),
        None if value == 1 => Some(true),
        None if value == 2 => Some(false),
        _ => {
            let remedy = "write `udp` or `tcp`, or `ext://socket.SOCK_DGRAM` or `ext://socket.SOCK_STREAM`";
            arguments.fault("socktype", Fault::new(redact_value(&value), remedy));
            None
        }
    }
}

fn facility(arguments: &mut Arguments<'_>) -> Option<Facility> {
    let value = arguments.value("facility")?;
    let named = value.as_str().and_then(|name| {
        // `ext://logging.handlers.SysLogHandler.LOG_LOCAL0`
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
        Facility::from_name(name.strip_prefix("log_").unwrap_or(&name))
    });
    let number = || whole_number(&value, Dialect::Native).and_then(|number| u8::try_from(number).ok());
    let facility = named.or_else(|| number().and_then(Facility::from_number));
    if facility.is_none() {
        let remedy = "write a facility such as `user`, `daemon` or `local0`, or its number";
        arguments.fault("facility", Fault::new(redact_value(&value), remedy));
    }
    facility
}

pub(super) fn socket(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    lines(arguments, true)
}

pub(super) fn datagram(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    lines(arguments, false)
}

fn lines(arguments: &mut Arguments<'_>, is_stream: bool) -> Checked<Box<dyn Handler>> {
    let host = arguments.required_text("host").map(Some);
    let host = arguments.note(host).unwrap_or_default();
    let peer = match port(arguments, "port") {
        Some(port) => network_peer(host, port, Some(is_stream)),
        // As in Python, a host without a port is the path of a socket.
        None => local_peer(host, Some(is_stream)),
    };
    let formatter = arguments.named_formatter().unwrap_or_else(|| Arc::new(JsonFormatter::new()) as Arc<dyn Formatter>);
    let timeout = timeout(arguments);
    Ok(Box::new(SocketHandler::to(peer, timeout, formatter)))
}

pub(super) fn http(arguments: &mut Arguments<'_>) -> Checked<Box<dyn Handler>> {
    let host = arguments.required_text("host").map(Some);
    let host = arguments.note(host).unwrap_or_default();
    let (host, port) = host_and_port(&host.into(), HTTP_PORT).unwrap_or_else(|| {
        arguments
            .fault("host", Fault::new("a host that cannot be read", "write `host` or `host:port`, without `http://`"));
        (LOCALHOST.to_owned(), HTTP_PORT)
    });
    let url = arguments.required_text("url").map(Some);
    let url = arguments.note(url).unwrap_or_default();
    let method = match arguments.noted_text("method").map(|method| method.to_ascii_uppercase()).as_deref() {
        None | Some("GET") => HttpMethod::Get,
        Some("POST") => HttpMethod::Post,
        Some(other) => {
            arguments.fault("method", Fault::new(redact::text(other), "write `GET` or `POST`"));
            HttpMethod::Get
        }
    };
    if arguments.noted_flag(&["secure"]).unwrap_or(false) {
        let remedy = "send to a collector on this machine without TLS, or register a class by `with_handler_class`";
        arguments.fault("secure", Fault::new("`https:`, which this handler does not support", remedy));
    }
    // Of an SSL connection.
    arguments.value("context");
    let credentials = credentials(arguments);
    let context = Arc::clone(&arguments.shared.context);
    let mut handler = HttpHandler::to(&host, port, &url, method, timeout(arguments)).with_context(context);
    if let Some((name, password)) = credentials {
        handler = handler.with_credentials(&name, &password);
    }
    if let Some(formatter) = arguments.named_formatter() {
        handler = handler.with_formatter(formatter);
    }
    Ok(Box::new(handler))
}

/// `credentials = ["name", "password"]`
pub(super) fn credentials(arguments: &mut Arguments<'_>) -> Option<(String, String)> {
    let value = arguments.value("credentials")?;
    if let Some([Value::String(name), Value::String(password)]) = value.as_array().map(Vec::as_slice) {
        return Some((name.clone(), password.clone()));
    }
    // The value is not shown: it may hold a password.
    arguments.fault("credentials", Fault::new("another form", "write a list of a name and a password"));
    None
}

/// `timeout`, in seconds.
pub(super) fn timeout(arguments: &mut Arguments<'_>) -> Duration {
    let Some(value) = arguments.value("timeout") else { return TIMEOUT };
    let seconds = number(&value, Dialect::Native).filter(|seconds| *seconds > 0.0 && *seconds <= LONGEST);
    let timeout = seconds.map(Duration::from_secs_f64);
    timeout.unwrap_or_else(|| {
        arguments.fault("timeout", Fault::new(redact_value(&value), "write a number of seconds up to 3600"));
        TIMEOUT
    })
}

fn port(arguments: &mut Arguments<'_>, key: &'static str) -> Option<u16> {
    let number = arguments.noted_number(&[key])?;
    let port = u16::try_from(number).ok().filter(|port| *port > 0);
    if port.is_none() {
        arguments.fault(key, Fault::new(format!("`{number}`"), "write a port from 1 to 65535"));
    }
    port
}

/// `["localhost", 514]`, `localhost:514`, or a host alone.
pub(super) fn host_and_port(value: &Value, default: u16) -> Option<(String, u16)> {
    match value {
        Value::Array(parts) => {
            let [Value::String(host), port] = parts.as_slice() else { return None };
            let port = whole_number(port, Dialect::Native).and_then(|port| u16::try_from(port).ok())?;
            (!host.is_empty() && port > 0).then(|| (host.clone(), port))
        }
        Value::String(text) if text.is_empty() || text.contains('/') => None,
        Value::String(text) => match text.rsplit_once(':') {
            // An address of IPv6 has brackets before a port.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                let port = port.parse().ok().filter(|port| *port > 0)?;
                (!host.is_empty()).then(|| (host.trim_matches(['[', ']']).to_owned(), port))
            }
            _ => Some((text.trim_matches(['[', ']']).to_owned(), default)),
        },
        _ => None,
    }
}

fn network_peer(host: String, port: u16, is_stream: Option<bool>) -> Peer {
    if is_stream.unwrap_or(false) { Peer::Tcp(host, port) } else { Peer::Udp(host, port) }
}

fn local_peer(path: String, is_stream: Option<bool>) -> Peer {
    let path = PathBuf::from(path);
    if is_stream.unwrap_or(false) { Peer::LocalStream(path) } else { Peer::Local(path) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_have_the_forms_of_python_and_of_urls() {
        let of = |value: Value| host_and_port(&value, 514);
        let address = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(of(json!(["log.example", 1514])), address("log.example", 1514));
        assert_eq!(of(json!(["log.example", "1514"])), address("log.example", 1514));
        assert_eq!(of(json!("log.example:1514")), address("log.example", 1514));
        assert_eq!(of(json!("log.example")), address("log.example", 514));
        assert_eq!(of(json!("[::1]:1514")), address("::1", 1514));
        assert_eq!(of(json!("::1")), address("::1", 514));
        for invalid in [json!(["h"]), json!(["h", 0]), json!(["h", 70000]), json!("http://h"), json!(""), json!(7)] {
            assert_eq!(of(invalid.clone()), None, "{invalid}");
        }
    }
}
