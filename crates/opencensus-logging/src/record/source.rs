//! A place in the source code.

use std::borrow::Cow;

/// A place in the source code.
///
/// # Examples
///
/// ```
/// let source = opencensus_logging::Source::new("src/cart.rs", 7, Some("add".into()));
/// assert_eq!((source.file_name(), source.module()), ("cart.rs", "cart"));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Source {
    /// The file's path, as the compiler was given it.
    pub path: Cow<'static, str>,
    /// The line, from 1. 0: unknown.
    pub line: u32,
    /// The function, or the module's path where the function is unknown.
    pub function: Option<Cow<'static, str>>,
}

impl Source {
    /// A line of a file, and the function that it belongs to.
    #[must_use]
    pub fn new(path: impl Into<Cow<'static, str>>, line: u32, function: Option<Cow<'static, str>>) -> Self {
        Self { path: path.into(), line, function }
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit(std::path::is_separator).next().unwrap_or_default()
    }

    /// The file's name without its last extension.
    #[must_use]
    pub fn module(&self) -> &str {
        let name = self.file_name();
        match name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => name,
        }
    }
}

impl From<&'static std::panic::Location<'static>> for Source {
    fn from(location: &'static std::panic::Location<'static>) -> Self {
        Self::new(location.file(), location.line(), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_is_the_file_name_without_its_last_extension() {
        for (path, file, module) in [
            ("/x/y.rs", "y.rs", "y"),
            ("z", "z", "z"),
            ("/x/a.b.c", "a.b.c", "a.b"),
            ("/x/.hidden", ".hidden", ".hidden"),
            ("", "", ""),
        ] {
            let source = Source::new(path, 1, None);
            assert_eq!((source.file_name(), source.module()), (file, module));
        }
    }
}
