//! Compares Python's dialect with vectors that Python's logging and Django wrote.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opencensus_logging::config::{Defaults, InvalidSettings, LoggingConfig, Setup};
use opencensus_logging::formatters::ProcessInfo;
use opencensus_logging::mail::{FileBackend, MemoryBackend};
use opencensus_logging::{Args, Dialect, Level, LoggedError, Logging, Source, ThreadInfo};
use serde_json::{Value, json};

use super::python::{Deliveries, builder};
use super::vector_mail::{mail_lines, mail_settings, mail_summary, request, texts};
use test_support::captured::Captured;
use test_support::exception::Exception;
use test_support::vectors::{self, Row};

/// Cases that cannot occur in a Rust program.
const SKIPPED: [(&str, &str); 4] = [
    ("mail-backend-unknown", "no call returns the error of a handler here: the loss is counted and reported"),
    ("mail-backend-with-mailers", "there is no setting `MAILERS` here: backends always have names"),
    ("exc-info-no-exception", "`exc_info=True` takes the exception that is being handled, which Rust does not have"),
    ("capture-warnings", "Rust has no warnings at run time that could be captured"),
];

/// Cases of Django 1.8 that depend on the Python in which they ran.
const SKIPPED_1_8: [(&str, &str); 1] = [(
    "mail-managers-subclass",
    "that Python could not import the module again; here classes are registered, not imported",
)];

/// 2024-03-05T06:07:08.123456Z, the time of all records of the vectors.
fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(1_709_618_828_123_456)
}

#[test]
fn vectors_of_python_and_django_match_in_pythons_dialect() {
    let cases = vectors::read_cases("django-logging");
    // Panics of handlers and filters are part of some cases.
    vectors::run_rows("django-logging", &cases, "name", |case| {
        let name = case["name"].as_str().unwrap();
        if let Some((_, reason)) = SKIPPED.iter().find(|(skipped, _)| *skipped == name) {
            return Row::Deliberate(reason);
        }
        match compare(case, &case["expected"], Defaults::Today) {
            Ok(()) => Row::Passed,
            Err(fault) => Row::Failed(fault),
        }
    });
}

#[test]
fn django_1_8_defaults_route_records_as_in_django_1_8() {
    let cases = vectors::read_cases("django-logging");
    let of_1_8 = |case: &&Value| case["mode"] == "django" && case["skip_1_8"] != true;
    let cases: Vec<_> = cases.iter().filter(of_1_8).cloned().collect();
    vectors::run_rows("django-logging (1.8)", &cases, "name", |case| {
        let name = case["name"].as_str().unwrap();
        if let Some((_, reason)) = SKIPPED.iter().chain(&SKIPPED_1_8).find(|(skipped, _)| *skipped == name) {
            return Row::Deliberate(reason);
        }
        let mut expected = case["expected"].clone();
        for (key, value) in case["expected_django_1_8"].as_object().into_iter().flatten() {
            expected[key] = value.clone();
        }
        match compare(case, &expected, Defaults::Django18) {
            Ok(()) => Row::Passed,
            Err(fault) => Row::Failed(fault),
        }
    });
}

/// The run of a case.
struct Run {
    folder: tempfile::TempDir,
    logging: Logging,
    stdout: Captured,
    stderr: Captured,
    deliveries: Deliveries,
    outbox: MemoryBackend,
}

impl Run {
    fn new(case: &Value) -> Self {
        let (stdout, stderr, deliveries) = (Captured::default(), Captured::default(), Deliveries::default());
        let start = clock() - Duration::from_millis(1500);
        let (folder, outbox) = (tempfile::tempdir().unwrap(), MemoryBackend::default());
        let zone = case["tz"].as_str().unwrap_or("UTC");
        let logging = builder(Dialect::Python, &stdout, &stderr, &deliveries)
            .with_process(ProcessInfo::new(4242, "MainProcess", start))
            .with_time_zone(zone)
            .unwrap()
            .with_mail(mail_settings(&case["settings"], &outbox))
            .with_mail_backend("internal", outbox.clone())
            .with_mail_backend("django.core.mail.backends.locmem.EmailBackend", outbox.clone())
            .with_mail_backend(
                "django.core.mail.backends.filebased.EmailBackend",
                FileBackend::new(folder.path().join("mails")),
            )
            .build();
        for (path, content) in case["existing_files"].as_object().into_iter().flatten() {
            let path = path.replace("<TMP>", folder.path().to_str().unwrap());
            std::fs::write(path, content.as_str().unwrap()).unwrap();
        }
        for name in case["existing_loggers"].as_array().into_iter().flatten() {
            let _ = logging.get_logger(name.as_str().unwrap());
        }
        Self { folder, logging, stdout, stderr, deliveries, outbox }
    }

