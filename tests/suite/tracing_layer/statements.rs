//! Statements of sqlx become dependencies.

use std::collections::BTreeMap;

use opencensus::tracing::{Options, Sqlx};
use opencensus::{Settings, Value};
use opencensus_core::{SpanKind, SpanRecord};
use sqlx::sqlite::SqlitePoolOptions;
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::{attribute, handle};
use crate::support::in_memory;
use test_support::TIMEOUT;
use test_support::process::run_test;

const MODE: &str = "TRACING_STATEMENTS";
const MARK: &str = "statement: ";

/// A handler that uses SQLite. It runs in a child process: sqlx uses its own threads, whose events reach only the global
/// subscriber.
#[tokio::test]
async fn child() {
    let Ok(mode) = std::env::var(MODE) else { return };
    let settings = Settings::default().with_processor(|_| {
        tracing::error!("on the pipeline's thread");
        true
    });
    let (telemetry, exporter) = in_memory(settings);
    let options = match mode.as_str() {
        "literals" => Options::default().with_sqlx(Sqlx::new("sqlite").with_database("shop").with_literals(true)),
        "off" => Options::default(),
        _ => Options::default().with_sqlx(Sqlx::new("sqlite").with_database("shop")),
    };
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(options.layer(&telemetry))).unwrap();
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::query("CREATE TABLE chairs (id INTEGER PRIMARY KEY, name TEXT)").execute(&pool).await.unwrap();
    let work = async {
        let insert = sqlx::query("INSERT INTO chairs (name) VALUES (?), ('blue chair')").bind("red");
        insert.execute(&pool).await.unwrap();
        let long = "SELECT id, name FROM chairs WHERE name IN ('red', 'blue chair') AND id < 100 ORDER BY name";
        assert_eq!(sqlx::query(long).fetch_all(&pool).await.unwrap().len(), 2);
        sqlx::query("SELECT * FROM nowhere").execute(&pool).await.unwrap_err();
    };
    handle(&telemetry, 200, async { work.instrument(tracing::info_span!("stock")).await }).await;
    pool.close().await;
    assert!(telemetry.flush(TIMEOUT).await.complete);
    let messages = exporter.messages();
    assert!(messages.is_empty(), "{messages:#?}");
    let (request, spans) = (exporter.requests().remove(0), exporter.spans());
    let stock = spans.iter().find(|span| span.name == "stock").unwrap();
    assert_eq!(stock.parent, Some(request.context().span_id()));
    println!();
    for span in spans.iter().filter(|span| span.name != "stock") {
        assert_eq!((span.kind, span.parent), (SpanKind::Client, Some(stock.context.span_id())), "{span:?}");
        assert_eq!(span.operation.as_deref(), Some(&*request.name()));
        assert!(span.duration > std::time::Duration::ZERO && span.start >= stock.start);
        println!("{MARK}{} | {}", span.name, described(span));
    }
}

fn described(span: &SpanRecord) -> String {
    let attributes: BTreeMap<_, _> =
        span.attributes.iter().map(|attribute| (&*attribute.key, &attribute.value)).collect();
    assert_eq!(attribute(&span.attributes, "db.system.name"), Some(&Value::from("sqlite")));
    assert_eq!(attribute(&span.attributes, "db.namespace"), Some(&Value::from("shop")));
    let of = |key| attributes.get(key).map(ToString::to_string).unwrap_or_default();
    format!("{} | {} | {}", of("db.query.text"), of("db.response.returned_rows"), of("db.rows_affected"))
}

fn statements(mode: &str) -> Vec<String> {
    let text = run_test("tracing_layer::statements::child", &[(MODE, mode)]);
    text.lines().filter_map(|line| line.strip_prefix(MARK).map(str::to_owned)).collect()
}

#[test]
fn sqlx_statements_are_dependencies_without_literals() {
    assert_eq!(
        statements("on"),
        [
            "INSERT chairs | INSERT INTO chairs (name) VALUES (?), (?) | 0 | 2",
            "SELECT chairs | SELECT id, name FROM chairs WHERE name IN (?, ?) AND id < ? ORDER BY name | 2 | ",
            "SELECT nowhere | SELECT * FROM nowhere | 0 | ",
        ]
    );
}

#[test]
fn literals_are_sent_if_the_program_wants_them() {
    let statements = statements("literals");
    assert!(statements[0].contains("'blue chair'"), "{statements:#?}");
    assert!(statements[1].contains("id < 100"), "{statements:#?}");
}

#[test]
fn statements_are_no_dependencies_by_default() {
    assert_eq!(statements("off"), [""; 0]);
}
