//! Statements of a real driver, and of any other.

use std::convert::Infallible;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::{OpenCensusLayer, Settings};
use opencensus_logging::Logging;
use opencensus_logging::database::Statement;
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

/// A shop with its tables in SQLite. Its own process: sqlx tells on a thread of its own, so to the program's front end.
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
        // sqlx has told a statement that nobody wanted.
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
            // As `#[instrument]` makes them of arguments.
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
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "logging::database::child", "--nocapture"])
        .env(MODE, mode)
        .output()
        .unwrap();
    let text = String::from_utf8(child.stdout).unwrap();
    assert!(child.status.success(), "{text}");
    text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix(MARK)?).ok()).collect()
}

#[test]
fn statements_of_sqlx_are_django_s_records_in_debug_mode() {
    let records = records("on");
    let of = |logger: &str| -> Vec<&Value> { records.iter().filter(|record| record["logger"] == logger).collect() };
    let statements = of("opencensus.db.backends");
    let sql = |record: &&Value| record["fields"]["sql"].as_str().unwrap().to_owned();
    let told: Vec<_> = statements.iter().map(sql).collect();
    for wanted in [
        "CREATE TABLE chairs (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE INDEX names ON chairs (name)",
        "INSERT INTO chairs (name) VALUES (?), (?)",
        "SELECT id, name FROM chairs WHERE name IN ('red', 'blue') ORDER BY name",
        "SELECT * FROM nowhere",
    ] {
        assert_eq!(told.iter().filter(|sql| *sql == wanted).count(), 1, "{wanted} in {told:#?}");
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
fn debug_mode_counts_from_the_next_statement_on() {
    let records = records("late");
    let told = |sql: &str| records.iter().filter(|record| record["fields"]["sql"] == sql).count();
    assert_eq!((told("SELECT 1"), told("SELECT * FROM nowhere")), (0, 1), "{records:#?}");
}

#[test]
fn nothing_of_statements_is_told_outside_of_debug_mode() {
    assert_eq!(records("off"), Vec::<Value>::new());
}

#[test]
fn statements_of_other_drivers_are_told_by_a_call() {
    let (logging, stderr) = logging();
    let tell = |sql: &str| {
        let statement = Statement::new(sql.to_owned(), Duration::from_millis(1_500));
        statement.with_params(json!(["red", 7]).as_array().unwrap().clone()).with_alias("replica").log(&logging);
    };
    tell("SELECT 1");
    logging.set_debug(true);
    tell("SELECT 2");
    tell("DROP TABLE chairs");
    assert!(logging.flush(TIMEOUT));
    let records: Vec<Value> = stderr.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = records.iter().map(|record| (&record["logger"], &record["message"])).collect();
    let (statements, schema) = (json!("opencensus.db.backends"), json!("opencensus.db.backends.schema"));
    assert_eq!(
        told,
        [
            (&statements, &json!("(1.500) SELECT 2; args=['red', 7]; alias=replica")),
            (&schema, &json!("DROP TABLE chairs; (params ['red', 7])")),
            (&statements, &json!("(1.500) DROP TABLE chairs; args=['red', 7]; alias=replica")),
        ]
    );
    let first = &records[0]["fields"];
    assert_eq!((&first["duration"], &first["params"]), (&json!(1.5), &json!(["red", 7])));
}
