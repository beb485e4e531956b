//! Notes where a panic happened, for the exception item of the request that it ends.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use opencensus_core::{RequestSpan, TraceContext};

thread_local! {
    static LAST: RefCell<Option<Noted>> = const { RefCell::new(None) };
}

/// Where a panic happened.
#[derive(Clone, Debug)]
pub(crate) struct PanicPlace {
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The backtrace, if the environment enables it.
    pub(crate) stack: Option<String>,
}

/// A place with what identifies the panic.
struct Noted {
    request: TraceContext,
    message: String,
    place: PanicPlace,
}

/// Adds the location of a panic to the exception item of the request that it ends, and the backtrace if the environment
/// enables it (`RUST_BACKTRACE`). Call it once at start: the hook calls the one before it, which by default prints the panic.
/// Later calls do nothing. Without it the item has the panic's message alone.
///
/// # Panics
///
/// Panics if the thread is panicking.
///
/// # Examples
///
/// ```
/// opencensus::install_panic_hook();
/// ```
pub fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            note(info);
            previous(info);
        }));
    });
}

/// Keeps the place of a panic in a request that is recorded.
fn note(info: &PanicHookInfo<'_>) {
    let (Some(span), Some(location)) = (RequestSpan::current(), info.location()) else { return };
    let backtrace = Backtrace::capture();
    let stack = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    let place = PanicPlace { file: location.file().to_owned(), line: location.line(), stack };
    let noted = Noted { request: span.context(), message: message(info.payload()), place };
    let _ = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = Some(noted);
        }
    });
}

/// The place of the last panic of this thread, if it is this one: `resume_unwind` calls no hook.
pub(crate) fn take_place(request: TraceContext, message: &str) -> Option<PanicPlace> {
    let noted = LAST.try_with(|last| last.try_borrow_mut().ok()?.take()).ok()??;
    (noted.request == request && noted.message == message).then_some(noted.place)
}

/// The message of a panic.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panic without a text").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_outside_of_a_request_is_not_noted() {
        install_panic_hook();
        install_panic_hook();
        assert!(panic::catch_unwind(|| panic!("outside")).is_err());
        assert!(take_place(TraceContext::root(), "outside").is_none());
    }
}
