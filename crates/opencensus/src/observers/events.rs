//! Emits responses as events of `tracing`.

use opencensus_core::{Observer, ResponseEvent};
use tracing::Level;
use tracing::level_filters::LevelFilter;

/// Emits events of `tracing`: errors for 5xx and suspicious requests and, if they are wanted, warnings for other 4xx, with
/// the targets `opencensus.request` and `opencensus.security`, and an event with the target `opencensus.server` for every response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Events {
    pub(crate) requests: bool,
    /// Whether a 4xx is an event as well.
    pub(crate) client_errors: bool,
    pub(crate) security: bool,
    pub(crate) server: bool,
}

const REQUEST: &str = "opencensus.request";
const SECURITY: &str = "opencensus.security";
const SERVER: &str = "opencensus.server";

/// A macro, because levels and targets of `tracing` are constants.
macro_rules! emit {
    ($level:ident, $target:expr, $response:expr, $($more:tt)*) => {
        tracing::$level!(
            target: $target,
            status = $response.status,
            method = $response.method,
            trace_id = $response.context.map(|context| tracing::field::display(context.trace_id())),
            error = $response.error,
            error_type = $response.error_type,
            cause = $response.cause.map(tracing::field::display),
            $($more)*
            "{}",
            $response.message()
        )
    };
}

impl Observer for Events {
    fn is_enabled(&self) -> bool {
        // Every request calls this. Without a subscriber, the other checks cost four times as much.
        if LevelFilter::current() < Level::ERROR {
            return false;
        }
        self.requests && tracing::enabled!(target: REQUEST, Level::ERROR)
            || self.security && tracing::enabled!(target: SECURITY, Level::ERROR)
            || self.server && tracing::enabled!(target: SERVER, Level::ERROR)
    }

    fn observes_success(&self) -> bool {
        self.server && tracing::enabled!(target: SERVER, Level::INFO)
    }

    fn observes_body_failures(&self) -> bool {
        self.requests && tracing::enabled!(target: REQUEST, Level::ERROR)
    }

    fn on_body_failure(&self, failure: &ResponseEvent<'_>) {
        if self.requests {
            emit!(error, REQUEST, failure,);
        }
    }

    fn on_response(&self, response: &ResponseEvent<'_>) {
        if self.server {
            emit_line(response);
        }
        if response.status < 400 {
            return;
        }
        let is_error = response.is_error();
        match response.suspicion {
            Some(kind) if self.security && is_error => emit!(error, SECURITY, response, kind,),
            Some(kind) if self.security => emit!(warn, SECURITY, response, kind,),
            Some(_) => {}
            None if !self.requests => {}
            None if is_error => emit!(error, REQUEST, response,),
            None if self.client_errors => emit!(warn, REQUEST, response,),
            None => {}
        }
    }
}

/// One line per response, as in a server's access log.
fn emit_line(response: &ResponseEvent<'_>) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: SERVER,
                status = response.status,
                length = response.length,
                trace_id = response.context.map(|context| tracing::field::display(context.trace_id())),
                "{}",
                response.request_line()
            )
        };
    }
    match response.status {
        500.. => line!(error),
        400.. => line!(warn),
        _ => line!(info),
    }
}
