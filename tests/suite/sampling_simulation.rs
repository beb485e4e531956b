//! In a chain of three services, the requests that are kept represent all requests.
//!
//! Requests pass through the real layers, and traces through real headers. `CASES=1000000` sends a
//! million requests.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use opencensus::core::exporter::{EncodeError, SendFuture};
use opencensus::core::{Batch, Delivery, Exporter, TelemetryItem, TraceId};
use opencensus::sampling::{KeepFailures, ParentTrust, RemoteUnsampled, SamplerSetting, SamplingPreset, SamplingRate};
use opencensus::settings::PipelineLimits;
use opencensus::{OpenCensusLayer, Settings, Telemetry};
use tower::{Layer, Service, service_fn};

use crate::support::SettingsExt as _;
use test_support::TIMEOUT;
use test_support::random::{Random, cases};

/// The exported requests of one service.
#[derive(Clone, Debug, Default)]
struct Rows {
    // By status: weight and variance of the rows with a known rate.
    weights: BTreeMap<u16, (f64, f64)>,
    unknown: u64,
    // Traces that the head sampler kept.
    sampled: HashSet<TraceId>,
}

#[derive(Clone, Debug, Default)]
struct WeighingExporter(Arc<Mutex<Rows>>);

impl Exporter for WeighingExporter {
    fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
        let TelemetryItem::Request(record) = &item else { return Err(EncodeError::Unsupported) };
        let mut rows = self.0.lock().unwrap();
        if record.context().flags().is_sampled() {
            rows.sampled.insert(record.context().trace_id());
        }
        if record.is_rate_known() {
            let rate = record.rate().get();
            let (weight, variance) = rows.weights.entry(record.status().unwrap()).or_default();
            *weight += 1.0 / rate;
            *variance += (1.0 - rate) / (rate * rate);
        } else {
            rows.unknown += 1;
        }
        drop(rows);
        batch.push_item(item);
        Ok(())
    }

    fn send(&mut self, _: Arc<Batch>) -> SendFuture {
        Box::pin(async { Delivery::Delivered.into() })
    }
}

struct Node {
    telemetry: Telemetry,
    rows: WeighingExporter,
    layer: OpenCensusLayer,
}

impl Node {
    fn start(settings: Settings) -> Self {
        let mut limits = PipelineLimits::default();
        limits.max_items = 1 << 17;
        limits.max_bytes = 1 << 28;
        let rows = WeighingExporter::default();
        let telemetry = settings.with(|s| s.limits = limits).start_with(rows.clone()).unwrap();
        Self { layer: OpenCensusLayer::new(telemetry.clone()), telemetry, rows }
    }
}

/// The status of a service's own response: mostly 200.
fn status(random: &mut Random) -> u16 {
    match random.fraction() {
        fraction if fraction < 0.05 => 503,
        fraction if fraction < 0.10 => 404,
        _ => 200,
    }
}

struct Run {
    rows: Vec<Rows>,
    responses: Vec<BTreeMap<u16, u64>>,
}

/// How `tracestate` is propagated.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Headers {
    Propagated,
    Lost,
    /// The second service forwards its caller's `tracestate` unchanged.
    ForwardedBySecond,
}

/// Sends requests down the chain. `propagated`: services receive the `tracestate` of their callers.
fn run(services: Vec<Settings>, propagated: bool, requests: usize) -> Run {
    run_with(services, if propagated { Headers::Propagated } else { Headers::Lost }, requests)
}

fn run_with(services: Vec<Settings>, headers: Headers, requests: usize) -> Run {
    let nodes: Vec<_> = services.into_iter().map(Node::start).collect();
    let mut random = Random::new(7);
    let mut responses = vec![BTreeMap::new(); nodes.len()];
    for n in 0..requests {
        let statuses: Vec<_> = nodes.iter().map(|_| status(&mut random)).collect();
        for (count, status) in responses.iter_mut().zip(&statuses) {
            *count.entry(*status).or_default() += 1;
        }
        // A front end that samples nothing starts the trace, so that every run has the same trace ids.
        let trace = format!("00-{:016x}{:016x}-{:016x}-00", random.next(), random.next(), random.next() | 1);
        let request = Request::get("/").header("traceparent", trace).body(()).unwrap();
        call(&nodes, &statuses, request, headers);
        if n % 10_000 == 0 {
            nodes.iter().for_each(|node| assert!(node.telemetry.flush(TIMEOUT).wait().complete));
        }
    }
    let rows = nodes.into_iter().map(|node| {
        let report = node.telemetry.shutdown(TIMEOUT).wait();
        assert!(report.complete && report.stats.balances() && report.stats.refused.full == 0, "{report:?}");
        let rows = node.rows.0.lock().unwrap().clone();
        assert_eq!(rows.unknown, report.stats.unknown_rate);
        rows
    });
    Run { rows: rows.collect(), responses }
}

