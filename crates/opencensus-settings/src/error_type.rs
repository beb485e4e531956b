//! The names of errors' types, for logs and telemetry.

use std::any::{Any, type_name};
use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::{fmt, io};

/// The deepest chain of causes that is searched. A chain can be cyclic.
const MAX_DEPTH: usize = 64;

/// The name of an error whose type is unknown.
pub const UNKNOWN: &str = "Error";

/// The name of an error's type: that of the innermost error that only wrappers surround. `None` if no type in the
/// chain of causes has a name.
///
/// Types of the standard library have the paths under which they are documented. An erased type has only the name that
/// its derived `Debug` begins with. A wrapper is an error with the same message as its source, or an
/// [`io::Error`] of the kind `Other`.
///
/// # Examples
///
/// ```
/// use opencensus_settings::error_type;
///
/// let error: Box<dyn std::error::Error> = "x".parse::<u8>().unwrap_err().into();
/// assert_eq!(error_type::of(&*error).as_deref(), Some("std::num::ParseIntError"));
/// let text: Box<dyn std::error::Error> = "out of stock".into();
/// assert_eq!(error_type::of(&*text), None);
/// ```
#[must_use]
pub fn of(error: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    search(error, MAX_DEPTH)
}

/// The name of the type of an error whose static type may be erased in a box. [`UNKNOWN`] if it has no name.
///
/// # Examples
///
/// ```
/// use opencensus_settings::error_type;
/// use std::error::Error;
///
/// let error: Box<dyn Error + Send + Sync> = std::io::Error::from(std::io::ErrorKind::NotFound).into();
/// assert_eq!(error_type::of_value(&error), "std::io::Error");
/// ```
#[must_use]
pub fn of_value<E: Any>(error: &E) -> Cow<'static, str> {
    match erased(error) {
        Some(error) => of(error).unwrap_or(Cow::Borrowed(UNKNOWN)),
        None => Cow::Borrowed(documented_path(type_name::<E>())),
    }
}

