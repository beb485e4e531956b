//! Runs a case.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opencensus_logging::config::{Defaults, InvalidSettings, LoggingConfig, Setup};
use opencensus_logging::formatters::{ProcessInfo, message};
use opencensus_logging::handlers::InstalledHandler;
use opencensus_logging::mail::MemoryBackend;
use opencensus_logging::{Args, Dialect, Level, LoggedError, Logging, Record, Source, ThreadInfo};
use serde_json::{Value, json};
use test_support::captured::Captured;
use test_support::exception::Exception;

use super::compare::{lines, places};
use crate::python::{Deliveries, builder};
use crate::vector_mail::{mail_settings, request, without_mailers};

/// 2024-03-05T06:07:08.123456Z, the time of all records of the vectors.
fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(1_709_618_828_123_456)
}

/// What the runner lacks for a case, by its kind.
pub(super) struct Missing(pub(super) String);

/// The run of a case.
pub(super) struct Run {
    pub(super) folder: tempfile::TempDir,
    logging: Logging,
    pub(super) stdout: Captured,
    pub(super) stderr: Captured,
    pub(super) deliveries: Deliveries,
    pub(super) outbox: MemoryBackend,
}

impl Run {
    pub(super) fn new(case: &Value) -> Self {
        let (stdout, stderr, deliveries) = (Captured::default(), Captured::default(), Deliveries::default());
        let start = clock() - Duration::from_millis(1500);
        let (folder, outbox) = (tempfile::tempdir().unwrap(), MemoryBackend::default());
        let zone = case["tz"].as_str().unwrap_or("UTC");
        let settings = folder_in(&case["settings"], folder.path());
        let mail = mail_settings(&settings, &outbox, &stdout);
        let logging = builder(Dialect::Python, &stdout, &stderr, &deliveries)
            .with_process(ProcessInfo::new(4242, "MainProcess", start))
            .with_time_zone(zone)
            .unwrap()
            .with_mail(mail)
            .build();
        for (path, content) in case["existing_files"].as_object().into_iter().flatten() {
            let path = path.replace("<TMP>", folder.path().to_str().unwrap());
            std::fs::write(path, content.as_str().unwrap()).unwrap();
        }
        for name in case["existing_loggers"].as_array().into_iter().flatten() {
            let _ = logging.get_logger(&text(name));
        }
        Self { folder, logging, stdout, stderr, deliveries, outbox }
    }

    fn with_folder(&self, value: &Value) -> Value {
        folder_in(value, self.folder.path())
    }

    fn handler(&self, name: &Value) -> Result<Arc<InstalledHandler>, Missing> {
        let name = text(name);
        self.logging.handler(&name).ok_or_else(|| Missing(format!("handler `{name}`")))
    }

    pub(super) fn configure(&self, case: &Value, defaults: Defaults) -> Result<(), InvalidSettings> {
        let configuration = without_mailers(self.with_folder(&case["config"]), &case["settings"]);
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
    pub(super) fn event(&self, event: &Value) -> Result<Option<String>, Missing> {
        if event.get("logger").is_some() {
            return Ok(self.log(event));
        }
        let Some((kind, value)) = event.as_object().and_then(|event| event.iter().next()) else {
            return Err(Missing("an event that is no table".to_owned()));
        };
        match kind.as_str() {
            "configure" => match self.logging.configure(&self.with_folder(value)) {
                Ok(()) => self.deliveries.track(&self.logging),
                Err(error) => return Ok(Some(places(&error))),
            },
            "setting" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    match name.as_str() {
                        "DEBUG" => self.logging.set_debug(*value == true),
                        other => return Err(Missing(format!("setting `{other}` that changes"))),
                    }
                }
            }
            "set_level" => self.logging.set_level(&text(&value[0]), self.level(&value[1])),
            "set_handler_level" => self.handler(&value[0])?.set_level(self.level(&value[1])),
            "disable" => self.logging.disable(self.level(value)),
            "raise_exceptions" => self.logging.set_reports_losses(*value == true),
            "add_level_name" => self.logging.add_level_name(self.level(&value[0]), text(&value[1])),
            "flush" => assert!(self.handler(value)?.flush(Duration::from_secs(20))),
            "no_last_resort" => self.logging.set_last_resort(None),
            "close" => self.handler(value)?.close(),
            "start_listener" | "stop_listener" => {
                let handler = self.handler(value)?;
                let listener = handler.listener().ok_or_else(|| Missing("listener".to_owned()))?;
                if kind == "start_listener" {
                    listener.start();
                } else {
                    listener.stop(Duration::from_secs(20)).unwrap();
                }
            }
            "remove_file" => {
                let path = text(&self.with_folder(value));
                std::fs::rename(&path, format!("{path}.moved")).unwrap();
            }
            other => return Err(Missing(format!("step `{other}`"))),
        }
        Ok(None)
    }

    /// A level by name, which the case may have given, or by number.
    fn level(&self, value: &Value) -> Level {
        let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
        let named = || {
            let name = value.as_str().unwrap_or_default();
            let known = Level::from_name(name);
            known.or_else(|| (0..100).map(Level::from_number).find(|level| self.logging.level_name(*level) == name))
        };
        number.map(Level::from_number).or_else(named).unwrap_or(Level::NOTSET)
    }

    fn log(&self, event: &Value) -> Option<String> {
        let logger = self.logging.get_logger(&text(&event["logger"]));
        let is_exception = event["level"] == "EXCEPTION";
        let level = if is_exception { Level::ERROR } else { self.level(&event["level"]) };
        if !logger.is_enabled_for(level) {
            return None;
        }
        let message = match &event["message"] {
            Value::String(message) => message.clone(),
            other => as_text(other),
        };
        let args = match &event["args"] {
            Value::Null => None,
            Value::Object(values) if !values.is_empty() => Some(Args::Named(values.clone())),
            Value::Array(values) => Some(Args::Positional(values.clone())),
            other => Some(Args::Positional(vec![other.clone()])),
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
        handled.err().map(|panic| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
        })
    }

    /// The lines of all files below the folder, except mails.
    pub(super) fn files(&self, encoding: &Value) -> Result<BTreeMap<String, Vec<String>>, Missing> {
        let (mut files, mut folders) = (BTreeMap::new(), vec![self.folder.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.folder.path()).unwrap().to_str().unwrap().to_owned();
                if path.is_dir() {
                    folders.extend((name != "mails").then_some(path));
                } else {
                    let text = decode(std::fs::read(&path).unwrap(), encoding.as_str())?;
                    files.insert(format!("<TMP>/{name}"), lines(&text));
                }
            }
        }
        Ok(files)
    }

    pub(super) fn state(&self, name: &str) -> Value {
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

/// A message that is not a text, as Python's `str` writes it.
fn as_text(value: &Value) -> String {
    let mut record = Record::new("".into(), Level::NOTSET, "%s");
    record.args = Some(Args::Positional(vec![value.clone()]));
    message(&record).unwrap().into_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn folder_in(value: &Value, folder: &Path) -> Value {
    let text = value.to_string().replace("<TMP>", folder.to_str().unwrap());
    serde_json::from_str(&text).unwrap()
}

/// The text of a file in an encoding by its name in Python.
fn decode(bytes: Vec<u8>, encoding: Option<&str>) -> Result<String, Missing> {
    match encoding {
        None | Some("utf-8" | "utf8" | "ascii" | "utf-8-sig") => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Some("latin-1" | "latin1" | "iso-8859-1") => Ok(bytes.into_iter().map(char::from).collect()),
        Some(other) => Err(Missing(format!("encoding `{other}` of a file"))),
    }
}
