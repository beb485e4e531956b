//! Type, target and data of a dependency.

use std::borrow::Cow;

use opencensus_core::{SpanKind, SpanRecord};

use crate::mapping::attributes::Attributes;
use crate::mapping::url::bracketed;

/// The fields that describe the callee of a span that is not a request.
pub(crate) struct Dependency<'a> {
    pub(crate) kind: Cow<'a, str>,
    pub(crate) target: Option<String>,
    pub(crate) data: Option<Cow<'a, str>>,
}

impl<'a> Dependency<'a> {
    pub(crate) fn of(span: &'a SpanRecord) -> Self {
        let attributes = Attributes(&span.attributes);
        let mut dependency = match span.kind {
            SpanKind::Producer => queue_message(attributes),
            SpanKind::Internal => in_process(attributes),
            _ if attributes.http_method().is_some() => http(attributes),
            _ if database_system(attributes).is_some() => database(attributes),
            _ if attributes.has("rpc.system") => rpc(attributes),
            _ if attributes.has("messaging.system") => message(attributes),
            _ => other(attributes),
        };
        if let Some(system) = attributes.text(&["gen_ai.system", "gen_ai.provider.name"]) {
            dependency.kind = Cow::Owned(format!("GenAI | {system}"));
        }
        dependency
    }
}

