//! The effect of mails to administrators on the time of requests, for mail servers that work and that hang.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench mail
//! ```
//!
//! Requests with ten headers pass the middleware, unsampled. For one in ten the handler returns an error, which is
//! logged. The cases: no administrators, a mail server that accepts mails at once, and one that accepts connections and
//! never replies. Rounds of the three alternate for a minute; each percentile is the median over the rounds.

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Request, Response};
use opencensus::logging::handlers::{Handler, HandlerError};
use opencensus::logging::mail::{MailSettings, SmtpServer};
use opencensus::logging::{Level, Logging, Record};
use opencensus::sampling::SamplerSetting;
use opencensus::tower::OpenCensusService;
use opencensus::{Failure, InMemoryExporter, OpenCensusLayer, Settings};
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, Service as _, ServiceBuilder, service_fn};

/// The length of the measurement.
const RUN: Duration = Duration::from_secs(60);
const REQUESTS: usize = 2_000;

type Shop = BoxCloneSyncService<Request<()>, Response<http_body_util::Empty<bytes::Bytes>>, Infallible>;

struct Subject {
    name: &'static str,
    service: OpenCensusService<Shop>,
    logging: Logging,
    percentiles: [Vec<u64>; 2],
}

/// Discards every record.
struct Discard;

impl Handler for Discard {
    fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
        Ok(())
    }
}

fn subject(name: &'static str, server: Option<SocketAddr>) -> Subject {
    let mut mail = MailSettings::default();
    if let Some(address) = server {
        let server = SmtpServer::new(address.ip().to_string()).with_port(address.port());
        mail = mail.with_admins(["ann@shop.example"]).with_smtp(&server).expect("it needs no certificates");
    }
    let logging = Logging::builder().with_mail(mail).build();
    let configuration = "
        version = 1
        handlers.mail_admins = { class = \"mail_admins\", level = \"ERROR\", window = 2 }
        root.handlers = [\"mail_admins\"]
    ";
    logging.configure_toml(configuration).expect("a valid configuration");
    logging.add_handler("", "discard", Level::DEBUG, Discard);
    let settings = Settings::default().with_sampler(SamplerSetting::AlwaysOff).with_logging(&logging);
    let telemetry = settings.start_with(InMemoryExporter::default()).expect("it starts");
    let handler = service_fn(|request: Request<()>| async move {
        Ok(match request.uri().path() {
            "/" => Response::default(),
            _ => Failure::from(std::io::Error::other("no chairs")).with_body(Default::default()),
        })
    });
    let service = OpenCensusLayer::new(telemetry)
        .layer(ServiceBuilder::new().layer_fn(BoxCloneSyncService::new).service(handler));
    Subject { name, service, logging, percentiles: [Vec::new(), Vec::new()] }
}

fn request(number: usize) -> Request<()> {
    let path = if number.is_multiple_of(10) { "/error?q=1" } else { "/" };
    let mut request = Request::get(path).header("host", "shop.example").header("user-agent", "curl/8");
    for name in ["accept", "accept-language", "cookie", "referer", "x-a", "x-b", "x-c", "x-d"] {
        request = request.header(name, "something=or other");
    }
    request.body(()).expect("a valid request")
}

impl Subject {
    fn round(&mut self) {
        let mut times: Vec<_> = (0..REQUESTS)
            .map(|number| {
                let request = request(number);
                let begun = Instant::now();
                let response = futures_executor::block_on(self.service.call(request));
                let time = begun.elapsed();
                drop(response);
                time.as_nanos() as u64
            })
            .collect();
        times.sort_unstable();
        for (at, percentile) in [50, 99].into_iter().enumerate() {
            self.percentiles[at].push(times[times.len() * percentile / 100]);
        }
    }
}

/// Accepts every mail.
fn accept_mails(stream: &TcpStream) -> std::io::Result<()> {
    let mut out = stream;
    out.write_all(b"220 shop\r\n")?;
    let mut in_data = false;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        let reply = match (in_data, &*line.to_ascii_uppercase()) {
            (true, ".") => "250 ok",
            (true, _) => continue,
            (false, "DATA") => "354 send the mail",
            (false, "QUIT") => "221 bye",
            (false, _) => "250 ok",
        };
        in_data = reply.starts_with("354");
        out.write_all(format!("{reply}\r\n").as_bytes())?;
    }
    Ok(())
}

fn main() {
    let (accepting, silent) = (listen(), listen());
    let addresses = [&accepting, &silent].map(|listener| listener.local_addr().expect("it listens"));
    std::thread::spawn(move || {
        for stream in accepting.incoming().map_while(Result::ok) {
            std::thread::spawn(move || accept_mails(&stream));
        }
    });
    let mut subjects = [
        subject("no administrators", None),
        subject("a server that accepts mails", Some(addresses[0])),
        subject("a server that hangs", Some(addresses[1])),
    ];
    let begun = Instant::now();
    while begun.elapsed() < RUN {
        subjects.iter_mut().for_each(Subject::round);
    }
    println!("{:<28} {:>8} {:>8} {:>8}", "", "p50, ns", "p99, ns", "waiting");
    for subject in &mut subjects {
        let stats = subject.logging.stats().handlers["mail_admins"];
        let [p50, p99] = &mut subject.percentiles;
        p50.sort_unstable();
        p99.sort_unstable();
        let median = p50.len() / 2;
        println!("{:<28} {:>8} {:>8} {:>8}", subject.name, p50[median], p99[median], stats.mails.waiting);
        assert_eq!(stats.lost(), 0, "{stats:?}");
    }
    // Only the server that accepts mails is waited for.
    subjects[1].logging.shutdown(Duration::from_secs(10));
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}
