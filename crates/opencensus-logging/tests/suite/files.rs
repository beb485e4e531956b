//! Handlers that write to files: rotation, truncation, moved files.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use opencensus_logging::formatters::StandardFormatter;
use opencensus_logging::handlers::{
    FileHandler, Handler as _, RotatingFileHandler, Stream, TimedRotatingFileHandler, When,
};
use opencensus_logging::{Dialect, Level, Logging, Record};
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
fn watched_file_is_opened_again_after_it_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let handler = FileHandler::watch(&path, Arc::new(StandardFormatter::message_only())).unwrap();
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

/// A system with this configuration of handlers, all of them at the root.
fn with_handlers(handlers: &serde_json::Value) -> (Logging, Captured) {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let names: Vec<_> = handlers.as_object().unwrap().keys().cloned().collect();
    let configuration = json!({ "version": 1, "handlers": handlers, "root": { "handlers": names, "level": "INFO" } });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

fn all_lines(folder: &std::path::Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut lines: Vec<_> = files
        .flat_map(|path| std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines.sort();
    lines
}

#[test]
fn two_rotating_handlers_of_one_file_share_it_and_lose_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let handler = |level: &str| json!({ "class": "rotating_file", "filename": path, "max_bytes": 200, "backup_count": 50, "level": level });
    let (logging, _) = with_handlers(&json!({ "all": handler("INFO"), "errors": handler("ERROR") }));
    let logger = logging.get_logger("shop");
    for n in 0..40 {
        logger.info(format!("line {n:02}"));
        if n % 2 == 0 {
            logger.error(format!("error {n:02}"));
        }
    }
    assert!(logging.flush(TIMEOUT));
    let lines = all_lines(folder.path());
    let count = |word: &str| lines.iter().filter(|line| line.starts_with(word)).count();
    assert_eq!((count("line"), count("error"), lines.len()), (40, 2 * 20, 80), "{lines:?}");
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        assert!(entry.unwrap().metadata().unwrap().len() < 200, "the bound holds for all handlers together");
    }
}

#[test]
fn line_of_a_handler_is_in_the_file_that_another_handler_has_just_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let (logging, _) = with_handlers(&json!({
        "all": { "class": "rotating_file", "filename": path, "max_bytes": 50, "backup_count": 1 },
        "errors": { "class": "file", "filename": path, "level": "ERROR" },
    }));
    let logger = logging.get_logger("shop");
    for round in 0..5 {
        logger.error(format!("error {round}"));
        assert!(logging.flush(TIMEOUT));
        let text = all_lines(folder.path());
        let found = text.iter().filter(|line| **line == format!("error {round}")).count();
        assert_eq!(found, 2, "one line of each handler: {text:?}");
        // Rotates the file several times, and removes older ones.
        (0..20).for_each(|n| logger.info(format!("line {n:02}")));
        assert!(logging.flush(TIMEOUT));
    }
}

#[test]
fn processes_that_rotate_one_file_lose_no_line() {
    const FILE: &str = "ROTATED_FILE";
    if let Some(path) = std::env::var_os(FILE) {
        let formatter = Arc::new(StandardFormatter::message_only());
        let handler = RotatingFileHandler::open(path, formatter, 1_000, 200).unwrap();
        for n in 0..500 {
            handler.emit(&record(&format!("{} {n:03}", std::process::id()))).unwrap();
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let path = path.to_str().unwrap();
            let test = "files::processes_that_rotate_one_file_lose_no_line";
            scope.spawn(move || test_support::process::run_test(test, &[(FILE, path)]));
        }
    });
    let mut lines = all_lines(folder.path());
    lines.dedup();
    assert_eq!(lines.len(), 3 * 500);
}

#[test]
fn timed_handlers_of_two_processes_continue_with_the_same_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.log");
    let formatter = || Arc::new(StandardFormatter::message_only());
    let ours = TimedRotatingFileHandler::open(&path, formatter(), When::Days, 1, 0).unwrap();
    let start = std::fs::metadata(&path).unwrap().modified().unwrap();
    let at = |handler: &TimedRotatingFileHandler, days: u64, message: &str| {
        let mut dated = record(message);
        Arc::make_mut(&mut dated).created = start + Duration::from_secs(days * 24 * 60 * 60);
        handler.emit(&dated).unwrap();
    };
    at(&ours, 0, "ours");
    // As another process does at the end of the day.
    let day = jiff_day(start);
    std::fs::rename(&path, folder.path().join(format!("t.log.{day}"))).unwrap();
    std::fs::write(&path, "theirs\n").unwrap();
    at(&ours, 1, "next");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs\nnext\n");
    assert_eq!(std::fs::read_to_string(folder.path().join(format!("t.log.{day}"))).unwrap(), "ours\n");
}