fn queue_message(attributes: Attributes<'_>) -> Dependency<'_> {
    let system = attributes.text(&["az.namespace", "messaging.system"]);
    let kind = system.map_or(Cow::Borrowed("Queue Message"), |system| Cow::Owned(format!("Queue Message | {system}")));
    Dependency { kind, target: attributes.message_target(), data: None }
}

fn in_process(attributes: Attributes<'_>) -> Dependency<'_> {
    let namespace = attributes.text(&["az.namespace"]);
    let kind = namespace.map_or(Cow::Borrowed("InProc"), |namespace| Cow::Owned(format!("InProc | {namespace}")));
    Dependency { kind, target: None, data: None }
}

fn http(attributes: Attributes<'_>) -> Dependency<'_> {
    let data = attributes.url();
    let of_url = || {
        let url = url::Url::parse(data.as_deref()?).ok()?;
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}{port}", url.host_str()?))
    };
    let target =
        attributes.text(&["peer.service"]).map(Cow::into_owned).or_else(of_url).or_else(|| peer(attributes, &[]));
    Dependency { kind: Cow::Borrowed("HTTP"), target, data }
}

/// SQL databases for which Application Insights has no dependency type.
const SQL: [&str; 22] = [
    "cache",
    "clickhouse",
    "cloudscape",
    "cockroachdb",
    "db2",
    "derby",
    "edb",
    "firebird",
    "h2",
    "h2database",
    "hsqldb",
    "ibm.db2",
    "informix",
    "mariadb",
    "microsoft.sql_server",
    "mssql",
    "oracle",
    "oracle.db",
    "other_sql",
    "sqlite",
    "sybase",
    "teradata",
];

fn database_system(attributes: Attributes<'_>) -> Option<Cow<'_, str>> {
    attributes.text(&["db.system.name", "db.system"])
}

fn database(attributes: Attributes<'_>) -> Dependency<'_> {
    let system = database_system(attributes).unwrap_or_default();
    let data = attributes.text(&["db.query.text", "db.statement", "db.operation.name", "db.operation"]);
    let name = attributes.text(&["db.namespace", "db.name"]);
    let default_port: &[&str] = match &*system {
        "postgresql" => &["5432"],
        "mysql" | "mariadb" => &["3306"],
        "redis" => &["6379"],
        "mongodb" => &["27017"],
        "mssql" | "microsoft.sql_server" => &["1433"],
        _ => &[],
    };
    let service = attributes.text(&["peer.service"]).map(Cow::into_owned);
    let target = match (service.or_else(|| peer(attributes, default_port)), name) {
        (Some(host), Some(name)) => format!("{host}|{name}"),
        (Some(host), None) => host,
        (None, Some(name)) => name.into_owned(),
        (None, None) => system.clone().into_owned(),
    };
    let kind = if SQL.contains(&&*system) { Cow::Borrowed("SQL") } else { system };
    Dependency { kind, target: Some(target), data }
}

fn rpc(attributes: Attributes<'_>) -> Dependency<'_> {
    let system = attributes.text(&["rpc.system"]).unwrap_or_default();
    let kind = if system == "grpc" { Cow::Borrowed("GRPC") } else { system };
    Dependency { kind, target: service_or_peer(attributes), data: None }
}

fn message(attributes: Attributes<'_>) -> Dependency<'_> {
    let kind = attributes.text(&["messaging.system"]).unwrap_or_default();
    Dependency { kind, target: attributes.message_target(), data: None }
}

fn other(attributes: Attributes<'_>) -> Dependency<'_> {
    Dependency {
        kind: Cow::Borrowed("Dependency"),
        target: service_or_peer(attributes),
        data: attributes.recorded_url(),
    }
}

fn service_or_peer(attributes: Attributes<'_>) -> Option<String> {
    attributes.text(&["peer.service"]).map(Cow::into_owned).or_else(|| peer(attributes, &[]))
}

/// Host and port of the peer. The ports in `default_ports` are left out.
fn peer(attributes: Attributes<'_>, default_ports: &[&str]) -> Option<String> {
    let address = attributes.text(&["server.address", "net.peer.name", "net.peer.ip", "http.host"])?;
    let port = attributes.text(&["server.port", "net.peer.port"]);
    let port = port.filter(|port| !default_ports.contains(&&**port));
    let host = bracketed(&address);
    Some(port.map_or_else(|| host.to_string(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencensus_core::{Attribute, TraceContext};

    fn fields(kind: SpanKind, attributes: &[(&'static str, &'static str)]) -> (String, String, String) {
        let mut span = SpanRecord::new(TraceContext::root(), kind, "x");
        span.attributes = attributes.iter().map(|(key, value)| Attribute::new(*key, *value)).collect();
        let Dependency { kind, target, data } = Dependency::of(&span);
        (kind.into_owned(), target.unwrap_or_default(), data.unwrap_or_default().into_owned())
    }

    #[test]
    fn type_target_and_data_of_every_kind_of_call() {
        use SpanKind::{Client, Internal, Producer};
        for (kind, attributes, expected) in [
            (
                Client,
                &[("http.request.method", "GET"), ("url.full", "https://a.example:8443/x?y=1")][..],
                ("HTTP", "a.example:8443", "https://a.example:8443/x?y=1"),
            ),
            (
                Client,
                &[("http.method", "GET"), ("http.url", "http://[::1]:80/")],
                ("HTTP", "[::1]", "http://[::1]:80/"),
            ),
            (Client, &[("http.request.method", "GET"), ("server.address", "a.example")], ("HTTP", "a.example", "")),
            (
                Client,
                &[
                    ("db.system.name", "postgresql"),
                    ("db.query.text", "select 1"),
                    ("db.namespace", "shop"),
                    ("server.address", "db"),
                    ("server.port", "5432"),
                ],
                ("postgresql", "db|shop", "select 1"),
            ),
            (
                Client,
                &[
                    ("db.system", "mssql"),
                    ("db.statement", "select 1"),
                    ("net.peer.name", "db"),
                    ("net.peer.port", "99"),
                ],
                ("SQL", "db:99", "select 1"),
            ),
            (Client, &[("db.system.name", "oracle.db"), ("db.operation.name", "GET")], ("SQL", "oracle.db", "GET")),
            (
                Client,
                &[("rpc.system", "grpc"), ("server.address", "g"), ("server.port", "50051")],
                ("GRPC", "g:50051", ""),
            ),
            (Client, &[("rpc.system", "java_rmi"), ("peer.service", "billing")], ("java_rmi", "billing", "")),
            (
                Client,
                &[("messaging.system", "kafka"), ("messaging.destination.name", "orders"), ("server.address", "k")],
                ("kafka", "k/orders", ""),
            ),
            (Producer, &[("messaging.system", "kafka")], ("Queue Message | kafka", "", "")),
            (Producer, &[], ("Queue Message", "", "")),
            (Internal, &[("az.namespace", "Microsoft.EventHub")], ("InProc | Microsoft.EventHub", "", "")),
            (Internal, &[("gen_ai.system", "openai")], ("GenAI | openai", "", "")),
            (Client, &[("server.address", "2001:db8::7"), ("server.port", "9")], ("Dependency", "[2001:db8::7]:9", "")),
        ] {
            let (kind, target, data) = fields(kind, attributes);
            assert_eq!((&*kind, &*target, &*data), expected, "{attributes:?}");
        }
    }
}
