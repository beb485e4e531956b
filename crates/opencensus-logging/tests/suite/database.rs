//! Statements that a program logs by a call.

use std::time::Duration;

use opencensus_logging::Logging;
use opencensus_logging::database::Statement;
use opencensus_logging::handlers::Stream;
use serde_json::{Value, json};
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

#[test]
fn statements_are_logged_by_a_call_in_debug_mode() {
    let (logging, stderr) = logging();
    let log = |sql: &str| {
        let statement = Statement::new(sql.to_owned(), Duration::from_millis(1_500));
        statement.with_params(json!(["red", 7]).as_array().unwrap().clone()).with_alias("replica").log(&logging);
    };
    log("SELECT 1");
    logging.set_debug(true);
    log("SELECT 2");
    log("DROP TABLE chairs");
    assert!(logging.flush(TIMEOUT));
    let records: Vec<Value> = stderr.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let logged: Vec<_> = records.iter().map(|record| (&record["logger"], &record["message"])).collect();
    let (statements, schema) = (json!("opencensus.db.backends"), json!("opencensus.db.backends.schema"));
    assert_eq!(
        logged,
        [
            (&statements, &json!("(1.500) SELECT 2; args=['red', 7]; alias=replica")),
            (&schema, &json!("DROP TABLE chairs; (params ['red', 7])")),
            (&statements, &json!("(1.500) DROP TABLE chairs; args=['red', 7]; alias=replica")),
        ]
    );
    let first = &records[0]["fields"];
    assert_eq!((&first["duration"], &first["params"]), (&json!(1.5), &json!(["red", 7])));
}
