//! What telemetry costs a real server, and what happens when its endpoint fails.
//!
//! ```text
//! cargo bench --manifest-path tests/benches/peers/Cargo.toml --bench sockets
//! ```
//!
//! With `--quick`, or `BENCH_QUICK=1`, it takes less than a minute and its figures mean little. `--sockets` and
//! `--overload` run one of the two parts; other arguments select variants by a part of their name. On Linux only; the
//! first part requires `wrk`.
//!
//! **Sockets**: `axum::serve` with one thread in a process of its own, under `wrk -t1 -c32`. In each round, bare and
//! variant alternate. Exporters send to a sink in another process, which keeps the bodies and counts the items after the
//! measured time. Each round ends with a flush, whose processor time counts. The figure to compare is the processor time of
//! the server's process: requests a second depend on what else runs on the machine.
//!
//! **Overload**: a million requests, in process and at full speed, while nothing listens at the endpoint, or while it
//! responds after 5 s.
//!
//! The exporters of the peers block their thread and get the cheapest client there is: a socket that is written and
//! read by that thread.

mod app;
mod child;
mod items;
mod load;
#[path = "../../common/markdown.rs"]
mod markdown;
mod overload;
mod plain_client;
#[path = "../../common/ready.rs"]
mod ready;
mod rounds;
mod server;
mod sink;
mod usage;
mod variant;

use crate::variant::Variant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--sink", delay] => sink::run(delay.parse().expect("seconds")),
        ["--server", variant, endpoint] => server::run(Variant::find(variant), endpoint),
        ["--overloaded", variant, endpoint, requests] => {
            overload::run(Variant::find(variant), endpoint, requests.parse().expect("a number"));
        }
        _ => print_all(&arguments),
    }
}

fn print_all(arguments: &[String]) {
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let is_quick = has("--quick") || std::env::var_os("BENCH_QUICK").is_some_and(|value| value != "0");
    let names: Vec<&str> = arguments.iter().map(String::as_str).filter(|name| !name.starts_with("--")).collect();
    let is_selected = |variant: &Variant| names.is_empty() || names.iter().any(|name| variant.name().contains(name));
    if !has("--overload") {
        rounds::print(is_quick, is_selected);
    }
    if !has("--sockets") {
        overload::print(is_quick, is_selected);
    }
}
