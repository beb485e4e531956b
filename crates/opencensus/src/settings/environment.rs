//! The environment.

use std::ffi::OsString;

use opencensus_core::{ParentTrust, Propagators, RemoteUnsampled, Resource, SamplingRate, TracesPerSecond};

use crate::settings::builder::Builder;
use crate::settings::keys;
use crate::settings::{SamplerSetting, readers};
use opencensus_settings::checked::inside;
use opencensus_settings::suggestion::nearest;
use opencensus_settings::{Checked, Fault};
use opencensus_settings::{Value, read};

/// Looks a variable up.
pub(crate) use opencensus_settings::interpolation::Lookup;

const DISABLED: &str = "OTEL_SDK_DISABLED";
const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const OWN_SAMPLER: &str = "OPENCENSUS_SAMPLER";
const PROPAGATORS: &str = "OTEL_PROPAGATORS";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Whether everything is off, or on, if a variable says so. By OpenTelemetry's rule only `true` is true.
pub(crate) fn disabled(lookup: Lookup<'_>) -> Option<bool> {
    let own = non_empty(lookup, "OPENCENSUS_DISABLED").and_then(|value| read::boolean(&Value::text(value)).ok());
    own.or_else(|| non_empty(lookup, DISABLED).map(|value| value.trim().eq_ignore_ascii_case("true")))
}

