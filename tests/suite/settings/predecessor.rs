//! The settings blocks in the documentation of the predecessor, OpenCensus for Python, load as TOML and as JSON.

use opencensus::exporter::ExporterSetting;
use opencensus::sampling::{SamplerSetting, SamplingRate};
use opencensus::{Settings, Telemetry};
use opencensus_portal::{Filter, Portal};

use super::input::{environment, file};
use crate::support::SettingsExt as _;
use crate::support::quick;
use crate::support::server::{Framework, Server};
use test_support::TIMEOUT;
use test_support::client::raw;

/// File extension and content of each block: Django, Flask and Pyramid, as TOML and as JSON.
fn blocks(connection_string: &str) -> [(&'static str, String); 6] {
    let toml = |rate: &str, comma: &str, key: &str| {
        let block = format!(
            r#"
[OPENCENSUS.TRACE]
SAMPLER = 'opencensus.trace.samplers.ProbabilitySampler(rate={rate})'
EXPORTER = '''opencensus.ext.azure.trace_exporter.AzureExporter(
    connection_string="{connection_string}"{comma}
)'''
{key} = ['https://example.com']  # These sites will not be traced if a request is sent to it.
"#
        );
        ("toml", block)
    };
    let json = |rate: &str, comma: &str, key: &str| {
        let exporter = format!(
            "opencensus.ext.azure.trace_exporter.AzureExporter(\n    connection_string=\"{connection_string}\"{comma}\n)"
        );
        let block = serde_json::json!({ "OPENCENSUS": { "TRACE": {
            "SAMPLER": format!("opencensus.trace.samplers.ProbabilitySampler(rate={rate})"),
            "EXPORTER": exporter,
            key: ["https://example.com"],
        }}});
        ("json", block.to_string())
    };
    [
        toml("1", "", "EXCLUDELIST_PATHS"),
        json("1", "", "EXCLUDELIST_PATHS"),
        toml("1.0", ",", "EXCLUDELIST_PATHS"),
        json("1.0", ",", "EXCLUDELIST_PATHS"),
        toml("1.0", ",", "BLACKLIST_PATHS"),
        json("1.0", ",", "BLACKLIST_PATHS"),
    ]
}

async fn get(server: &Server, host: &str, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    assert!(raw(server.address, &request).await.starts_with("HTTP/1.1 200"), "{host}{path}");
}

#[tokio::test]
async fn documented_blocks_load_and_behave_the_same() {
    for framework in Framework::ALL {
        for at in 0..6 {
            let portal = Portal::start().unwrap();
            let (extension, content) = &blocks(&portal.connection_string())[at];
            let settings = Settings::from_file_and_lookup(file(extension, content).path(), environment(&[]));
            let settings = settings.unwrap().with_store(false).with(|s| s.limits = quick());
            assert_eq!(settings.trace.sampler, SamplerSetting::Probability(SamplingRate::ALL));
            let telemetry: Telemetry = settings.start().unwrap();
            let server = Server::start(framework, telemetry.clone()).await;
            get(&server, "example.com", "/").await;
            get(&server, "example.com:443", "/users/7").await;
            get(&server, "shop.example.com", "/").await;
            get(&server, "shop.example", "/u/example.com").await;
            server.stop().await;
            let report = telemetry.shutdown(TIMEOUT).await;
            assert_eq!(report.stats.blacklisted, 2, "{framework:?} {at}");
            assert_eq!(portal.count(Filter::requests()).await.unwrap(), (2, 2.0), "{framework:?} {at}");
        }
    }
}

#[test]
fn exporter_options_take_effect() {
    let content = r#"
[trace]
exporter = """AzureExporter(
    connection_string='InstrumentationKey=00000000-0000-0000-0000-000000000001',
    export_interval=5.0, max_batch_size=50, queue_capacity=100, grace_period=1, timeout=3,
    minimum_retry_interval=60, storage_retention_period=7*1, enable_local_storage=False,
    storage_path='/var/lib/shop', storage_max_size=10485760,
)"""
"#;
    let read = |content: &str| Settings::from_file_and_lookup(file("toml", content).path(), environment(&[]));
    assert!(read(content).is_err(), "nothing is evaluated");
    let settings = read(&content.replace("7*1", "604800")).unwrap();
    let seconds = std::time::Duration::from_secs;
    assert_eq!((settings.limits.batch_age, settings.limits.grace), (seconds(5), seconds(1)));
    assert_eq!((settings.limits.batch_items, settings.limits.max_items), (50, 100));
    assert_eq!(settings.limits.retry_base, seconds(60));
    let store = &settings.store;
    assert_eq!((store.enabled, store.path.as_deref()), (false, Some(std::path::Path::new("/var/lib/shop"))));
    assert_eq!((store.max_bytes, store.retention), (10 * 1024 * 1024, seconds(604_800)));
    assert_eq!(settings.azure.timeout, Some(seconds(3)));
    assert!(settings.notes().is_empty());
}

#[test]
fn options_without_effect_are_noted_and_not_refused() {
    let content = "[trace]\nexporter = \"AzureExporter(enable_local_storage=True, storage_maintenance_period=60, \
                   enable_standard_metrics=True, proxies='{}', credential=None)\"";
    let settings = Settings::from_file_and_lookup(file("toml", content).path(), environment(&[])).unwrap();
    assert_eq!(settings.notes().len(), 2, "{:?}", settings.notes());
    assert!(settings.store.enabled && settings.notes()[0].contains("storage_maintenance_period"));
    assert!(settings.notes()[1].contains("enable_standard_metrics"));
}

#[test]
fn exporter_proxies_set_the_https_proxy() {
    let read = |proxies: &str| {
        let content = format!("[trace]\nexporter = '''AzureExporter(proxies={proxies})'''");
        Settings::from_file_and_lookup(file("toml", &content).path(), environment(&[("PROXY", "http://a:b@c:1")]))
    };
    for proxies in [
        r#"'{"http": "http://other", "https": "http://a:b@c:1"}'"#,
        r#"{"HTTPS": "http://a:b@c:1", "all": "http://other"}"#,
        r#"{"all": "http://a:b@c:1"}"#,
        r#"{"https": "${PROXY}"}"#,
    ] {
        let settings = read(proxies).unwrap();
        assert_eq!(
            settings.azure.proxy.map(|proxy| proxy.expose().to_owned()).unwrap(),
            "http://a:b@c:1/",
            "{proxies}"
        );
    }
    let settings = read("{'http': 'http://other'}").unwrap();
    assert_eq!((settings.azure.proxy.is_none(), settings.notes().len()), (true, 1));
    for proxies in ["'http://a:b@c:1'", "7", "{'https': 7}"] {
        let error = read(proxies).unwrap_err().to_string();
        assert!(error.contains("that cannot be read") && !error.contains("a:b"), "{error}");
    }
}

#[test]
fn print_exporter_is_the_console() {
    let content = "[trace]\nexporter = 'opencensus.trace.print_exporter.PrintExporter()'\n\
                   propagator = 'opencensus.trace.propagation.trace_context_http_header_format.TraceContextPropagator()'\n\
                   sampler = 'opencensus.trace.samplers.AlwaysOnSampler()'";
    let settings = Settings::from_file_and_lookup(file("toml", content).path(), environment(&[])).unwrap();
    assert_eq!((settings.trace.exporter, settings.trace.sampler), (ExporterSetting::Console, SamplerSetting::AlwaysOn));
}
