//! Work of a request in other tasks and threads.

use std::time::SystemTime;

use opencensus::core::{EventRecord, Origin, current};
use opencensus::{ClientLayer, DependencySpan, OpenCensusLayer, RequestTelemetry, Settings, in_request};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::shop::{Shop, Transaction};

fn call(name: &'static str) {
    DependencySpan::start("SQL", "db", name).end();
}

fn assert_below_the_request(handled: &Transaction, names: &[&str]) {
    let request = &handled.requests[0];
    let mut found: Vec<_> = handled.calls.iter().map(|call| &*call.name).collect();
    found.sort_unstable();
    assert_eq!(found, names);
    assert!(handled.calls.iter().all(|call| call.parent == Some(request.context().span_id())), "{handled:?}");
    assert!(handled.calls.iter().all(|call| call.operation.as_deref() == Some(&*request.name())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_and_threads_work_for_the_request() {
    let shop = Shop::new(Settings::default()).await;
    let handled = shop.handle(200, async {
        let request = RequestTelemetry::current();
        let (blocking, thread) = (request.clone(), request.clone());
        let lost = tokio::spawn(async { call("lost") });
        let task = tokio::spawn(in_request(async {
            call("task 1");
            tokio::task::yield_now().await;
            call("task 2");
        }));
        let blocking = tokio::task::spawn_blocking(move || blocking.scope(|| call("blocking")));
        for handle in [lost, task, blocking] {
            handle.await.unwrap();
        }
        std::thread::spawn(move || thread.scope(|| call("thread"))).join().unwrap();
        assert!(current::is_set());
    });
    assert_below_the_request(&handled.await, &["blocking", "task 1", "task 2", "thread"]);
}

#[tokio::test]
async fn worker_that_receives_requests_through_a_channel_works_for_each() {
    let shop = Shop::new(Settings::default()).await;
    let (sender, mut jobs) =
        tokio::sync::mpsc::channel::<(RequestTelemetry, &str, tokio::sync::oneshot::Sender<()>)>(1);
    let worker = tokio::spawn(async move {
        while let Some((request, name, done)) = jobs.recv().await {
            assert!(!current::is_set());
            request.instrument(async move { call(name) }).await;
            assert!(!current::is_set());
            done.send(()).unwrap();
        }
    });
    let handled = shop.handle(200, async move {
        for name in ["job 1", "job 2"] {
            let (done, finished) = tokio::sync::oneshot::channel();
            sender.send((RequestTelemetry::current(), name, done)).await.unwrap();
            finished.await.unwrap();
        }
    });
    assert_below_the_request(&handled.await, &["job 1", "job 2"]);
    worker.await.unwrap();
}

#[tokio::test]
async fn work_of_a_call_stays_below_the_call() {
    let shop = Shop::new(Settings::default()).await;
    let handled = shop.handle(200, async {
        let mut outer = DependencySpan::start("SDK", "stock", "outer");
        let context = outer.context();
        let spawn = async { tokio::spawn(in_request(async { (call("inner"), current::context()) })).await };
        assert_eq!(outer.instrument(spawn).await.unwrap().1, context);
    });
    let calls = handled.await.calls;
    assert_eq!((&*calls[0].name, calls[0].parent), ("inner", Some(calls[1].context.span_id())));
}

#[tokio::test]
async fn work_outside_of_a_request_is_the_same_without_one() {
    assert!(!in_request(async { current::is_set() }).await);
    assert!(!RequestTelemetry::current().scope(current::is_set));
}

#[tokio::test]
async fn work_that_outlives_its_request_belongs_to_it() {
    let shop = Shop::new(Settings::default()).await;
    let (request_ended, ended) = tokio::sync::oneshot::channel();
    let (sender, task) = tokio::sync::oneshot::channel();
    shop.handle(200, async move {
        let work = in_request(async move {
            ended.await.unwrap();
            RequestTelemetry::current().track(EventRecord::new(Origin::at(SystemTime::now()), "late"));
            call("late");
        });
        sender.send(tokio::spawn(work)).unwrap();
    })
    .await;
    request_ended.send(()).unwrap();
    task.await.unwrap().await.unwrap();
    assert_below_the_request(&shop.recorded().await, &["late"]);
}

#[tokio::test]
async fn request_that_is_handled_inside_of_a_call_is_not_in_it() {
    let shop = Shop::new(Settings::default()).await;
    let telemetry = shop.telemetry.clone();
    let handled = shop.handle(200, async move {
        let inner = service_fn(|_: http::Request<()>| async {
            call("inner");
            tokio::spawn(in_request(async { call("spawned") })).await.unwrap();
            Ok::<_, std::convert::Infallible>(http::Response::new(http_body_util::Empty::<bytes::Bytes>::new()))
        });
        let client = ClientLayer::new(telemetry.clone()).layer(OpenCensusLayer::new(telemetry).layer(inner));
        drop(client.oneshot(http::Request::get("http://shop.example/part").body(()).unwrap()).await.unwrap());
    });
    let handled = handled.await;
    let by_name = |name: &str| handled.calls.iter().find(|call| call.name == name).unwrap();
    let outer = by_name("GET shop.example");
    let inner = handled.requests.iter().find(|request| request.parent() == Some(outer.context.span_id())).unwrap();
    for name in ["inner", "spawned"] {
        assert_eq!(by_name(name).parent, Some(inner.context().span_id()), "{name}");
    }
}