/// The day of a time in the system's zone, as in names of files.
fn jiff_day(time: std::time::SystemTime) -> String {
    let formatter = StandardFormatter::new("%(asctime)s", opencensus_logging::formatters::Style::Percent).unwrap();
    let formatter = formatter.with_date_format("%Y-%m-%d");
    let mut dated = record("");
    Arc::make_mut(&mut dated).created = time;
    let mut day = String::new();
    opencensus_logging::formatters::Formatter::format(&formatter, &dated, &mut day).unwrap();
    day
}

#[test]
fn records_go_on_to_a_file_that_cannot_be_rotated_and_that_is_reported_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    // A folder has the name of the next older file.
    std::fs::create_dir_all(folder.path().join("app.log.1/notes")).unwrap();
    std::fs::create_dir_all(folder.path().join("app.log.2/notes")).unwrap();
    let rotating = json!({ "class": "rotating_file", "filename": path, "max_bytes": 20, "backup_count": 1 });
    let (logging, stderr) = with_handlers(&json!({ "f": rotating }));
    let logger = logging.get_logger("shop");
    (0..20).for_each(|n| logger.info(format!("line {n:02}")));
    assert!(logging.flush(TIMEOUT) && logging.shutdown(TIMEOUT));
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 20);
    let stats = logging.stats().handlers["f"];
    assert_eq!((stats.handled, stats.lost()), (20, 0));
    let reports = stderr.text().lines().filter(|line| line.contains("cannot be rotated")).count();
    assert_eq!(reports, 1, "{}", stderr.text());
}

#[test]
fn older_files_that_cannot_be_removed_take_no_record_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.log");
    // A folder has the name of an older file.
    std::fs::create_dir_all(folder.path().join("t.log.2024-01-01_00/notes")).unwrap();
    let timed = json!({ "class": "timed_rotating_file", "filename": path, "when": "H", "backup_count": 1 });
    let (logging, stderr) = with_handlers(&json!({ "f": timed }));
    let start = std::fs::metadata(&path).unwrap().modified().unwrap();
    for hour in 0..4_u64 {
        let logger = logging.get_logger("shop");
        let mut dated = logger.new_record(Level::INFO, format!("hour {hour}"));
        dated.created = start + Duration::from_secs(60 * 60 * hour + 30);
        logger.handle(dated);
    }
    assert!(logging.flush(TIMEOUT) && logging.shutdown(TIMEOUT));
    assert_eq!(logging.stats().handlers["f"].handled, 4);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "hour 3\n");
    let reports = stderr.text().lines().filter(|line| line.contains("cannot be removed")).count();
    assert_eq!(reports, 1, "{}", stderr.text());
}

#[test]
fn program_that_restarts_more_often_than_its_period_rotates_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.log");
    let format = StandardFormatter::new("%(asctime)s %(message)s", opencensus_logging::formatters::Style::Percent);
    let format = Arc::new(format.unwrap());
    // Ten starts, 20 seconds apart.
    let start = std::time::SystemTime::now() - Duration::from_secs(10 * 20);
    for n in 0..10_u64 {
        let handler = TimedRotatingFileHandler::open(&path, format.clone(), When::Minutes, 1, 0).unwrap();
        let mut dated = record(&format!("start {n}"));
        Arc::make_mut(&mut dated).created = start + Duration::from_secs(20 * n);
        handler.emit(&dated).unwrap();
    }
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!((files, all_lines(folder.path()).len()), (4, 10));
}

#[test]
fn configured_file_continues_its_period_after_a_restart_except_in_pythons_dialect() {
    for (dialect, files) in [(Dialect::Native, 2), (Dialect::Python, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.log");
        // The program wrote for two minutes, and restarts now.
        std::fs::write(&path, "2024-03-05 06:07:08,123 first line\n").unwrap();
        let logging = Logging::builder().with_dialect(dialect).with_stderr(Stream::new(Captured::default())).build();
        let timed = json!({ "class": "logging.handlers.TimedRotatingFileHandler", "filename": path, "when": "M" });
        let configuration =
            json!({ "version": 1, "handlers": { "f": timed }, "root": { "handlers": ["f"], "level": "INFO" } });
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").info("after the restart");
        assert!(logging.flush(TIMEOUT));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), files, "{dialect:?}");
    }
}

#[test]
fn file_of_mode_w_keeps_the_lines_of_this_run_when_it_is_configured_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    std::fs::write(&path, "the last run\n").unwrap();
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    for level in ["INFO", "DEBUG", "WARNING"] {
        let configuration = json!({
            "version": 1,
            "handlers": { "f": { "class": "file", "filename": path, "mode": "w" } },
            "root": { "handlers": ["f"], "level": level },
        });
        logging.configure(&configuration).unwrap();
        logging.get_logger("shop").warning(format!("at {level}"));
        assert!(logging.flush(TIMEOUT));
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "at INFO\nat DEBUG\nat WARNING\n");
}
