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
    let stack = (backtrace.status() == BacktraceStatus::Captured).then(|| below_the_panic(&backtrace.to_string()));
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

/// The standard library's mark between a panic's own frames and those below.
const MARK: &str = "__rust_end_short_backtrace";

/// The frames of a backtrace from the function that panicked: those above it belong to the hook and the standard library,
/// and would be the same in every panic. The whole text if it has no mark.
fn below_the_panic(backtrace: &str) -> String {
    let lines: Vec<_> = backtrace.lines().collect();
    let is_frame = |line: &&str| method(line).is_some();
    let Some(mark) = lines.iter().position(|line| line.contains(MARK)) else { return backtrace.to_owned() };
    let mut frames = (mark + 1..lines.len()).filter(|at| is_frame(&lines[*at]));
    let Some(start) = frames.find(|at| !method(lines[*at]).is_some_and(is_standard)) else {
        return backtrace.to_owned();
    };
    lines[start..].join("\n")
}

/// The method of a line of a backtrace such as `  12: shop::reserve`.
fn method(line: &str) -> Option<&str> {
    let (number, method) = line.trim_start().split_once(": ")?;
    number.parse::<u32>().ok().map(|_| method)
}

fn is_standard(method: &str) -> bool {
    const STANDARD: [&str; 7] = ["core::", "std::", "alloc::", "<core::", "<alloc::", "__rustc", "rust_begin_unwind"];
    STANDARD.iter().any(|prefix| method.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backtrace_of_a_panic_begins_with_the_function_that_panicked() {
        let text = "   0: std::backtrace::Backtrace::capture\n   1: opencensus::note\n             at ./a.rs:1:1\n   \
                    2: std::sys::backtrace::__rust_end_short_backtrace\n   3: __rustc::rust_begin_unwind\n   \
                    4: core::panicking::panic_fmt\n             at /rustc/library/core/src/panicking.rs:80:14\n   \
                    5: shop::reserve\n             at ./src/main.rs:10:5\n   6: std::rt::lang_start\n";
        let expected = "   5: shop::reserve\n             at ./src/main.rs:10:5\n   6: std::rt::lang_start";
        assert_eq!(below_the_panic(text), expected);
        assert_eq!(below_the_panic("   0: main"), "   0: main");
    }

    #[test]
    fn panic_outside_of_a_request_is_not_noted() {
        install_panic_hook();
        install_panic_hook();
        assert!(panic::catch_unwind(|| panic!("outside")).is_err());
        assert!(take_place(TraceContext::root(), "outside").is_none());
    }
}
