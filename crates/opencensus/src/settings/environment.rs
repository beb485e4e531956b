//! Reads the environment variables of the table over the settings of a file.

use std::ffi::OsString;

use opencensus_settings::checked::inside;
use opencensus_settings::interpolation::Lookup;
use opencensus_settings::suggestion::{nearest, resembling};
use opencensus_settings::{Checked, Fault, Value, read as typed};

use crate::settings::builder::Builder;
use crate::settings::lookup::non_empty;
use crate::settings::{opentelemetry_variables, table};

const DISABLED: &str = "OTEL_SDK_DISABLED";

/// Whether a variable disables the middleware. Only `true` counts in OpenTelemetry's variable, by its specification.
pub(crate) fn disabled(lookup: Lookup<'_>) -> Option<bool> {
    let disabled = non_empty(lookup, "OPENCENSUS_DISABLED").and_then(|value| typed::boolean(&Value::text(value)).ok());
    disabled.or_else(|| non_empty(lookup, DISABLED).map(|value| value.trim().eq_ignore_ascii_case("true")))
}

/// How much a variable without the prefix `OPENCENSUS_` must resemble that of the connection string.
const LIKENESS: f64 = 0.85;

/// Warnings about variables with the prefix `OPENCENSUS_` that are not settings, and about names that resemble the
/// variable of the connection string. Each suggests a known variable.
pub(crate) fn unknown(names: impl Iterator<Item = OsString>) -> Vec<String> {
    let rows = table::ALL.iter().copied().flatten();
    let known: Vec<_> = rows.flat_map(|row| row.variables).copied().chain(["OPENCENSUS_CONFIG"]).collect();
    let names = names.filter_map(|name| name.into_string().ok());
    let is_near = |name: &str| {
        cfg!(feature = "azure") && resembling(name, &["APPLICATIONINSIGHTS_CONNECTION_STRING"], LIKENESS).is_some()
    };
    let unknown = names.filter(|name| (name.starts_with("OPENCENSUS_") || is_near(name)) && !known.contains(&&**name));
    unknown
        .map(|name| format!("the environment variable `{name}` is not a setting; {}", nearest(&name, &known)))
        .collect()
}

/// Reads every variable over the settings that the builder holds. Those of OpenTelemetry are read first, so that the
/// others take precedence. All faults at once.
pub(crate) fn read(builder: &mut Builder, lookup: Lookup<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |checked: Checked<()>| faults.extend(checked.err().into_iter().flatten());
    add(opentelemetry_variables::resource(builder, lookup));
    let parents = opentelemetry_variables::sampler(builder, lookup);
    let parents = parents.unwrap_or_else(|more| {
        add(Err(more));
        None
    });
    opentelemetry_variables::propagators(builder, lookup);
    #[cfg(feature = "azure")]
    add(instrumentation_key(builder, lookup));
    for row in builder.rows() {
        // `disabled` reads that variable.
        let variables = row.variables.iter().filter(|name| **name != DISABLED);
        let mut set = variables.filter_map(|name| non_empty(lookup, name).map(|value| (*name, value)));
        if let Some((name, value)) = set.next() {
            add(inside(name, (row.read)(builder, &Value::text(value))));
        }
    }
    if let Some(parents) = parents {
        opentelemetry_variables::parents(builder, parents);
    }
    faults
}

