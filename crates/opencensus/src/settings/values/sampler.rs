//! The sampler.

use opencensus_core::{SamplingRate, TracesPerSecond};

use crate::settings::SamplerSetting;
use crate::settings::node::Node;
use crate::settings::notation;
use crate::settings::values::{fields, fits, number, rate};
use opencensus_settings::Checked;
use opencensus_settings::checked::{fault, inside};

const SAMPLER_REMEDY: &str = "write a rate such as `0.25`, `always_on`, `always_off`, `probability(0.25)`, \
     `application_insights(0.25)`, `rate_limited(5)`, or the predecessor's \
     `opencensus.trace.samplers.ProbabilitySampler(rate=0.25)`";

/// What a sampler wants to know.
#[derive(Clone, Copy)]
enum SamplerKind {
    Always(bool),
    Probability,
    ApplicationInsights,
    RateLimited,
}

/// The predecessor's default, of one in 10,000.
const PREDECESSOR_RATE: f64 = 1e-4;

const PREDECESSOR_SAMPLERS: &str = "opencensus.trace.samplers";
const MICROSOFT_SAMPLERS: &str = "azure.monitor.opentelemetry.exporter";

impl SamplerKind {
    /// By the short name, or the name of a class in the predecessor or in Microsoft's exporter.
    fn of(module: &str, name: &str) -> Option<Self> {
        let is_in =
            |package: &str| module.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let is_predecessors = module.is_empty() || is_in(PREDECESSOR_SAMPLERS);
        let is_microsofts = module.is_empty() || is_in(MICROSOFT_SAMPLERS);
        match name {
            "AlwaysOnSampler" if is_predecessors => Some(Self::Always(true)),
            "AlwaysOffSampler" if is_predecessors => Some(Self::Always(false)),
            "ProbabilitySampler" if is_predecessors => Some(Self::Probability),
            "ApplicationInsightsSampler" if is_microsofts => Some(Self::ApplicationInsights),
            "RateLimitedSampler" if is_microsofts => Some(Self::RateLimited),
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

    /// How it is written in the notation.
    fn example(self, name: &str) -> String {
        match self {
            Self::Always(_) => format!("write `{name}()`, with brackets"),
            Self::RateLimited => format!("write `{name}(5)`, with a number in brackets"),
            _ => format!("write `{name}(rate=0.25)`, with a rate in brackets"),
        }
    }

    fn with(self, argument: Option<&Node>) -> Checked<SamplerSetting> {
        match (self, argument) {
            (Self::Always(true), _) => Ok(SamplerSetting::AlwaysOn),
            (Self::Always(false), _) => Ok(SamplerSetting::AlwaysOff),
            (Self::Probability, Some(node)) => rate(node).map(SamplerSetting::Probability),
            (Self::ApplicationInsights, Some(node)) => rate(node).map(SamplerSetting::ApplicationInsights),
            (Self::RateLimited, Some(node)) => traces_per_second(node).map(SamplerSetting::RateLimited),
            (_, None) => fault("a sampler without its number", SAMPLER_REMEDY),
        }
    }
}

pub(crate) fn sampler(node: &Node) -> Checked<SamplerSetting> {
    match node {
        Node::Integer(_) | Node::Float(_) => rate(node).map(SamplerSetting::Share),
        Node::Text(text) if text.value.trim().parse::<f64>().is_ok() => rate(node).map(SamplerSetting::Share),
        Node::Text(_) | Node::Call(_) => sampler_call(node),
        Node::Table(entries) => sampler_table(entries),
        _ => fault(node.shown(), SAMPLER_REMEDY),
    }
}

fn sampler_call(node: &Node) -> Checked<SamplerSetting> {
    let call = node.call();
    let kind = call.as_ref().and_then(|call| SamplerKind::of(&call.module, &call.name));
    let Some((call, kind)) = call.zip(kind) else {
        let is_code = matches!(node, Node::Text(text) if text.value.contains('(') && node.call().is_none());
        return fault(node.shown(), if is_code { notation::REMEDY } else { SAMPLER_REMEDY });
    };
    let parameters = kind.parameters();
    let is_class = call.name.ends_with("Sampler");
    match call.arguments.as_deref() {
        // A class alone makes no sampler, there as here.
        None if is_class => fault(node.shown(), kind.example(&call.name)),
        Some([]) if is_class && matches!(kind, SamplerKind::Probability) => {
            Ok(SamplerSetting::Probability(SamplingRate::try_from(PREDECESSOR_RATE).unwrap_or_default()))
        }
        None | Some([]) => kind.with(None),
        Some([argument]) if !parameters.is_empty() && fits(argument, parameters) => kind.with(Some(&argument.value)),
        Some(_) => fault(node.shown(), SAMPLER_REMEDY),
    }
}

/// `{ kind = "probability", rate = 0.25 }`
fn sampler_table(entries: &[(String, Node)]) -> Checked<SamplerSetting> {
    let remedy = "write `kind = \"probability\"` and `rate = 0.25`, or one of the other kinds: `always_on`, \
                  `always_off`, `application_insights`, `rate_limited` with `traces_per_second`";
    let ([kind, rate, limit], mut faults) = fields(entries, ["kind", "rate", "traces_per_second"], remedy);
    let kind = match kind {
        Some((key, node @ Node::Text(text))) => {
            SamplerKind::by_word(&text.value).map_or_else(|| inside(key, fault(node.shown(), remedy)), Ok)
        }
        Some((key, node)) => inside(key, fault(node.shown(), remedy)),
        None => fault("a table without `kind`", remedy),
    };
    let sampler = kind.and_then(|kind| {
        let (argument, other) = if matches!(kind, SamplerKind::RateLimited) { (limit, rate) } else { (rate, limit) };
        let needless = if kind.parameters().is_empty() { argument.or(other) } else { other };
        if let Some((key, _)) = needless {
            let takes = kind.parameters().first().map_or("nothing more".to_owned(), |name| format!("`{name}`"));
            return inside(key, fault("a needless key", format!("a sampler of this kind takes {takes}")));
        }
        match argument {
            Some((key, node)) => inside(key, kind.with(Some(node))),
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

pub(crate) fn traces_per_second(node: &Node) -> Checked<TracesPerSecond> {
    number(node, "traces per second are a number from 0 up, such as `5`")
}
