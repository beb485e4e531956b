//! Runs a shop on axum, and a portal that shows its telemetry, in one process.
//!
//! ```text
//! cargo run -p quickstart            # until Ctrl-C or SIGTERM
//! cargo run -p quickstart -- --once  # sends 200 requests, and fails if a row is missing or wrong
//! ```
//!
//! If `APPLICATIONINSIGHTS_CONNECTION_STRING` is set, the telemetry is sent to that resource, and no portal
//! starts.

mod shop;
mod table;
mod traffic;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use opencensus::stats::Report;
use opencensus::{Settings, Telemetry};
use opencensus_portal::{Filter, ItemKind, Portal};
use tokio::net::TcpListener;
use traffic::{Kind, Traffic};

/// The time limit of each wait.
const LIMIT: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    expect_panics();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => keep_running().await,
        ["--once"] => once().await,
        _ => Err("usage: quickstart [--once]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Hides the message of the panic that one kind of request intends.
fn expect_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_meant = panic.payload().downcast_ref::<String>().is_some_and(|message| message == shop::PANIC);
        if !is_meant {
            usual(panic);
        }
    }));
}

/// The running shop, and the portal that receives its telemetry.
struct Running {
    telemetry: Telemetry,
    // `None`: the environment names another destination.
    portal: Option<Portal>,
    traffic: Traffic,
}

impl Running {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let settings = Settings::from_env()?;
        let (settings, portal) = match settings.azure.connection_string {
            Some(_) => (settings, None),
            None => {
                let portal = Portal::start()?;
                (settings.with_connection_string(portal.connection_string().parse()?), Some(portal))
            }
        };
        let settings = settings.with_service_name("shop").with_blacklist_paths(["/health"]);
        let telemetry = settings.start()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (app, waiting) = shop::app(telemetry.clone());
        // With the clients' addresses.
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        println!("shop    http://{address}/");
        match &portal {
            Some(portal) => println!("portal  {}\n", portal.url()),
            None => println!("sending to APPLICATIONINSIGHTS_CONNECTION_STRING\n"),
        }
        Ok(Self { telemetry, portal, traffic: Traffic::new(address, waiting) })
    }
}

/// Sends requests without end, and prints rows as they arrive.
async fn keep_running() -> Result<(), Box<dyn Error>> {
    let running = Running::start().await?;
    println!("{}", table::HEAD);
    let work = async {
        let mut last_id = 0;
        for kind in Kind::ALL.into_iter().cycle() {
            running.traffic.send(kind).await?;
            last_id = print_new(running.portal.as_ref(), last_id).await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok::<(), Box<dyn Error>>(())
    };
    tokio::select! {
        result = work => result?,
        () = opencensus::shutdown_signal() => {}
    }
    println!("\n{}", running.telemetry.shutdown(LIMIT).await);
    Ok(())
}

async fn print_new(portal: Option<&Portal>, last_id: i64) -> Result<i64, Box<dyn Error>> {
    let Some(portal) = portal else { return Ok(last_id) };
    let items = portal.items(Filter::requests().after(last_id), 100).await?;
    for item in items.iter().rev() {
        println!("{}", table::row(item));
    }
    Ok(items.first().map_or(last_id, |item| item.id))
}

/// Sends 200 requests of all kinds, and checks that exactly the expected rows arrived.
async fn once() -> Result<(), Box<dyn Error>> {
    let running = Running::start().await?;
    let sent = traffic::plan(200);
    for kind in &sent {
        running.traffic.send(*kind).await?;
    }
    // Cancelled requests end a moment later than the last response.
    until_accepted(&running.telemetry, items(&sent)).await;
    let report = running.telemetry.shutdown(LIMIT).await;
    let Some(portal) = &running.portal else { return check_report(&report, &sent) };
    let items = portal.items(Filter::requests(), 1000).await?;
    println!("{}", table::HEAD);
    for item in items.iter().take(20).rev() {
        println!("{}", table::row(item));
    }
    println!("…\n\n{}\n", table::summary(&items, &sent));
    check_report(&report, &sent)?;
    let mut faults = table::faults(&items, &sent);
    let (found, _) = portal.count(Filter::default().of_kind(ItemKind::Exception).named(shop::PANIC_TYPE)).await?;
    if found != exceptions(&sent) as u64 {
        faults.push(format!("{found} exceptions arrived, not {}", exceptions(&sent)));
    }
    if faults.is_empty() {
        println!("All {} rows and {found} exceptions are correct. {report}", items.len());
        return Ok(());
    }
    Err(faults.join("\n").into())
}

async fn until_accepted(telemetry: &Telemetry, count: u64) {
    let deadline = Instant::now() + LIMIT;
    while telemetry.stats().accepted < count && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The number of items that the requests produce: rows, and exceptions below them.
fn items(sent: &[Kind]) -> u64 {
    let rows = sent.iter().filter(|kind| kind.row().is_some()).count();
    (rows + exceptions(sent)) as u64
}

fn exceptions(sent: &[Kind]) -> usize {
    sent.iter().filter(|kind| kind.has_exception()).count()
}

fn check_report(report: &Report, sent: &[Kind]) -> Result<(), Box<dyn Error>> {
    let expected = items(sent);
    if report.complete && report.stats.delivered == expected {
        return Ok(());
    }
    Err(format!("{expected} items should have been delivered, but: {report}").into())
}
