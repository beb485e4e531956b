//! Settings that are serialized and read again are equal.

use std::time::Duration;

use opencensus::azure::Compression;
use opencensus::exporter::ExporterSetting;
use opencensus::opentelemetry::OpenTelemetrySampler;
use opencensus::propagation::{Propagator, Propagators};
use opencensus::sampling::{
    KeepFailures, ParentTrust, RateRule, RemoteUnsampled, SamplerSetting, SamplingPreset, SamplingRate, TracesPerSecond,
};
use opencensus::security::ForwardedHeader;
use opencensus::settings::SecretNames;
use opencensus::settings::{AzureSettings, PipelineLimits, QueryRedaction, StoreSettings, TraceSettings};
use opencensus::{RequestScheme, Settings};

use test_support::random::{Random, cases};

fn rate(random: &mut Random) -> SamplingRate {
    let rates = [0.0, 1.0, 0.5, 1e-9, 1.0 / 3.0, random.fraction(), random.fraction() * 1e-12];
    SamplingRate::try_from(*random.pick(&rates)).unwrap()
}

fn duration(random: &mut Random) -> Duration {
    let nanos = random.next() % 1_000_000_000;
    Duration::new(random.next() >> (11 + random.below(50)), nanos as u32)
}

fn sampler(random: &mut Random) -> SamplerSetting {
    match random.below(6) {
        0 => SamplerSetting::AlwaysOn,
        1 => SamplerSetting::AlwaysOff,
        2 => SamplerSetting::Share(rate(random)),
        3 => SamplerSetting::Probability(rate(random)),
        4 => SamplerSetting::ApplicationInsights(rate(random)),
        _ => SamplerSetting::RateLimited(TracesPerSecond::try_from(random.fraction() * 1e6).unwrap()),
    }
}

const ENTRIES: [&str; 9] = [
    "/health",
    "=/a",
    "glob:/static/**.css",
    r"re:^/v[0-9]{1,2}/'\d\\$",
    "host:[::1]:80",
    "https://example.com/a",
    "GET /metrics",
    "/${x}é\"'",
    "re:^/$${a}",
];
const ROUTES: [&str; 3] = ["/users/{id}", "GET /users/{id}", "/{*rest}"];
const TEXTS: [&str; 6] = ["", "shop", "${HOME}", "a\nb\t\"'\\", "$${", "日本 🦀"];

fn some<T>(random: &mut Random, mut make: impl FnMut(&mut Random) -> T) -> Vec<T> {
    (0..random.below(4)).map(|_| make(random)).collect()
}

fn settings(random: &mut Random) -> Settings {
    let mut settings = Settings::default()
        .with_exporter(*random.pick(&[ExporterSetting::Azure, ExporterSetting::Console]))
        .with_sampler(sampler(random))
        .with_edge(random.flag())
        .with_keep_failures(*random.pick(&[KeepFailures::Off, KeepFailures::ServerErrors, KeepFailures::All]));
    settings.disabled = random.flag();
    settings.privacy.mask_client_address = random.flag();
    settings.privacy.secret_names = SecretNames::new(random.pick(&[&[][..], &["iban", "tax-id"]]).iter());
    settings.privacy.query_redaction =
        *random.pick(&[QueryRedaction::Secrets, QueryRedaction::All, QueryRedaction::None]);
    settings.security.allowed_hosts =
        some(random, |random| (*random.pick(&[".shop.example", "[::1]", "*"])).to_owned());
    settings.security.use_x_forwarded_host = random.flag();
    set_trace_switches(&mut settings.trace, random);
    set_trace_lists(&mut settings.trace, random);
    set_azure(&mut settings.azure, random);
    if random.flag() {
        set_optional(&mut settings, random);
    }
    for _ in 0..random.below(4) {
        let name = format!("{}.{}", random.pick(&["service", "a b", "${x}"]), random.below(3));
        settings.resource.set(name, *random.pick(&TEXTS));
    }
    set_limits(&mut settings.limits, random);
    set_store(&mut settings.store, random);
    settings
}

fn set_trace_switches(trace: &mut TraceSettings, random: &mut Random) {
    trace.preset = *random.pick(&[SamplingPreset::OpenCensus, SamplingPreset::ApplicationInsights]);
    trace.client_errors_succeed = random.flag();
    trace.opentelemetry_context = random.flag();
    trace.event_streams_to_the_end = random.flag();
    trace.trace_response = random.flag();
    trace.scheme = *random.pick(&[None, Some(RequestScheme::https()), Some(RequestScheme::http())]);
    trace.known_methods = random.pick(&[Vec::new(), vec!["PURGE".to_owned()]]).clone();
    trace.request_events = Some(random.flag());
    trace.security_events = random.flag();
    trace.body_sizes = random.flag();
    trace.exceptions = random.flag();
    trace.client_error_exceptions = random.flag();
    let named = ForwardedHeader::Named(opencensus::security::ClientHeader::new("x-real-ip").unwrap());
    trace.forwarded_header = *random.pick(&[ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded, named]);
}

