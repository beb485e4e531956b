//! The environment.

use std::error::Error;
use std::fmt;

use opencensus_core::{RemoteUnsampled, Resource, SamplingRate};

use crate::settings::{SamplerSetting, Settings, list};

/// A variable of the environment whose value makes no sense.
#[derive(Debug)]
pub struct InvalidVariable {
    name: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl InvalidVariable {
    /// The variable's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Display for InvalidVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.name, self.source)
    }
}

impl Error for InvalidVariable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

pub(super) fn read(lookup: Lookup<'_>) -> Result<Settings, InvalidVariable> {
    let mut settings = Settings { disabled: is_true(lookup("OTEL_SDK_DISABLED")), ..Settings::default() };
    if settings.disabled {
        // What else is set need not make sense then.
        return Ok(settings);
    }
    #[cfg(feature = "azure")]
    {
        settings.connection_string = connection_string(lookup)?;
    }
    settings.resource = resource(lookup)?;
    (settings.sampler, settings.remote_unsampled) = sampler(lookup)?;
    let entries = lookup("OPENCENSUS_BLACKLIST_PATHS").or_else(|| lookup("OPENCENSUS_EXCLUDELIST_PATHS"));
    settings.blacklist_paths = entries.map(|text| list::split(&text)).unwrap_or_default();
    Ok(settings)
}

/// OpenTelemetry's rule for booleans: only `true`, in any letter case, is true.
fn is_true(value: Option<String>) -> bool {
    value.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

/// OpenTelemetry's rule for all its variables: empty is unset.
fn non_empty(lookup: Lookup<'_>, name: &str) -> Option<String> {
    lookup(name).filter(|value| !value.trim().is_empty())
}

#[cfg(feature = "azure")]
fn connection_string(lookup: Lookup<'_>) -> Result<Option<opencensus_azure::ConnectionString>, InvalidVariable> {
    use opencensus_azure::{ConnectionString, ParseConnectionStringError};
    match ConnectionString::from_sources(None, lookup) {
        Ok(connection_string) => Ok(Some(connection_string)),
        Err(ParseConnectionStringError::Missing) => Ok(None),
        Err(source) => {
            let is_older = lookup("APPLICATIONINSIGHTS_CONNECTION_STRING").is_none();
            let name =
                if is_older { "APPINSIGHTS_INSTRUMENTATIONKEY" } else { "APPLICATIONINSIGHTS_CONNECTION_STRING" };
            Err(InvalidVariable { name, source: source.into() })
        }
    }
}

fn resource(lookup: Lookup<'_>) -> Result<Resource, InvalidVariable> {
    let attributes = non_empty(lookup, RESOURCE_ATTRIBUTES).unwrap_or_default();
    let invalid = |source| InvalidVariable { name: RESOURCE_ATTRIBUTES, source: Box::new(source) };
    let mut resource = Resource::parse(&attributes).map_err(invalid)?;
    if let Some(name) = non_empty(lookup, "OTEL_SERVICE_NAME") {
        resource.set("service.name", name);
    }
    if resource.get("service.name").is_none() {
        resource.set("service.name", default_service_name());
    }
    Ok(resource)
}

/// `unknown_service:program`, as OpenTelemetry wants it.
pub(crate) fn default_service_name() -> String {
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(|path| path.file_stem()).map(|name| name.to_string_lossy().into_owned());
    program.map_or_else(|| "unknown_service".to_owned(), |program| format!("unknown_service:{program}"))
}

fn sampler(lookup: Lookup<'_>) -> Result<(SamplerSetting, RemoteUnsampled), InvalidVariable> {
    let Some(name) = non_empty(lookup, SAMPLER) else { return Ok(Default::default()) };
    let name = name.trim().to_ascii_lowercase();
    let (unsampled, own) = match name.strip_prefix("parentbased_") {
        Some(own) => (RemoteUnsampled::Obey, own),
        None => (RemoteUnsampled::Decide, &*name),
    };
    let sampler = match own {
        "always_on" => SamplerSetting::AlwaysOn,
        "always_off" => SamplerSetting::AlwaysOff,
        "traceidratio" | "trace_id_ratio" => SamplerSetting::Probability(rate(lookup)?),
        _ => return Err(InvalidVariable { name: SAMPLER, source: UNKNOWN_SAMPLER.into() }),
    };
    Ok((sampler, unsampled))
}

const UNKNOWN_SAMPLER: &str =
    "known samplers are `always_on`, `always_off`, `traceidratio`, and each of them after `parentbased_`";

fn rate(lookup: Lookup<'_>) -> Result<SamplingRate, InvalidVariable> {
    let Some(text) = non_empty(lookup, SAMPLER_ARG) else { return Ok(SamplingRate::ALL) };
    text.parse().map_err(|source| InvalidVariable { name: SAMPLER_ARG, source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, InvalidVariable> {
        Settings::from_lookup(|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_variable_is_read() {
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
        assert_eq!(settings.sampler, SamplerSetting::Probability(SamplingRate::try_from(0.25).unwrap()));
        assert_eq!(settings.remote_unsampled, RemoteUnsampled::Obey);
        assert_eq!(settings.blacklist_paths, ["/health", "re:^/v{1,2}$"]);
    }

    #[test]
    fn predecessors_later_name_of_the_blacklist_is_read_too() {
        let settings = settings(&[("OPENCENSUS_EXCLUDELIST_PATHS", "/a\n/b")]).unwrap();
        assert_eq!(settings.blacklist_paths, ["/a", "/b"]);
    }

    #[test]
    fn own_samplers_do_not_obey() {
        let settings = settings(&[("OTEL_TRACES_SAMPLER", "always_off")]).unwrap();
        assert_eq!((settings.sampler, settings.remote_unsampled), (SamplerSetting::AlwaysOff, RemoteUnsampled::Decide));
    }

    #[test]
    fn wrong_values_name_their_variable() {
        for (name, value) in [
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_RESOURCE_ATTRIBUTES", "oops"),
            #[cfg(feature = "azure")]
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", "oops"),
        ] {
            assert_eq!(settings(&[(name, value)]).unwrap_err().name(), name);
        }
        let error = settings(&[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "2")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`OTEL_TRACES_SAMPLER_ARG`: a sampling rate is a number between 0 and 1, not `2`"
        );
    }

    #[test]
    fn disabled_reads_nothing_else() {
        let settings = settings(&[("OTEL_SDK_DISABLED", "TRUE"), ("OTEL_TRACES_SAMPLER", "sometimes")]).unwrap();
        assert!(settings.disabled);
    }

    #[test]
    fn service_without_a_name_is_named_by_its_program() {
        let settings = settings(&[]).unwrap();
        assert!(settings.resource.get("service.name").unwrap().starts_with("unknown_service:"));
    }
}