    fn with_folder(&self, value: &Value) -> Value {
        let text = value.to_string().replace("<TMP>", self.folder.path().to_str().unwrap());
        serde_json::from_str(&text).unwrap()
    }

    fn configure(&self, case: &Value, defaults: Defaults) -> Result<(), InvalidSettings> {
        let configuration = self.with_folder(&case["config"]);
        let settings = &case["settings"];
        self.logging.set_debug(settings["DEBUG"] == true);
        let configured = match case["mode"].as_str().unwrap() {
            "python" if configuration.is_null() => Ok(()),
            "python" => self.logging.configure(&configuration),
            _ => {
                let mut setup = Setup::default();
                (setup.debug, setup.logging, setup.defaults) = (settings["DEBUG"] == true, configuration, defaults);
                setup.logging_config = match settings.get("LOGGING_CONFIG") {
                    None => LoggingConfig::DictConfig,
                    Some(Value::String(name)) => LoggingConfig::Named(name.clone()),
                    Some(_) => LoggingConfig::None,
                };
                self.logging.setup(&setup)
            }
        };
        if configured.is_ok() {
            self.deliveries.track(&self.logging);
        }
        configured
    }

    /// Runs an event. The panic of the call, if there was one.
    fn run_event(&self, event: &Value) -> Option<String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (kind, value) = event.as_object().unwrap().iter().next().unwrap();
        match kind.as_str() {
            "configure" => match self.logging.configure(&self.with_folder(value)) {
                Ok(()) => self.deliveries.track(&self.logging),
                Err(error) => return Some(places(&error)),
            },
            "setting" => self.logging.set_debug(value["DEBUG"] == true),
            "set_level" => self.logging.set_level(&text(&value[0]), level(&value[1])),
            "set_handler_level" => self.logging.handler(&text(&value[0])).unwrap().set_level(level(&value[1])),
            "disable" => self.logging.disable(level(value)),
            "raise_exceptions" => self.logging.set_reports_losses(value == true),
            "add_level_name" => self.logging.add_level_name(level(&value[0]), text(&value[1])),
            "flush" => assert!(self.logging.handler(&text(value)).unwrap().flush(Duration::from_secs(20))),
            "no_last_resort" => self.logging.set_last_resort(None),
            "close" => self.logging.handler(&text(value)).unwrap().close(),
            "start_listener" => self.logging.handler(&text(value)).unwrap().listener().unwrap().start(),
            "stop_listener" => {
                let handler = self.logging.handler(&text(value)).unwrap();
                handler.listener().unwrap().stop(Duration::from_secs(20)).unwrap();
            }
            "remove_file" => {
                let path = text(&self.with_folder(value));
                std::fs::rename(&path, format!("{path}.moved")).unwrap();
            }
            "logger" => return self.log(event),
            other => panic!("an unknown step: {other}"),
        }
        None
    }

    fn log(&self, event: &Value) -> Option<String> {
        let logger = self.logging.get_logger(event["logger"].as_str().unwrap());
        let is_exception = event["level"] == "EXCEPTION";
        let level = if is_exception { Level::ERROR } else { level(&event["level"]) };
        if !logger.is_enabled_for(level) {
            return None;
        }
        let (message, args) = match (&event["message"], event.get("args")) {
            (Value::String(message), None) => (message.clone(), None),
            (Value::String(message), Some(Value::Object(values))) => {
                (message.clone(), Some(Args::Named(values.clone())))
            }
            (Value::String(message), Some(Value::Array(values))) => {
                (message.clone(), Some(Args::Positional(values.clone())))
            }
            // Other values become strings.
            (other, _) => ("%s".to_owned(), Some(Args::Positional(vec![other.clone()]))),
        };
        let mut record = logger.new_record(level, message);
        record.args = args;
        record.created = clock() + Duration::from_secs_f64(event["at"].as_f64().unwrap_or_default());
        record.thread = Arc::new(ThreadInfo::new(140_000_000_000_001, "MainThread"));
        let source = &event["source"];
        let path = source["pathname"].as_str().unwrap_or("/srv/app/views.py").to_owned();
        let line = u32::try_from(source["lineno"].as_u64().unwrap_or(42)).unwrap();
        record.source = Source::new(path, line, Some("my_view".into()));
        if event["exception"].is_object() {
            let error: Box<dyn std::error::Error + Send + Sync> = Box::new(Exception::from_vector(&event["exception"]));
            record.error = Some(LoggedError::erased(error));
        }
        for (key, value) in event["extra"].as_object().into_iter().flatten() {
            if let Err(error) = record.try_set_field(key.clone(), value.clone()) {
                return Some(error.to_string());
            }
        }
        if event["request"].is_object() {
            record.set_field("request", request(&event["request"]));
        }
        let handled = catch_unwind(AssertUnwindSafe(|| logger.handle(record)));
        handled.err().map(|panic| (*panic.downcast::<&'static str>().unwrap()).to_owned())
    }

    fn files(&self, encoding: &Value) -> BTreeMap<String, Vec<String>> {
        let text = |bytes: Vec<u8>| match encoding.as_str() {
            None | Some("utf-8" | "ascii") => String::from_utf8(bytes).unwrap(),
            Some(_) => bytes.into_iter().map(char::from).collect(),
        };
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = format!("<TMP>/{}", path.file_name().unwrap().to_str().unwrap());
                files.insert(name, lines(&text(std::fs::read(&path).unwrap())));
            }
        }
        files
    }

    fn state(&self, name: &str) -> Value {
        let _ = self.logging.get_logger(name);
        let state = self.logging.logger_state(name).unwrap();
        json!({
            "level": self.logging.level_name(state.level),
            "effective_level": self.logging.level_name(state.effective_level),
            "propagate": state.propagate,
            "disabled": state.disabled,
            "has_handlers": state.has_handlers,
            "handlers": state.handlers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "handler_levels": state.handlers.iter().map(|(_, level)| self.logging.level_name(*level)).collect::<Vec<_>>(),
            "parent": state.parent,
        })
    }
}