/// The error inside of a box of any kind, and [`io::Error`], which may contain another error. `None` for other types.
///
/// # Examples
///
/// ```
/// use opencensus_settings::error_type;
///
/// let error: Box<dyn std::error::Error> = "out of stock".into();
/// assert_eq!(error_type::erased(&error).map(ToString::to_string).as_deref(), Some("out of stock"));
/// assert!(error_type::erased(&7).is_none());
/// ```
#[must_use]
pub fn erased(error: &dyn Any) -> Option<&(dyn Error + 'static)> {
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return Some(&**error);
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error + Send>>() {
        return Some(&**error);
    }
    if let Some(error) = error.downcast_ref::<Box<dyn Error>>() {
        return Some(&**error);
    }
    if let Some(error) = error.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
        return Some(&**error);
    }
    error.downcast_ref::<io::Error>().map(|error| error as &(dyn Error + 'static))
}

/// The name of the type of an error that was converted to `boxed` from a value of the type `E`. `None` if no type has
/// a name, as that of a text. The type `E` keeps its name, unless it is a box, a text or a type that erases others, such as
/// `anyhow::Error`.
///
/// # Examples
///
/// ```
/// use opencensus_settings::error_type;
/// use std::error::Error;
///
/// fn type_of<E: Into<Box<dyn Error + Send + Sync>>>(error: E) -> Option<String> {
///     error_type::of_converted::<E>(&*error.into()).map(Into::into)
/// }
/// assert_eq!(type_of("x".parse::<u8>().unwrap_err()).as_deref(), Some("std::num::ParseIntError"));
/// assert_eq!(type_of("out of stock"), None);
/// ```
#[must_use]
pub fn of_converted<E>(boxed: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    const ERASED: [&str; 7] = ["alloc::", "core::", "std::", "&", "anyhow::", "eyre::", "dyn "];
    let name = type_name::<E>();
    if ERASED.iter().any(|prefix| name.starts_with(prefix)) { of(boxed) } else { Some(Cow::Borrowed(name)) }
}

/// The name that the derived `Debug` of a value begins with. `None` if it shows something else.
///
/// # Examples
///
/// ```
/// assert_eq!(opencensus_settings::error_type::of_debug(&Some(7)).as_deref(), Some("Some"));
/// assert_eq!(opencensus_settings::error_type::of_debug(&"a text"), None);
/// ```
#[must_use]
pub fn of_debug(value: &dyn fmt::Debug) -> Option<String> {
    debug_name(&format!("{value:?}")).map(str::to_owned)
}

fn search(error: &(dyn Error + 'static), depth: usize) -> Option<Cow<'static, str>> {
    let depth = depth.checked_sub(1)?;
    let inner = wrapped(error);
    if let Some(name) = inner.and_then(|inner| search(inner, depth)) {
        return Some(name);
    }
    let name = own_name(error);
    if name.as_deref().is_some_and(|name| name != UNKNOWN) {
        return name;
    }
    // The causes of a wrapper are searched already: twice at each depth would take years.
    error.source().filter(|_| inner.is_none()).and_then(|source| search(source, depth)).or(name)
}

/// The error that a wrapper surrounds.
fn wrapped<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        let inner = error.get_ref().filter(|_| error.kind() == io::ErrorKind::Other)?;
        return Some(inner);
    }
    error.source().filter(|source| source.to_string() == error.to_string())
}

fn own_name(error: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    if let Some(name) = standard(error) {
        return Some(Cow::Borrowed(name));
    }
    let debug = format!("{error:?}");
    debug_name(&debug).map(|name| Cow::Owned(name.to_owned()))
}

/// The name of the type or variant that a derived `Debug` begins with: `Name`, `Name(…`, `Name {…`.
fn debug_name(debug: &str) -> Option<&str> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.');
    let end = debug.find(|c| !is_name(c)).unwrap_or(debug.len());
    let (path, rest) = debug.split_at(end);
    let is_derived = rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {");
    let is_type = path.rsplit([':', '.']).next().is_some_and(|name| name.starts_with(char::is_uppercase));
    (is_derived && is_type).then_some(path)
}

/// A path under which the type is documented: `std` re-exports `core` and `alloc`, and hides the modules of errors.
fn documented_path(path: &'static str) -> &'static str {
    STANDARD.iter().find(|(internal, _)| *internal == path).map_or(path, |(_, documented)| *documented)
}

macro_rules! standard {
    ($($module:ident::$($rest:ident)::+),* $(,)?) => {
        /// The internal and the documented paths of the standard library's errors.
        static STANDARD: std::sync::LazyLock<Vec<(&'static str, &'static str)>> = std::sync::LazyLock::new(|| {
            vec![$((type_name::<$module::$($rest)::+>(), standard!(@path $module $($rest)*))),*]
        });

        /// The documented path of an error of the standard library.
        fn standard(error: &(dyn Error + 'static)) -> Option<&'static str> {
            $(if error.is::<$module::$($rest)::+>() {
                return Some(standard!(@path $module $($rest)*));
            })*
            None
        }
    };
    (@path $first:ident $($rest:ident)*) => { concat!(stringify!($first), $("::", stringify!($rest)),*) };
}

standard! {
    std::array::TryFromSliceError,
    std::cell::BorrowError,
    std::cell::BorrowMutError,
    std::char::CharTryFromError,
    std::char::ParseCharError,
    std::collections::TryReserveError,
    std::env::JoinPathsError,
    std::env::VarError,
    std::ffi::FromBytesWithNulError,
    std::ffi::NulError,
    std::fmt::Error,
    std::io::Error,
    std::net::AddrParseError,
    std::num::ParseFloatError,
    std::num::ParseIntError,
    std::num::TryFromIntError,
    std::path::StripPrefixError,
    std::str::ParseBoolError,
    std::str::Utf8Error,
    std::string::FromUtf16Error,
    std::string::FromUtf8Error,
    std::sync::mpsc::RecvError,
    std::sync::mpsc::RecvTimeoutError,
    std::time::SystemTimeError,
}

#[cfg(test)]
mod tests {
    use super::*;

    type BoxError = Box<dyn Error + Send + Sync>;

    #[derive(Debug)]
    struct NoStock(Option<BoxError>, &'static str);

    impl fmt::Display for NoStock {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.1)
        }
    }

    impl Error for NoStock {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.0.as_deref().map(|error| error as &(dyn Error + 'static))
        }
    }

    /// An error whose `Debug` shows its message, as that of `anyhow` does.
    struct Text(&'static str, Option<io::Error>);

    impl fmt::Debug for Text {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl fmt::Display for Text {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Text {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_ref().map(|error| error as &(dyn Error + 'static))
        }
    }

    fn not_found() -> io::Error {
        io::ErrorKind::NotFound.into()
    }

    #[test]
    fn type_is_the_one_that_a_person_would_name() {
        let number = || "x".parse::<u8>().unwrap_err();
        let digit: &'static str = "invalid digit found in string";
        for (error, expected) in [
            (BoxError::from(not_found()), Some("std::io::Error")),
            (io::Error::from_raw_os_error(2).into(), Some("std::io::Error")),
            (io::Error::other(NoStock(None, "no chairs")).into(), Some("NoStock")),
            (io::Error::new(io::ErrorKind::InvalidData, NoStock(None, "no chairs")).into(), Some("std::io::Error")),
            (io::Error::other("just words").into(), Some("std::io::Error")),
            (number().into(), Some("std::num::ParseIntError")),
            (NoStock(Some(number().into()), "no chairs").into(), Some("NoStock")),
            (NoStock(Some(number().into()), digit).into(), Some("std::num::ParseIntError")),
            (Box::new(Text("could not reserve", Some(not_found()))), Some("std::io::Error")),
            (Box::new(Text("Could not reserve", None)), None),
            (Box::new(Text("refused", None)), None),
            ("just words".into(), None),
        ] {
            assert_eq!(of(&*error).as_deref(), expected, "{error:?}");
            assert_eq!(of_value(&error), expected.unwrap_or(UNKNOWN), "{error:?}");
        }
    }

    #[test]
    fn cyclic_chain_of_wrappers_without_a_name_is_searched_once() {
        struct Cyclic;
        impl fmt::Debug for Cyclic {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no chairs")
            }
        }
        impl fmt::Display for Cyclic {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no chairs")
            }
        }
        impl Error for Cyclic {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }
        assert_eq!(of(&Cyclic), None);
    }

    #[test]
    fn static_types_have_their_path() {
        assert!(of_value(&NoStock(None, "")).ends_with("::NoStock"));
        assert_eq!(of_value(&"x".parse::<u8>().unwrap_err()), "std::num::ParseIntError");
        assert_eq!(of_value(&io::Error::other("words")), "std::io::Error");
        let shared: Arc<dyn Error + Send + Sync> = Arc::new(fmt::Error);
        assert_eq!(of_value(&shared), "std::fmt::Error");
        assert_eq!(of_value::<Box<dyn Error>>(&not_found().into()), "std::io::Error");
        assert_eq!(of_value::<Box<dyn Error + Send>>(&(Box::new(not_found()) as _)), "std::io::Error");
    }

    #[test]
    fn name_is_read_only_from_a_derived_debug() {
        for (debug, expected) in [
            ("Elapsed(())", Some("Elapsed")),
            ("hyper::Error(IncompleteMessage)", Some("hyper::Error")),
            ("Custom { kind: Other }", Some("Custom")),
            ("Closed", Some("Closed")),
            ("Connection refused", None),
            ("closed", None),
            ("Error: x", None),
            ("\"text\"", None),
            ("", None),
        ] {
            assert_eq!(debug_name(debug), expected, "{debug}");
        }
    }
}
