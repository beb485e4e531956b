//! The server that is measured: a process with one thread that serves.

use std::thread;

use crate::app::App;
use crate::child;
use crate::variant::Variant;

/// The name of the thread that serves.
pub(crate) const THREAD: &str = "serve";

/// Serves until the standard input ends. Prints the address; a line flushes the telemetry
/// and is responded to with the number of items that are refused or dropped.
pub(crate) fn run(variant: Variant, endpoint: &str) {
    let app = App::start(variant, endpoint);
    let router = app.router.clone();
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            println!("{}", listener.local_addr().expect("an address"));
            axum::serve(listener, router).await.expect("it serves");
        });
    };
    thread::Builder::new().name(THREAD.to_owned()).spawn(serve).expect("a thread");
    child::obey(|_| {
        app.flush();
        let lost = app.stats().map_or(0, |stats| stats.refused.full + stats.dropped.total());
        lost.to_string()
    });
    std::process::exit(0);
}
