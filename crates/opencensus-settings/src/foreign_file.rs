//! Recognizes files of Python programs that are neither TOML nor JSON.

use std::fmt;
use std::path::Path;

/// A kind of file in which Python programs keep settings, and which is not read here.
///
/// # Examples
///
/// ```
/// use opencensus_settings::foreign_file::ForeignFile;
/// use std::path::Path;
///
/// let kind = ForeignFile::of(Path::new("logging.yml"), "version: 1").unwrap();
/// assert!(kind.to_string().starts_with("a YAML file; convert it to JSON"));
/// assert_eq!(ForeignFile::of(Path::new("logging.toml"), "version = 1"), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ForeignFile {
    /// A Python module, such as `settings.py`.
    Python,
    /// YAML.
    Yaml,
    /// The format of Python's `logging.config.fileConfig`.
    FileConfig,
}

impl ForeignFile {
    /// The kind that the extension names, or that the content suggests. `None`: neither does.
    #[must_use]
    pub fn of(path: &Path, text: &str) -> Option<Self> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "py" => Some(Self::Python),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" | "json" => None,
            _ => Self::of_content(text),
        }
    }

    fn of_content(text: &str) -> Option<Self> {
        let mut lines =
            text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
        lines.find_map(|line| match line {
            "[loggers]" | "[handlers]" | "[formatters]" => Some(Self::FileConfig),
            "---" => Some(Self::Yaml),
            _ if line.starts_with("import ") || line.starts_with("from ") || line == "LOGGING = {" => {
                Some(Self::Python)
            }
            _ if line.starts_with("version:") || line.ends_with(':') => Some(Self::Yaml),
            _ => None,
        })
    }
}

/// The kind, and the way to a file that can be read.
impl fmt::Display for ForeignFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Python => {
                "a Python file; convert it to JSON: `python3 -c \"import json, settings; \
                 print(json.dumps({k: v for k, v in vars(settings).items() if k.isupper()}, default=lambda v: \
                 f'ext://{v.__module__}.{v.__qualname__}' if callable(v) else str(v)))\" > settings.json`"
            }
            Self::Yaml => {
                "a YAML file; convert it to JSON: `python3 -c \"import json, sys, yaml; \
                 print(json.dumps(yaml.safe_load(sys.stdin)))\" < logging.yaml > logging.json`"
            }
            Self::FileConfig => {
                "a file for Python's `fileConfig`; write its loggers, handlers and formatters in the form of \
                 `dictConfig`, as TOML or JSON"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_is_known_by_name_or_content() {
        let kind = |name: &str, text: &str| ForeignFile::of(Path::new(name), text);
        assert_eq!(kind("settings.PY", ""), Some(ForeignFile::Python));
        assert_eq!(kind("settings", "# x\nimport os\n"), Some(ForeignFile::Python));
        assert_eq!(kind("logging.conf", "[loggers]\nkeys=root\n"), Some(ForeignFile::FileConfig));
        assert_eq!(kind("logging", "version: 1\nhandlers:\n"), Some(ForeignFile::Yaml));
        assert_eq!((kind("logging.conf", "version = 1\n"), kind("x.json", "version: 1")), (None, None));
    }
}
