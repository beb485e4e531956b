//! Type, target and data of a dependency.

use std::borrow::Cow;

use opencensus_core::SpanKind;

use crate::envelope::fields;
use crate::mapping::attributes::Attributes;
use crate::mapping::message::take_message_target;
use crate::mapping::number::integer;
use crate::mapping::span::HTTP_METHOD;
use crate::mapping::span_url::{URL, take_url};
use crate::mapping::url::bracketed;

/// The fields that describe the callee of a span that is not a request.
pub(crate) struct Dependency<'a> {
    pub(crate) kind: Cow<'a, str>,
    pub(crate) target: Option<String>,
    pub(crate) data: Option<Cow<'a, str>>,
}

impl<'a> Dependency<'a> {
    /// Takes the attributes that the fields hold.
    pub(crate) fn take(kind: SpanKind, attributes: &Attributes<'a>) -> Self {
        let mut dependency = match kind {
            SpanKind::Producer => queue_message(attributes),
            SpanKind::Internal => in_process(attributes),
            _ if attributes.text(&HTTP_METHOD).is_some() => http(attributes),
            _ if attributes.text(&DATABASE).is_some() => database(attributes),
            _ if attributes.text(&RPC).is_some() => rpc(attributes),
            _ if attributes.has("messaging.system") => message(attributes),
            _ => other(attributes),
        };
        if let Some(system) = attributes.text(&["gen_ai.system", "gen_ai.provider.name"]) {
            dependency.kind = Cow::Owned(format!("GenAI | {system}"));
        }
        dependency.take_overrides(attributes);
        dependency
    }

    /// Takes the attributes in which Microsoft's SDKs set the fields themselves.
    fn take_overrides(&mut self, attributes: &Attributes<'a>) {
        if let Some(kind) = attributes.take_for(fields::DEPENDENCY_TYPE, &["microsoft.dependency.type"]) {
            self.kind = kind;
        }
        if let Some(target) = attributes.take_for(fields::DEPENDENCY_TARGET, &["microsoft.dependency.target"]) {
            self.target = Some(target.into_owned());
        }
        if let Some(data) = attributes.take_for(fields::DEPENDENCY_DATA, &["microsoft.dependency.data"]) {
            self.data = Some(data);
        }
    }
}

/// The keys of the system that a call goes to.
const DATABASE: [&str; 2] = ["db.system.name", "db.system"];
const RPC: [&str; 2] = ["rpc.system.name", "rpc.system"];
const SERVICE: [&str; 2] = ["peer.service", "service.peer.name"];

fn queue_message<'a>(attributes: &Attributes<'a>) -> Dependency<'a> {
    // `az.namespace` stays a property, as in Microsoft's exporters.
    let system = attributes.text(&["az.namespace"]).or_else(|| attributes.take(&["messaging.system"]));
    let kind = system.map_or(Cow::Borrowed("Queue Message"), |system| Cow::Owned(format!("Queue Message | {system}")));
    Dependency { kind, target: take_target(attributes, || take_message_target(attributes)), data: None }
}

/// The attributes stay properties: nothing but the target shows that the operation is a call.
fn in_process<'a>(attributes: &Attributes<'a>) -> Dependency<'a> {
    let namespace = attributes.text(&["az.namespace"]);
    let kind = namespace.map_or(Cow::Borrowed("InProc"), |namespace| Cow::Owned(format!("InProc | {namespace}")));
    let target = Attributes::new(attributes.list());
    Dependency { kind, target: take_service(&target).or_else(|| take_peer(&target, &[])), data: None }
}

fn http<'a>(attributes: &Attributes<'a>) -> Dependency<'a> {
    let data = take_url(attributes, fields::DEPENDENCY_DATA);
    let of_url = || {
        let url = url::Url::parse(data.as_deref()?).ok()?;
        let host = url.host_str()?;
        // The URL holds them.
        attributes.hold(&["server.address", "net.peer.name"], host.trim_matches(['[', ']']));
        let port = integer(url.port_or_known_default().unwrap_or_default().into());
        attributes.hold(&["server.port", "net.peer.port"], &port);
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let host = format!("{host}{port}");
        attributes.hold(&["http.host"], &host);
        Some(host)
    };
    let target =
        take_target(attributes, || take_service(attributes).or_else(of_url).or_else(|| take_peer(attributes, &[])));
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

