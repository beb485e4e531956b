//! Handlers that write to files: rotation, truncation, moved files.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use opencensus_logging::formatters::StandardFormatter;
use opencensus_logging::handlers::{
    FileHandler, Handler as _, RotatingFileHandler, Stream, TimedRotatingFileHandler, When,
};
use opencensus_logging::{Level, Logging, Record};
use serde_json::json;
use test_support::TIMEOUT;
use test_support::captured::Captured;

fn record(message: &str) -> Arc<Record> {
    Arc::new(Record::new("shop".into(), Level::INFO, message.to_owned()))
}

#[test]
fn file_is_rotated_before_the_line_that_would_reach_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let handler = RotatingFileHandler::open(&path, Arc::new(StandardFormatter::message_only()), 10, 1).unwrap();
    // Nine bytes are below the bound, ten reach it.
    for line in ["1234", "567", "9"] {
        handler.emit(&record(line)).unwrap();
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("app.log.1")).unwrap(), "1234\n567\n");
    handler.emit(&record("1234567")).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("app.log.1")).unwrap(), "9\n");
}

#[test]
fn rotation_loses_no_line_with_many_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let formatter = Arc::new(StandardFormatter::message_only());
    let handler = RotatingFileHandler::open(&path, formatter, 2_000, 50).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let handler = &handler;
            scope.spawn(move || {
                for n in 0..500 {
                    handler.emit(&record(&format!("thread {thread} line {n}"))).unwrap();
                }
            });
        }
    });
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(text.len() < 2_000);
        lines.extend(text.lines().map(str::to_owned));
    }
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 2000);
}

#[test]
fn file_is_rotated_by_time_and_old_files_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.log");
    std::fs::write(folder.path().join("t.log.notes"), "not a log").unwrap();
    let handler =
        TimedRotatingFileHandler::open(&path, Arc::new(StandardFormatter::message_only()), When::Hours, 1, 2).unwrap();
    // The file is new: its first hour begins now.
    let start = std::fs::metadata(&path).unwrap().modified().unwrap();
    for hour in 0..5_u64 {
        let mut dated = record(&format!("hour {hour}"));
        Arc::make_mut(&mut dated).created = start + Duration::from_secs(60 * 60 * hour + 30);
        handler.emit(&dated).unwrap();
    }
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 4, "{names:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "hour 4\n");
    assert_eq!(std::fs::read_to_string(folder.path().join(&names[1])).unwrap(), "hour 2\n");
    assert!(names.contains(&"t.log.notes".to_owned()));
}

#[cfg(unix)]
#[test]
fn watched_file_is_reopened_after_it_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let handler = FileHandler::open(&path, Arc::new(StandardFormatter::message_only())).unwrap().watching();
    handler.emit(&record("before")).unwrap();
    std::fs::rename(&path, folder.path().join("app.log.1")).unwrap();
    handler.emit(&record("after")).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "after\n");
    assert_eq!(std::fs::read_to_string(folder.path().join("app.log.1")).unwrap(), "before\n");
}

#[test]
fn day_of_23_hours_has_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.log");
    let logging = Logging::builder()
        .with_stderr(Stream::new(Captured::default()))
        .with_time_zone("Europe/Zurich")
        .unwrap()
        .build();
    let configuration = json!({
        "version": 1,
        "handlers": { "f": { "class": "timed_rotating_file", "filename": path, "when": "midnight", "delay": true } },
        "root": { "handlers": ["f"], "level": "INFO" },
    });
    logging.configure(&configuration).unwrap();
    // Noon of 29 March to 2 April 2024; the 31st had 23 hours.
    for day in 0..5_u64 {
        let logger = logging.get_logger("shop");
        let mut dated = logger.new_record(Level::INFO, format!("day {day}"));
        dated.created = UNIX_EPOCH + Duration::from_secs(1_711_710_000 + day * 24 * 60 * 60);
        logger.handle(dated);
    }
    assert!(logging.flush(TIMEOUT));
    for (day, name) in ["t.log.2024-03-29", "t.log.2024-03-30", "t.log.2024-03-31", "t.log.2024-04-01", "t.log"]
        .into_iter()
        .enumerate()
    {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), format!("day {day}\n"), "{name}");
    }
}

#[test]
fn file_that_another_process_rotated_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.log");
    let handler =
        TimedRotatingFileHandler::open(&path, Arc::new(StandardFormatter::message_only()), When::Days, 1, 0).unwrap();
    let start = std::fs::metadata(&path).unwrap().modified().unwrap();
    let at = |days: u64, message: &str| {
        let mut dated = record(message);
        Arc::make_mut(&mut dated).created = start + Duration::from_secs(days * 24 * 60 * 60);
        handler.emit(&dated).unwrap();
    };
    at(0, "ours");
    // Another process has rotated already: the older file exists.
    let formatter = StandardFormatter::new("%(asctime)s", opencensus_logging::formatters::Style::Percent).unwrap();
    let formatter = formatter.with_date_format("%Y-%m-%d");
    let mut first = record("");
    Arc::make_mut(&mut first).created = start;
    let mut day = String::new();
    opencensus_logging::formatters::Formatter::format(&formatter, &first, &mut day).unwrap();
    let old = folder.path().join(format!("t.log.{day}"));
    std::fs::write(&old, "theirs\n").unwrap();
    at(1, "next");
    assert_eq!(std::fs::read_to_string(old).unwrap(), "theirs\n");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "ours\nnext\n");
}

#[cfg(unix)]
#[test]
fn devices_are_not_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("null.log");
    std::os::unix::fs::symlink("/dev/null", &path).unwrap();
    let handler = RotatingFileHandler::open(&path, Arc::new(StandardFormatter::message_only()), 10, 3).unwrap();
    (0..5).for_each(|_| handler.emit(&record("12345678")).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn file_is_truncated_only_when_the_configuration_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    std::fs::write(&path, "the last run\n").unwrap();
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    let configuration = |handler: &str| {
        json!({
            "version": 1,
            "disable_existing_loggers": false,
            "handlers": { "f": { "class": "file", "filename": path, "mode": "w" } },
            "root": { "handlers": [handler], "level": "INFO" },
        })
    };
    logging.configure(&configuration("unknown")).unwrap_err();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "the last run\n");
    logging.configure(&configuration("f")).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    logging.get_logger("shop").info("this run");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "this run\n");
}
