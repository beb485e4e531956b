//! Statements of sqlx become log records in debug mode.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::{OpenCensusLayer, Settings};
use opencensus_logging::Logging;
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tracing::Instrument as _;

use crate::support::SettingsExt as _;
use crate::support::in_memory;
use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::process::run_test;

fn logging() -> (Logging, Captured) {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "json": { "class": "json" } },
        "handlers": { "console": { "class": "console", "formatter": "json" } },
        "loggers": { "django.db.backends": { "handlers": ["console"], "level": "DEBUG" } },
    });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

const MODE: &str = "DATABASE_DEBUG";
const MARK: &str = "record: ";

/// A shop with its tables in SQLite. It runs in a child process: sqlx uses its own threads, whose events reach only the
/// global subscriber.
#[tokio::test]
async fn child() {
    let Ok(mode) = std::env::var(MODE) else { return };
    let folder = tempfile::tempdir().unwrap();
    let migrations = folder.path().join("migrations");
    std::fs::create_dir(&migrations).unwrap();
    std::fs::write(migrations.join("1_chairs.sql"), "CREATE TABLE chairs (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
    std::fs::write(migrations.join("2_names.sql"), "CREATE INDEX names ON chairs (name)").unwrap();
    let (logging, stderr) = logging();
    assert!(logging.install().tracing);
    let (telemetry, _) = in_memory(Settings::default().with_logging(&logging).with(|s| s.debug = Some(mode == "on")));
    if mode == "late" {
        // `tracing` has cached that the callsite is disabled.
        let pool = SqlitePoolOptions::new().connect("sqlite::memory:").await.unwrap();
        sqlx::query("SELECT 1").execute(&pool).await.unwrap();
        logging.set_debug(true);
    }
    let options = SqliteConnectOptions::new().filename(folder.path().join("shop.db")).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    Migrator::new(migrations).await.unwrap().run(&pool).await.unwrap();
    let handler = {
        let pool = pool.clone();
        move |_: Request<()>| {
            let pool = pool.clone();
            let work = async move {
                sqlx::query("INSERT INTO chairs (name) VALUES (?), (?)")
                    .bind("red")
                    .bind("blue")
                    .execute(&pool)
                    .await
                    .unwrap();
                let long = "SELECT id, name FROM chairs WHERE name IN ('red', 'blue') ORDER BY name";
                assert_eq!(sqlx::query(long).fetch_all(&pool).await.unwrap().len(), 2);
                sqlx::query("SELECT * FROM nowhere").execute(&pool).await.unwrap_err();
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            };
            // As `#[instrument]` does with arguments.
            work.instrument(tracing::info_span!("stock", sql = "of the span", params = "of the span", shelf = 7))
        }
    };
    let request = Request::get("/").header("traceparent", TRACEPARENT).body(()).unwrap();
    OpenCensusLayer::new(telemetry).layer(service_fn(handler)).oneshot(request).await.unwrap();
    pool.close().await;
    assert!(logging.flush(TIMEOUT));
    println!();
    stderr.text().lines().for_each(|line| println!("{MARK}{line}"));
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn records(mode: &str) -> Vec<Value> {
    let text = run_test("logging::database::child", &[(MODE, mode)]);
    text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix(MARK)?).ok()).collect()
}

#[test]
fn sqlx_statements_become_django_records_in_debug_mode() {
    let records = records("on");
    let of = |logger: &str| -> Vec<&Value> { records.iter().filter(|record| record["logger"] == logger).collect() };
    let statements = of("opencensus.db.backends");
    let sql = |record: &&Value| record["fields"]["sql"].as_str().unwrap().to_owned();
    let logged: Vec<_> = statements.iter().map(sql).collect();
    for expected in [
        "CREATE TABLE chairs (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE INDEX names ON chairs (name)",
        "INSERT INTO chairs (name) VALUES (?), (?)",
        "SELECT id, name FROM chairs WHERE name IN ('red', 'blue') ORDER BY name",
        "SELECT * FROM nowhere",
    ] {
        assert_eq!(logged.iter().filter(|sql| *sql == expected).count(), 1, "{expected} in {logged:#?}");
    }
    let schema: Vec<_> = of("opencensus.db.backends.schema").iter().map(sql).collect();
    assert!(schema.iter().any(|sql| sql.starts_with("CREATE TABLE chairs")), "{schema:?}");
    assert!(schema.iter().all(|sql| sql.starts_with("CREATE")), "{schema:?}");

    let select =
        statements.iter().find(|record| record["fields"]["rows_returned"] == 2 && sql(record).starts_with("SELECT id"));
    let select = select.unwrap();
    let message = select["message"].as_str().unwrap();
    let (duration, rest) = message.strip_prefix('(').unwrap().split_once(") ").unwrap();
    assert!(duration.len() >= 5 && duration.parse::<f64>().unwrap() < 30.0, "{message}");
    assert_eq!(rest, format!("{}; args=None; alias=default", sql(select)));
    assert_eq!(
        (&select["level"], &select["fields"]["alias"], &select["fields"]["params"]),
        (&json!("DEBUG"), &json!("default"), &Value::Null)
    );
    assert!(select["fields"]["duration"].as_f64().unwrap() > 0.0);
    assert_eq!((&select["trace_id"], &select["spans"]), (&json!(TRACE), &json!(["stock"])), "{select}");
    assert_eq!(select["fields"]["shelf"], 7);
    let insert = statements.iter().find(|record| sql(record).starts_with("INSERT INTO chairs")).unwrap();
    assert_eq!(insert["fields"]["rows_affected"], 2);
}

#[test]
fn debug_mode_applies_from_the_next_statement_on() {
    let records = records("late");
    let logged = |sql: &str| records.iter().filter(|record| record["fields"]["sql"] == sql).count();
    assert_eq!((logged("SELECT 1"), logged("SELECT * FROM nowhere")), (0, 1), "{records:#?}");
}

#[test]
fn statements_are_not_logged_without_debug_mode() {
    assert_eq!(records("off"), Vec::<Value>::new());
}
