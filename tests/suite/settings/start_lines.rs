//! The lines that report whether telemetry is on, and what is wrong with its settings.

use std::process::Command;
use std::sync::{Arc, Mutex};

use opencensus::exporter::ExporterSetting;
use opencensus::logging::formatters::message;
use opencensus::logging::handlers::{Handler, HandlerError};
use opencensus::logging::{Level, Logging, Record};
use opencensus::{Settings, Telemetry};
use test_support::TIMEOUT;
use test_support::process::Program;
use tracing::Dispatch;

use crate::support::events::EventRecorder;

const CHILD: &str = "START_LINES_CHILD";

/// Starts telemetry twice, in a process of its own without a subscriber.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    for _ in 0..2 {
        if let Ok(telemetry) = Telemetry::from_env() {
            assert!(telemetry.shutdown(TIMEOUT).wait().complete);
        }
    }
}

/// The lines that the child writes to its standard error.
fn stderr_of_child(variables: &[(&str, &str)]) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "settings::start_lines::child", "--nocapture"]).env(CHILD, "1");
    let (status, output) = Program::start(command.envs(variables.iter().copied())).wait(TIMEOUT);
    assert!(status.success(), "{output:?}");
    output.stderr.lines().map(str::to_owned).filter(|line| line.starts_with("opencensus: ")).collect()
}

#[test]
fn without_a_subscriber_the_lines_go_to_standard_error_once() {
    let lines = stderr_of_child(&[
        ("OPENCENSUS_EXPORTER", "console"),
        ("OPENCENSUS_SAMPLER", "0.25"),
        ("OPENCENSUS_SAMPLR", "0.5"),
        ("OTEL_SERVICE_NAME", "shop"),
    ]);
    let expected = [
        "opencensus: telemetry is on: destination `console`, role `shop`, sampler `0.25` (rate 0.25)",
        "opencensus: warning: the environment variable `OPENCENSUS_SAMPLR` is not a setting; \
         did you mean `OPENCENSUS_SAMPLER`?",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn disabled_telemetry_is_reported() {
    let lines = stderr_of_child(&[("OTEL_SDK_DISABLED", "true")]);
    assert!(
        lines.len() == 1 && lines[0].starts_with("opencensus: telemetry is off: no request is recorded"),
        "{lines:?}"
    );
}

#[test]
fn notes_are_logged_even_if_the_start_fails() {
    let lines = stderr_of_child(&[("APPLICATIONINSIGHTS_CONNECTION_STRINGS", "InstrumentationKey=1")]);
    let expected = "opencensus: warning: the environment variable `APPLICATIONINSIGHTS_CONNECTION_STRINGS` is not a \
                    setting; did you mean `APPLICATIONINSIGHTS_CONNECTION_STRING`?";
    assert_eq!(lines, [expected]);
}

#[test]
fn subscriber_receives_the_lines_with_everything_in_the_message() {
    let dispatch = Dispatch::new(EventRecorder::default());
    let settings = Settings::default().with_exporter(ExporterSetting::Console).with_service_name("shop");
    tracing::dispatcher::with_default(&dispatch, || settings.start().unwrap());
    let on = "INFO opencensus message=telemetry is on: destination `console`, role `shop`, sampler `always_on` (all \
              requests are kept)";
    assert_eq!(EventRecorder::take(&dispatch), [on]);
    let mut settings = Settings::default();
    settings.disabled = true;
    tracing::dispatcher::with_default(&dispatch, || settings.start().unwrap());
    let lines = EventRecorder::take(&dispatch);
    assert!(lines.len() == 1 && lines[0].starts_with("INFO opencensus message=telemetry is off"), "{lines:?}");
}

/// Keeps the messages of its records.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Handler for Lines {
    fn emit(&self, record: &Arc<Record>) -> Result<(), HandlerError> {
        self.0.lock().unwrap().push(message(record)?.into_owned());
        Ok(())
    }
}

#[test]
fn without_a_subscriber_the_logging_system_of_the_settings_receives_the_lines() {
    let logging = Logging::builder().build();
    let lines = Lines::default();
    logging.set_level("opencensus", Level::INFO);
    logging.add_handler("opencensus", "lines", Level::NOTSET, lines.clone());
    let settings = Settings::default().with_exporter(ExporterSetting::Console).with_logging(&logging);
    settings.start().unwrap();
    let lines = lines.0.lock().unwrap();
    assert!(lines.len() == 1 && lines[0].starts_with("telemetry is on: destination `console`"), "{lines:?}");
}
