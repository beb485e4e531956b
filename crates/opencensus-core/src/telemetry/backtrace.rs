//! Shortens backtraces.

/// The standard library's mark between a panic's own frames and those below.
const MARK: &str = "__rust_end_short_backtrace";

/// A backtrace, as `std::backtrace::Backtrace` prints it, from the function that failed: the frames above it belong to the
/// standard library, to a panic hook, or to `anyhow`, and would be the same for every error. The whole text if no frame is left.
pub(super) fn of_the_failure(backtrace: &str) -> String {
    let lines: Vec<_> = backtrace.lines().collect();
    let below = lines.iter().position(|line| line.contains(MARK)).map_or(0, |mark| mark + 1);
    let start = lines.iter().skip(below).position(|line| method(line).is_some_and(|method| !is_of_a_library(method)));
    start.map_or_else(|| backtrace.to_owned(), |start| lines[below + start..].join("\n"))
}

/// The method of a line such as `  12: shop::reserve`.
fn method(line: &str) -> Option<&str> {
    let (number, method) = line.trim_start().split_once(": ")?;
    number.parse::<u32>().ok().map(|_| method)
}

fn is_of_a_library(method: &str) -> bool {
    const LIBRARIES: [&str; 7] = ["alloc::", "anyhow::", "core::", "eyre::", "rust_begin_unwind", "std::", "__rustc::"];
    // `<core::result::Result<T, F> as …>::from_residual`, `<T as core::convert::Into<U>>::into`
    let path = method.strip_prefix('<').map_or(method, |path| path.strip_prefix("T as ").unwrap_or(path));
    LIBRARIES.iter().any(|library| path.starts_with(library))
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
        assert_eq!(of_the_failure(text), expected);
    }

    #[test]
    fn backtrace_of_an_error_begins_with_the_function_that_returned_it() {
        let text = "   0: anyhow::error::<impl anyhow::Error>::new\n             at anyhow/src/backtrace.rs:10:14\n   \
                    1: <core::result::Result<T, F> as core::ops::FromResidual>::from_residual\n   \
                    2: <T as core::convert::Into<U>>::into\n   3: shop::reserve\n";
        assert_eq!(of_the_failure(text), "   3: shop::reserve");
        for whole in ["   0: core::ops::function::FnOnce::call_once", "no backtrace", ""] {
            assert_eq!(of_the_failure(whole), whole);
        }
    }
}
