//! Calls of databases.

use crate::otlp::attributes::Attributes;
use crate::otlp::callee::Callee;
use crate::otlp::peer::{take_peer, take_service};

/// The keys of the kind of database.
pub(super) const DATABASE: [&str; 2] = ["db.system.name", "db.system"];

/// SQL databases for which Application Insights has no type.
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

pub(super) fn database(attributes: &mut Attributes) -> Callee {
    let system = attributes.text(&DATABASE).unwrap_or_default();
    let data = attributes.take(&["db.query.text", "db.statement", "db.operation.name", "db.operation"]);
    let host = take_service(attributes).or_else(|| take_peer(attributes, default_ports(&system)));
    let target = match (host, attributes.take(&["db.namespace", "db.name"])) {
        (Some(host), Some(name)) => format!("{host}|{name}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => system.clone(),
    };
    if SQL.contains(&system.as_str()) {
        return Callee { kind: "SQL".to_owned(), target: Some(target), data };
    }
    attributes.take(&DATABASE);
    Callee { kind: system, target: Some(target), data }
}

fn default_ports(system: &str) -> &'static [&'static str] {
    match system {
        "postgresql" => &["5432"],
        "mysql" | "mariadb" => &["3306"],
        "redis" => &["6379"],
        "mongodb" => &["27017"],
        "mssql" | "microsoft.sql_server" => &["1433"],
        "oracle" | "oracle.db" => &["1521"],
        "memcached" => &["11211"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::attributes::tests::list;
    use serde_json::{Value, json};

    #[test]
    fn databases_have_type_target_and_statement() {
        for (pairs, expected, rest) in [
            (
                json!({"db.system.name": "postgresql", "db.query.text": "select 1", "db.namespace": "shop",
                    "server.address": "db", "server.port": 5432}),
                ("postgresql", "db|shop", "select 1"),
                json!({}),
            ),
            (
                json!({"db.system": "mssql", "db.statement": "select 1", "net.peer.name": "db", "net.peer.port": 99}),
                ("SQL", "db:99", "select 1"),
                json!({"db.system": "mssql"}),
            ),
            (json!({"db.system": "redis", "db.operation": "GET"}), ("redis", "redis", "GET"), json!({})),
            (json!({"db.system": "sqlite", "db.name": "shop"}), ("SQL", "shop", ""), json!({"db.system": "sqlite"})),
        ] {
            let mut attributes = Attributes::new(list(pairs));
            let Callee { kind, target, data } = database(&mut attributes);
            assert_eq!((&*kind, &*target.unwrap(), &*data.unwrap_or_default()), expected);
            assert_eq!(Value::from(attributes.into_properties()), rest);
        }
    }
}
