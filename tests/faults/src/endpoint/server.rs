//! The server: one thread a connection, and a listener that can be closed and opened again on the same port.

use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::endpoint::behaviour::{Behaviour, Decision};
use crate::endpoint::received::Received;
use crate::endpoint::request;

struct State {
    behaviour: Behaviour,
    // Increases with every change.
    change: u64,
    received: Received,
    connections: Vec<TcpStream>,
}

type Shared = Arc<Mutex<State>>;

struct Acceptor {
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// An ingestion endpoint on this machine. Its threads end with the process.
pub(crate) struct Endpoint {
    port: u16,
    shared: Shared,
    acceptor: Mutex<Option<Acceptor>>,
}

impl Endpoint {
    /// Starts an endpoint on a free port.
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("the port").port();
        let state = State { behaviour: Behaviour::Ok, change: 0, received: Received::default(), connections: vec![] };
        let shared = Arc::new(Mutex::new(state));
        let acceptor = Mutex::new(Some(accept(listener, shared.clone())));
        let endpoint = Self { port, shared, acceptor };
        endpoint.set(behaviour);
        endpoint
    }

    /// The port on which it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its connection string.
    pub(crate) fn connection_string(&self) -> String {
        let key = "c0ffee00-1234-4abc-8def-0123456789ab";
        format!("InstrumentationKey={key};IngestionEndpoint=http://127.0.0.1:{}/", self.port)
    }

    /// Changes the behaviour. Connections that wait for a response are closed.
    pub(crate) fn set(&self, behaviour: Behaviour) {
        let refuses = behaviour == Behaviour::Refuse;
        {
            let mut state = lock(&self.shared);
            state.behaviour = behaviour;
            state.change += 1;
        }
        let mut acceptor = self.acceptor.lock().expect("the acceptor");
        match acceptor.take() {
            Some(running) if refuses => self.close(running),
            None if !refuses => *acceptor = Some(accept(self.listen(), self.shared.clone())),
            unchanged => *acceptor = unchanged,
        }
    }

    /// A copy of what it has received.
    pub(crate) fn received(&self) -> Received {
        lock(&self.shared).received.clone()
    }

    /// The POST requests so far.
    pub(crate) fn posts(&self) -> u64 {
        lock(&self.shared).received.posts
    }

    /// Waits until all these items have arrived. Returns those that have not when the time is up.
    pub(crate) fn wait_for(&self, ids: &[u64], limit: Duration) -> Vec<u64> {
        let deadline = Instant::now() + limit;
        loop {
            let missing = lock(&self.shared).received.missing(ids);
            if missing.is_empty() || Instant::now() >= deadline {
                return missing;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn close(&self, acceptor: Acceptor) {
        acceptor.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        acceptor.thread.join().expect("the acceptor");
        for connection in lock(&self.shared).connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    fn listen(&self) -> TcpListener {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)) {
                Ok(listener) => return listener,
                Err(error) => assert!(Instant::now() < deadline, "port {}: {error}", self.port),
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().expect("the state")
}

fn accept(listener: TcpListener, shared: Shared) -> Acceptor {
    let stopped = Arc::new(AtomicBool::new(false));
    let stop = stopped.clone();
    let thread = std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            lock(&shared).connections.push(stream.try_clone().expect("a descriptor"));
            let shared = shared.clone();
            std::thread::spawn(move || {
                serve(&stream, &shared);
                let _ = stream.shutdown(Shutdown::Both);
                lock(&shared).connections.retain(|other| other.peer_addr().is_ok());
            });
        }
    });
    Acceptor { stopped, thread }
}

fn serve(stream: &TcpStream, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Some(request) = request::read(&mut reader) {
        let (decision, change) = {
            let mut state = lock(shared);
            state.received.note_post(request.bytes);
            (state.behaviour.decide(&request.ids, request.items), state.change)
        };
        let Some(decision) = decision else { return wait_for_change(stream, shared, change) };
        std::thread::sleep(decision.delay);
        if decision.status == 200 {
            lock(shared).received.accept(&request.ids);
        }
        let Ok(()) = respond(stream, &decision, request.items) else { return };
    }
}

fn wait_for_change(stream: &TcpStream, shared: &Shared, change: u64) {
    // A client that gives up closes its side.
    let _ = stream.set_read_timeout(Some(Duration::from_millis(20)));
    let mut byte = [0];
    while lock(shared).change == change {
        match stream.peek(&mut byte) {
            Ok(0) => return,
            Ok(_) => std::thread::sleep(Duration::from_millis(20)),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}

fn respond(mut stream: &TcpStream, decision: &Decision, items: usize) -> std::io::Result<()> {
    let accepted = if decision.status == 200 { items } else { 0 };
    let body = format!("{{\"itemsReceived\":{items},\"itemsAccepted\":{accepted},\"errors\":[]}}");
    let (status, header, length) = (decision.status, &decision.header, body.len());
    let text = format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n{header}\r\n{body}");
    stream.write_all(text.as_bytes())
}
