//! Files of settings, in TOML or JSON.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::fault::Fault;

/// Largest file that is read, in bytes: 1 MiB.
pub const MAX_SIZE: u64 = 1 << 20;

/// The format of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

/// Why a file cannot be read. [`fault`](Self::fault) is the same for the user.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be opened or read.
    Unreadable(io::Error),
    /// The file has more than [`MAX_SIZE`] bytes.
    TooLarge,
    /// The file is not UTF-8.
    NotUtf8,
    /// The name of the file has another extension than `.toml` and `.json`.
    UnknownFormat,
    /// The text does not have the format.
    Syntax(SyntaxError),
}

/// A text that does not have the format. Nothing of the text is repeated, because it may hold secrets.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SyntaxError {
    /// The format that was expected.
    pub format: Format,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1; 0 is the end of the line before.
    pub column: usize,
    /// The parser's message.
    pub message: String,
}

impl Format {
    /// The format that the extension names, in any letter case. `None` if there is another or no extension.
    #[must_use]
    pub fn by_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        match extension {
            _ if extension.eq_ignore_ascii_case("toml") => Some(Self::Toml),
            _ if extension.eq_ignore_ascii_case("json") => Some(Self::Json),
            _ => None,
        }
    }

    /// The format that the content suggests: JSON begins with `{`, which no TOML does.
    #[must_use]
    pub fn by_content(text: &str) -> Self {
        if without_mark(text).trim_start().starts_with('{') { Self::Json } else { Self::Toml }
    }
}

/// Reads a file in the format that its extension names, or its content if it has no extension.
///
/// # Errors
///
/// The file cannot be read, has an unknown extension, or does not have the format.
///
/// # Examples
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("opencensus-docs-read-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::env::set_current_dir(&folder)?;
/// # std::fs::write("opencensus.toml", "a = 1")?;
/// use opencensus_settings::{Value, file};
///
/// let settings: Value = file::read("opencensus.toml".as_ref())?;
/// # std::env::set_current_dir(std::env::temp_dir())?;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    let by_name = Format::by_name(path);
    if by_name.is_none() && path.extension().is_some() {
        return Err(FileError::UnknownFormat);
    }
    let text = read_text(path)?;
    let format = by_name.unwrap_or_else(|| Format::by_content(&text));
    parse(&text, format).map_err(FileError::Syntax)
}

/// Reads the text of a file of at most [`MAX_SIZE`] bytes.
///
/// # Errors
///
/// The file cannot be read, is larger, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(FileError::Unreadable)?;
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(FileError::Unreadable)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(FileError::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| FileError::NotUtf8)
}

/// Parses a text; a byte order mark at its start is skipped.
///
/// # Errors
///
/// The text does not have the format, or the type does not accept it.
///
/// # Examples
///
/// ```
/// use opencensus_settings::Value;
/// use opencensus_settings::file::{Format, parse};
///
/// assert_eq!(parse("a = 1", Format::Toml), Ok(Value::Table(vec![("a".to_owned(), Value::Integer(1))])));
/// let error = parse::<Value>("a = \n", Format::Toml).unwrap_err();
/// assert_eq!((error.line, error.column), (1, 5));
/// ```
pub fn parse<T: DeserializeOwned>(text: &str, format: Format) -> Result<T, SyntaxError> {
    let text = without_mark(text);
    match format {
        Format::Toml => toml::from_str(text).map_err(|error| toml_error(&error, text)),
        Format::Json => serde_json::from_str(text).map_err(|error| json_error(&error)),
    }
}

/// The text without the byte order mark that some editors put in front.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The parser's own `Display` would show the line, with any secret in it.
fn toml_error(error: &toml::de::Error, text: &str) -> SyntaxError {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    let before = &text.as_bytes()[..start];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    SyntaxError { format: Format::Toml, line, column, message: error.message().to_owned() }
}

fn json_error(error: &serde_json::Error) -> SyntaxError {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default().to_owned();
    SyntaxError { format: Format::Json, line: error.line(), column: error.column(), message }
}

impl FileError {
    /// The fault, without the file's name; `path_remedy` is the remedy if the file cannot be opened.
    #[must_use]
    pub fn fault(&self, path_remedy: &str) -> Fault {
        let remedy = match self {
            Self::Unreadable(_) => path_remedy,
            Self::TooLarge => "keep the settings in a smaller file",
            Self::NotUtf8 => "save it as UTF-8",
            Self::UnknownFormat => "name it `….toml` or `….json`",
            Self::Syntax(error) => return Fault::new(self.to_string(), format!("correct the {} there", error.format)),
        };
        Fault::new(self.to_string(), remedy)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "no readable file ({error})"),
            Self::TooLarge => write!(f, "a file of more than {MAX_SIZE} bytes"),
            Self::NotUtf8 => f.write_str("a file that is not UTF-8"),
            Self::UnknownFormat => f.write_str("a file that is neither TOML nor JSON"),
            Self::Syntax(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, line, column, message } = self;
        write!(f, "invalid {format} at line {line}, column {column} ({message})")
    }
}

impl std::error::Error for SyntaxError {}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Toml => "TOML",
            Self::Json => "JSON",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn format_is_known_by_name_or_content() {
        assert_eq!(Format::by_name(Path::new("a.TOML")), Some(Format::Toml));
        assert_eq!(Format::by_name(Path::new("a.b/c.json")), Some(Format::Json));
        assert_eq!((Format::by_name(Path::new("a.yaml")), Format::by_name(Path::new("a"))), (None, None));
        assert_eq!(Format::by_content("\u{feff}\n {\"a\": 1}"), Format::Json);
        assert_eq!(Format::by_content("[a]\nb = {}"), Format::Toml);
    }

    #[test]
    fn syntax_errors_name_line_and_column_and_repeat_nothing() {
        let error = parse::<Value>("a = 1\nb = \"hunter2\nc = 2", Format::Toml).unwrap_err();
        assert_eq!((error.line, error.message.contains("hunter2")), (2, false));
        let error = parse::<Value>("{\"a\": hunter2}", Format::Json).unwrap_err();
        assert_eq!((error.line, error.column, error.message.contains("hunter2")), (1, 7, false));
    }
}
