//! Settings come from files, the environment and code, by precedence.

use opencensus::Settings;
use opencensus::sampling::{KeepFailures, SamplerSetting, SamplingRate};
use opencensus::settings::InvalidSettings;

use super::input::{environment, file};

fn toml(content: &str, variables: &[(&str, &str)]) -> Result<Settings, InvalidSettings> {
    Settings::from_file_and_lookup(file("toml", content).path(), environment(variables))
}

fn share(rate: f64) -> SamplerSetting {
    SamplerSetting::Share(SamplingRate::try_from(rate).unwrap())
}

#[test]
fn code_overrides_environment_overrides_file_overrides_default() {
    let content = "[trace]\nsampler = 0.1\nkeep_failures = true\nblacklist_paths = ['/file']";
    let variables = [("OPENCENSUS_SAMPLER", "0.2"), ("OPENCENSUS_BLACKLIST_PATHS", "/environment")];
    let settings = toml(content, &variables).unwrap();
    assert_eq!(settings.trace.keep_failures, KeepFailures::All, "the file");
    assert_eq!(settings.trace.sampler, share(0.2), "the environment");
    assert_eq!(settings.trace.blacklist_paths, ["/environment"]);
    assert_eq!(settings.limits, Settings::default().limits, "the default");
    assert_eq!(settings.with_sampler(share(0.3)).trace.sampler, share(0.3), "code");
}

#[test]
fn environment_is_read_over_embedded_settings() {
    #[derive(serde::Deserialize)]
    struct Config {
        telemetry: Settings,
    }
    let embedded = || {
        let text = "[telemetry]\ntrace = { sampler = 0.1, edge = true }\nresource = { 'service.name' = 'shop' }";
        toml::from_str::<Config>(text).unwrap().telemetry
    };
    let variables = [("OPENCENSUS_SAMPLER", "0.2"), ("OTEL_RESOURCE_ATTRIBUTES", "service.version=2")];
    let settings = embedded().with_lookup(environment(&variables)).unwrap();
    assert_eq!((settings.trace.sampler, settings.trace.edge), (share(0.2), true));
    assert_eq!(
        (settings.resource.get("service.name"), settings.resource.get("service.version")),
        (Some("shop"), Some("2"))
    );
    let faults = embedded().with_lookup(environment(&[("OPENCENSUS_SAMPLER", "7"), ("OPENCENSUS_EDGE", "maybe")]));
    assert_eq!(faults.unwrap_err().faults().len(), 2);
    let disabled = [("OTEL_SDK_DISABLED", "true"), ("OPENCENSUS_SAMPLER", "7")];
    assert!(embedded().with_lookup(environment(&disabled)).unwrap().disabled);
}

#[test]
fn opencensus_config_names_the_file() {
    let file = file("json", r#"{"trace": {"sampler": 0.1}}"#);
    let variables = [("OPENCENSUS_CONFIG", file.path().to_str().unwrap())];
    assert_eq!(Settings::from_lookup(environment(&variables)).unwrap().trace.sampler, share(0.1));
    // A path from code overrides the variable.
    let other = toml("[trace]\nsampler = 0.2", &variables).unwrap();
    assert_eq!(other.trace.sampler, share(0.2));
}

#[test]
fn missing_file_is_an_error_that_names_it() {
    let error = Settings::from_lookup(environment(&[("OPENCENSUS_CONFIG", "/no/such/file.toml")])).unwrap_err();
    assert!(error.to_string().starts_with("/no/such/file.toml: found no readable file"), "{error}");
}

#[test]
fn variables_are_substituted_everywhere() {
    let content = r#"
        [trace]
        sampler = "${RATE:-0.5}"
        blacklist_paths = ["/${TEAM}/health", "re:^/x$${1}$"]
        [resource]
        "service.name" = "${TEAM}-shop"
        [limits]
        max_items = "${MAX}"
    "#;
    let settings = toml(content, &[("TEAM", "red"), ("MAX", "100")]).unwrap();
    assert_eq!(settings.trace.sampler, share(0.5));
    assert_eq!(settings.trace.blacklist_paths, ["/red/health", "re:^/x${1}$"]);
    assert_eq!(settings.resource.get("service.name"), Some("red-shop"));
    assert_eq!(settings.limits.max_items, 100);
}

#[test]
fn names_have_any_case_and_aliases() {
    for name in ["blacklist_paths", "BLACKLIST_PATHS", "EXCLUDELIST_PATHS", "exclude_paths", "Exclude_Paths"] {
        let settings = toml(&format!("[TRACE]\n{name} = ['/a', '/b']"), &[]).unwrap();
        assert_eq!(settings.trace.blacklist_paths, ["/a", "/b"], "{name}");
        let settings = toml(&format!("[trace]\n{name} = '/a, /b'"), &[]).unwrap();
        assert_eq!(settings.trace.blacklist_paths, ["/a", "/b"], "{name}");
    }
}

#[test]
fn preset_may_be_called_by_its_earlier_name() {
    for name in ["preset", "fleet"] {
        let settings = toml(&format!("[trace]\n{name} = 'application-insights'"), &[]).unwrap();
        assert_eq!(settings.trace.preset, opencensus::sampling::SamplingPreset::ApplicationInsights, "{name}");
    }
    let error = toml("[trace]\npreset = 'opencensus'\nfleet = 'opencensus'", &[]).unwrap_err();
    assert!(error.to_string().contains("`trace.preset` is already set"), "{error}");
}

#[test]
fn file_without_an_extension_is_read_by_its_content() {
    for content in ["[trace]\nsampler = 0.1", "{\"trace\": {\"sampler\": 0.1}}"] {
        let file = tempfile::NamedTempFile::with_prefix("opencensus").unwrap();
        std::fs::write(file.path(), content).unwrap();
        assert!(file.path().extension().is_none());
        let settings = Settings::from_file_and_lookup(file.path(), environment(&[])).unwrap();
        assert_eq!(settings.trace.sampler, share(0.1), "{content}");
    }
}

#[test]
fn resource_may_be_written_with_dots_or_in_tables() {
    let settings = toml("[resource]\nservice.name = 'shop'\n'service.version' = '1'\n[resource.host]\nid = 7", &[]);
    let settings = settings.unwrap();
    let resource = &settings.resource;
    assert_eq!(
        (resource.get("service.name"), resource.get("service.version"), resource.get("host.id")),
        (Some("shop"), Some("1"), Some("7"))
    );
}

#[test]
fn settings_can_be_part_of_another_file() {
    #[derive(serde::Deserialize)]
    struct AppConfig {
        telemetry: Settings,
    }
    let config: AppConfig = toml::from_str("[telemetry.trace]\nsampler = 0.1").unwrap();
    assert_eq!(config.telemetry.trace.sampler, share(0.1));
    let Err(error) = toml::from_str::<AppConfig>("[telemetry.trace]\nsampler = 7") else { panic!("it was read") };
    assert!(error.to_string().contains("`trace.sampler`: found `7`"), "{error}");
}

#[test]
fn predecessors_block_and_sections_combine_in_one_file() {
    let content = "[OPENCENSUS.TRACE]\nSAMPLER = 'ProbabilitySampler(rate=${RATE})'\n[resource]\n'service.name' = 'a'";
    let settings = toml(content, &[("RATE", "0.5")]).unwrap();
    assert_eq!(settings.trace.sampler, SamplerSetting::Probability(SamplingRate::try_from(0.5).unwrap()));
    assert_eq!(settings.resource.get("service.name"), Some("a"));
}

#[test]
fn null_and_none_leave_the_default() {
    let content = r#"{"TRACE": {"SAMPLER": null, "EXPORTER": "AzureExporter(timeout=None)", "BLACKLIST_PATHS": null},
                      "privacy": null}"#;
    let settings = Settings::from_file_and_lookup(file("json", content).path(), environment(&[])).unwrap();
    assert_eq!(settings, Settings::default());
}

