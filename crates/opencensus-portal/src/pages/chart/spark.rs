//! Small charts without axes, which stretch to the width of their place.

use std::fmt::Write as _;

use maud::{Markup, html};

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 36.0;
/// The space between two bars, as a share of a bar's place.
const GAP: f64 = 0.2;

/// A bar for each value. `label` states what the chart shows. Values that are not positive have no bar.
pub(in crate::pages) fn bars(values: &[f64], label: &str) -> Markup {
    let (place, largest) = (place(values.len()), largest(values.iter().copied()));
    let bar = |(at, value): (usize, &f64)| {
        // A small value remains visible.
        let height = (value / largest * HEIGHT).clamp(1.5, HEIGHT);
        html! {
            rect x=(short(at as f64 * place + place * GAP / 2.0)) y=(short(HEIGHT - height))
                width=(short(place * (1.0 - GAP))) height=(short(height)) {}
        }
    };
    let bars = values.iter().enumerate().filter(|(_, value)| **value > 0.0).map(bar);
    frame(label, &html! { @for bar in bars { (bar) } })
}

/// A line with a step for each value, and a gap where there is none. `label` states what the chart shows.
pub(in crate::pages) fn steps(values: &[Option<f64>], label: &str) -> Markup {
    let (place, largest) = (place(values.len()), largest(values.iter().copied().flatten()));
    let (mut path, mut joined) = (String::new(), false);
    for (at, value) in values.iter().enumerate() {
        if let Some(value) = value {
            let (x, y) = (at as f64 * place, HEIGHT - 1.0 - (value / largest).clamp(0.0, 1.0) * (HEIGHT - 2.0));
            let _ = if joined { write!(path, "V{}", short(y)) } else { write!(path, "M{} {}", short(x), short(y)) };
            let _ = write!(path, "H{}", short(x + place));
        }
        joined = value.is_some();
    }
    frame(label, &html! { path d=(path) fill="none" vector-effect="non-scaling-stroke" {} })
}

/// The width of the place of one of `count` values.
fn place(count: usize) -> f64 {
    WIDTH / count.max(1) as f64
}

/// The largest value, and never zero.
fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::MIN_POSITIVE, f64::max)
}

fn frame(label: &str, content: &Markup) -> Markup {
    html! {
        svg.spark role="img" aria-label=(label) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" {
            (content)
        }
    }
}

/// A coordinate with one decimal.
fn short(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_proportional_and_small_values_remain_visible() {
        let svg = bars(&[2.0, 0.0, 1.0, 0.0001], "requests").into_string();
        assert_eq!(svg.matches("<rect").count(), 3);
        for bar in [
            r#"x="6.0" y="0.0" width="48.0" height="36.0""#,
            r#"x="126.0" y="18.0" width="48.0" height="18.0""#,
            r#"x="186.0" y="34.5" width="48.0" height="1.5""#,
        ] {
            assert!(svg.contains(bar), "{svg}");
        }
        assert_eq!(bars(&[], "none").into_string().matches("<rect").count(), 0);
    }

    #[test]
    fn line_has_a_gap_where_there_is_no_value() {
        let svg = steps(&[Some(10.0), Some(5.0), None, Some(0.0)], "<p95>").into_string();
        assert!(svg.contains("M0.0 1.0H60.0V18.0H120.0M180.0 35.0H240.0"), "{svg}");
        assert!(svg.contains("aria-label=\"&lt;p95&gt;\""), "{svg}");
        assert!(steps(&[None], "none").into_string().contains("d=\"\""));
    }
}
