//! Counts durations by intervals that grow: 1, 2 and 5 of each power of ten.

/// The interval from `min` up to, but not including, `max`, in microseconds, and the number of items in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub(super) min: i64,
    pub(super) max: i64,
    pub(super) count: f64,
}

/// The intervals from the shortest to the longest duration, without a gap. `durations`: each with its weight.
pub(super) fn histogram(durations: impl IntoIterator<Item = (i64, f64)>) -> Vec<Interval> {
    let edges = edges();
    let mut counts = vec![0.0; edges.len() - 1];
    for (duration, weight) in durations {
        let at = edges.partition_point(|edge| *edge <= duration).clamp(1, counts.len()) - 1;
        counts[at] += weight;
    }
    let Some(first) = counts.iter().position(|count| *count > 0.0) else { return Vec::new() };
    let last = counts.iter().rposition(|count| *count > 0.0).unwrap_or(first);
    (first..=last).map(|at| Interval { min: edges[at], max: edges[at + 1], count: counts[at] }).collect()
}

/// 0, then from 100 microseconds to the longest duration of the schema.
fn edges() -> Vec<i64> {
    let powers = (2..14).map(|power| 10_i64.pow(power));
    std::iter::once(0).chain(powers.flat_map(|power| [power, 2 * power, 5 * power])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_counted_in_intervals_that_grow() {
        let shape = |durations: &[(i64, f64)]| -> Vec<_> {
            histogram(durations.iter().copied()).into_iter().map(|i| (i.min, i.max, i.count)).collect()
        };
        assert_eq!(shape(&[]), []);
        assert_eq!(shape(&[(0, 1.0)]), [(0, 100, 1.0)]);
        assert_eq!(
            shape(&[(1_999, 1.0), (2_000, 2.0), (10_000, 4.0)]),
            [(1_000, 2_000, 1.0), (2_000, 5_000, 2.0), (5_000, 10_000, 0.0), (10_000, 20_000, 4.0)]
        );
        let extremes = shape(&[(i64::MIN, 1.0), (i64::MAX, 1.0)]);
        assert_eq!((extremes[0].2, extremes[extremes.len() - 1].2), (1.0, 1.0));
    }
}
