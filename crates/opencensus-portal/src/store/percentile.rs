//! Percentiles of values that represent several items each.

/// Values in ascending order, each with the number of items up to it.
///
/// An item that was sampled at 25 % has weight 4: it counts as four items with the same value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Distribution {
    values: Vec<(i64, f64)>,
    sum: f64,
}

/// Pairs of a value and its weight, in any order. Values without a positive, finite weight are left out.
impl FromIterator<(i64, f64)> for Distribution {
    fn from_iter<T: IntoIterator<Item = (i64, f64)>>(values: T) -> Self {
        let weighted = |(_, weight): &(i64, f64)| weight.is_finite() && *weight > 0.0;
        let mut values: Vec<_> = values.into_iter().filter(weighted).collect();
        values.sort_unstable_by_key(|(value, _)| *value);
        let (mut up_to, mut sum) = (0.0, 0.0);
        for (value, weight) in &mut values {
            up_to += *weight;
            sum += *value as f64 * *weight;
            *weight = up_to;
        }
        Self { values, sum }
    }
}

impl Distribution {
    /// The number of items: the sum of the weights.
    pub(crate) fn weight(&self) -> f64 {
        self.values.last().map_or(0.0, |(_, up_to)| *up_to)
    }

    /// The weighted mean. `None` without values.
    pub(crate) fn mean(&self) -> Option<f64> {
        (!self.values.is_empty()).then(|| self.sum / self.weight())
    }

    /// The weighted percentile by nearest rank: the smallest value that at least `share` (0 to 1) of the items do not
    /// exceed. `None` without values.
    pub(crate) fn percentile(&self, share: f64) -> Option<i64> {
        // 0.07 times 100 is a little more than 7.
        let rank = share * self.weight() * (1.0 - 1e-9);
        let at = self.values.partition_point(|(_, up_to)| *up_to < rank);
        self.values.get(at).or(self.values.last()).map(|(value, _)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentiles(values: &[(i64, f64)]) -> [Option<i64>; 5] {
        let distribution: Distribution = values.iter().copied().collect();
        [0.0, 0.5, 0.95, 0.99, 1.0].map(|share| distribution.percentile(share))
    }

    #[test]
    fn percentiles_have_the_nearest_rank() {
        assert_eq!(percentiles(&[]), [None; 5]);
        assert_eq!(percentiles(&[(7, 1.0)]), [Some(7); 5]);
        let hundred: Vec<_> = (1..=100).rev().map(|value| (value, 1.0)).collect();
        assert_eq!(percentiles(&hundred), [1, 50, 95, 99, 100].map(Some));
        let distribution: Distribution = hundred.into_iter().collect();
        for value in 1..=100 {
            assert_eq!(distribution.percentile(value as f64 / 100.0), Some(value));
        }
    }

    #[test]
    fn value_with_a_weight_counts_as_that_many_values() {
        let weighted = [(10, 8.0), (20, 1.0), (30, 11.0)];
        let repeated: Vec<_> =
            weighted.iter().flat_map(|(value, weight)| vec![(*value, 1.0); *weight as usize]).collect();
        assert_eq!(percentiles(&weighted), percentiles(&repeated));
        assert_eq!(percentiles(&weighted)[1], Some(30));
        let distribution: Distribution = weighted.into_iter().collect();
        assert_eq!((distribution.weight(), distribution.mean()), (20.0, Some(21.5)));
        // A sampling rate of 6.25 %, beside one of 100 %.
        assert_eq!(percentiles(&[(1, 16.0), (900, 1.0)])[1..3], [Some(1), Some(900)]);
    }

    #[test]
    fn weights_that_count_nothing_are_left_out() {
        assert_eq!(percentiles(&[(1, 0.0), (2, -1.0), (3, f64::NAN), (4, f64::INFINITY)]), [None; 5]);
        assert_eq!(Distribution::default().mean(), None);
    }
}