fn set_trace_lists(trace: &mut TraceSettings, random: &mut Random) {
    // The last two entries are no paths.
    trace.blacklist_paths = some(random, |random| (*random.pick(&ENTRIES[..7])).to_owned());
    trace.blacklist_hostnames = some(random, |random| (*random.pick(&["a.example", "[::1]:80"])).to_owned());
    let propagators =
        [Propagator::TraceContext, Propagator::B3, Propagator::B3Multi, Propagator::RequestId, Propagator::CloudTrace];
    trace.propagator = Propagators::new(some(random, |random| *random.pick(&propagators)));
    trace.trusted_proxies = some(random, |random| (*random.pick(&["10.0.0.0/8", "::1"])).to_owned());
    trace.request_headers = some(random, |random| (*random.pick(&["x-tenant", "Accept-Language"])).to_owned());
    trace.response_headers = some(random, |random| (*random.pick(&["content-type", "etag"])).to_owned());
    trace.rates = some(random, |random| {
        let rate = rate(random);
        if random.flag() {
            RateRule::route(*random.pick(&ROUTES), rate)
        } else {
            RateRule::path(*random.pick(&ENTRIES[..7]), rate)
        }
    });
}

fn set_azure(azure: &mut AzureSettings, random: &mut Random) {
    azure.compression = *random.pick(&[Compression::Fast, Compression::Best]);
    azure.plain_http = random.flag();
    azure.max_item_bytes = 4096 + random.below(1_000_000);
    azure.resource_properties = random.flag();
    if random.flag() {
        let key = format!("InstrumentationKey=00000000-0000-0000-0000-{:012x}", random.next() >> 16);
        let more = *random.pick(&["", ";IngestionEndpoint=http://127.0.0.1:8787/", ";ApplicationId=a=b;AADAudience=c"]);
        azure.connection_string = Some(format!("{key}{more}").parse().unwrap());
    }
}

/// Sets the settings that have no default.
fn set_optional(settings: &mut Settings, random: &mut Random) {
    let trusts = [
        ParentTrust::Trust,
        ParentTrust::IfRateKnown,
        ParentTrust::Never,
        ParentTrust::Limited { per_second: random.next() as u32 },
    ];
    settings.trace.parent_trust = Some(*random.pick(&trusts));
    settings.trace.remote_unsampled = Some(*random.pick(&[RemoteUnsampled::Decide, RemoteUnsampled::Obey]));
    settings.trace.keep_slower_than = Some(duration(random));
    settings.stats.interval = Some(duration(random));
    settings.debug = Some(random.flag());
    settings.trace.server_log = Some(random.flag());
    settings.logging.config = Some(random.pick(&["logging.toml", "/etc/our shop/logging.json"]).into());
    settings.azure.timeout = Some(duration(random).max(Duration::from_nanos(1)));
    settings.azure.proxy = Some(random.pick(&["http://proxy:3128", "https://a:b@proxy/"]).parse().unwrap());
    settings.azure.extra_roots = Some(random.pick(&["roots.pem", "/etc/ssl/our roots.pem"]).into());
}

fn set_limits(limits: &mut PipelineLimits, random: &mut Random) {
    limits.max_items = if random.flag() { random.below(1 << 20) + 1 } else { PipelineLimits::MAX_ITEMS };
    limits.max_bytes = random.below(1 << 40) + 1;
    limits.batch_items = random.below(limits.max_items.div_ceil(2)) + 1;
    limits.batch_bytes = random.below(limits.max_bytes.div_ceil(4)) + 1;
    limits.batch_age = duration(random);
    limits.first_delay = duration(random);
    limits.retry_base = duration(random);
    limits.retry_max = duration(random);
    limits.retry_after_max = duration(random);
    limits.max_age = duration(random);
    limits.grace = duration(random);
}

fn set_store(store: &mut StoreSettings, random: &mut Random) {
    store.enabled = random.flag();
    store.path = random.pick(&[None, Some("state"), Some("/var/lib/our ${shop}")]).map(Into::into);
    store.max_bytes = (1 << 20) + (random.next() >> random.below(64));
    store.retention = duration(random);
    store.journal = random.flag();
}

#[test]
fn settings_survive_toml_and_json() {
    for seed in 0..cases(1000) as u64 {
        let settings = settings(&mut Random::new(seed));
        let text = toml::to_string(&settings).unwrap();
        assert_eq!(toml::from_str::<Settings>(&text).as_ref(), Ok(&settings), "seed {seed}:\n{text}");
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings, "seed {seed}:\n{text}");
    }
}

#[test]
fn default_settings_serialize_to_an_empty_file() {
    assert_eq!(toml::to_string(&Settings::default()).unwrap(), "");
    assert_eq!(toml::from_str::<Settings>("").unwrap(), Settings::default());
    assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::default());
}

#[test]
fn custom_sampler_cannot_be_serialized() {
    let sampler = OpenTelemetrySampler::new(opentelemetry_sdk::trace::Sampler::AlwaysOn);
    let settings = Settings::default().with_sampler(SamplerSetting::custom(sampler));
    assert!(toml::to_string(&settings).unwrap_err().to_string().contains("cannot hold a custom sampler"));
}