fn database<'a>(attributes: &Attributes<'a>) -> Dependency<'a> {
    let system = attributes.text(&DATABASE).unwrap_or_default();
    let data = attributes
        .take_for(fields::DEPENDENCY_DATA, &["db.query.text", "db.statement", "db.operation.name", "db.operation"]);
    let default_port: &[&str] = match &*system {
        "postgresql" => &["5432"],
        "mysql" | "mariadb" => &["3306"],
        "redis" => &["6379"],
        "mongodb" => &["27017"],
        "mssql" | "microsoft.sql_server" => &["1433"],
        _ => &[],
    };
    let target = take_target(attributes, || {
        let name = attributes.take(&["db.namespace", "db.name"]);
        let host = take_service(attributes).or_else(|| take_peer(attributes, default_port));
        Some(match (host, name) {
            (Some(host), Some(name)) => format!("{host}|{name}"),
            (Some(host), None) => host,
            (None, Some(name)) => name.into_owned(),
            (None, None) => {
                attributes.hold(&DATABASE, &system);
                system.clone().into_owned()
            }
        })
    });
    if SQL.contains(&&*system) {
        return Dependency { kind: Cow::Borrowed("SQL"), target, data };
    }
    attributes.hold(&DATABASE, &system);
    Dependency { kind: system, target, data }
}

fn rpc<'a>(attributes: &Attributes<'a>) -> Dependency<'a> {
    let system = attributes.take(&RPC).unwrap_or_default();
    let target = take_target(attributes, || take_service(attributes).or_else(|| take_peer(attributes, &[])));
    let target = target.or_else(|| Some(system.clone().into_owned()));
    let kind = if system == "grpc" { Cow::Borrowed("GRPC") } else { system };
    Dependency { kind, target, data: None }
}

fn message<'a>(attributes: &Attributes<'a>) -> Dependency<'a> {
    let kind = attributes.take_for(fields::DEPENDENCY_TYPE, &["messaging.system"]).unwrap_or_default();
    let target = take_target(attributes, || take_message_target(attributes));
    Dependency { target: target.or_else(|| Some(kind.clone().into_owned())), kind, data: None }
}

fn other<'a>(attributes: &Attributes<'a>) -> Dependency<'a> {
    let target = take_target(attributes, || take_service(attributes).or_else(|| take_peer(attributes, &[])));
    let data = attributes.take_for(fields::DEPENDENCY_DATA, &URL);
    Dependency { kind: Cow::Borrowed("Dependency"), target, data }
}

fn take_target(attributes: &Attributes<'_>, target: impl FnOnce() -> Option<String>) -> Option<String> {
    attributes.within(fields::DEPENDENCY_TARGET, target)
}

fn take_service(attributes: &Attributes<'_>) -> Option<String> {
    attributes.take(&SERVICE).map(Cow::into_owned)
}

/// Host and port of the peer. The ports in `default_ports` are left out.
fn take_peer(attributes: &Attributes<'_>, default_ports: &[&str]) -> Option<String> {
    let address = attributes.take(&[
        "server.address",
        "net.peer.name",
        "net.peer.ip",
        "net.sock.peer.addr",
        "network.peer.address",
        "http.host",
    ])?;
    let port = attributes.take(&["server.port", "net.peer.port", "net.sock.peer.port", "network.peer.port"]);
    let port = port.filter(|port| !default_ports.contains(&&**port));
    let host = bracketed(&address);
    Some(port.map_or_else(|| host.to_string(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencensus_core::Attribute;

    fn fields(kind: SpanKind, attributes: &[(&'static str, &'static str)]) -> (String, String, String) {
        let attributes: Vec<_> = attributes.iter().map(|(key, value)| Attribute::new(*key, *value)).collect();
        let Dependency { kind, target, data } = Dependency::take(kind, &Attributes::new(&attributes));
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
            (
                Client,
                &[
                    ("microsoft.dependency.type", "SQL"),
                    ("microsoft.dependency.target", "db|shop"),
                    ("microsoft.dependency.data", "select 1"),
                ],
                ("SQL", "db|shop", "select 1"),
            ),
            (
                Client,
                &[("db.system.name", "oracle.db"), ("microsoft.dependency.type", "Oracle")],
                ("Oracle", "oracle.db", ""),
            ),
        ] {
            let (kind, target, data) = fields(kind, attributes);
            assert_eq!((&*kind, &*target, &*data), expected, "{attributes:?}");
        }
    }
}
