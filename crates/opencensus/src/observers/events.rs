//! Answers as events of `tracing`.

use opencensus_core::{Observer, ResponseEvent};
use tracing::Level;

/// Tells answers to `tracing`: 5xx and what is suspicious as errors, 4xx as warnings, with the constant targets
/// `opencensus.request` and `opencensus.security`; and each answer, by its status, with `opencensus.server`.
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
    ($level:ident, $target:expr, $answer:expr, $($more:tt)*) => {
        tracing::$level!(
            target: $target,
            status = $answer.status,
            method = $answer.method,
            trace_id = $answer.context.map(|context| tracing::field::display(context.trace_id())),
            error = $answer.error,
            cause = $answer.cause.map(tracing::field::display),
            $($more)*
            "{}",
            $answer.message()
        )
    };
}

impl Observer for Events {
    fn is_interested(&self) -> bool {
        self.requests && tracing::enabled!(target: REQUEST, Level::ERROR)
            || self.security && tracing::enabled!(target: SECURITY, Level::ERROR)
            || self.server && tracing::enabled!(target: SERVER, Level::ERROR)
    }

    fn observes_success(&self) -> bool {
        self.server && tracing::enabled!(target: SERVER, Level::INFO)
    }

    fn answered(&self, answer: &ResponseEvent<'_>) {
        if self.server {
            tell_line(answer);
        }
        if answer.status < 400 {
            return;
        }
        let is_error = answer.is_error();
        match answer.suspicion {
            Some(kind) if self.security && is_error => tell!(error, SECURITY, answer, kind,),
            Some(kind) if self.security => tell!(warn, SECURITY, answer, kind,),
            Some(_) => {}
            None if !self.requests => {}
            None if is_error => tell!(error, REQUEST, answer,),
            None => tell!(warn, REQUEST, answer,),
        }
    }
}

/// A line for every answer, as a server's log has it.
fn tell_line(answer: &ResponseEvent<'_>) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: SERVER,
                status = answer.status,
                length = answer.length,
                trace_id = answer.context.map(|context| tracing::field::display(context.trace_id())),
                "{}",
                answer.request_line()
            )
        };
    }
    match answer.status {
        500.. => line!(error),
        400.. => line!(warn),
        _ => line!(info),
    }
}
