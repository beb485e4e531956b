//! Every setting that a file or the environment can give: one table for both.

#[cfg(feature = "azure")]
mod azure;
mod resource;
mod write;

use opencensus_core::{ForwardedHeader, Propagators, QueryRedaction, RemoteUnsampled};

use crate::settings::builder::Builder;
use crate::settings::sampling::{KeepFailures, SamplingPreset};
use crate::settings::{ExporterSetting, Settings, exporter, readers};
use opencensus_settings::Checked;
use opencensus_settings::{Value, read};

/// One setting.
pub(crate) struct Key {
    /// `section.name`, or the name alone.
    pub(crate) path: &'static str,
    /// Other names in the same section.
    pub(crate) aliases: &'static [&'static str],
    /// Variables of the environment; the first that is set counts.
    pub(crate) variables: &'static [&'static str],
    pub(crate) read: fn(&mut Builder, &Value) -> Checked<()>,
    /// `None`: the default, or not to be told on its own.
    pub(crate) write: fn(&Settings) -> Option<Value>,
}

impl Key {
    pub(crate) fn section(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(section, _)| section)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.path.split_once('.').map_or(self.path, |(_, name)| name)
    }

    /// Whether the key is called so; letter case does not count.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.name() == name || self.aliases.contains(&&*name)
    }
}

/// A setting whose value goes as it is into one field.
macro_rules! key {
    ($path:literal, $aliases:expr, $variables:expr, $field:ident $(. $inner:ident)*, $read:expr, $write:expr) => {
        Key {
            path: $path,
            aliases: &$aliases,
            variables: &$variables,
            read: |builder, value| {
                builder.settings.$field$(.$inner)* = ($read)(value)?;
                Ok(())
            },
            write: |settings| {
                let value = &settings.$field$(.$inner)*;
                if *value == Settings::default().$field$(.$inner)* { None } else { ($write)(value) }
            },
        }
    };
}

const FLEETS: &[(&str, SamplingPreset)] =
    &[("opencensus", SamplingPreset::OpenCensus), ("application-insights", SamplingPreset::ApplicationInsights)];
const UNSAMPLED: &[(&str, RemoteUnsampled)] = &[("decide", RemoteUnsampled::Decide), ("obey", RemoteUnsampled::Obey)];
const FORWARDED: &[(&str, ForwardedHeader)] =
    &[("x-forwarded-for", ForwardedHeader::XForwardedFor), ("forwarded", ForwardedHeader::Forwarded)];
const REDACTIONS: &[(&str, QueryRedaction)] =
    &[("secrets", QueryRedaction::Secrets), ("all", QueryRedaction::All), ("none", QueryRedaction::None)];
const FAILURES: &[(&str, KeepFailures)] =
    &[("off", KeepFailures::Off), ("server_errors", KeepFailures::ServerErrors), ("all", KeepFailures::All)];
const EXPORTERS: &[(&str, ExporterSetting)] =
    &[("azure", ExporterSetting::Azure), ("console", ExporterSetting::Console)];

