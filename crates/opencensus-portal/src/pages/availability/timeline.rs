//! Draws the results of a test as a strip of intervals, each with a shape for its outcome.

use maud::{Markup, html};

use crate::pages::availability::groups::{Cell, Outcome};
use crate::pages::chart::Buckets;
use crate::pages::format;
use crate::pages::link;
use crate::pages::scope::Scope;

/// The width of an interval, with the space to the next one.
const STEP: usize = 9;
const WIDTH: usize = 7;
const HEIGHT: usize = 22;

/// The strip. The intervals with results link to one of them.
pub(super) fn timeline(scope: &Scope, buckets: &Buckets, cells: &[Cell]) -> Markup {
    let width = cells.len() * STEP;
    html! {
        svg.strip role="group" aria-label=(label(cells, buckets)) width=(width) height=(HEIGHT)
            viewBox=(format!("0 0 {width} {HEIGHT}")) {
            @for (at, cell) in cells.iter().enumerate() {
                @let drawn = html! { title { (title(buckets, at, cell)) } (shape(cell.outcome(), at * STEP)) };
                @if let Some(sample) = cell.sample {
                    // The table below has the same links for the keyboard.
                    a href=(link::sample(scope, sample, None)) tabindex="-1" { (drawn) }
                } @else {
                    g { (drawn) }
                }
            }
        }
    }
}

/// The shapes and what they mean.
pub(super) fn legend() -> Markup {
    let outcomes = [Outcome::Succeeded, Outcome::Failed, Outcome::Mixed, Outcome::None];
    html! {
        p.soft.legend {
            @for outcome in outcomes {
                span {
                    svg.strip aria-hidden="true" width=(STEP) height=(HEIGHT) viewBox=(format!("0 0 {STEP} {HEIGHT}")) {
                        (shape(outcome, 0))
                    }
                    " " (word(outcome))
                }
                " "
            }
        }
    }
}

pub(super) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::None => "no result",
        Outcome::Succeeded => "succeeded",
        Outcome::Failed => "failed",
        Outcome::Mixed => "some failed",
    }
}

/// A full bar, a bar with a cross, a bar with its lower half filled, or a line at the ground.
fn shape(outcome: Outcome, x: usize) -> Markup {
    let (right, bottom) = (x + WIDTH, HEIGHT - 1);
    html! {
        // The whole interval has the title, not only what is drawn.
        rect.blank x=(x) y="0" width=(WIDTH) height=(HEIGHT) {}
        @match outcome {
            Outcome::None => { rect.none x=(x) y=(bottom - 1) width=(WIDTH) height="2" {} }
            Outcome::Succeeded => { rect.good x=(x) y="1" width=(WIDTH) height=(HEIGHT - 2) {} }
            Outcome::Failed => {
                rect.bad x=(x) y="1" width=(WIDTH) height=(HEIGHT - 2) {}
                path.cross d=(format!("M{} 7L{} 15M{} 7L{} 15", x + 1, right - 1, right - 1, x + 1)) {}
            }
            Outcome::Mixed => {
                rect.good x=(x) y="1" width=(WIDTH) height="9" {}
                rect.bad x=(x) y="12" width=(WIDTH) height="9" {}
            }
        }
    }
}

/// The time of an interval and its results.
pub(super) fn title(buckets: &Buckets, at: usize, cell: &Cell) -> String {
    let results = match cell.outcome() {
        Outcome::None => "no result".to_owned(),
        _ => format!("{} succeeded, {} failed", format::count(cell.succeeded), format::count(cell.failed)),
    };
    let clock = format::clock(buckets.start(at));
    let clock = clock.split('.').next().unwrap_or_default();
    format!("{clock}, {}: {results}", buckets.width())
}

fn label(cells: &[Cell], buckets: &Buckets) -> String {
    let number = |outcome| cells.iter().filter(|cell| cell.outcome() == outcome).count();
    format!(
        "{} × {}: {} succeeded, {} failed, {} in which some failed, {} without a result",
        cells.len(),
        buckets.width(),
        number(Outcome::Succeeded),
        number(Outcome::Failed),
        number(Outcome::Mixed),
        number(Outcome::None)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_a_shape_and_a_text() {
        let cell = |succeeded, failed| Cell { succeeded, failed, sample: (succeeded + failed > 0.0).then_some(7) };
        let cells = [cell(2.0, 0.0), cell(0.0, 1.0), cell(0.0, 0.0), cell(1.0, 3.0)];
        let buckets = Buckets::spanning(3_600_000_000, 3_603_000_000);
        let svg = timeline(&Scope::default(), &buckets, &cells).into_string();
        assert_eq!((svg.matches("class=\"good\"").count(), svg.matches("class=\"bad\"").count()), (2, 2));
        assert_eq!((svg.matches("class=\"none\"").count(), svg.matches("class=\"cross\"").count()), (1, 1));
        assert_eq!(svg.matches("href=\"/items/7\"").count(), 3);
        for text in [
            "<title>01:00:01, 1 s: 0 succeeded, 1 failed</title>",
            "<title>01:00:02, 1 s: no result</title>",
            "4 × 1 s: 1 succeeded, 1 failed, 1 in which some failed, 1 without a result",
        ] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }
}
