//! A configuration changes while several threads log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opencensus_logging::{Level, Logging};
use serde_json::{Value, json};

use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;

use super::mail_support::until;

const THREADS: usize = 8;
const RELOADS: usize = 60;
/// The most records that a thread logs while it knows of one version.
const MOST: usize = 64;

// A handler's queue of 8192 holds the records of two versions: no record is lost however slowly the handler writes.
const _: () = assert!(2 * THREADS * MOST <= 8192);

/// Two handlers that write the name of their configuration.
fn configuration(folder: &str, version: usize) -> Value {
    let format = |handler: &str| format!("{handler}{version} %(message)s");
    let file = |handler: &str| format!("{folder}/{handler}.log");
    json!({
        "version": 1,
        "disable_existing_loggers": false,
        "formatters": { "one": { "format": format("one") }, "two": { "format": format("two") } },
        "handlers": {
            "one": { "class": "file", "filename": file("one"), "formatter": "one" },
            "two": { "class": "file", "filename": file("two"), "formatter": "two" },
        },
        "loggers": { "shop": { "handlers": ["one"], "level": "INFO" } },
        "root": { "handlers": ["two"] },
    })
}

/// Logs until the version is beyond the last one. The number of records.
fn log_until_the_last_version(logging: &Logging, thread: usize, version: &AtomicUsize, total: &AtomicUsize) -> usize {
    let logger = logging.get_logger(&format!("shop.cart{thread}"));
    let (mut logged, mut known, mut of_known) = (0, 0, 0);
    loop {
        let current = version.load(Ordering::SeqCst);
        if current > RELOADS {
            return logged;
        }
        if current != known {
            (known, of_known) = (current, 0);
        }
        if of_known == MOST {
            std::thread::yield_now();
            continue;
        }
        logger.info(format!("{thread}-{logged}"));
        logged += 1;
        of_known += 1;
        total.fetch_add(1, Ordering::SeqCst);
    }
}

/// The version of each message in the file of a handler.
fn versions(folder: &Path, handler: &str) -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(folder.join(format!("{handler}.log"))).unwrap();
    let line = |line: &str| {
        let (version, message) = line.split_once(' ').unwrap();
        (message.to_owned(), version.strip_prefix(handler).unwrap().parse().unwrap())
    };
    let versions: BTreeMap<_, _> = text.lines().map(line).collect();
    assert_eq!(versions.len(), text.lines().count(), "each record is written once");
    versions
}

#[test]
fn reload_loses_no_record_and_mixes_no_configurations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    logging.configure(&configuration(path, 0)).unwrap();
    let (version, total) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let logged: usize = std::thread::scope(|scope| {
        let log = |thread| {
            let (logging, version, total) = (&logging, &version, &total);
            scope.spawn(move || log_until_the_last_version(logging, thread, version, total))
        };
        let threads: Vec<_> = (0..THREADS).map(log).collect();
        let mut before = 0;
        for next in 1..=RELOADS + 1 {
            // Each thread may have been within a call when the version changed: one more record is of this version.
            while total.load(Ordering::SeqCst) <= before + THREADS {
                std::thread::yield_now();
            }
            if next <= RELOADS {
                logging.configure(&configuration(path, next)).unwrap();
            }
            before = total.load(Ordering::SeqCst);
            version.store(next, Ordering::SeqCst);
        }
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(logging.flush(TIMEOUT));
    let (one, two) = (versions(folder.path(), "one"), versions(folder.path(), "two"));
    assert_eq!(one.len(), logged, "no record is lost");
    assert_eq!(one, two, "both handlers of a record are of one configuration");
    assert_eq!(one.values().copied().collect::<BTreeSet<_>>(), (0..=RELOADS).collect());
}

#[test]
fn watched_file_is_read_again_and_an_invalid_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logging.toml");
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let of_level = |level: &str| {
        format!(
            "version = 1\ndisable_existing_loggers = false\nroot.handlers = ['console']\nroot.level = '{level}'\n\
             [handlers.console]\nclass = 'console'\n"
        )
    };
    // Renamed into place: the watch never reads a half-written file.
    let write = |level: &str| {
        let new = folder.path().join("new.toml");
        std::fs::write(&new, of_level(level)).unwrap();
        std::fs::rename(new, &path).unwrap();
    };
    write("ERROR");
    let _watch = logging.watch_file(&path, Duration::from_millis(5)).unwrap();
    let logger = logging.get_logger("shop");
    assert!(!logger.is_enabled_for(Level::INFO));
    write("INFO");
    until("the changed file is applied", || logger.is_enabled_for(Level::INFO));
    write("VERY LOUD");
    until("the fault is reported", || stderr.text().contains("the changed configuration is not applied"));
    assert!(stderr.text().contains("logging.toml: `root.level`: found `VERY LOUD`"), "{}", stderr.text());
    assert!(logger.is_enabled_for(Level::INFO) && !logger.is_enabled_for(Level::DEBUG));
}