/// All of them, in the order of the documentation.
pub(crate) const ALL: &[Key] = &[
    key!("disabled", [], ["OPENCENSUS_DISABLED", "OTEL_SDK_DISABLED"], disabled, read::boolean, boolean),
    Key {
        path: "trace.exporter",
        aliases: &[],
        variables: &["OPENCENSUS_EXPORTER"],
        read: exporter::read,
        write: |settings| write::word(&settings.exporter, EXPORTERS, ExporterSetting::default()),
    },
    key!("trace.sampler", [], ["OPENCENSUS_SAMPLER"], sampler, readers::sampler, write::sampler),
    key!("trace.rates", [], ["OPENCENSUS_RATES"], rates, readers::rate_rules, |rules: &Vec<_>| Some(write::rates(
        rules
    ))),
    key!("trace.fleet", [], ["OPENCENSUS_FLEET"], fleet, |value| read::choice(value, FLEETS), |fleet| {
        write::word(fleet, FLEETS, SamplingPreset::default())
    }),
    key!("trace.edge", [], ["OPENCENSUS_EDGE"], edge, read::boolean, boolean),
    key!(
        "trace.parent_trust",
        [],
        ["OPENCENSUS_PARENT_TRUST"],
        parent_trust,
        |value| readers::parent_trust(value).map(Some),
        write::parent_trust
    ),
    key!(
        "trace.remote_unsampled",
        [],
        ["OPENCENSUS_REMOTE_UNSAMPLED"],
        remote_unsampled,
        |value| read::choice(value, UNSAMPLED).map(Some),
        |unsampled: &Option<RemoteUnsampled>| unsampled.and_then(|unsampled| write::any_word(&unsampled, UNSAMPLED))
    ),
    key!("trace.keep_failures", [], ["OPENCENSUS_KEEP_FAILURES"], keep_failures, keep_failures, |kept| write::word(
        kept,
        FAILURES,
        KeepFailures::default()
    )),
    key!(
        "trace.keep_slower_than",
        [],
        ["OPENCENSUS_KEEP_SLOWER_THAN"],
        keep_slower_than,
        |value| read::duration(value).map(Some),
        |limit: &Option<std::time::Duration>| limit.as_ref().and_then(write::duration)
    ),
    key!(
        "trace.client_errors_succeed",
        [],
        ["OPENCENSUS_CLIENT_ERRORS_SUCCEED"],
        client_errors_succeed,
        read::boolean,
        boolean
    ),
    key!(
        "trace.blacklist_paths",
        ["excludelist_paths", "exclude_paths"],
        ["OPENCENSUS_BLACKLIST_PATHS", "OPENCENSUS_EXCLUDELIST_PATHS"],
        blacklist_paths,
        readers::paths,
        |entries: &Vec<String>| Some(Value::texts(entries.iter().map(String::as_str)))
    ),
    key!(
        "trace.blacklist_hostnames",
        ["excludelist_hostnames", "exclude_hostnames"],
        ["OPENCENSUS_BLACKLIST_HOSTNAMES", "OPENCENSUS_EXCLUDELIST_HOSTNAMES"],
        blacklist_hostnames,
        readers::hosts,
        |hosts: &Vec<String>| Some(Value::texts(hosts.iter().map(String::as_str)))
    ),
    key!(
        "trace.propagator",
        ["propagators"],
        ["OPENCENSUS_PROPAGATOR"],
        propagators,
        readers::propagators,
        |propagators: &Propagators| Some(readers::propagator_names(propagators))
    ),
    Key {
        path: "trace.opentelemetry_context",
        aliases: &[],
        variables: &["OPENCENSUS_OPENTELEMETRY_CONTEXT"],
        read: |builder, value| {
            builder.settings.without_opentelemetry_context = !read::boolean(value)?;
            Ok(())
        },
        write: |settings| settings.without_opentelemetry_context.then_some(Value::Bool(false)),
    },
    key!(
        "trace.trusted_proxies",
        [],
        ["OPENCENSUS_TRUSTED_PROXIES"],
        trusted_proxies,
        readers::proxies,
        |proxies: &Vec<String>| Some(Value::texts(proxies.iter().map(String::as_str)))
    ),
    key!(
        "trace.forwarded_header",
        [],
        ["OPENCENSUS_FORWARDED_HEADER"],
        forwarded_header,
        |value| read::choice(value, FORWARDED),
        |header| write::any_word(header, FORWARDED)
    ),
    key!(
        "trace.event_streams_to_the_end",
        [],
        ["OPENCENSUS_EVENT_STREAMS_TO_THE_END"],
        event_streams_to_the_end,
        read::boolean,
        boolean
    ),
    key!(
        "trace.request_headers",
        [],
        ["OPENCENSUS_REQUEST_HEADERS", "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS"],
        request_headers,
        readers::headers,
        |names: &Vec<String>| Some(Value::texts(names.iter().map(String::as_str)))
    ),
    key!(
        "trace.response_headers",
        [],
        ["OPENCENSUS_RESPONSE_HEADERS", "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS"],
        response_headers,
        readers::headers,
        |names: &Vec<String>| Some(Value::texts(names.iter().map(String::as_str)))
    ),
    key!("trace.body_sizes", [], ["OPENCENSUS_BODY_SIZES"], body_sizes, read::boolean, boolean),
    key!("trace.trace_response", [], ["OPENCENSUS_TRACE_RESPONSE"], trace_response, read::boolean, boolean),
    Key {
        path: "trace.request_events",
        aliases: &[],
        variables: &["OPENCENSUS_REQUEST_EVENTS"],
        read: |builder, value| {
            builder.settings.without_request_events = !read::boolean(value)?;
            Ok(())
        },
        write: |settings| settings.without_request_events.then_some(Value::Bool(false)),
    },
    Key {
        path: "trace.security_events",
        aliases: &[],
        variables: &["OPENCENSUS_SECURITY_EVENTS"],
        read: |builder, value| {
            builder.settings.without_security_events = !read::boolean(value)?;
            Ok(())
        },
        write: |settings| settings.without_security_events.then_some(Value::Bool(false)),
    },
    key!("debug", [], ["OPENCENSUS_DEBUG"], debug, |value| read::boolean(value).map(Some), |debug: &Option<bool>| {
        debug.map(Value::Bool)
    }),
    key!(
        "security.allowed_hosts",
        [],
        ["OPENCENSUS_ALLOWED_HOSTS"],
        allowed_hosts,
        readers::allowed_hosts,
        |hosts: &Vec<String>| Some(Value::texts(hosts.iter().map(String::as_str)))
    ),
    key!(
        "security.use_x_forwarded_host",
        [],
        ["OPENCENSUS_USE_X_FORWARDED_HOST"],
        use_x_forwarded_host,
        read::boolean,
        boolean
    ),
    #[cfg(feature = "logging")]
    key!(
        "logging.config",
        [],
        ["OPENCENSUS_LOGGING_CONFIG"],
        logging_config,
        |value| read::path(value, "write the path of a file of logging's settings").map(Some),
        |file: &Option<std::path::PathBuf>| file.as_ref().map(|file| Value::text(file.to_string_lossy()))
    ),
    key!(
        "trace.server_log",
        [],
        ["OPENCENSUS_SERVER_LOG"],
        server_log,
        |value| read::boolean(value).map(Some),
        |told: &Option<bool>| told.map(Value::Bool)
    ),
    #[cfg(feature = "azure")]
    Key {
        path: "azure.connection_string",
        aliases: &[],
        variables: &["APPLICATIONINSIGHTS_CONNECTION_STRING"],
        read: azure::connection_string,
        write: |settings| settings.connection_string.as_ref().map(|connection| Value::text(connection.expose())),
    },
    #[cfg(feature = "azure")]
    key!("azure.timeout", [], ["OPENCENSUS_AZURE_TIMEOUT"], azure_timeout, azure::timeout, |timeout: &Option<_>| {
        timeout.as_ref().and_then(write::duration)
    }),
    #[cfg(feature = "azure")]
    key!(
        "azure.compression",
        [],
        ["OPENCENSUS_AZURE_COMPRESSION"],
        azure_compression,
        |value| read::choice(value, azure::COMPRESSIONS),
        |compression| write::any_word(compression, azure::COMPRESSIONS)
    ),
    #[cfg(feature = "azure")]
    key!("azure.proxy", [], ["OPENCENSUS_AZURE_PROXY"], azure_proxy, azure::proxy, |proxy: &Option<
        opencensus_azure::ProxyUrl,
    >| proxy
        .as_ref()
        .map(|proxy| Value::text(proxy.expose()))),
    #[cfg(feature = "azure")]
    key!(
        "azure.extra_roots",
        [],
        ["OPENCENSUS_AZURE_EXTRA_ROOTS"],
        azure_extra_roots,
        |value| read::path(value, "write the path of a file of PEM").map(Some),
        |file: &Option<std::path::PathBuf>| file.as_ref().map(|file| Value::text(file.to_string_lossy()))
    ),
    #[cfg(feature = "azure")]
    key!("azure.plain_http", [], ["OPENCENSUS_AZURE_PLAIN_HTTP"], azure_plain_http, read::boolean, |allowed: &bool| {
        Some(Value::Bool(*allowed))
    }),
    Key { path: "resource", aliases: &[], variables: &[], read: resource::read, write: write::resource },
    key!(
        "privacy.query_redaction",
        [],
        ["OPENCENSUS_QUERY_REDACTION"],
        privacy.query_redaction,
        |value| read::choice(value, REDACTIONS),
        |redaction| write::any_word(redaction, REDACTIONS)
    ),
    key!(
        "privacy.mask_client_address",
        [],
        ["OPENCENSUS_MASK_CLIENT_ADDRESS"],
        privacy.mask_client_address,
        read::boolean,
        boolean
    ),
    key!(
        "stats.interval",
        [],
        ["OPENCENSUS_STATS_INTERVAL"],
        stats_interval,
        |value| read::duration(value).map(Some),
        |interval: &Option<std::time::Duration>| interval.as_ref().and_then(write::duration)
    ),
    key!("limits.max_items", [], ["OPENCENSUS_MAX_ITEMS"], limits.max_items, read::count, write::count),
    key!("limits.max_bytes", [], ["OPENCENSUS_MAX_BYTES"], limits.max_bytes, read::bytes, write::count),
    key!("limits.batch_items", [], ["OPENCENSUS_BATCH_ITEMS"], limits.batch_items, read::count, write::count),
    key!("limits.batch_bytes", [], ["OPENCENSUS_BATCH_BYTES"], limits.batch_bytes, read::bytes, write::count),
    key!("limits.batch_age", [], ["OPENCENSUS_BATCH_AGE"], limits.batch_age, read::duration, write::duration),
    key!("limits.first_delay", [], ["OPENCENSUS_FIRST_DELAY"], limits.first_delay, read::duration, write::duration),
    key!("limits.retry_base", [], ["OPENCENSUS_RETRY_BASE"], limits.retry_base, read::duration, write::duration),
    key!("limits.retry_max", [], ["OPENCENSUS_RETRY_MAX"], limits.retry_max, read::duration, write::duration),
    key!(
        "limits.retry_after_max",
        [],
        ["OPENCENSUS_RETRY_AFTER_MAX"],
        limits.retry_after_max,
        read::duration,
        write::duration
    ),
    key!("limits.max_age", [], ["OPENCENSUS_MAX_AGE"], limits.max_age, read::duration, write::duration),
    key!("limits.grace", [], ["OPENCENSUS_GRACE"], limits.grace, read::duration, write::duration),
];

