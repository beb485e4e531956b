//! Renders the layout of all pages, and formats values.

use maud::{DOCTYPE, Markup, html};

/// A page with this title and content. With `reloads` it updates itself.
pub(super) fn page(title: &str, reloads: bool, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · portal" }
                link rel="stylesheet" href="/assets/style.css";
                link rel="icon" href="data:,";
                @if reloads {
                    noscript { meta http-equiv="refresh" content="5"; }
                    script src="/assets/live.js" defer {}
                }
            }
            body { (content) }
        }
    }
}

/// Formats a time in microseconds since 1970 as `06:07:08.123`, in UTC.
pub(super) fn clock(micros: i64) -> String {
    let millis = micros.rem_euclid(86_400_000_000) / 1000;
    let (seconds, millis) = (millis / 1000, millis % 1000);
    format!("{:02}:{:02}:{:02}.{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Formats a duration in microseconds as milliseconds.
pub(super) fn millis(micros: i64) -> String {
    format!("{:.2} ms", micros as f64 / 1000.0)
}