#[test]
fn watched_file_that_grows_by_references_is_rejected_and_the_program_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (path, new) = (folder.path().join("logging.json"), folder.path().join("new.json"));
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let valid = json!({ "version": 1, "handlers": { "c": { "class": "console" } }, "root": { "handlers": ["c"] } });
    std::fs::write(&path, valid.to_string()).unwrap();
    let _watch = logging.watch_file(&path, Duration::from_millis(5)).unwrap();
    let mut grows = valid;
    for level in 0..20 {
        let next = format!("cfg://l{}", level + 1);
        grows[format!("l{level}")] = json!([next, next]);
    }
    grows["l20"] = json!("x");
    std::fs::write(&new, grows.to_string()).unwrap();
    std::fs::rename(new, &path).unwrap();
    until("the fault is reported", || stderr.text().contains("more than 100000 values"));
    logging.get_logger("shop").warning("still here");
    assert!(logging.flush(TIMEOUT));
    assert!(stderr.text().contains("still here\n"), "{}", stderr.text());
}

/// The processor time of all threads that watch a file, in hundredths of a second.
#[cfg(target_os = "linux")]
fn watch_ticks() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().filter_map(|task| {
        let stat = std::fs::read_to_string(task.ok()?.path().join("stat")).ok()?;
        let (name, rest) = stat.split_once(") ")?;
        let times: Vec<u64> = rest.split(' ').skip(11).take(2).map(|time| time.parse().unwrap()).collect();
        name.ends_with("(log-config").then(|| times.iter().sum::<u64>())
    });
    tasks.sum()
}

#[cfg(target_os = "linux")]
#[test]
fn watch_without_an_interval_does_not_spin_and_capacity_is_limited() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("logging.json");
    let queue = json!({ "class": "queue", "capacity": 1_u64 << 40, "handlers": [] });
    let configuration = json!({ "version": 1, "handlers": { "queue": queue }, "root": { "handlers": ["queue"] } });
    std::fs::write(&file, configuration.to_string()).unwrap();
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    let watch = logging.watch_file(&file, Duration::ZERO).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let ticks = watch_ticks();
    assert!(ticks < 20, "the watch took {ticks} of 50 ticks");
    drop(watch);
    assert!(logging.shutdown(Duration::MAX));
}

#[test]
fn handler_with_the_same_definition_goes_on_when_a_configuration_is_applied_again() {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configure = |logger_level: &str, console_level: &str, format: &str| {
        let configuration = json!({
            "version": 1,
            "formatters": { "f": { "format": format } },
            "handlers": {
                "memory": { "class": "memory", "capacity": 100, "target": "console" },
                "console": { "class": "console", "formatter": "f", "level": console_level },
            },
            "root": { "handlers": ["memory"], "level": logger_level },
        });
        logging.configure(&configuration).unwrap();
    };
    let handlers = || ["memory", "console"].map(|name| logging.handler(name).unwrap());
    configure("INFO", "INFO", "%(message)s");
    let first = handlers();
    logging.get_logger("shop").info("kept in memory");
    configure("DEBUG", "WARNING", "%(message)s");
    let second = handlers();
    assert!(first.iter().zip(&second).all(|(one, other)| Arc::ptr_eq(one, other)), "only levels differ");
    assert_eq!(second[1].level(), Level::WARNING);
    assert_eq!((second[0].stats().handled, stderr.text().as_str()), (1, ""), "its count and its records stay");
    // The formatter is another one, and so are the handler that uses it and the one that passes records to it.
    configure("DEBUG", "WARNING", "%(levelname)s %(message)s");
    let third = handlers();
    assert!(second.iter().zip(&third).all(|(one, other)| !Arc::ptr_eq(one, other)));
    assert!(logging.shutdown(TIMEOUT));
    configure("DEBUG", "WARNING", "%(levelname)s %(message)s");
    assert!(third.iter().zip(&handlers()).all(|(one, other)| !Arc::ptr_eq(one, other)), "a closed handler is replaced");
    logging.get_logger("shop").error("after the shutdown");
    assert!(logging.flush(TIMEOUT));
    assert!(stderr.text().ends_with("ERROR after the shutdown\n"), "{}", stderr.text());
}

#[test]
fn handlers_of_logging_go_on_when_djangos_settings_are_applied_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    for debug in [true, false, true] {
        let settings = json!({
            "DEBUG": debug,
            "LOGGING": {
                "version": 1,
                "handlers": { "file": { "class": "file", "filename": path, "mode": "w" } },
                "loggers": { "django": { "handlers": ["file"], "level": "INFO" } },
            },
        });
        logging.setup_settings(&settings).unwrap();
        logging.get_logger("django").error(format!("debug: {debug}"));
        assert!(logging.flush(TIMEOUT));
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), "debug: true\ndebug: false\ndebug: true\n");
    assert_eq!(logging.stats().handlers["file"].handled, 3);
}
