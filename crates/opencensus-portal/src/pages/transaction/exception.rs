//! An exception with its causes and their stacks.

use maud::{Markup, html};
use serde_json::Value;

use crate::pages::transaction::highlight::highlight;
use crate::pages::transaction::stack::{Frame, Group, frames, groups};

/// The frames of the program that are open at the top of a stack.
const OPEN_FRAMES: usize = 10;

/// The exceptions of an envelope: the first is the one that was recorded, the others are its causes.
pub(super) fn exceptions(envelope: &Value, find: &str) -> Markup {
    let exceptions = envelope.pointer("/data/baseData/exceptions").and_then(Value::as_array);
    let text = |exception: &Value, name: &str| exception[name].as_str().unwrap_or_default().to_owned();
    html! {
        @for (at, exception) in exceptions.into_iter().flatten().enumerate() {
            section.exception {
                // The first is that of the heading.
                @if at > 0 { h3 { "Caused by " (highlight(&text(exception, "typeName"), find)) } }
                @let message = text(exception, "message");
                @if !message.is_empty() { p.message { (highlight(&message, find)) } }
                (stack(exception, find))
            }
        }
    }
}

fn stack(exception: &Value, find: &str) -> Markup {
    let mut open = OPEN_FRAMES;
    let groups = groups(frames(exception)).into_iter().map(|group| {
        // A single frame of a library is no longer than the line that hides it.
        let is_folded = (group.is_library && group.frames.len() > 1) || open == 0;
        open = if group.is_library { open } else { open.saturating_sub(group.frames.len()) };
        folded(&group, is_folded, find)
    });
    html! {
        @for group in groups { (group) }
    }
}

fn folded(group: &Group, is_folded: bool, find: &str) -> Markup {
    let kind = if group.is_library { "frames of libraries" } else { "frames" };
    let class = if group.is_library { "frames library" } else { "frames" };
    let list = html! {
        ol class=(class) { @for frame in &group.frames { (line(frame, find)) } }
    };
    html! {
        @if is_folded {
            details.frames { summary { (group.frames.len()) " " (kind) } (list) }
        } @else { (list) }
    }
}

fn line(frame: &Frame, find: &str) -> Markup {
    html! {
        li {
            code { (highlight(&frame.method, find)) }
            @if !frame.place.is_empty() { div.place { (highlight(&frame.place, find)) } }
        }
    }
}
