//! The course of the failures over time.

use maud::{Markup, html};

use crate::pages::chart::{Buckets, bars};
use crate::pages::format;

/// `times`: the time and weight of each failure, at least one.
pub(super) fn trend(times: &[(i64, f64)]) -> Markup {
    let (first, last) = times.iter().fold((i64::MAX, i64::MIN), |(a, b), (time, _)| (a.min(*time), b.max(*time)));
    let buckets = Buckets::spanning(first, last);
    let mut counts = vec![0.0; buckets.count()];
    for (time, weight) in times {
        if let Some(index) = buckets.index(*time) {
            counts[index] += weight;
        }
    }
    let largest = counts.iter().copied().fold(0.0, f64::max);
    let label = format!(
        "Failures from {} to {}, at most {} in {}",
        format::moment(first),
        format::moment(last),
        format::count(largest),
        buckets.width()
    );
    html! {
        div.card.tile.bad {
            p.soft { (label) }
            (bars(&counts, &label))
        }
    }
}