fn level(value: &Value) -> Level {
    match value.as_i64() {
        Some(number) => Level::from_number(i32::try_from(number).unwrap()),
        None => Level::from_name(value.as_str().unwrap()).unwrap(),
    }
}

fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
    match lines.pop() {
        Some(last) if !last.is_empty() => lines.extend([last, "<NO-NEWLINE>".to_owned()]),
        _ => {}
    }
    lines
}

fn compare(case: &Value, expected: &Value, defaults: Defaults) -> Result<(), String> {
    let run = Run::new(case);
    let configured = run.configure(case, defaults);
    same_error(&configured, &expected["error"])?;
    let (mut deliveries, mut raised) = (Vec::new(), Vec::new());
    let continues = configured.is_ok() || case["continue_after_error"] == true;
    for event in case["events"].as_array().unwrap().iter().filter(|_| continues) {
        raised.push(run.run_event(event));
        deliveries.push(run.deliveries.take(event.get("stop_listener").is_some()));
    }
    same("deliveries", &json!(deliveries), &expected["deliveries"])?;
    same_raised(&raised, &expected["raised"])?;
    let stdout = without_traceback(lines(&run.stdout.text()));
    let is_mail = stdout.iter().any(|line| line.starts_with("Subject: "));
    // The report of Django 1.8 differs.
    if is_mail && defaults == Defaults::Today {
        same("mail on stdout", &json!(mail_lines(&stdout)), &json!(mail_lines(&texts(&expected["stdout"]))))?;
    } else if !is_mail {
        same("stdout", &json!(stdout), &of_python(&expected["stdout"]))?;
    }
    if defaults == Defaults::Today {
        let mails: Vec<_> = run.outbox.mails().iter().map(|mail| mail_summary(mail, &case["mail_probe"])).collect();
        same("mails", &json!(mails), &json!(expected["mails"].as_array().unwrap()))?;
        same_mail_files(&run, &expected["mail_files"])?;
    }
    same("stderr", &json!(without_traceback(lines(&run.stderr.text()))), &of_python(&expected["stderr"]))?;
    let files: BTreeMap<_, _> =
        run.files(&case["file_encoding"]).into_iter().map(|(name, lines)| (name, without_traceback(lines))).collect();
    let expected_files = expected["files"].as_object().into_iter().flatten();
    let expected_files: BTreeMap<_, _> = expected_files.map(|(name, lines)| (name.clone(), of_python(lines))).collect();
    same("files", &json!(files), &json!(expected_files))?;
    for (name, state) in expected["loggers"].as_object().into_iter().flatten() {
        let mut state = state.clone();
        // Python keeps the value as it is, and tests its truth when it is used.
        state["propagate"] = match &state["propagate"] {
            Value::Bool(flag) => (*flag).into(),
            Value::Number(number) => (number.as_i64() != Some(0)).into(),
            other => other.as_str().is_some_and(|text| !text.is_empty()).into(),
        };
        same(name, &run.state(name), &state)?;
    }
    Ok(())
}

