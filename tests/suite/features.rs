//! The features of the crate that applications depend on, and their documentation.

use opencensus::logging::{Logging, handlers::Stream};
use serde_json::json;
use test_support::captured::Captured;

const MANIFEST: &str = include_str!("../../crates/opencensus/Cargo.toml");
const PAGE: &str = include_str!("../../crates/opencensus/README.md");

fn manifest(text: &str) -> toml::Table {
    toml::from_str(text).unwrap()
}

#[test]
fn every_feature_is_in_the_table_with_its_default() {
    let manifest = manifest(MANIFEST);
    let features = manifest["features"].as_table().unwrap();
    let defaults: Vec<_> = features["default"].as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
    for name in features.keys().filter(|name| *name != "default") {
        let is_default = if defaults.contains(&name.as_str()) { "yes" } else { "no" };
        assert!(
            PAGE.contains(&format!("\n| `{name}` | {is_default} |")),
            "`{name}` ({is_default}) is not in the table"
        );
    }
}

#[test]
fn features_of_the_other_crates_are_passed_on() {
    let all = manifest(MANIFEST)["features"].to_string();
    for (name, text) in [
        ("opencensus-azure", include_str!("../../crates/opencensus-azure/Cargo.toml")),
        ("opencensus-logging", include_str!("../../crates/opencensus-logging/Cargo.toml")),
        ("opencensus-opentelemetry", include_str!("../../crates/opencensus-opentelemetry/Cargo.toml")),
    ] {
        for feature in manifest(text)["features"].as_table().unwrap().keys() {
            // The facade's own feature of that name turns on nothing in any crate.
            let is_passed_on = ["default", "tls-no-provider"].contains(&feature.as_str())
                || all.contains(&format!("{name}/{feature}"))
                || all.contains(&format!("{name}?/{feature}"));
            assert!(is_passed_on, "{name}/{feature}");
        }
    }
}

#[test]
fn handler_application_insights_before_the_telemetry_names_the_missing_line() {
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    for class in ["application_insights", "opencensus.ext.azure.log_exporter.AzureLogHandler"] {
        let handlers = json!({ "insights": { "class": class } });
        let error = logging.configure(&json!({ "version": 1, "handlers": handlers })).unwrap_err().to_string();
        assert!(
            error.contains("start the telemetry with this logging system first (`Settings::with_logging`"),
            "{error}"
        );
    }
}