fn boolean(value: &bool) -> Option<Value> {
    Some(Value::Bool(*value))
}

/// A word, or a switch.
fn keep_failures(value: &Value) -> Checked<KeepFailures> {
    match read::boolean(value) {
        Ok(true) => Ok(KeepFailures::All),
        Ok(false) => Ok(KeepFailures::Off),
        Err(_) => read::choice(value, FAILURES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_variables_are_given_once() {
        let mut names = Vec::new();
        for key in ALL {
            let of_section = |name: &str| format!("{}.{name}", key.section());
            names.extend(key.aliases.iter().copied().chain([key.name()]).map(of_section));
            names.extend(key.variables.iter().map(|name| (*name).to_owned()));
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    /// The first table of the documentation: the cells of each row.
    #[cfg(all(feature = "azure", feature = "logging"))]
    fn documented() -> Vec<Vec<&'static str>> {
        let lines = include_str!("../../../docs/settings.md").lines().skip_while(|line| !line.starts_with("| setting"));
        let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
        rows.map(|row| row.trim_matches('|').split(" |").map(str::trim).collect()).collect()
    }

    #[cfg(all(feature = "azure", feature = "logging"))]
    #[test]
    fn every_setting_is_documented_with_its_names_and_variables() {
        let rows = documented();
        let names = |cell: &'static str| cell.split('`').skip(1).step_by(2).collect::<Vec<_>>();
        for key in ALL {
            let row = rows.iter().find(|row| names(row[2]).first() == Some(&key.path));
            let row = row.unwrap_or_else(|| panic!("`{}` is not documented", key.path));
            assert_eq!(row.len(), 6, "{}", key.path);
            assert_eq!(names(row[2])[1..], *key.aliases, "{}", key.path);
            assert!(key.variables.iter().all(|name| names(row[3]).contains(name)), "{}", key.path);
        }
        assert_eq!(rows.len(), ALL.len());
    }
}
