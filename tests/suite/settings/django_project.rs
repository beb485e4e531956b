//! One file holds the settings of a whole Django project, for telemetry and for logging.

use opencensus::Settings;
use opencensus::logging::Logging;
use opencensus::logging::handlers::Stream;
use opencensus::sampling::{SamplerSetting, SamplingRate};
use serde_json::json;
use test_support::captured::Captured;

use super::input::{environment, file};

/// As `json.dump` writes the settings of a project.
fn project() -> serde_json::Value {
    json!({
        "DEBUG": false,
        "SECRET_KEY": "django-insecure-1",
        "ALLOWED_HOSTS": [".shop.example"],
        "USE_X_FORWARDED_HOST": true,
        "INSTALLED_APPS": ["django.contrib.admin", "shop"],
        "DATABASES": { "default": { "ENGINE": "django.db.backends.sqlite3", "PASSWORD": "${NO_SUCH_VARIABLE}" } },
        "TIMEOUT": 30,
        "SHOP_CHAIRS_PER_PAGE": 25,
        "OPENCENSUS": { "TRACE": {
            "SAMPLER": "opencensus.trace.samplers.ProbabilitySampler(rate=0.25)",
            "EXCLUDELIST_PATHS": ["/health"],
        } },
        "ADMINS": [["Ann", "ann@shop.example"]],
        "LOGGING": {
            "version": 1,
            "handlers": { "console": { "class": "logging.StreamHandler" } },
            "root": { "handlers": ["console"] },
        },
    })
}

fn check(settings: &Settings) {
    assert_eq!(settings.trace.sampler, SamplerSetting::Probability(SamplingRate::try_from(0.25).unwrap()));
    assert_eq!(settings.trace.blacklist_paths, ["/health"]);
    assert_eq!(settings.security.allowed_hosts, [".shop.example"]);
    assert!(settings.security.use_x_forwarded_host && settings.debug == Some(false));
}

fn logging() -> (Logging, Captured) {
    let stderr = Captured::default();
    (Logging::builder().with_stderr(Stream::new(stderr.clone())).build(), stderr)
}

#[test]
fn one_file_configures_telemetry_and_logging() {
    let texts = [("json", project().to_string()), ("toml", toml::to_string(&project()).unwrap())];
    for (format, text) in texts {
        let file = file(format, &text);
        check(&Settings::from_file_and_lookup(file.path(), environment(&[])).unwrap());
        let (logging, stderr) = logging();
        logging.setup_file(file.path()).unwrap();
        logging.get_logger("shop").warning("hardly any chairs left");
        assert!(logging.flush(test_support::TIMEOUT));
        assert_eq!(stderr.text(), "hardly any chairs left\n", "{format}");
    }
}

#[test]
fn near_misses_beside_the_projects_settings_are_faults() {
    let mut project = project();
    project["TRACES"] = json!({ "SAMPLER": 0.5 });
    project["ALLOWED_HOSTS"] = json!(["shop.example:80"]);
    project["chairs"] = json!(7);
    let file = file("json", &project.to_string());
    let error = Settings::from_file_and_lookup(file.path(), environment(&[])).unwrap_err();
    let mut places: Vec<_> = error.faults().iter().map(|fault| fault.place().to_owned()).collect();
    places.sort();
    assert_eq!(places, ["ALLOWED_HOSTS[0]", "TRACES", "chairs"], "{error}");
}