fn same_mail_files(run: &Run, expected: &Value) -> Result<(), String> {
    let Some(expected) = expected["mails"].as_array() else { return Ok(()) };
    let mut paths: Vec<_> =
        std::fs::read_dir(run.folder.path().join("mails")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    same("mail files", &json!(paths.len()), &json!(expected.len()))?;
    for (path, expected) in paths.iter().zip(expected) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let parts: Vec<_> = name.split('-').map(str::len).collect();
        same("parts of a name", &json!(parts[..2]), &json!([8, 6]))?;
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        same("dashes", &json!(lines.last().map(String::len)), &json!(79))?;
        for (header, key) in [("Subject", "subject"), ("From", "from"), ("To", "to")] {
            let line = format!("{header}: {}", expected[key].as_str().unwrap());
            same(header, &json!(lines.contains(&line)), &json!(true))?;
        }
    }
    Ok(())
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found}, expected {expected}")) }
}

/// A key as places show it.
fn key(name: &str) -> String {
    if name.is_empty() || name.contains(['.', ' ']) { format!("\"{name}\"") } else { name.to_owned() }
}

/// Compares the part that Python names in its first message with the place of a fault.
fn same_error(configured: &Result<(), InvalidSettings>, expected: &Value) -> Result<(), String> {
    let found = configured.as_ref().err();
    let Some(expected) = expected[0]["message"].as_str() else {
        return found.map_or(Ok(()), |error| Err(format!("error: found {error}, expected none")));
    };
    let mut parts = expected.split('\'');
    let part = parts.next().unwrap_or_default();
    let place = match parts.next() {
        Some(name) if part.starts_with("No handler found") => format!("handlers.{}", key(name)),
        Some(name) => format!("{}s.{}", part.rsplit(' ').nth(1).unwrap_or_default(), key(name)),
        None if expected == "Unable to configure root logger" => "root".to_owned(),
        None => "version".to_owned(),
    };
    let place = if expected.contains("specify a version") { "version".to_owned() } else { place };
    let found = found.ok_or_else(|| format!("error: found none, expected {expected}"))?;
    let is_there = |fault: &opencensus_logging::config::Fault| {
        fault.place().strip_prefix(&*place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    if found.faults().iter().any(is_there) { Ok(()) } else { Err(format!("error: found {found}, expected {expected}")) }
}

fn places(error: &InvalidSettings) -> String {
    error.faults().iter().map(|fault| format!("Unable to configure {}", fault.place())).collect::<Vec<_>>().join("; ")
}

fn same_raised(found: &[Option<String>], expected: &Value) -> Result<(), String> {
    let expected = expected.as_array().map(Vec::as_slice).unwrap_or_default();
    for (at, found) in found.iter().enumerate() {
        let expected = expected.get(at).and_then(|raised| raised[0]["message"].as_str());
        // `'name'`, or the whole text.
        let part = expected.map(|expected| expected.split('\'').nth(1).unwrap_or(expected));
        match (found, part) {
            (None, None) => {}
            (Some(found), Some(part)) if found.contains(part) => {}
            _ => return Err(format!("raised by event {at}: found {found:?}, expected {expected:?}")),
        }
    }
    Ok(())
}

/// The line between exceptions of a chain. Rust has only direct causes.
const BETWEEN: [&str; 2] = [
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
];

/// Python's lines without the parts that Rust does not have: the frames of a traceback, and the causes of an exception
/// that is reported as a loss.
fn of_python(lines: &Value) -> Value {
    let lines = lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
    let frames = ["Traceback (most recent call last):", "  <FRAMES>", "Call stack:"];
    let mut kept: Vec<String> = Vec::new();
    let mut in_report = None;
    for line in without_traceback(lines).into_iter().filter(|line| !frames.contains(&&**line)) {
        if line == "--- Logging error ---" {
            in_report = Some(kept.len() + 1);
        } else if let Some(start) = in_report.filter(|_| line.starts_with("Message: ")) {
            // The last exception, without its type.
            let last = kept.pop().unwrap_or_default();
            kept.truncate(start);
            kept.push(last.split_once(": ").map_or(last.clone(), |(_, text)| text.to_owned()));
            in_report = None;
        }
        kept.push(line);
    }
    json!(kept)
}

fn without_traceback(lines: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut after_between = false;
    for line in lines {
        if BETWEEN.contains(&&*line) {
            kept.pop();
            after_between = true;
        } else if !std::mem::take(&mut after_between) || !line.is_empty() {
            kept.push(line);
        }
    }
    kept
}

#[test]
fn skipped_cases_exist() {
    let names: Vec<_> = vectors::read_bundled_cases("django-logging")
        .iter()
        .map(|case| case["name"].as_str().unwrap().to_owned())
        .collect();
    for name in SKIPPED.iter().chain(&SKIPPED_1_8).map(|(name, _)| name) {
        assert!(names.contains(&name.to_string()), "{name}");
    }
}
