//! Spans carry their request to tasks and threads.

use std::sync::{Arc, Mutex};

use opencensus::Settings;
use opencensus::sampling::SamplerSetting;
use opencensus::tracing::Options;
use opencensus_core::current;
use tracing::instrument::WithSubscriber as _;
use tracing::{Dispatch, Instrument as _, dispatcher};

use super::{Service, attribute, handle_below};

fn service() -> Service {
    Service::new(Settings::default(), Options::default())
}

fn dispatch() -> Dispatch {
    dispatcher::get_default(Clone::clone)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn task_that_is_spawned_with_a_span_belongs_to_the_request() {
    let service = service();
    let context = Arc::new(Mutex::new(None));
    let task = {
        let context = Arc::clone(&context);
        async move {
            for step in 0..20 {
                tokio::task::yield_now().await;
                tracing::info_span!("step", step).in_scope(|| tracing::info!("a line"));
            }
            *context.lock().unwrap() = current::context();
        }
    };
    service
        .handle(200, async {
            let task = task.instrument(tracing::info_span!("task")).with_subscriber(dispatch());
            tokio::spawn(task).await.unwrap();
        })
        .await;
    let (request, task) = (service.request(), service.span("task"));
    assert_eq!(task.parent, Some(request.context().span_id()));
    assert_eq!(*context.lock().unwrap(), Some(task.context));
    let steps: Vec<_> = service.exporter.spans().into_iter().filter(|span| span.name == "step").collect();
    assert_eq!(steps.len(), 20);
    for step in &steps {
        assert_eq!(step.parent, Some(task.context.span_id()));
        assert_eq!(step.operation.as_deref(), Some(&*request.name()));
        let lines = service.exporter.messages();
        assert_eq!(lines.iter().filter(|line| line.origin.context == Some(step.context)).count(), 1);
    }
    assert!(attribute(&steps[0].attributes, "step").is_some());
}

#[tokio::test]
async fn span_that_is_closed_on_another_thread_is_sent_and_the_thread_keeps_no_request() {
    let service = service();
    service
        .handle(200, async {
            let (span, dispatch) = (tracing::info_span!("elsewhere"), dispatch());
            let work = move || {
                dispatcher::with_default(&dispatch, || {
                    span.in_scope(|| assert!(current::is_set()));
                    assert!(!current::is_set());
                    drop(span);
                });
            };
            std::thread::spawn(work).join().unwrap();
        })
        .await;
    let request = service.request();
    assert_eq!(service.span("elsewhere").parent, Some(request.context().span_id()));
}

#[tokio::test]
async fn span_that_ends_after_its_request_is_sent() {
    let service = service();
    let late = Mutex::new(None);
    service.handle(200, async { *late.lock().unwrap() = Some(tracing::info_span!("late")) }).await;
    let request = service.request();
    late.into_inner().unwrap().unwrap().in_scope(|| tracing::info!("after the end"));
    assert_eq!(service.span("late").parent, Some(request.context().span_id()));
    assert_eq!(service.messages(), ["after the end"]);
    assert_eq!(service.exporter.messages()[0].origin.operation.as_deref(), Some(&*request.name()));
}

#[tokio::test]
async fn thread_that_handles_another_request_of_the_trace_keeps_it() {
    let service = service();
    let outer = Mutex::new(None);
    service.handle(200, async { *outer.lock().unwrap() = Some(tracing::info_span!("of the first")) }).await;
    let (first, span) = (service.request(), outer.into_inner().unwrap().unwrap());
    let second = async {
        tracing::info!("before");
        span.in_scope(|| tracing::info!("in a span of the first"));
        tracing::info_span!("of the second").in_scope(|| span.in_scope(|| tracing::info!("in both")));
    };
    // Also while the thread is in a span of the first.
    let _entered = span.clone().entered();
    handle_below(&service.telemetry, Some(first.context()), 200, second).await;
    service.flush();
    let second = &service.exporter.requests()[1];
    assert_eq!(second.context().trace_id(), first.context().trace_id());
    let lines: Vec<_> = service.exporter.messages().iter().map(|line| line.origin.context.unwrap()).collect();
    let of_second = service.span("of the second");
    assert_eq!(lines, [second.context(), second.context(), of_second.context]);
    assert_eq!(of_second.parent, Some(second.context().span_id()));
}

#[tokio::test]
async fn other_threads_do_not_send_for_requests_that_are_not_kept() {
    let service = Service::new(Settings::default().with_sampler(SamplerSetting::AlwaysOff), Options::default());
    service
        .handle(200, async {
            let task = async {
                tokio::task::yield_now().await;
                tracing::info_span!("inner").in_scope(|| tracing::info!("a line"));
            };
            let task = task.instrument(tracing::info_span!("task")).with_subscriber(dispatch());
            tokio::spawn(task).await.unwrap();
        })
        .await;
    service.flush();
    assert!(service.exporter.items().is_empty(), "{:#?}", service.exporter.items());
}
