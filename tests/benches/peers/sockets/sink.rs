//! An endpoint that accepts everything.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::Uri;
use bytes::Bytes;

use crate::child::{self, Child};
use crate::items;

/// The bodies that arrived.
type Bodies = Arc<Mutex<Vec<Bytes>>>;

/// What arrived since the last call.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Received {
    pub(crate) posts: usize,
    pub(crate) bytes: usize,
    pub(crate) items: usize,
}

/// A sink in another process.
pub(crate) struct Sink {
    child: Child,
    pub(crate) address: String,
}

impl Sink {
    /// Starts a sink that responds after `delay` seconds.
    pub(crate) fn start(delay: u64) -> Self {
        let (child, address) = Child::start(&["--sink", &delay.to_string()]);
        Self { child, address }
    }

    /// Counts what arrived since the last call.
    pub(crate) fn take(&mut self) -> Received {
        let line = self.child.command("take");
        let mut numbers = line.split(' ').map(|number| number.parse().expect("a number"));
        let mut next = || numbers.next().expect("three numbers");
        Received { posts: next(), bytes: next(), items: next() }
    }
}

/// Runs a sink until the standard input ends.
pub(crate) fn run(delay: u64) {
    let bodies = Bodies::default();
    let state = Arc::clone(&bodies);
    thread::spawn(move || serve(state, Duration::from_secs(delay)));
    child::obey(|_| {
        let bodies = std::mem::take(&mut *bodies.lock().expect("no panic"));
        let bytes: usize = bodies.iter().map(Bytes::len).sum();
        let items: usize = bodies.iter().map(|body| items::count(body)).sum();
        format!("{} {bytes} {items}", bodies.len())
    });
    std::process::exit(0);
}

fn serve(bodies: Bodies, delay: Duration) {
    let accept = move |State(bodies): State<Bodies>, uri: Uri, body: Bytes| async move {
        bodies.lock().expect("no panic").push(body);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        // An empty message of OTLP, or an empty object.
        if uri.path() == "/v1/traces" { "" } else { "{}" }
    };
    let router = Router::new().fallback(accept).layer(DefaultBodyLimit::disable()).with_state(bodies);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        axum::serve(listener, router).await.expect("it serves");
    });
}
