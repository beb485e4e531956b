//! Makes arbitrary items of every kind.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opencensus_core::{
    Attribute, AvailabilityRecord, EventRecord, ExceptionCause, ExceptionRecord, Header, HttpVersion, Link,
    MessageRecord, MetricRecord, Origin, Outcome, PageViewRecord, RequestHead, RequestRecord, Resource, SamplingRate,
    Severity, SpanId, SpanKind, SpanRecord, SpanStatus, TelemetryItem, TraceContext, Value,
};
use test_support::random::Random;

/// Characters of every length in UTF-8 and UTF-16, and characters that JSON escapes.
const CHARACTERS: [char; 12] = ['a', '7', ' ', '"', '\\', '\n', '\u{1}', 'é', '你', '\u{2028}', '😀', '\u{10FFFF}'];

const KEYS: [&str; 30] = [
    "",
    " ",
    "client.address",
    "db.namespace",
    "db.query.text",
    "db.system.name",
    "enduser.id",
    "enduser.pseudo.id",
    "event.name",
    "gen_ai.input.messages",
    "gen_ai.system",
    "http.request.body.size",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "messaging.destination.name",
    "messaging.system",
    "peer.service",
    "rpc.response.status_code",
    "rpc.system.name",
    "server.address",
    "server.port",
    "session.id",
    "shop.chair",
    "SyntheticTest-RunId",
    "url.full",
    "url.path",
    "url.query",
    "user.id",
    "user_agent.original",
];

/// A text: mostly short, sometimes empty or blank, rarely longer than any limit.
fn text(random: &mut Random, limit: usize) -> String {
    let length = match random.below(200) {
        0 => random.below(2 * limit),
        1..10 => random.below(limit.min(300)),
        10..40 => 0,
        _ => random.below(24),
    };
    let (mixed, one) = (random.flag(), *random.pick(&CHARACTERS));
    (0..length).map(|_| if mixed { *random.pick(&CHARACTERS) } else { one }).collect()
}

fn cow(random: &mut Random, limit: usize) -> Cow<'static, str> {
    text(random, limit).into()
}

fn number(random: &mut Random) -> f64 {
    if random.flag() { f64::from_bits(random.next()) } else { random.below(1000) as f64 }
}

fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(12) {
        0 => random.flag().into(),
        1 => (random.next() as i64).into(),
        2 => number(random).into(),
        3 if depth < 40 => Value::List((0..random.below(3)).map(|_| value(random, depth + 1)).collect()),
        4 => format!("https://{}:p@h/?sig={}", text(random, 20), text(random, 20)).into(),
        _ => text(random, 9000).into(),
    }
}

fn attributes(random: &mut Random) -> Vec<Attribute> {
    let count = if random.below(500) == 0 { random.below(2000) } else { random.below(6) };
    let key = |random: &mut Random| if random.flag() { text(random, 200) } else { (*random.pick(&KEYS)).to_owned() };
    (0..count).map(|_| Attribute::new(key(random), value(random, 0))).collect()
}

/// A time, mostly near `now`, rarely at the limits of the type.
fn time(random: &mut Random, now: SystemTime) -> SystemTime {
    let seconds = match random.below(20) {
        0 => random.next() % 200_000,
        1 => random.next() >> 30,
        _ => random.next() % 60,
    };
    let difference = Duration::from_secs(seconds);
    let time = if random.flag() { now.checked_sub(difference) } else { now.checked_add(difference) };
    time.unwrap_or(now)
}

fn duration(random: &mut Random) -> Duration {
    if random.below(20) == 0 { Duration::MAX } else { Duration::from_nanos(random.next() >> 30) }
}

fn rate(random: &mut Random) -> Option<SamplingRate> {
    random.flag().then(|| SamplingRate::try_from(random.fraction().powi(40)).unwrap_or(SamplingRate::NONE))
}

fn resource(random: &mut Random) -> Arc<Resource> {
    let mut resource = Resource::default();
    for key in ["service.name", "service.version", "device.id", "team", "deployment.environment.name"] {
        if random.flag() {
            resource.set(key, text(random, 2000));
        }
    }
    Arc::new(resource)
}

fn origin(random: &mut Random, now: SystemTime) -> Origin {
    let mut origin = Origin::at(time(random, now));
    origin.context = random.flag().then(TraceContext::root);
    origin.operation = random.flag().then(|| cow(random, 1100));
    origin.rate = rate(random);
    origin.resource = random.flag().then(|| resource(random));
    origin
}