/// One service calls the next one, and then responds.
fn call(nodes: &[Node], statuses: &[u16], request: Request<()>, headers: Headers) {
    let Some(((node, nodes), (status, statuses))) = nodes.split_first().zip(statuses.split_first()) else { return };
    let handler = service_fn(|request: Request<()>| {
        let mut next = Request::get("/").body(()).unwrap();
        opencensus::inject("next", next.headers_mut());
        if headers == Headers::Lost {
            next.headers_mut().remove("tracestate");
        }
        // The second service calls only the last one.
        if let (Headers::ForwardedBySecond, 1, Some(old)) = (headers, nodes.len(), request.headers().get("tracestate"))
        {
            next.headers_mut().insert("tracestate", old.clone());
        }
        call(nodes, statuses, next, headers);
        let response = Response::builder().status(*status).body(Full::new(Bytes::new()));
        async move { Ok::<_, std::convert::Infallible>(response.unwrap()) }
    });
    let response = futures_executor::block_on(node.layer.layer(handler).call(request)).unwrap();
    futures_executor::block_on(response.into_body().collect()).unwrap();
}

fn service(rate: f64) -> Settings {
    let sampler = SamplerSetting::Share(SamplingRate::try_from(rate).unwrap());
    Settings::default()
        .with_sampler(sampler)
        .with_keep_failures(KeepFailures::All)
        .with(|s| s.trace.opentelemetry_context = false)
}

impl Run {
    /// Asserts that the weights add up to the requests, for each service and status, within four deviations.
    fn assert_unbiased(&self) {
        for (at, (rows, responses)) in self.rows.iter().zip(&self.responses).enumerate() {
            for (status, count) in responses {
                let (weight, variance) = rows.weights.get(status).copied().unwrap_or_default();
                let difference = weight - *count as f64;
                assert!(
                    difference.abs() <= 4.0 * variance.sqrt() + 1e-6 * weight,
                    "service {at}, status {status}: {weight} for {count}, deviation {}",
                    variance.sqrt()
                );
                // All failures are kept.
                assert!(*status == 200 || variance == 0.0, "service {at}, status {status}");
            }
        }
    }

    /// Asserts that the head sampler of `other` keeps every trace that the head sampler of `one` keeps.
    fn assert_whole(&self, one: usize, other: usize) {
        let (one, other) = (&self.rows[one].sampled, &self.rows[other].sampled);
        assert!(
            !one.is_empty() && one.is_subset(other),
            "{} traces, {} in common",
            one.len(),
            one.intersection(other).count()
        );
    }
}

const DOWN: [f64; 3] = [1.0, 0.2, 0.05];
const UP: [f64; 3] = [0.05, 0.2, 1.0];
/// Rates of the services: each caller samples, with a higher or lower rate than the service that it calls.
const ROLLING: [[f64; 3]; 3] = [[0.6, 0.2, 0.4], [0.3, 0.6, 0.1], [0.5, 0.25, 0.0625]];
const REQUESTS: usize = 20_000;

fn chain(rates: [f64; 3], with: impl Fn(Settings) -> Settings) -> Vec<Settings> {
    rates.map(|rate| with(service(rate))).to_vec()
}

#[test]
fn propagated_rates_keep_traces_whole_and_counts_correct() {
    for rates in [DOWN, UP].into_iter().chain(ROLLING) {
        let run = run(chain(rates, |settings| settings), true, cases(REQUESTS));
        run.assert_unbiased();
        run.assert_whole(0, 1);
        run.assert_whole(1, 2);
        run.assert_whole(0, 2);
        assert_eq!(run.rows.iter().map(|rows| rows.unknown).sum::<u64>(), 0, "{rates:?}");
    }
}

