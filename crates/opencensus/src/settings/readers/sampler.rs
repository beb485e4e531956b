//! Reads the sampler.

use opencensus_core::{SamplingRate, TracesPerSecond};
use opencensus_settings::checked::{fault, inside};
use opencensus_settings::read::{fields, number};
use opencensus_settings::{Checked, Value, python_literal};

use crate::settings::sampling::SamplerSetting;

const SAMPLER_REMEDY: &str = "write a rate such as `0.25`, `always_on`, `always_off`, `probability(0.25)`, \
     `application_insights(0.25)`, `rate_limited(5)`, or, as in OpenCensus for Python, \
     `opencensus.trace.samplers.ProbabilitySampler(rate=0.25)`";

/// The kind of a sampler, which determines its parameters.
#[derive(Clone, Copy)]
enum SamplerKind {
    Always(bool),
    Probability,
    ApplicationInsights,
    RateLimited,
}

/// The default of OpenCensus for Python: one in 10,000.
const PYTHON_DEFAULT_RATE: f64 = 1e-4;

const PYTHON_SAMPLERS: &str = "opencensus.trace.samplers";
const MICROSOFT_SAMPLERS: &str = "azure.monitor.opentelemetry.exporter";

impl SamplerKind {
    /// The kind of a short name, or of the name of a class in OpenCensus for Python or in Microsoft's exporter.
    fn of(module: &str, name: &str) -> Option<Self> {
        let is_in =
            |package: &str| module.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let is_python = module.is_empty() || is_in(PYTHON_SAMPLERS);
        let is_microsoft = module.is_empty() || is_in(MICROSOFT_SAMPLERS);
        match name {
            "AlwaysOnSampler" if is_python => Some(Self::Always(true)),
            "AlwaysOffSampler" if is_python => Some(Self::Always(false)),
            "ProbabilitySampler" if is_python => Some(Self::Probability),
            "ApplicationInsightsSampler" if is_microsoft => Some(Self::ApplicationInsights),
            "RateLimitedSampler" if is_microsoft => Some(Self::RateLimited),
            _ if !module.is_empty() => None,
            _ => Self::by_word(name),
        }
    }

    fn by_word(name: &str) -> Option<Self> {
        match &*name.to_ascii_lowercase() {
            "always_on" => Some(Self::Always(true)),
            "always_off" => Some(Self::Always(false)),
            "probability" => Some(Self::Probability),
            "application_insights" => Some(Self::ApplicationInsights),
            "rate_limited" => Some(Self::RateLimited),
            _ => None,
        }
    }

    fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Always(_) => &[],
            Self::Probability => &["rate"],
            Self::ApplicationInsights => &["rate", "sampling_ratio"],
            Self::RateLimited => &["traces_per_second", "target_spans_per_second_limit", "target_spans_per_second"],
        }
    }

    /// The remedy for a class without brackets.
    fn example(self, name: &str) -> String {
        match self {
            Self::Always(_) => format!("write `{name}()`, with brackets"),
            Self::RateLimited => format!("write `{name}(5)`, with a number in brackets"),
            _ => format!("write `{name}(rate=0.25)`, with a rate in brackets"),
        }
    }

    fn with(self, argument: Option<&Value>) -> Checked<SamplerSetting> {
        match (self, argument) {
            (Self::Always(true), _) => Ok(SamplerSetting::AlwaysOn),
            (Self::Always(false), _) => Ok(SamplerSetting::AlwaysOff),
            (Self::Probability, Some(value)) => rate(value).map(SamplerSetting::Probability),
            (Self::ApplicationInsights, Some(value)) => rate(value).map(SamplerSetting::ApplicationInsights),
            (Self::RateLimited, Some(value)) => traces_per_second(value).map(SamplerSetting::RateLimited),
            (_, None) => fault("a sampler without its number", SAMPLER_REMEDY),
        }
    }
}

pub(crate) fn sampler(value: &Value) -> Checked<SamplerSetting> {
    match value {
        Value::Integer(_) | Value::Float(_) => rate(value).map(SamplerSetting::Share),
        Value::Text(text) if without_percent(&text.value).parse::<f64>().is_ok() => {
            rate(value).map(SamplerSetting::Share)
        }
        Value::Text(_) | Value::Call(_) => sampler_call(value),
        Value::Table(entries) => sampler_table(entries),
        _ => fault(value.redacted(), SAMPLER_REMEDY),
    }
}