fn span(random: &mut Random, now: SystemTime) -> SpanRecord {
    let kinds = [SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer, SpanKind::Internal];
    let mut span = SpanRecord::new(TraceContext::root(), *random.pick(&kinds), cow(random, 1100));
    span.parent = random.flag().then(SpanId::random);
    (span.start, span.duration, span.rate) = (time(random, now), duration(random), rate(random));
    span.status = if random.flag() { SpanStatus::Unset } else { SpanStatus::Error(cow(random, 100)) };
    span.attributes = attributes(random);
    span.links = (0..random.below(4) * random.below(60)).map(|_| Link::new(TraceContext::root())).collect();
    span.resource = random.flag().then(|| resource(random));
    span
}

fn request(random: &mut Random, now: SystemTime) -> RequestRecord {
    let head = Head([30, 4000, 4000, 20, 1100, 1100, 2000].map(|limit| text(random, limit)));
    let rate = rate(random).unwrap_or_default();
    let mut record = RequestRecord::new(TraceContext::root(), random.flag().then(SpanId::random), rate, &head);
    record.set_start(time(random, now));
    if random.flag() {
        record.set_name(cow(random, 1100));
    }
    let outcome = match random.below(3) {
        0 => Outcome::Panicked(cow(random, 9000)),
        1 => Outcome::Cancelled,
        _ => Outcome::Completed,
    };
    record.set_end(duration(random), random.flag().then(|| random.next() as u16), outcome);
    attributes(random).into_iter().for_each(|attribute| record.set_attribute(attribute));
    record
}

/// An arbitrary item that is recorded about `now`.
pub(super) fn any_item(random: &mut Random, now: SystemTime) -> TelemetryItem {
    let severities = [None, Some(Severity::Verbose), Some(Severity::Critical)];
    match random.below(8) {
        0 => request(random, now).into(),
        1 => span(random, now).into(),
        2 => {
            let mut error = ExceptionRecord::new(origin(random, now));
            error.type_name = random.flag().then(|| cow(random, 1100));
            error.message = random.flag().then(|| cow(random, 33_000));
            error.stack = random.flag().then(|| stack(random));
            for _ in 0..random.below(12) {
                let type_name = random.flag().then(|| cow(random, 1100));
                error.add_cause(ExceptionCause::new(type_name, cow(random, 33_000)));
            }
            (error.severity, error.attributes) = (*random.pick(&severities), attributes(random));
            error.into()
        }
        3 => {
            let mut message = MessageRecord::new(origin(random, now), cow(random, 33_000));
            (message.severity, message.attributes) = (*random.pick(&severities), attributes(random));
            message.into()
        }
        4 => {
            let mut event = EventRecord::new(origin(random, now), cow(random, 600));
            let measurements = (0..random.below(3)).map(|_| (cow(random, 200), number(random)));
            event.measurements = measurements.collect();
            event.attributes = attributes(random);
            event.into()
        }
        5 => {
            let mut metric = MetricRecord::new(origin(random, now), cow(random, 1100), number(random));
            metric.count = random.flag().then(|| random.next());
            (metric.min, metric.max) = (random.flag().then(|| number(random)), random.flag().then(|| number(random)));
            (metric.interval, metric.attributes) = (random.flag().then(|| duration(random)), attributes(random));
            metric.into()
        }
        6 => {
            let mut page = PageViewRecord::new(origin(random, now), cow(random, 600));
            (page.url, page.duration) = (random.flag().then(|| cow(random, 3000)), Some(duration(random)));
            page.attributes = attributes(random);
            page.into()
        }
        _ => {
            let (origin, name) = (origin(random, now), cow(random, 1100));
            let mut test = AvailabilityRecord::new(origin, name, duration(random), random.flag());
            test.run_location = random.flag().then(|| cow(random, 1100));
            test.message = random.flag().then(|| cow(random, 9000));
            test.attributes = attributes(random);
            test.into()
        }
    }
}

fn stack(random: &mut Random) -> Cow<'static, str> {
    if random.flag() {
        return cow(random, 33_000);
    }
    let frames = (0..random.below(120)).map(|at| format!("{at}: {}x\n at {}a.rs:1:2\n", random.next(), at));
    frames.collect::<String>().into()
}

/// Method, path, query, scheme, host, route and user agent.
struct Head([String; 7]);

impl RequestHead for Head {
    fn method(&self) -> &str {
        &self.0[0]
    }

    fn path(&self) -> &str {
        &self.0[1]
    }

    fn query(&self) -> Option<&str> {
        Some(&self.0[2])
    }

    fn scheme(&self) -> Option<&str> {
        Some(&self.0[3])
    }

    fn host(&self) -> Option<&[u8]> {
        Some(self.0[4].as_bytes())
    }

    fn route(&self) -> Option<&str> {
        Some(&self.0[5])
    }

    fn user_agent(&self) -> Option<&[u8]> {
        Some(self.0[6].as_bytes())
    }

    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    fn version(&self) -> HttpVersion {
        HttpVersion::Http2
    }

    fn header(&self, _: Header) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}
