//! Texts that try to forge log lines or to control the reader's terminal.

use opencensus_logging::{Level, Logging};
use serde_json::{Value, json};

use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::vectors::{self, Row};

/// The text of a case. Bytes that are not UTF-8 become `U+FFFD`, since messages are strings.
pub(super) fn text(case: &Value) -> String {
    let hex = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let bytes = match case["hex"].as_str() {
        Some(digits) => hex(digits),
        None => {
            let unit = hex(case["repeat"]["unit_hex"].as_str().unwrap());
            let total = usize::try_from(case["repeat"]["total"].as_u64().unwrap()).unwrap();
            unit.into_iter().cycle().take(total).collect()
        }
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Three destinations: a terminal, a file, and a file of JSON lines.
struct Sinks {
    logging: Logging,
    terminal: Captured,
    folder: tempfile::TempDir,
}

impl Sinks {
    fn new() -> Self {
        let (terminal, folder) = (Captured::default(), tempfile::tempdir().unwrap());
        let logging = Logging::builder().with_stderr(Stream::new(terminal.clone())).build();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let configuration = json!({
            "version": 1,
            "formatters": {
                "line": { "format": "{levelname} {name} {message} {user}", "style": "{", "defaults": { "user": "-" } },
                "human": { "class": "human", "colour": "always" },
                "json": { "class": "json" },
            },
            "handlers": {
                "terminal": { "class": "console", "formatter": "human" },
                "file": { "class": "file", "filename": file("app.log"), "formatter": "line" },
                "json": { "class": "file", "filename": file("app.json"), "formatter": "json" },
            },
            "root": { "handlers": ["terminal", "file", "json"], "level": "INFO" },
        });
        logging.configure(&configuration).unwrap();
        Self { logging, terminal, folder }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

/// Whether the text could affect its reader: it has a control character other than the tab, or one that changes the
/// order of a line.
fn is_raw(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Logs a record with the text wherever a client can put one: the message, a field, the error, the logger's name.
fn log_everywhere(logging: &Logging, text: &str) {
    let error = std::io::Error::other(text.to_owned());
    let logger = logging.get_logger(text);
    logger.at(Level::ERROR).field("user", text).field(text.to_owned(), 1).error(error).log(text.to_owned());
}

fn check(case: &Value) -> Row {
    let (sinks, text) = (Sinks::new(), text(case));
    log_everywhere(&sinks.logging, &text);
    assert!(sinks.logging.flush(TIMEOUT));
    // The formatter's own colours.
    let terminal = sinks.terminal.text();
    let own = ["\x1b[0m", "\x1b[2m", "\x1b[31m"];
    let terminal = own.iter().fold(terminal, |terminal, own| terminal.replace(own, ""));
    let (file, lines) = (sinks.read("app.log"), sinks.read("app.json"));
    for (sink, content, expected) in [("terminal", &terminal, 2), ("file", &file, 2), ("json", &lines, 1)] {
        // The error is on its own line.
        if content.lines().count() != expected || !content.ends_with('\n') {
            return Row::Failed(format!("{sink}: {} lines of {expected}: {content:?}", content.lines().count()));
        }
        if let Some(raw) = content.chars().filter(|c| *c != '\n').find(|c| is_raw(*c)) {
            return Row::Failed(format!("{sink}: a raw {raw:?} in {content:?}"));
        }
    }
    let line: Value = match serde_json::from_str(&lines) {
        Ok(line) => line,
        Err(error) => return Row::Failed(format!("json: {error} in {lines:?}")),
    };
    if line["message"] != *text || line["fields"]["user"] != *text || line["error"]["message"] != *text {
        return Row::Failed(format!("json: {line} differs from the logged text"));
    }
    if case["verdict"] == "keep" && !(terminal.contains(&text) && file.contains(&text)) {
        return Row::Failed(format!("{text:?} was changed: {file:?}"));
    }
    Row::Passed
}

#[test]
fn untrusted_text_cannot_forge_terminal_output_files_or_json() {
    vectors::run("corpora/evil_strings.json", "cases", check);
}
