//! Answers as events of `tracing`.

use opencensus_core::{Observer, ResponseEvent};
use tracing::Level;

/// Tells answers to `tracing`: 5xx and what is suspicious as errors, 4xx as warnings, with the constant targets
/// `opencensus.request` and `opencensus.security`; and each response, by its status, with `opencensus.server`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Events {
    pub(crate) requests: bool,
    pub(crate) security: bool,
    pub(crate) server: bool,
}

const REQUEST: &str = "opencensus.request";
const SECURITY: &str = "opencensus.security";
const SERVER: &str = "opencensus.server";

/// `tracing` wants constant levels and targets.
macro_rules! tell {
    ($level:ident, $target:expr, $response:expr, $($more:tt)*) => {
        tracing::$level!(
            target: $target,
            status = $response.status,
            method = $response.method,
            trace_id = $response.context.map(|context| tracing::field::display(context.trace_id())),
            error = $response.error,
            cause = $response.cause.map(tracing::field::display),
            $($more)*
            "{}",
            $response.message()
        )
    };
}

impl Observer for Events {
    fn is_enabled(&self) -> bool {
        self.requests && tracing::enabled!(target: REQUEST, Level::ERROR)
            || self.security && tracing::enabled!(target: SECURITY, Level::ERROR)
            || self.server && tracing::enabled!(target: SERVER, Level::ERROR)
    }

    fn observes_success(&self) -> bool {
        self.server && tracing::enabled!(target: SERVER, Level::INFO)
    }

    fn on_response(&self, response: &ResponseEvent<'_>) {
        if self.server {
            tell_line(response);
        }
        if response.status < 400 {
            return;
        }
        let is_error = response.is_error();
        match response.suspicion {
            Some(kind) if self.security && is_error => tell!(error, SECURITY, response, kind,),
            Some(kind) if self.security => tell!(warn, SECURITY, response, kind,),
            Some(_) => {}
            None if !self.requests => {}
            None if is_error => tell!(error, REQUEST, response,),
            None => tell!(warn, REQUEST, response,),
        }
    }
}

/// A line for every response, as a server's log has it.
fn tell_line(response: &ResponseEvent<'_>) {
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