fn sampler_call(value: &Value) -> Checked<SamplerSetting> {
    let call = python_literal::call_of(value);
    let kind = call.as_ref().and_then(|call| SamplerKind::of(&call.module, &call.name));
    let Some((call, kind)) = call.zip(kind) else {
        let is_code =
            matches!(value, Value::Text(text) if text.value.contains('(') && python_literal::call_of(value).is_none());
        return fault(value.redacted(), if is_code { python_literal::REMEDY } else { SAMPLER_REMEDY });
    };
    let parameters = kind.parameters();
    let is_class = call.name.ends_with("Sampler");
    match call.arguments.as_deref() {
        // A class without brackets is no sampler in OpenCensus for Python either.
        None if is_class => fault(value.redacted(), kind.example(&call.name)),
        Some([]) if is_class && matches!(kind, SamplerKind::Probability) => {
            Ok(SamplerSetting::Probability(SamplingRate::try_from(PYTHON_DEFAULT_RATE).unwrap_or_default()))
        }
        None | Some([]) => kind.with(None),
        Some([argument]) if !parameters.is_empty() && argument.fits(parameters) => kind.with(Some(&argument.value)),
        Some(_) => fault(value.redacted(), SAMPLER_REMEDY),
    }
}

/// `{ kind = "probability", rate = 0.25 }`
fn sampler_table(entries: &[(String, Value)]) -> Checked<SamplerSetting> {
    let remedy = "write `kind = \"probability\"` and `rate = 0.25`, or one of the other kinds: `always_on`, \
                  `always_off`, `application_insights`, `rate_limited` with `traces_per_second`";
    let ([kind, rate, limit], mut faults) = fields(entries, ["kind", "rate", "traces_per_second"], remedy);
    let kind = match kind {
        Some((key, value @ Value::Text(text))) => {
            SamplerKind::by_word(&text.value).map_or_else(|| inside(key, fault(value.redacted(), remedy)), Ok)
        }
        Some((key, value)) => inside(key, fault(value.redacted(), remedy)),
        None => fault("a table without `kind`", remedy),
    };
    let sampler = kind.and_then(|kind| {
        let (argument, other) = if matches!(kind, SamplerKind::RateLimited) { (limit, rate) } else { (rate, limit) };
        let superfluous = if kind.parameters().is_empty() { argument.or(other) } else { other };
        if let Some((key, _)) = superfluous {
            let takes = kind.parameters().first().map_or("no other key".to_owned(), |name| format!("`{name}`"));
            return inside(key, fault("a superfluous key", format!("a sampler of this kind takes {takes}")));
        }
        match argument {
            Some((key, value)) => inside(key, kind.with(Some(value))),
            None => kind.with(None),
        }
    });
    match sampler {
        Ok(sampler) if faults.is_empty() => Ok(sampler),
        sampler => {
            faults.extend(sampler.err().into_iter().flatten());
            Err(faults)
        }
    }
}

pub(crate) fn rate(value: &Value) -> Checked<SamplingRate> {
    number(value, &rate_remedy(value, "a rate is a number between 0 and 1, such as `0.25`"))
}

fn without_percent(text: &str) -> &str {
    text.trim().trim_end_matches('%').trim_end()
}

/// The remedy, with the rate that is meant by a percentage.
pub(super) fn rate_remedy(value: &Value, remedy: &str) -> String {
    let number = match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Text(text) => without_percent(&text.value).parse().ok(),
        _ => None,
    };
    let is_secret = matches!(value, Value::Text(text) if !text.variables.is_empty());
    match number.filter(|number| (0.0..=100.0).contains(number) && !is_secret) {
        Some(percent) => format!("{remedy}; did you mean `{}`?", (percent * 1e4).round() / 1e6),
        None => remedy.to_owned(),
    }
}

pub(crate) fn traces_per_second(value: &Value) -> Checked<TracesPerSecond> {
    number(value, "traces per second are a number of at least 0, such as `5`")
}