#[test]
fn without_propagated_rates_traces_are_whole_and_unknown_rates_are_marked() {
    let run = run(chain(DOWN, |settings| settings), false, cases(REQUESTS));
    run.assert_unbiased();
    run.assert_whole(0, 1);
    run.assert_whole(1, 2);
    assert!(run.rows[1].unknown > 0 && run.rows[2].unknown > 0);
}

#[test]
fn without_propagated_rates_callers_with_lower_rates_leave_no_rate_unknown() {
    let run = run(chain(UP, |settings| settings), false, cases(REQUESTS));
    run.assert_unbiased();
    run.assert_whole(0, 1);
    run.assert_whole(1, 2);
    assert_eq!(run.rows.iter().map(|rows| rows.unknown).sum::<u64>(), 0);
}

#[test]
fn ignored_callers_leave_no_rate_unknown_and_samples_nest() {
    let never = |settings: Settings| settings.with(|s| s.trace.parent_trust = Some(ParentTrust::Never));
    let hashed = |settings: Settings| settings.with(|s| s.trace.preset = SamplingPreset::ApplicationInsights);
    let if_rate_known = |settings: Settings| settings.with(|s| s.trace.parent_trust = Some(ParentTrust::IfRateKnown));
    for (services, propagated) in
        [(chain(DOWN, never), true), (chain(DOWN, hashed), true), (chain(DOWN, if_rate_known), false)]
    {
        let run = run(services, propagated, cases(REQUESTS));
        run.assert_unbiased();
        // A trace that is kept at the lowest rate is kept everywhere.
        run.assert_whole(2, 1);
        run.assert_whole(1, 0);
        assert_eq!(run.rows.iter().map(|rows| rows.unknown).sum::<u64>(), 0);
    }
}

#[test]
fn trusting_parents_with_a_known_rate_keeps_traces_whole() {
    let if_rate_known = |settings: Settings| settings.with(|s| s.trace.parent_trust = Some(ParentTrust::IfRateKnown));
    let run = run(chain(DOWN, if_rate_known), true, cases(REQUESTS));
    run.assert_unbiased();
    run.assert_whole(0, 2);
}

/// Callers that are obeyed decide for the whole chain, and the rate that they propagate is a request's rate.
#[test]
fn obeyed_callers_that_propagate_their_rate_keep_counts_correct() {
    for rates in [[0.5, 1.0, 0.1], [0.25, 0.25, 0.25]] {
        let obey = |settings: Settings| settings.with(|s| s.trace.remote_unsampled = Some(RemoteUnsampled::Obey));
        let mut services = chain(rates, obey);
        services[0] = service(rates[0]);
        let run = run(services, true, cases(REQUESTS));
        run.assert_unbiased();
        run.assert_whole(0, 1);
        run.assert_whole(1, 0);
        run.assert_whole(1, 2);
    }
}

/// A service in between decides again and forwards `tracestate` unchanged, so that the rate in it is outdated.
#[test]
fn outdated_rates_in_tracestate_are_ignored() {
    let mut services = chain([1.0, 0.2, 0.4], |settings| settings);
    services[1] = services[1].clone().with(|s| s.trace.parent_trust = Some(ParentTrust::Never));
    run_with(services, Headers::ForwardedBySecond, cases(REQUESTS)).assert_unbiased();
}

/// Two sampling rules in one system: the caller's choice is independent of ours.
#[test]
fn callers_with_another_sampling_rule_keep_counts_correct() {
    let all = [DOWN, UP].into_iter().chain(ROLLING);
    for (propagated, rates) in all.flat_map(|rates| [(true, rates), (false, rates)]) {
        let mut services = chain(rates, |settings| settings);
        services[0] = services[0].clone().with(|s| s.trace.preset = SamplingPreset::ApplicationInsights);
        services[2] = services[2]
            .clone()
            .with(|s| s.trace.preset = SamplingPreset::ApplicationInsights)
            .with(|s| s.trace.parent_trust = Some(ParentTrust::Trust));
        run(services, propagated, cases(REQUESTS)).assert_unbiased();
    }
}
