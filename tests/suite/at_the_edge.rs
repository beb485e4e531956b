//! The page "At the edge" is right: a test tries each cell of its tables. Over any headers, the rows at the edge are the
//! sampler's share.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::ready;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use opencensus::core::{SamplingRule, TraceId};
use opencensus::opentelemetry::OpenTelemetrySampler;
use opencensus::propagation::{Propagator, Propagators};
use opencensus::sampling::{RateRule, SamplerSetting, SamplingPreset, SamplingRate};
use opencensus::{InMemoryExporter, OpenCensusLayer, RequestTelemetry, Settings, Telemetry};
use opentelemetry_sdk::trace::Sampler;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::support::server::{Framework, Server};
use crate::support::{SettingsExt as _, in_memory};
use test_support::TIMEOUT;
use test_support::client::request;
use test_support::random::{Random, cases};

const PAGE: &str = include_str!("../../crates/opencensus/docs/at_the_edge.md");
/// The sampler's share.
const SHARE: f64 = 0.25;
/// The requests of one cell.
const REQUESTS: usize = 400;

/// The cells of the table whose first head is this one, without the marks of code. The first row is the head.
fn table(head: &str) -> Vec<Vec<String>> {
    let lines = PAGE.lines().skip_while(|line| !line.starts_with(&format!("| {head} |")));
    let rows = lines.take_while(|line| line.starts_with('|')).filter(|line| !line.starts_with("| ---"));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    assert!(rows.len() > 1, "no table {head}");
    rows
}

/// The parts of a cell that are marked as code.
fn codes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The settings of each mode on the page.
fn modes() -> BTreeMap<String, Settings> {
    let settings = |cell: &str| {
        let mut variables: BTreeMap<String, String> = BTreeMap::new();
        for variable in codes(cell) {
            let (name, value) = variable.split_once('=').unwrap();
            variables.insert(name.to_owned(), value.to_owned());
        }
        let has_sampler = variables.contains_key("OTEL_TRACES_SAMPLER");
        let sampler = if has_sampler { "OTEL_TRACES_SAMPLER_ARG" } else { "OPENCENSUS_SAMPLER" };
        variables.insert(sampler.to_owned(), SHARE.to_string());
        variables.insert("OPENCENSUS_PROPAGATOR".to_owned(), "tracecontext,b3".to_owned());
        variables.insert("OPENCENSUS_BLACKLIST_PATHS".to_owned(), "/hidden".to_owned());
        Settings::from_lookup(|name| variables.get(name).cloned()).unwrap()
    };
    table("mode").into_iter().skip(1).map(|row| (row[0].clone(), settings(&row[1]))).collect()
}

/// A trace id that this rule keeps, or drops, at the sampler's share.
fn chosen(rule: SamplingRule, kept: bool) -> TraceId {
    let share = SamplingRate::try_from(SHARE).unwrap();
    std::iter::repeat_with(TraceId::random).find(|id| rule.keeps(*id, share) == kept).unwrap()
}

/// What became of some requests.
#[derive(Debug)]
struct Found {
    kept: usize,
    // Of those, the requests whose rate is unknown.
    forced: usize,
    /// The sum of what the others count for.
    weight: f64,
    seconds: f64,
}

impl Found {
    fn of(telemetry: &Telemetry, exporter: &InMemoryExporter, begun: Instant) -> Self {
        assert!(telemetry.flush(TIMEOUT).wait().complete);
        let rows = exporter.requests();
        let known = rows.iter().filter(|row| row.is_rate_known());
        let weight = known.clone().map(|row| 1.0 / row.rate().get()).sum();
        let seconds = begun.elapsed().as_secs_f64();
        Self { kept: rows.len(), forced: rows.len() - known.count(), weight, seconds }
    }

    /// Whether the rows apart from those that are forced are the sampler's share, within four standard errors.
    fn is_share(&self, requests: usize) -> bool {
        let n = requests as f64;
        let error = (n * SHARE * (1.0 - SHARE)).sqrt();
        let is_near = |found: f64, expected: f64, error: f64| (found - expected).abs() <= 4.0 * error;
        is_near((self.kept - self.forced) as f64, n * SHARE, error) && is_near(self.weight, n, error / SHARE)
    }

