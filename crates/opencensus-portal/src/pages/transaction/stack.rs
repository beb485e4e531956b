//! Stacks of exceptions: frames as lists or as text, and which of them belong to libraries.

use serde_json::Value;

/// A frame, or a line of a stack that is text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) method: String,
    /// The file and the line.
    pub(super) place: String,
    pub(super) is_library: bool,
}

/// Frames that follow each other and are all of libraries, or all of the program.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    pub(super) is_library: bool,
    pub(super) frames: Vec<Frame>,
}

/// Parts of the paths of files that are libraries.
const LIBRARY_PATHS: [&str; 12] = [
    ".cargo/registry",
    ".cargo/git",
    "/rustc/",
    "/rustlib/",
    "site-packages",
    "dist-packages",
    "node_modules",
    "node:",
    "/lib/python",
    "<frozen",
    "/usr/lib",
    "/gems/",
];
/// Starts of the names of methods that are libraries.
const LIBRARY_METHODS: [&str; 16] = [
    "std::",
    "core::",
    "alloc::",
    "tokio::",
    "hyper::",
    "axum::",
    "tower::",
    "actix",
    "futures",
    "rust_begin_unwind",
    "__rust",
    "System.",
    "Microsoft.",
    "java.",
    "javax.",
    "org.springframework.",
];

/// The frames of an exception: its list of frames, or else the lines of its text.
pub(super) fn frames(exception: &Value) -> Vec<Frame> {
    let list = exception["parsedStack"].as_array().into_iter().flatten().filter(|frame| frame.is_object());
    let parsed: Vec<_> = list.map(parsed_frame).collect();
    if parsed.is_empty() { text_frames(exception["stack"].as_str().unwrap_or_default()) } else { parsed }
}

fn parsed_frame(frame: &Value) -> Frame {
    let text = |name: &str| frame[name].as_str().unwrap_or_default();
    let (method, file) = (text("method"), text("fileName"));
    let line = frame["line"].as_i64().filter(|line| *line > 0).map(|line| format!(":{line}")).unwrap_or_default();
    let place = if file.is_empty() { text("assembly").to_owned() } else { format!("{file}{line}") };
    Frame { method: method.to_owned(), is_library: is_library(method, file), place }
}

/// The line after a frame of Rust names its file, and that after one of Python shows its code.
fn text_frames(stack: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in stack.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()) {
        let bare = line.trim_start();
        let is_place = bare.starts_with("at ") && (bare.contains(".rs:") || bare.contains("/rustc/"));
        match frames.last_mut() {
            Some(frame) if is_place && frame.place.is_empty() => {
                frame.place = bare.trim_start_matches("at ").to_owned();
                frame.is_library |= is_library("", bare);
            }
            Some(frame) if line.starts_with("    ") && frame.method.trim_start().starts_with("File \"") => {
                frame.place = bare.to_owned();
            }
            _ => {
                let name = bare.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches([':', ' ']);
                let name = name.strip_prefix("at ").unwrap_or(name);
                frames.push(Frame {
                    method: line.to_owned(),
                    place: String::new(),
                    is_library: is_library(name, bare),
                });
            }
        }
    }
    frames
}

fn is_library(method: &str, file: &str) -> bool {
    let method = method.trim_start_matches('<');
    let file = file.replace('\\', "/");
    LIBRARY_METHODS.iter().any(|start| method.starts_with(start))
        || LIBRARY_PATHS.iter().any(|part| file.contains(part))
}

/// Joins neighbouring frames of libraries, and neighbouring frames of the program.
pub(super) fn groups(frames: Vec<Frame>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for frame in frames {
        match groups.last_mut() {
            Some(group) if group.is_library == frame.is_library => group.frames.push(frame),
            _ => groups.push(Group { is_library: frame.is_library, frames: vec![frame] }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn summary(exception: &Value) -> Vec<(String, String, bool)> {
        frames(exception).into_iter().map(|frame| (frame.method, frame.place, frame.is_library)).collect()
    }

    #[test]
    fn frames_are_read_from_the_list_or_else_from_the_text() {
        let list = json!({"stack": "x", "parsedStack": [
            {"level": 0, "method": "shop::order", "fileName": "src/shop.rs", "line": 7},
            {"level": 1, "method": "core::ops::call", "fileName": "/rustc/1/ops.rs", "line": 0},
            {"level": 2, "assembly": "App, Version=1"}, "odd",
        ]});
        let expected = [
            ("shop::order", "src/shop.rs:7", false),
            ("core::ops::call", "/rustc/1/ops.rs", true),
            ("", "App, Version=1", false),
        ];
        assert_eq!(summary(&list), expected.map(|(method, place, library)| (method.into(), place.into(), library)));
        assert_eq!(frames(&json!({"stack": 7, "parsedStack": "x"})), []);
        assert_eq!(frames(&Value::Null), []);
    }

    #[test]
    fn text_of_rust_python_and_node_is_split_into_frames() {
        let rust = json!({"stack": "   0: std::panicking::begin\n             at /rustc/1/panicking.rs:3\n   1: shop::order\n             at ./src/shop.rs:9:5\n"});
        assert_eq!(
            summary(&rust),
            [
                ("   0: std::panicking::begin".into(), "/rustc/1/panicking.rs:3".into(), true),
                ("   1: shop::order".into(), "./src/shop.rs:9:5".into(), false),
            ]
        );
        let python = json!({"stack": "Traceback:\n  File \"/app/shop.py\", line 3, in order\n    raise E\n  File \"/x/site-packages/f.py\", line 1, in g\n    g()"});
        let library: Vec<_> = frames(&python).into_iter().map(|frame| (frame.place, frame.is_library)).collect();
        assert_eq!(library, [(String::new(), false), ("raise E".into(), false), ("g()".into(), true)]);
        let node = json!({"stack": "Error: x\n    at order (/app/shop.js:3:1)\n    at next (node:internal/x:1:1)"});
        assert_eq!(frames(&node).iter().map(|frame| frame.is_library).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn neighbouring_frames_are_grouped() {
        let frame = |is_library| Frame { method: String::new(), place: String::new(), is_library };
        let groups = groups([false, false, true, true, true, false].map(frame).to_vec());
        let sizes: Vec<_> = groups.iter().map(|group| (group.is_library, group.frames.len())).collect();
        assert_eq!(sizes, [(false, 2), (true, 3), (false, 1)]);
    }
}