/// The process's own. What is no UTF-8 is set, and makes no sense.
pub(crate) fn of_process(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Variables that look like ours, and are not; each with the nearest that is.
pub(crate) fn unknown(names: impl Iterator<Item = OsString>) -> Vec<String> {
    let known: Vec<_> = keys::ALL.iter().flat_map(|key| key.variables).copied().chain(["OPENCENSUS_CONFIG"]).collect();
    let names = names.filter_map(|name| name.into_string().ok());
    let unknown = names.filter(|name| name.starts_with("OPENCENSUS_") && !known.contains(&&**name));
    unknown.map(|name| format!("the environment's `{name}` is no setting; {}", nearest(&name, &known))).collect()
}

/// Reads every variable over what the builder holds already. OpenTelemetry's come first, so that
/// ours can refine them. All faults at once.
pub(crate) fn read(builder: &mut Builder, lookup: Lookup<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |checked: Checked<()>| faults.extend(checked.err().into_iter().flatten());
    add(resource(builder, lookup));
    add(sampler(builder, lookup));
    propagators(builder, lookup);
    #[cfg(feature = "azure")]
    add(instrumentation_key(builder, lookup));
    for key in keys::ALL {
        // OpenTelemetry's switch has a rule of its own.
        let variables = key.variables.iter().filter(|name| **name != DISABLED);
        let mut set = variables.filter_map(|name| non_empty(lookup, name).map(|value| (*name, value)));
        if let Some((name, value)) = set.next() {
            add(inside(name, (key.read)(builder, &Value::text(value))));
        }
    }
    faults
}

/// OpenTelemetry's rule for all its variables: empty is unset.
pub(crate) fn non_empty(lookup: Lookup<'_>, name: &str) -> Option<String> {
    lookup(name).filter(|value| !value.trim().is_empty())
}

/// The older form, if nothing else names the resource: a variable that was forgotten must not turn a
/// file's telemetry away.
#[cfg(feature = "azure")]
fn instrumentation_key(builder: &mut Builder, lookup: Lookup<'_>) -> Checked<()> {
    const OLDER: &str = "APPINSIGHTS_INSTRUMENTATIONKEY";
    if builder.settings.connection_string.is_some()
        || non_empty(lookup, "APPLICATIONINSIGHTS_CONNECTION_STRING").is_some()
    {
        return Ok(());
    }
    let Some(key) = non_empty(lookup, OLDER) else { return Ok(()) };
    let Some(setting) = keys::ALL.iter().find(|key| key.path == "azure.connection_string") else { return Ok(()) };
    inside(OLDER, (setting.read)(builder, &Value::text(format!("InstrumentationKey={}", key.trim()))))
}

fn resource(builder: &mut Builder, lookup: Lookup<'_>) -> Checked<()> {
    let attributes = non_empty(lookup, RESOURCE_ATTRIBUTES).unwrap_or_default();
    let parsed = Resource::parse(&attributes).map_err(|error| {
        let remedy = format!("{error}; write `service.version=1.2,deployment.environment.name=test`");
        vec![Fault::new("a text that is no list of attributes", remedy).inside(RESOURCE_ATTRIBUTES)]
    });
    if let Ok(resource) = &parsed {
        resource.iter().for_each(|(key, value)| builder.settings.resource.set(key, value));
    }
    if let Some(name) = non_empty(lookup, SERVICE_NAME) {
        builder.settings.resource.set("service.name", name);
    }
    parsed.map(|_| ())
}

/// OpenTelemetry's and Microsoft's names, unless ours is set.
///
/// After `parentbased_` callers decide; Microsoft's samplers ask none. What the file says of callers by
/// its own name stays.
fn sampler(builder: &mut Builder, lookup: Lookup<'_>) -> Checked<()> {
    if non_empty(lookup, OWN_SAMPLER).is_some() {
        return Ok(());
    }
    let Some(name) = non_empty(lookup, SAMPLER) else { return Ok(()) };
    let lower = name.trim().to_ascii_lowercase();
    let (is_parent_based, own) = match lower.strip_prefix("parentbased_") {
        Some(own) => (true, own),
        None => (false, &*lower),
    };
    let argument = non_empty(lookup, SAMPLER_ARG).map(Value::text);
    let rate = || argument.as_ref().map_or(Ok(SamplingRate::ALL), |value| inside(SAMPLER_ARG, readers::rate(value)));
    let limit = || {
        let given = argument.as_ref();
        given.map_or(Ok(TracesPerSecond::MICROSOFT), |value| inside(SAMPLER_ARG, readers::traces_per_second(value)))
    };
    let settings = &mut builder.settings;
    settings.sampler = match own {
        "always_on" => SamplerSetting::AlwaysOn,
        "always_off" => SamplerSetting::AlwaysOff,
        "traceidratio" | "trace_id_ratio" => SamplerSetting::Probability(rate()?),
        "microsoft.fixed_percentage" | "microsoft.fixed.percentage" if !is_parent_based => {
            SamplerSetting::ApplicationInsights(rate()?)
        }
        "microsoft.rate_limited" if !is_parent_based => SamplerSetting::RateLimited(limit()?),
        _ => return inside(SAMPLER, Err(vec![Fault::new(Value::text(name).redacted(), SAMPLERS)])),
    };
    let callers = match is_parent_based {
        true => Some((ParentTrust::Trust, RemoteUnsampled::Obey)),
        false if own.starts_with("microsoft.") => Some((ParentTrust::Never, RemoteUnsampled::Decide)),
        false => None,
    };
    if let Some((trust, unsampled)) = callers {
        settings.parent_trust.get_or_insert(trust);
        settings.remote_unsampled.get_or_insert(unsampled);
    }
    Ok(())
}

/// OpenTelemetry's list. What is not known here is noted: the variable is meant for other programs too.
fn propagators(builder: &mut Builder, lookup: Lookup<'_>) {
    let Some(names) = non_empty(lookup, PROPAGATORS) else { return };
    let mut found = Vec::new();
    for name in names.split(',').map(str::trim) {
        match readers::propagator_by_name(name) {
            Some(propagator) => found.push(propagator),
            // Baggage goes on in any case.
            None if ["", "baggage", "none"].contains(&name) => {}
            None => builder.note(format!("`{PROPAGATORS}`: {} is not known here", Value::text(name).redacted())),
        }
    }
    builder.settings.propagators = Propagators::new(found);
}

const SAMPLERS: &str = "write `always_on`, `always_off` or `traceidratio`, after `parentbased_` or alone, \
     `microsoft.fixed_percentage` or `microsoft.rate_limited`";

/// `unknown_service:program`, as OpenTelemetry wants it.
pub(crate) fn default_service_name() -> String {
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(|path| path.file_stem()).map(|name| name.to_string_lossy().into_owned());
    program.map_or_else(|| "unknown_service".to_owned(), |program| format!("unknown_service:{program}"))
}

#[cfg(test)]
mod tests {
    use opencensus_core::ParentTrust;

    use crate::Settings;
    use crate::settings::{InvalidSettings, KeepFailures, SamplerSetting};

    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, InvalidSettings> {
        Settings::from_lookup(|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn rate(rate: f64) -> SamplingRate {
        SamplingRate::try_from(rate).unwrap()
    }

    #[test]
    fn opentelemetrys_variables_are_read() {
        let settings = settings(&[
            ("OTEL_SERVICE_NAME", "shop"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,service.version=1"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
            ("OPENCENSUS_BLACKLIST_PATHS", "/health,re:^/v{1,2}$"),
        ])
        .unwrap();
        assert_eq!(settings.resource.get("service.name"), Some("shop"));
        assert_eq!(settings.resource.get("service.version"), Some("1"));
        assert_eq!(settings.sampler, SamplerSetting::Probability(rate(0.25)));
        assert_eq!(settings.parent_trust, Some(ParentTrust::Trust));
        assert_eq!(settings.remote_unsampled, Some(RemoteUnsampled::Obey));
        assert_eq!(settings.blacklist_paths, ["/health", "re:^/v{1,2}$"]);
    }

    #[test]
    fn microsofts_samplers_ask_no_caller() {
        for (name, argument, sampler) in [
            ("microsoft.fixed_percentage", "0.2", SamplerSetting::ApplicationInsights(rate(0.2))),
            ("microsoft.fixed.percentage", "", SamplerSetting::ApplicationInsights(rate(1.0))),
            ("microsoft.rate_limited", "", SamplerSetting::RateLimited(TracesPerSecond::MICROSOFT)),
            ("Microsoft.Rate_Limited", "0.5", SamplerSetting::RateLimited(TracesPerSecond::try_from(0.5).unwrap())),
        ] {
            let settings = settings(&[("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)]).unwrap();
            assert_eq!((settings.sampler, settings.parent_trust), (sampler, Some(ParentTrust::Never)), "{name}");
        }
    }

    #[test]
    fn opentelemetrys_own_samplers_do_not_obey() {
        for (name, sampler) in [("always_on", SamplerSetting::AlwaysOn), ("ALWAYS_OFF", SamplerSetting::AlwaysOff)] {
            let settings = settings(&[("OTEL_TRACES_SAMPLER", name)]).unwrap();
            assert_eq!((settings.sampler, settings.remote_unsampled), (sampler, None));
        }
    }

    #[test]
    fn ours_go_before_opentelemetrys() {
        let settings = settings(&[
            ("OTEL_TRACES_SAMPLER", "parentbased_always_on"),
            ("OPENCENSUS_SAMPLER", "0.5"),
            ("OPENCENSUS_KEEP_FAILURES", "server-errors"),
        ])
        .unwrap();
        assert_eq!(settings.sampler, SamplerSetting::Share(rate(0.5)));
        assert_eq!((settings.parent_trust, settings.remote_unsampled), (None, None));
        assert_eq!(settings.keep_failures, KeepFailures::ServerErrors);
    }

    #[test]
    fn predecessors_later_name_of_the_blacklist_is_read_too() {
        let settings = settings(&[("OPENCENSUS_EXCLUDELIST_PATHS", "/a\n/b")]).unwrap();
        assert_eq!(settings.blacklist_paths, ["/a", "/b"]);
    }

    #[test]
    fn all_faults_come_at_once_and_name_their_variables() {
        let error = settings(&[
            ("OTEL_RESOURCE_ATTRIBUTES", "oops"),
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
            #[cfg(feature = "azure")]
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=hunter2"),
            ("OPENCENSUS_PARENT_TRUST", "maybe"),
        ])
        .unwrap_err();
        let places: Vec<_> = error.faults().iter().map(crate::settings::Fault::place).collect();
        let wanted = [
            "OTEL_RESOURCE_ATTRIBUTES",
            "OTEL_TRACES_SAMPLER_ARG",
            "OPENCENSUS_PARENT_TRUST",
            #[cfg(feature = "azure")]
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
        ];
        assert_eq!(places, wanted);
        assert!(!error.to_string().contains("hunter2"));
        let first = "`OTEL_TRACES_SAMPLER_ARG`: found `2`; a rate is a number between 0 and 1, such as `0.25`";
        assert_eq!(error.faults()[1].to_string(), first);
    }

    #[cfg(feature = "azure")]
    #[test]
    fn older_key_is_read_where_the_newer_string_is_not_set() {
        const KEY: &str = "00000000-0000-0000-0000-000000000001";
        let older = ("APPINSIGHTS_INSTRUMENTATIONKEY", KEY);
        assert!(settings(&[older]).unwrap().connection_string.is_some());
        let newer = ("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=oops");
        assert!(settings(&[older, newer]).is_err());
    }

    #[test]
    fn disabled_reads_nothing_else() {
        let settings = settings(&[("OTEL_SDK_DISABLED", "TRUE"), ("OTEL_TRACES_SAMPLER", "sometimes")]).unwrap();
        assert!(settings.disabled);
    }

    #[test]
    fn ours_says_whether_all_is_off_before_opentelemetrys() {
        let is_off = |variables: &[(&str, &str)]| settings(variables).unwrap().disabled;
        assert!(is_off(&[("OPENCENSUS_DISABLED", "yes"), ("OPENCENSUS_SAMPLER", "7")]));
        assert!(!is_off(&[("OPENCENSUS_DISABLED", "false"), ("OTEL_SDK_DISABLED", "true")]));
        assert!(!is_off(&[("OTEL_SDK_DISABLED", "1")]));
        assert!(settings(&[("OPENCENSUS_DISABLED", "maybe")]).is_err());
    }

    #[test]
    fn variables_that_look_like_ours_are_noted() {
        let names = ["OPENCENSUS_SAMPLR", "OPENCENSUS_CONFIG", "OPENCENSUS_MAX_AGE", "PATH"];
        let notes = unknown(names.into_iter().map(OsString::from));
        let wanted = "the environment's `OPENCENSUS_SAMPLR` is no setting; did you mean `OPENCENSUS_SAMPLER`?";
        assert_eq!(notes, [wanted]);
    }

    #[test]
    fn propagators_are_opentelemetrys_unless_ours_are_set() {
        use opencensus_core::Propagator;
        let names = ("OTEL_PROPAGATORS", "b3multi,baggage,xray,tracecontext");
        let read = settings(&[names]).unwrap();
        assert_eq!(read.propagators, Propagators::new([Propagator::B3Multi, Propagator::TraceContext]));
        assert_eq!(read.notes().len(), 1);
        let read = settings(&[names, ("OPENCENSUS_PROPAGATOR", "Request-Id, cloud_trace")]).unwrap();
        assert_eq!(read.propagators, Propagators::new([Propagator::RequestId, Propagator::CloudTrace]));
        assert!(settings(&[("OPENCENSUS_PROPAGATOR", "jaeger")]).is_err());
    }

    #[test]
    fn list_may_be_written_as_one() {
        let settings = settings(&[("OPENCENSUS_BLACKLIST_PATHS", r#"["/health", '/metrics']"#)]).unwrap();
        assert_eq!(settings.blacklist_paths, ["/health", "/metrics"]);
    }

    #[cfg(not(feature = "azure"))]
    #[test]
    fn settings_of_azure_need_the_feature() {
        for exporter in ["AzureExporter(connection_string='x')", "AzureExporter(instrumentation_key='x', timeout=3)"] {
            let error = settings(&[("OPENCENSUS_EXPORTER", exporter)]).unwrap_err();
            assert!(error.to_string().contains("build with the feature `azure`"), "{error}");
        }
    }
}
