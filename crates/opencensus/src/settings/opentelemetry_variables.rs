//! Reads the variables of OpenTelemetry for the resource, the sampler and the propagators.

use opencensus_core::{ParentTrust, Propagators, RemoteUnsampled, Resource, SamplingRate, TracesPerSecond};
use opencensus_settings::checked::inside;
use opencensus_settings::interpolation::Lookup;
use opencensus_settings::{Checked, Fault, Value};

use crate::settings::builder::Builder;
use crate::settings::lookup::non_empty;
use crate::settings::readers;
use crate::settings::sampling::SamplerSetting;

const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const OPENCENSUS_SAMPLER: &str = "OPENCENSUS_SAMPLER";
const PROPAGATORS: &str = "OTEL_PROPAGATORS";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

const SAMPLERS: &str = "write `always_on`, `always_off` or `traceidratio`, after `parentbased_` or alone, \
     `microsoft.fixed_percentage` or `microsoft.rate_limited`";

/// Merges the attributes into those of the file, one by one.
pub(crate) fn resource(builder: &mut Builder, lookup: Lookup<'_>) -> Checked<()> {
    let attributes = non_empty(lookup, RESOURCE_ATTRIBUTES).unwrap_or_default();
    let parsed = Resource::parse(&attributes).map_err(|error| {
        let remedy = format!("{error}; write `service.version=1.2,deployment.environment.name=test`");
        vec![Fault::new("a text that is not a list of attributes", remedy).inside(RESOURCE_ATTRIBUTES)]
    });
    if let Ok(resource) = &parsed {
        resource.iter().for_each(|(key, value)| builder.settings.resource.set(key, value));
    }
    if let Some(name) = non_empty(lookup, SERVICE_NAME) {
        builder.settings.resource.set("service.name", name);
    }
    parsed.map(|_| ())
}

/// How a sampler of OpenTelemetry treats parents.
type Parents = (ParentTrust, RemoteUnsampled);

/// Reads the samplers of OpenTelemetry and Microsoft, unless `OPENCENSUS_SAMPLER` is set, and returns how they treat
/// parents: after `parentbased_` the parent decides; Microsoft's samplers ignore it.
pub(crate) fn sampler(builder: &mut Builder, lookup: Lookup<'_>) -> Checked<Option<Parents>> {
    if non_empty(lookup, OPENCENSUS_SAMPLER).is_some() {
        return Ok(None);
    }
    let Some(name) = non_empty(lookup, SAMPLER) else { return Ok(None) };
    let lower = name.trim().to_ascii_lowercase();
    let (is_parent_based, base) = match lower.strip_prefix("parentbased_") {
        Some(base) => (true, base),
        None => (false, &*lower),
    };
    let argument = non_empty(lookup, SAMPLER_ARG).map(Value::text);
    let rate = || argument.as_ref().map_or(Ok(SamplingRate::ALL), |value| inside(SAMPLER_ARG, readers::rate(value)));
    let limit = || {
        let given = argument.as_ref();
        given.map_or(Ok(TracesPerSecond::MICROSOFT), |value| inside(SAMPLER_ARG, readers::traces_per_second(value)))
    };
    let trace = &mut builder.settings.trace;
    trace.sampler = match base {
        "always_on" => SamplerSetting::AlwaysOn,
        "always_off" => SamplerSetting::AlwaysOff,
        "traceidratio" | "trace_id_ratio" => SamplerSetting::Probability(rate()?),
        "microsoft.fixed_percentage" | "microsoft.fixed.percentage" if !is_parent_based => {
            SamplerSetting::ApplicationInsights(rate()?)
        }
        "microsoft.rate_limited" if !is_parent_based => SamplerSetting::RateLimited(limit()?),
        _ => return inside(SAMPLER, Err(vec![Fault::new(Value::text(name).redacted(), SAMPLERS)])),
    };
    Ok(match is_parent_based {
        true => Some((ParentTrust::Trust, RemoteUnsampled::Obey)),
        false if base.starts_with("microsoft.") => Some((ParentTrust::Never, RemoteUnsampled::Decide)),
        false => None,
    })
}

/// Applies a sampler's treatment of parents where the settings have none. It does not cancel a protection from
/// untrusted callers, wherever that is set.
pub(crate) fn parents(builder: &mut Builder, (trust, unsampled): Parents) {
    let trace = &mut builder.settings.trace;
    let protection = match trace.parent_trust {
        _ if trace.edge => "trace.edge",
        Some(ParentTrust::Never | ParentTrust::Limited { .. }) => "trace.parent_trust",
        _ => {
            trace.parent_trust.get_or_insert(trust);
            trace.remote_unsampled.get_or_insert(unsampled);
            return;
        }
    };
    if trust == ParentTrust::Trust {
        builder.note(format!(
            "`{SAMPLER}`: `parentbased_` has no effect, because `{protection}` protects from untrusted callers"
        ));
    }
}

/// Reads a list of propagators. An unknown one is a warning, because the variable is meant for other programs too.
pub(crate) fn propagators(builder: &mut Builder, lookup: Lookup<'_>) {
    let Some(names) = non_empty(lookup, PROPAGATORS) else { return };
    let mut found = Vec::new();
    for name in names.split(',').map(str::trim) {
        match readers::propagator_by_name(name) {
            Some(propagator) => found.push(propagator),
            // Baggage is always propagated.
            None if ["", "baggage", "none"].contains(&name) => {}
            None => builder.note(format!(
                "`{PROPAGATORS}`: the propagator {} is unknown and ignored",
                Value::text(name).redacted()
            )),
        }
    }
    builder.settings.trace.propagator = Propagators::new(found);
}