    fn is(&self, effect: &str) -> bool {
        let all = self.kept == REQUESTS;
        match effect {
            "share" => self.forced == 0 && self.is_share(REQUESTS),
            // The bucket of the page's limit is full at first.
            "share + n" => (3..=4 + (3.0 * self.seconds) as usize).contains(&self.forced) && self.is_share(REQUESTS),
            "all" => all && self.weight < 2.0 * REQUESTS as f64,
            "all, overcounted" => all && self.weight == REQUESTS as f64 / SHARE,
            "all, as stated" => all && self.weight == REQUESTS as f64 * 256.0,
            "none" => self.kept == 0,
            other => panic!("unknown effect {other}"),
        }
    }
}

/// Tries again if the first result is wrong: one in 16,000 right ones is beyond four standard errors.
fn twice(find: impl Fn() -> Found, is_right: impl Fn(&Found) -> bool) -> Result<(), Found> {
    let found = find();
    if is_right(&found) {
        return Ok(());
    }
    let again = find();
    if is_right(&again) { Ok(()) } else { Err(again) }
}

/// Sends requests with these headers, in process, in which `{…}` stands for ids.
fn send(settings: &Settings, headers: &[&str]) -> Found {
    let rule = match settings.trace.preset {
        SamplingPreset::ApplicationInsights => SamplingRule::ApplicationInsights,
        _ => SamplingRule::LowHalf,
    };
    let (kept, dropped) = (chosen(rule, true).to_string(), chosen(rule, false).to_string());
    let (telemetry, exporter) = in_memory(settings.clone());
    let begun = Instant::now();
    for _ in 0..REQUESTS {
        let mut request = Request::get("/users/7");
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap();
            let value = value.replace("{random}", &TraceId::random().to_string()).replace("{kept}", &kept);
            request = request.header(name, value.replace("{dropped}", &dropped).replace("{span}", "00f067aa0ba902b7"));
        }
        serve(&telemetry, request.body(()).unwrap());
    }
    Found::of(&telemetry, &exporter, begun)
}

/// Handles a request in process, and returns the trace id that its calls would carry.
fn serve(telemetry: &Telemetry, request: Request<()>) -> String {
    let service = service_fn(|_: Request<()>| {
        let mut response = Response::new(Empty::<Bytes>::new());
        response.extensions_mut().insert(RequestTelemetry::current().trace_id().unwrap());
        ready(Ok::<_, Infallible>(response))
    });
    let layer = OpenCensusLayer::new(telemetry.clone());
    let response = futures_executor::block_on(layer.layer(service).oneshot(request)).unwrap();
    response.extensions().get::<String>().unwrap().clone()
}

#[test]
fn every_header_has_the_effect_that_the_page_states_in_each_mode() {
    let (modes, table) = (modes(), table("header"));
    let names = &table[0][1..];
    assert_eq!(names.len(), modes.len());
    let mut wrong = Vec::new();
    for row in &table[1..] {
        for (mode, effect) in names.iter().zip(&row[1..]) {
            let found = twice(|| send(&modes[mode], &codes(&row[0])), |found| found.is(effect));
            wrong.extend(found.err().map(|found| format!("{} in {mode}: not `{effect}`, {found:?}", row[0])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn request_belongs_to_the_trace_that_the_page_states_in_each_mode() {
    const CALLER: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let modes = modes();
    let tables = PAGE.split("# Whose trace").nth(1).unwrap();
    let rows: Vec<_> = tables.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), modes.len());
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [mode, kept, hidden] = cells[..] else { panic!("{row}") };
        let settings = modes[mode].clone().with_sampler(SamplerSetting::AlwaysOn);
        let (telemetry, exporter) = in_memory(settings);
        let request = |path: &str| {
            let traceparent = format!("00-{CALLER}-00f067aa0ba902b7-01");
            Request::get(path).header("traceparent", traceparent).body(()).unwrap()
        };
        serve(&telemetry, request("/users/7"));
        let of_hidden = serve(&telemetry, request("/hidden"));
        assert!(telemetry.flush(TIMEOUT).wait().complete);
        let [row] = &*exporter.requests() else { panic!("{mode}") };
        let is_callers = row.context().trace_id().to_string() == CALLER;
        let has_link = row.links().iter().any(|link| link.context.trace_id().to_string() == CALLER);
        let found = match (is_callers, has_link) {
            (true, false) => "the caller's",
            (false, true) => "a new one, with a link",
            _ => "wrong",
        };
        assert_eq!(found, kept, "{mode}");
        assert_eq!(if of_hidden == CALLER { "the caller's" } else { "a new one" }, hidden, "{mode}");
    }
}

/// All propagators.
fn every_format() -> Propagators {
    use Propagator::{B3, B3Multi, CloudTrace, GrpcTraceBin, RequestId, TextFormat, TraceContext};
    Propagators::new([TraceContext, B3, B3Multi, RequestId, CloudTrace, TextFormat, GrpcTraceBin])
}

/// Samplers of every kind that keep the share.
fn samplers() -> Vec<Settings> {
    let share = SamplingRate::try_from(SHARE).unwrap();
    let ratio = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(SHARE)));
    let custom = SamplerSetting::custom(OpenTelemetrySampler::new(ratio).with_rate(share));
    let rules = Settings::default().with_rates([RateRule::path("/users", share)]);
    let samplers = [SamplerSetting::Share(share), SamplerSetting::ApplicationInsights(share), custom];
    samplers.into_iter().map(|sampler| Settings::default().with_sampler(sampler)).chain([rules]).collect()
}

