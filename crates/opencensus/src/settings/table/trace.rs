//! Defines the rows of the section `trace`.

use opencensus_core::RemoteUnsampled;
use opencensus_settings::{Checked, Value, read};

use crate::RequestScheme;
use crate::settings::builder::Row;
use crate::settings::exporter_setting::ExporterSetting;
use crate::settings::readers;
use crate::settings::sampling::{KeepFailures, SamplingPreset};
use crate::settings::table::write;

const PRESETS: &[(&str, SamplingPreset)] =
    &[("opencensus", SamplingPreset::OpenCensus), ("application-insights", SamplingPreset::ApplicationInsights)];
const UNSAMPLED: &[(&str, RemoteUnsampled)] = &[("decide", RemoteUnsampled::Decide), ("obey", RemoteUnsampled::Obey)];
const FAILURES: &[(&str, KeepFailures)] =
    &[("off", KeepFailures::Off), ("server_errors", KeepFailures::ServerErrors), ("all", KeepFailures::All)];
const EXPORTERS: &[(&str, ExporterSetting)] =
    &[("azure", ExporterSetting::Azure), ("console", ExporterSetting::Console)];

pub(super) const ROWS: &[Row] = &[
    Row {
        path: "trace.exporter",
        aliases: &[],
        variables: &["OPENCENSUS_EXPORTER"],
        setter: Some("with_exporter"),
        read: readers::exporter,
        write: |settings| {
            let exporter = &settings.trace.exporter;
            if *exporter == ExporterSetting::default() { None } else { write::word(exporter, EXPORTERS) }
        },
    },
    row!(trace.sampler, [], ["OPENCENSUS_SAMPLER"], Some("with_sampler"), readers::sampler, write::sampler),
    row!(trace.rates, [], ["OPENCENSUS_RATES"], Some("with_rates"), readers::rate_rules, write::rates),
    row!(words trace.preset, ["fleet"], ["OPENCENSUS_PRESET", "OPENCENSUS_FLEET"], None, PRESETS),
    row!(trace.edge, [], ["OPENCENSUS_EDGE"], Some("with_edge"), read::boolean, write::boolean),
    row!(
        optional trace.parent_trust,
        [],
        ["OPENCENSUS_PARENT_TRUST"],
        None,
        readers::parent_trust,
        write::parent_trust
    ),
    row!(
        optional trace.remote_unsampled,
        [],
        ["OPENCENSUS_REMOTE_UNSAMPLED"],
        None,
        |value| read::choice(value, UNSAMPLED),
        |unsampled| write::word(unsampled, UNSAMPLED)
    ),
    row!(
        trace.keep_failures,
        [],
        ["OPENCENSUS_KEEP_FAILURES"],
        Some("with_keep_failures"),
        keep_failures,
        |failures| { write::word(failures, FAILURES) }
    ),
    row!(
        optional trace.keep_slower_than,
        [],
        ["OPENCENSUS_KEEP_SLOWER_THAN"],
        Some("with_keep_slower_than"),
        read::duration,
        write::duration
    ),
    row!(trace.keep_items, [], ["OPENCENSUS_KEEP_ITEMS"], None, read::boolean, write::boolean),
    row!(trace.client_errors_succeed, [], ["OPENCENSUS_CLIENT_ERRORS_SUCCEED"], None, read::boolean, write::boolean),
    row!(
        trace.blacklist_paths,
        ["excludelist_paths", "exclude_paths"],
        ["OPENCENSUS_BLACKLIST_PATHS", "OPENCENSUS_EXCLUDELIST_PATHS"],
        Some("with_blacklist_paths"),
        readers::paths,
        write::texts
    ),
    row!(
        trace.blacklist_hostnames,
        ["excludelist_hostnames", "exclude_hostnames"],
        ["OPENCENSUS_BLACKLIST_HOSTNAMES", "OPENCENSUS_EXCLUDELIST_HOSTNAMES"],
        None,
        readers::hosts,
        write::texts
    ),
    row!(
        trace.propagator,
        ["propagators"],
        ["OPENCENSUS_PROPAGATOR"],
        None,
        readers::propagators,
        readers::propagator_names
    ),
    row!(trace.opentelemetry_context, [], ["OPENCENSUS_OPENTELEMETRY_CONTEXT"], None, read::boolean, write::boolean),
    row!(
        trace.trusted_proxies,
        [],
        ["OPENCENSUS_TRUSTED_PROXIES"],
        Some("with_trusted_proxies"),
        readers::proxies,
        write::texts
    ),
    row!(
        trace.forwarded_header,
        [],
        ["OPENCENSUS_FORWARDED_HEADER"],
        None,
        readers::forwarded_header,
        readers::forwarded_header_name
    ),
    row!(
        trace.event_streams_to_the_end,
        [],
        ["OPENCENSUS_EVENT_STREAMS_TO_THE_END"],
        None,
        read::boolean,
        write::boolean
    ),
    row!(optional trace.scheme, [], ["OPENCENSUS_SCHEME"], None, scheme, |scheme: &RequestScheme| Some(Value::text(scheme.as_str()))),
    row!(
        trace.known_methods,
        [],
        ["OPENCENSUS_KNOWN_METHODS", "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"],
        None,
        readers::methods,
        write::texts
    ),
    row!(
        trace.request_headers,
        [],
        ["OPENCENSUS_REQUEST_HEADERS", "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS"],
        None,
        readers::headers,
        write::texts
    ),
    row!(
        trace.response_headers,
        [],
        ["OPENCENSUS_RESPONSE_HEADERS", "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS"],
        None,
        readers::headers,
        write::texts
    ),
    row!(trace.exceptions, [], ["OPENCENSUS_EXCEPTIONS"], None, read::boolean, write::boolean),
    row!(
        trace.client_error_exceptions,
        [],
        ["OPENCENSUS_CLIENT_ERROR_EXCEPTIONS"],
        None,
        read::boolean,
        write::boolean
    ),
    row!(trace.body_sizes, [], ["OPENCENSUS_BODY_SIZES"], None, read::boolean, write::boolean),
    row!(trace.trace_response, [], ["OPENCENSUS_TRACE_RESPONSE"], None, read::boolean, write::boolean),
    row!(optional trace.request_events, [], ["OPENCENSUS_REQUEST_EVENTS"], None, read::boolean, write::boolean),
    row!(trace.security_events, [], ["OPENCENSUS_SECURITY_EVENTS"], None, read::boolean, write::boolean),
    row!(optional trace.server_log, [], ["OPENCENSUS_SERVER_LOG"], None, read::boolean, write::boolean),
];

/// Reads `http` or `https`. A constant table would mark the extension as used.
fn scheme(value: &Value) -> Checked<RequestScheme> {
    const IS_TLS: &[(&str, bool)] = &[("http", false), ("https", true)];
    read::choice(value, IS_TLS).map(|is_tls| if is_tls { RequestScheme::https() } else { RequestScheme::http() })
}

/// Reads a word or a switch.
fn keep_failures(value: &Value) -> Checked<KeepFailures> {
    match read::boolean(value) {
        Ok(true) => Ok(KeepFailures::All),
        Ok(false) => Ok(KeepFailures::Off),
        Err(_) => read::choice(value, FAILURES),
    }
}
