//! Advice for classes that are not known here.

use opencensus_settings::suggestion::{nearest, resembling};

/// Advice for a class, by the beginning of its path or by its last part.
const ADVICE: [(&[&str], &str); 9] = [
    (
        &["sentry_sdk.", "raven.", "rollbar.", "airbrake.", "bugsnag."],
        "records with errors reach Application Insights by `class = \"application_insights\"`",
    ),
    (
        &["application_insights", "applicationinsights.", "opencensus.ext.azure.", "azure.monitor."],
        "start the telemetry with this logging system first (`Settings::with_logging`, or `logging.config` in its \
         settings): that adds the class `application_insights`",
    ),
    (
        &["logstash.", "logstash_async.", "graypy.", "pygelf.", "fluent.", "logging_loki.", "loki_logger_handler."],
        "send JSON lines by `class = \"socket\"`, with a formatter of the class `json`",
    ),
    (
        &["watchtower.", "google.cloud.logging", "cmreslogging.", "ddtrace.", "systemd.", "journal."],
        "write to standard output, which the platform collects: `class = \"console\"` with a formatter of the class `json`",
    ),
    (&["structlog."], "use a formatter of the class `json` or `human`"),
    (
        &["asgi_correlation_id.", "django_guid.", "log_request_id.", "request_id.", "django_structlog."],
        "leave the filter out: a format has `trace_id` and `span_id` of the request, and `json` writes both",
    ),
    (&["gunicorn.", "uvicorn.", "hypercorn."], "there is no Python server: leave it out"),
    (&["celery.", "kombu."], "use `class = \"console\"` or `class = \"file\"`"),
    (&["logging.handlers.NTEventLogHandler"], "use `class = \"file\"` or `class = \"console\"`"),
];

/// The remedy for an unknown class: well-known advice, else the nearest class by the last part of its path. `kind` is
/// such as "handler", `known` the names of all classes, each of which starts with this crate's own name.
pub(super) fn remedy(class: &str, kind: &str, known: &[&'static [&'static str]], has_mail: bool) -> String {
    let custom = format!("add a custom class by `with_{kind}_class`");
    if !has_mail
        && ["mail_admins", "django.utils.log.AdminEmailHandler", "logging.handlers.SMTPHandler"].contains(&class)
    {
        return "build with the feature `mail`, which adds this class".to_owned();
    }
    let advice = ADVICE.iter().find(|(names, _)| names.iter().any(|name| class == *name || starts_with(class, name)));
    match advice {
        Some((_, advice)) => format!("{advice}, or {custom}"),
        None => {
            let nearest = nearest_class(class, known);
            let end = if nearest.ends_with('?') { " Or" } else { ", or" };
            format!("{nearest}{end} {custom}")
        }
    }
}

/// Whether a path begins with the name of a package, which ends with a dot.
fn starts_with(class: &str, package: &str) -> bool {
    package.ends_with('.') && class.starts_with(package)
}

/// The class whose last part resembles that of the unknown one, whatever the package and the letter case.
fn nearest_class(class: &str, known: &[&'static [&'static str]]) -> String {
    let last = stem(class);
    let stems: Vec<String> = known.iter().flat_map(|names| names.iter()).map(|name| stem(name)).collect();
    let owners = known.iter().flat_map(|names| names.iter().map(|_| names[0]));
    let stem_names: Vec<&str> = stems.iter().map(String::as_str).collect();
    let near = resembling(&last, &stem_names, LIKENESS);
    match near.and_then(|near| owners.zip(&stems).find(|(_, stem)| *stem == near)) {
        Some((own, _)) => format!("did you mean `{own}`?"),
        None => nearest(class, &known.iter().map(|names| names[0]).collect::<Vec<_>>()),
    }
}

const LIKENESS: f64 = 0.6;

/// The last part of a path in lower case, without `_` and the kind of class: `a.b.JsonFormatter` is `json`.
fn stem(class: &str) -> String {
    let last = class.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().replace('_', "");
    let kinds = ["handler", "formatter", "filter"];
    let without = kinds.iter().find_map(|kind| last.strip_suffix(kind)).filter(|stem| !stem.is_empty());
    without.unwrap_or(&last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_that_needs_a_feature_names_it() {
        let known: &[&'static [&'static str]] = &[&["console"], &["memory"]];
        for class in ["mail_admins", "django.utils.log.AdminEmailHandler", "logging.handlers.SMTPHandler"] {
            let remedy = remedy(class, "handler", known, false);
            assert_eq!(remedy, "build with the feature `mail`, which adds this class");
        }
    }

    #[test]
    fn nearest_class_is_found_by_the_last_part_of_its_path() {
        let known: &[&'static [&'static str]] = &[
            &["human"],
            &["json"],
            &["server", "django.utils.log.ServerFormatter"],
            &["standard", "logging.Formatter"],
        ];
        for (class, own) in [
            ("JsonFormatter", "json"),
            ("my.package.JSONFormatter", "json"),
            ("shop.logs.ServerFormatter", "server"),
            ("jsn", "json"),
            ("logging.Formater", "standard"),
        ] {
            assert_eq!(nearest_class(class, known), format!("did you mean `{own}`?"), "{class}");
        }
    }
}