/// Headers that a hostile client could send with each of its requests.
fn hostile(random: &mut Random) -> Vec<(&'static str, String)> {
    let rules = [SamplingRule::LowHalf, SamplingRule::ApplicationInsights];
    let id = match random.below(4) {
        0 => "00000000000000010000000000000001".to_owned(),
        1 => format!("{:016x}ffffffffffffffff", random.next()),
        _ => chosen(*random.pick(&rules), random.flag()).to_string(),
    };
    let (span, flag) = (format!("{:016x}", random.next() | 1), random.below(2));
    let state = ["ot=th:0", "ot=th:ffffffffffffff", "ot=th:8", "vendor=1"];
    let mark = format!("ot=th:{},oc=l:{span}", random.pick(&["0", "ff", "fffff"]));
    let mut headers = Vec::new();
    if random.flag() {
        headers.push(("traceparent", format!("00-{id}-{span}-0{flag}")));
        headers.push(("tracestate", if random.flag() { mark } else { (*random.pick(&state)).to_owned() }));
    }
    match random.below(7) {
        0 => headers.push(("b3", format!("{id}-{span}-{}", random.pick(&["0", "1", "d"])))),
        1 => headers.push(("b3", (*random.pick(&["0", "1", "d"])).to_owned())),
        2 => headers.extend([
            ("x-b3-traceid", id),
            ("x-b3-spanid", span),
            ("x-b3-sampled", flag.to_string()),
            ("x-b3-flags", random.below(2).to_string()),
        ]),
        3 => headers.push(("request-id", format!("|{id}.{span}."))),
        4 => headers.push(("x-cloud-trace-context", format!("{id}/7;o={flag}"))),
        5 => headers.extend([
            ("opencensus-trace-traceid", id),
            ("opencensus-trace-spanid", span),
            ("opencensus-trace-traceoptions", flag.to_string()),
        ]),
        _ => headers.push(("grpc-trace-bin", "AABL+S81d7NNpqPOkp0ODkc2AQDwZ6oLqQK3AgE".to_owned())),
    }
    headers
}

#[test]
fn rows_at_the_edge_are_the_samplers_share_whatever_headers_callers_send() {
    let mut random = Random::new(11);
    for settings in samplers() {
        let settings = settings.with_edge(true).with(|s| s.trace.propagator = every_format());
        for _ in 0..cases(40) {
            let headers: Vec<_> =
                hostile(&mut random).into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let lines: Vec<_> = headers.iter().map(String::as_str).collect();
            let found = twice(|| send(&settings, &lines), |found| found.is("share"));
            assert!(found.is_ok(), "{headers:?}: {found:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_at_the_edge_are_the_samplers_share_on_every_framework() {
    const OVER_SOCKETS: usize = 200;
    let mut random = Random::new(12);
    for framework in Framework::ALL {
        for settings in samplers() {
            let settings = settings.with_edge(true).with(|s| s.trace.propagator = every_format());
            let headers = hostile(&mut random);
            let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let mut right = false;
            for _ in 0..2 {
                let (telemetry, exporter) = in_memory(settings.clone());
                let server = Server::start(framework, telemetry.clone()).await;
                let begun = Instant::now();
                for _ in 0..OVER_SOCKETS {
                    request(server.address, "GET", "/users/7", &lines).await;
                }
                server.stop().await;
                let found = tokio::task::spawn_blocking(move || Found::of(&telemetry, &exporter, begun)).await.unwrap();
                println!("{framework:?}: {headers:?}: {found:?}");
                right |= found.forced == 0 && found.is_share(OVER_SOCKETS);
                if right {
                    break;
                }
            }
            assert!(right, "{framework:?}: {headers:?}");
        }
    }
}