#[test]
fn remote_unsampled_of_the_file_stays_with_an_opentelemetry_sampler() {
    let content = "[trace]\nremote_unsampled = 'decide'";
    let settings = toml(content, &[("OTEL_TRACES_SAMPLER", "parentbased_always_on")]).unwrap();
    assert_eq!(settings.trace.remote_unsampled, Some(opencensus::sampling::RemoteUnsampled::Decide));
}

#[test]
fn outdated_key_variable_does_not_redirect_a_files_telemetry() {
    let content = "[azure]\nconnection_string = 'InstrumentationKey=00000000-0000-0000-0000-000000000001;\
                   IngestionEndpoint=http://127.0.0.1:1'";
    let older = ("APPINSIGHTS_INSTRUMENTATIONKEY", "00000000-0000-0000-0000-000000000002");
    let settings = toml(content, &[older]).unwrap();
    assert_eq!(settings.azure.connection_string.unwrap().ingestion_endpoint(), "http://127.0.0.1:1");
    assert!(toml("", &[older]).unwrap().azure.connection_string.is_some());
}

/// Returns the fenced code blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&*fence).skip(1).map(|block| block.split("```").next().unwrap()).collect()
}

#[test]
fn files_in_the_documentation_are_valid() {
    let pages = [include_str!("../../../README.md"), include_str!("../../../crates/opencensus/docs/settings.md")];
    let key = "InstrumentationKey=00000000-0000-0000-0000-000000000001";
    let variables = [("APPLICATIONINSIGHTS_CONNECTION_STRING", key)];
    let examples: Vec<_> = pages.iter().flat_map(|page| blocks(page, "toml")).collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        let settings = toml(example, &variables).unwrap_or_else(|error| panic!("{example}\n{error}"));
        assert!(!settings.trace.blacklist_paths.is_empty() && settings.azure.connection_string.is_some());
    }
}

#[tokio::test]
async fn trace_is_not_propagated_to_blacklisted_hosts() {
    let settings = toml("[trace]\nblacklist_hostnames = ['stock.example', 'DB.example:5432']", &[]).unwrap();
    let (telemetry, _) = crate::support::in_memory(settings);
    let called = ["stock.example", "stock.example:80", "db.example:5432", "db.example", "other.example"];
    let handled = telemetry.clone();
    let service = tower::service_fn(move |_: http::Request<()>| {
        let has_trace = called.map(|host| {
            let mut headers = http::HeaderMap::new();
            handled.inject(host, &mut headers);
            headers.contains_key("traceparent")
        });
        assert_eq!(has_trace, [false, false, false, true, true]);
        async { Ok::<_, std::convert::Infallible>(http::Response::new(http_body_util::Empty::<bytes::Bytes>::new())) }
    });
    let mut service = tower::Layer::layer(&opencensus::OpenCensusLayer::new(telemetry.clone()), service);
    let response = tower::Service::call(&mut service, http::Request::new(())).await.unwrap();
    drop(response);
    assert_eq!(telemetry.flush(test_support::TIMEOUT).await.stats.accepted, 1);
}