/// Reads the older form of a connection string, unless a connection string is set. An obsolete variable must
/// not redirect telemetry whose destination the file names.
#[cfg(feature = "azure")]
fn instrumentation_key(builder: &mut Builder, lookup: Lookup<'_>) -> Checked<()> {
    const OLDER: &str = "APPINSIGHTS_INSTRUMENTATIONKEY";
    let is_set = non_empty(lookup, "APPLICATIONINSIGHTS_CONNECTION_STRING").is_some();
    if is_set || builder.settings.azure.connection_string.is_some() {
        return Ok(());
    }
    let Some(key) = non_empty(lookup, OLDER) else { return Ok(()) };
    let text = Value::text(format!("InstrumentationKey={}", key.trim()));
    builder.settings.azure.connection_string =
        Some(inside(OLDER, crate::settings::readers::azure::connection_string(&text))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use opencensus_core::{ParentTrust, Propagators, RemoteUnsampled, SamplingRate, TracesPerSecond};

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
    fn variables_of_opentelemetry_are_read() {
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
        assert_eq!(settings.trace.sampler, SamplerSetting::Probability(rate(0.25)));
        assert_eq!(settings.trace.parent_trust, Some(ParentTrust::Trust));
        assert_eq!(settings.trace.remote_unsampled, Some(RemoteUnsampled::Obey));
        assert_eq!(settings.trace.blacklist_paths, ["/health", "re:^/v{1,2}$"]);
    }

    #[test]
    fn parentbased_sampler_cancels_no_protection_and_a_note_names_both() {
        let limited = ParentTrust::Limited { per_second: 3 };
        for (variable, protection, trust) in [
            (("OPENCENSUS_EDGE", "true"), "trace.edge", None),
            (("OPENCENSUS_PARENT_TRUST", "never"), "trace.parent_trust", Some(ParentTrust::Never)),
            (("OPENCENSUS_PARENT_TRUST", "limited(3)"), "trace.parent_trust", Some(limited)),
        ] {
            let read = settings(&[("OTEL_TRACES_SAMPLER", "parentbased_always_on"), variable]).unwrap();
            assert_eq!((read.trace.parent_trust, read.trace.remote_unsampled), (trust, None), "{variable:?}");
            let [note] = read.notes() else { panic!("{variable:?}: {:?}", read.notes()) };
            assert!(note.contains("`OTEL_TRACES_SAMPLER`") && note.contains(protection), "{note}");
        }
        let microsoft = [("OTEL_TRACES_SAMPLER", "microsoft.fixed_percentage"), ("OPENCENSUS_EDGE", "true")];
        assert!(settings(&microsoft).unwrap().notes().is_empty(), "it ignores parents itself");
    }

    #[test]
    fn samplers_of_microsoft_ignore_the_parent() {
        for (name, argument, sampler) in [
            ("microsoft.fixed_percentage", "0.2", SamplerSetting::ApplicationInsights(rate(0.2))),
            ("microsoft.fixed.percentage", "", SamplerSetting::ApplicationInsights(rate(1.0))),
            ("microsoft.rate_limited", "", SamplerSetting::RateLimited(TracesPerSecond::MICROSOFT)),
            ("Microsoft.Rate_Limited", "0.5", SamplerSetting::RateLimited(TracesPerSecond::try_from(0.5).unwrap())),
        ] {
            let settings = settings(&[("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)]).unwrap();
            assert_eq!(
                (settings.trace.sampler, settings.trace.parent_trust),
                (sampler, Some(ParentTrust::Never)),
                "{name}"
            );
        }
    }

    #[test]
    fn samplers_of_opentelemetry_without_parentbased_do_not_obey_the_parent() {
        for (name, sampler) in [("always_on", SamplerSetting::AlwaysOn), ("ALWAYS_OFF", SamplerSetting::AlwaysOff)] {
            let settings = settings(&[("OTEL_TRACES_SAMPLER", name)]).unwrap();
            assert_eq!((settings.trace.sampler, settings.trace.remote_unsampled), (sampler, None));
        }
    }

    #[test]
    fn variables_of_opencensus_take_precedence_over_those_of_opentelemetry() {
        let settings = settings(&[
            ("OTEL_TRACES_SAMPLER", "parentbased_always_on"),
            ("OPENCENSUS_SAMPLER", "0.5"),
            ("OPENCENSUS_KEEP_FAILURES", "server-errors"),
        ])
        .unwrap();
        assert_eq!(settings.trace.sampler, SamplerSetting::Share(rate(0.5)));
        assert_eq!((settings.trace.parent_trust, settings.trace.remote_unsampled), (None, None));
        assert_eq!(settings.trace.keep_failures, KeepFailures::ServerErrors);
    }

    #[test]
    fn later_name_of_the_blacklist_in_opencensus_for_python_is_read() {
        let settings = settings(&[("OPENCENSUS_EXCLUDELIST_PATHS", "/a\n/b")]).unwrap();
        assert_eq!(settings.trace.blacklist_paths, ["/a", "/b"]);
    }

    #[test]
    fn all_faults_are_reported_at_once_with_their_variables() {
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
        let expected = [
            "OTEL_RESOURCE_ATTRIBUTES",
            "OTEL_TRACES_SAMPLER_ARG",
            "OPENCENSUS_PARENT_TRUST",
            #[cfg(feature = "azure")]
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
        ];
        assert_eq!(places, expected);
        assert!(!error.to_string().contains("hunter2"));
        let first = "`OTEL_TRACES_SAMPLER_ARG`: found `2`; a rate is a number between 0 and 1, such as `0.25`; \
                     did you mean `0.02`?";
        assert_eq!(error.faults()[1].to_string(), first);
    }

    #[cfg(feature = "azure")]
    #[test]
    fn instrumentation_key_is_read_if_no_connection_string_is_set() {
        const KEY: &str = "00000000-0000-0000-0000-000000000001";
        let older = ("APPINSIGHTS_INSTRUMENTATIONKEY", KEY);
        assert!(settings(&[older]).unwrap().azure.connection_string.is_some());
        let newer = ("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=oops");
        assert!(settings(&[older, newer]).is_err());
    }

    #[test]
    fn disabled_settings_ignore_all_other_variables() {
        let settings = settings(&[("OTEL_SDK_DISABLED", "TRUE"), ("OTEL_TRACES_SAMPLER", "sometimes")]).unwrap();
        assert!(settings.disabled);
    }

    #[test]
    fn opencensus_disabled_takes_precedence_over_otel_sdk_disabled() {
        let is_off = |variables: &[(&str, &str)]| settings(variables).unwrap().disabled;
        assert!(is_off(&[("OPENCENSUS_DISABLED", "yes"), ("OPENCENSUS_SAMPLER", "7")]));
        assert!(!is_off(&[("OPENCENSUS_DISABLED", "false"), ("OTEL_SDK_DISABLED", "true")]));
        assert!(!is_off(&[("OTEL_SDK_DISABLED", "1")]));
        assert!(settings(&[("OPENCENSUS_DISABLED", "maybe")]).is_err());
    }

    #[test]
    fn unknown_variables_with_the_prefix_are_noted() {
        let names = ["OPENCENSUS_SAMPLR", "OPENCENSUS_CONFIG", "OPENCENSUS_MAX_AGE", "PATH"];
        let notes = unknown(names.into_iter().map(OsString::from));
        let expected =
            "the environment variable `OPENCENSUS_SAMPLR` is not a setting; did you mean `OPENCENSUS_SAMPLER`?";
        assert_eq!(notes, [expected]);
    }

    #[test]
    fn propagators_of_opentelemetry_are_read_unless_opencensus_propagator_is_set() {
        use opencensus_core::Propagator;
        let names = ("OTEL_PROPAGATORS", "b3multi,baggage,xray,tracecontext");
        let read = settings(&[names]).unwrap();
        assert_eq!(read.trace.propagator, Propagators::new([Propagator::B3Multi, Propagator::TraceContext]));
        assert_eq!(read.notes().len(), 1);
        let read = settings(&[names, ("OPENCENSUS_PROPAGATOR", "Request-Id, cloud_trace")]).unwrap();
        assert_eq!(read.trace.propagator, Propagators::new([Propagator::RequestId, Propagator::CloudTrace]));
        assert!(settings(&[("OPENCENSUS_PROPAGATOR", "jaeger")]).is_err());
    }

    #[test]
    fn earlier_names_of_variables_and_words_are_accepted() {
        use crate::sampling::SamplingPreset::{ApplicationInsights, OpenCensus};
        let older = ("OPENCENSUS_FLEET", "application-insights");
        assert_eq!(settings(&[older]).unwrap().trace.preset, ApplicationInsights);
        assert_eq!(settings(&[older, ("OPENCENSUS_PRESET", "opencensus")]).unwrap().trace.preset, OpenCensus);
        for word in ["if_rate_known", "if_rate_told"] {
            let trust = settings(&[("OPENCENSUS_PARENT_TRUST", word)]).unwrap().trace.parent_trust;
            assert_eq!(trust, Some(ParentTrust::IfRateKnown));
        }
    }

    #[test]
    fn variable_may_hold_a_list_in_brackets() {
        let settings = settings(&[("OPENCENSUS_BLACKLIST_PATHS", r#"["/health", '/metrics']"#)]).unwrap();
        assert_eq!(settings.trace.blacklist_paths, ["/health", "/metrics"]);
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
