//! The application: one route, called in process.

use actix_web::body::{self, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::TestRequest;
use actix_web::{Error, web};

use crate::parents::{Parents, Request};
use crate::ready::now;

/// An application that is called in process.
pub(crate) struct App {
    call: Box<dyn Fn(TestRequest)>,
    parents: Parents,
    flush: Box<dyn Fn()>,
}

impl App {
    pub(crate) fn of<S, B>(service: S, flush: impl Fn() + 'static) -> Self
    where
        S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody,
    {
        let call = move |request: TestRequest| {
            let response = now(service.call(request.to_request())).expect("a response");
            let Ok(body) = now(body::to_bytes(response.into_body())) else { panic!("no body") };
            assert_eq!(&body[..], b"seven");
        };
        Self { call: Box::new(call), parents: Parents::new(), flush: Box::new(flush) }
    }

    pub(crate) fn routes(config: &mut web::ServiceConfig) {
        let handler = async |id: web::Path<u32>| if *id == 7 { "seven" } else { "other" };
        config.route("/users/{id}", web::get().to(handler));
    }

    /// Empties the queue.
    pub(crate) fn flush(&self) {
        (self.flush)();
    }

    /// Sends one request and reads the body to its end. Everything is ready at once, so nothing waits.
    pub(crate) fn serve(&mut self, request: Request) {
        let mut built = TestRequest::with_uri("/users/7")
            .insert_header(("host", "shop.example"))
            .insert_header(("user-agent", "bench/1.0"));
        if let Some(header) = self.parents.header(request) {
            built = built.insert_header(header);
        }
        (self.call)(built);
    }
}
