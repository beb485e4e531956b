//! No input makes a parser panic. `CASES=1000000` runs a million inputs.

use opencensus::Settings;
use opencensus::azure::ConnectionString;
use opencensus_core::{PathFilter, RemoteParent, Resource, RouteEntry, SamplingRate, TraceState, TracesPerSecond};

use super::input::environment;
use test_support::random::{Random, cases};

const SEEDS: [&str; 25] = [
    "[trace]\nsampler = 0.25\nblacklist_paths = ['/health', \"re:^/v{1,2}$\"]\n[[trace.rates]]\npath = '/a'\nrate = 0",
    "[OPENCENSUS.TRACE]\nSAMPLER = 'opencensus.trace.samplers.ProbabilitySampler(rate=1.0)'",
    "{\"trace\": {\"sampler\": {\"kind\": \"rate_limited\", \"traces_per_second\": 5}, \"edge\": true, \"x\": null}}",
    "opencensus.ext.azure.trace_exporter.AzureExporter(connection_string='InstrumentationKey=x', proxies={'a': [1, (2,)]})",
    "AzureExporter(\"a\" 'b\\'' # c\n)",
    "rate_limited(5)",
    "${NAME:-default} $${x} ${A}",
    "1h 30m 5s 7ms",
    "16 MiB",
    "limited(10)",
    "0.1 route:GET /users/{id}, 0 =/health",
    "https://user@example.com:443/a",
    "glob:/static/**.css",
    "re:^(a|b)+[^/]{2,3}$",
    "host:[::1]:80",
    "GET /metrics",
    "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://a.example/",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "a=1,ot=th:c;rv:12345678901234,b@c=2",
    "service.name=shop,team=a%20b",
    "1979-05-27T07:32:00Z",
    "[a]\nb.c.d = 1\n'x y' = {z = [true, 1e400, nan, -inf]}",
    "{\"a\": [[[[[[[[1]]]]]]]], \"a\": 18446744073709551615}",
    "microsoft.rate_limited",
    "A(r'${X}', u\"y\", (1.0), ${NUMBER}, n=('a' 'b'))",
];

const VARIABLES: [&str; 17] = [
    "OPENCENSUS_SAMPLER",
    "OPENCENSUS_RATES",
    "OPENCENSUS_PARENT_TRUST",
    "OPENCENSUS_KEEP_SLOWER_THAN",
    "OPENCENSUS_EXPORTER",
    "OPENCENSUS_PROPAGATOR",
    "OPENCENSUS_BLACKLIST_PATHS",
    "OPENCENSUS_BLACKLIST_HOSTNAMES",
    "OPENCENSUS_MAX_BYTES",
    "OPENCENSUS_MAX_ITEMS",
    "OPENCENSUS_STORE",
    "OPENCENSUS_STORE_MAX_BYTES",
    "OPENCENSUS_STORE_RETENTION",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
];

/// A seed with a few parts removed, duplicated, inserted, or taken from another seed.
fn input(random: &mut Random) -> String {
    let mut chars: Vec<char> = random.pick(&SEEDS).chars().collect();
    for _ in 0..random.below(6) {
        let at = random.below(chars.len() + 1);
        let end = (at + random.below(8)).min(chars.len());
        match random.below(5) {
            0 => drop(chars.drain(at..end)),
            1 => {
                let piece = chars[at..end].to_vec();
                chars.splice(at..at, piece);
            }
            2 => chars.insert(
                at,
                *random.pick(&['"', '\'', '{', '}', '[', '(', ')', '$', '\\', '\n', '\0', 'é', '🦀', ',', '=']),
            ),
            3 => {
                let other: Vec<char> = random.pick(&SEEDS).chars().collect();
                let from = random.below(other.len());
                chars.splice(at..end, other[from..].iter().copied());
            }
            _ => {
                let any = char::from_u32(random.next() as u32 % 0x11_0000).unwrap_or('\u{fffd}');
                chars.insert(at, any);
            }
        }
    }
    chars.into_iter().collect()
}

#[test]
fn no_input_makes_a_parser_panic() {
    let mut random = Random::new(1);
    for _ in 0..cases(5000) {
        let text = input(&mut random);
        let _ = toml::from_str::<Settings>(&text);
        let _ = serde_json::from_str::<Settings>(&text);
        let variable = *random.pick(&VARIABLES);
        // A result is either valid settings or faults, each with a place and a remedy.
        match Settings::from_lookup(environment(&[(variable, &text), ("OTEL_TRACES_SAMPLER", "traceidratio")])) {
            Ok(settings) => assert!(toml::to_string(&settings).is_ok(), "{variable}={text:?}"),
            Err(error) => {
                let is_complete =
                    |fault: &opencensus::settings::Fault| !fault.place().is_empty() && !fault.remedy().is_empty();
                assert!(error.faults().iter().all(is_complete), "{variable}={text:?}: {error}");
            }
        }
        let _ = text.parse::<ConnectionString>();
        let _ = text.parse::<SamplingRate>();
        let _ = text.parse::<TracesPerSecond>();
        let _ = text.parse::<RouteEntry>();
        let _ = Resource::parse(&text);
        if let Ok(filter) = PathFilter::new([&text]) {
            let _ = filter.matches("GET", Some("https"), Some(&text), &text);
        }
        let state = || TraceState::from_lines([text.as_bytes()].into_iter());
        let _ = RemoteParent::from_lines([text.as_bytes()].into_iter(), state);
        if let Some(state) = state() {
            let with_rate = TraceState::with_rate(Some(&state), SamplingRate::ALL, None);
            assert!(with_rate.to_header().is_some() && state.head_probability().is_none_or(|share| share > 0.0));
        }
    }
}
