//! Collects the faults of a configuration.

use opencensus_settings::{Checked, Fault};

/// The faults of a configuration, which is checked in stages. A fault of a later stage that only follows from an earlier
/// one is not collected.
#[derive(Debug, Default)]
pub(super) struct Faults {
    found: Vec<Fault>,
    // The number of faults of earlier stages.
    earlier: usize,
    // Places whose values are unknown because of a fault elsewhere.
    unknown: Vec<String>,
}

impl Faults {
    /// Begins the next stage.
    pub(super) fn begin_stage(&mut self) {
        self.earlier = self.found.len();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds a fault, unless an earlier stage found one at its place or around it.
    pub(super) fn add(&mut self, fault: Fault) {
        let earlier = self.found[..self.earlier].iter().map(Fault::place);
        let mut around = earlier.chain(self.unknown.iter().map(String::as_str));
        if !around.any(|place| is_inside(fault.place(), place)) {
            self.found.push(fault);
        }
    }

    /// Adds the faults, or returns the value.
    pub(super) fn keep<T>(&mut self, checked: Checked<T>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(faults) => {
                faults.into_iter().for_each(|fault| self.add(fault));
                None
            }
        }
    }

    /// Ignores faults at this place: its value is unknown because of a fault elsewhere.
    pub(super) fn ignore_at(&mut self, place: String) {
        self.unknown.push(place);
    }

    pub(super) fn into_result<T>(self, value: T) -> Checked<T> {
        if self.found.is_empty() { Ok(value) } else { Err(self.found) }
    }
}

/// Whether a place is the other one, or inside of it.
fn is_inside(place: &str, other: &str) -> bool {
    place.strip_prefix(other).is_some_and(|rest| rest.is_empty() || other.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_that_follow_from_an_earlier_stage_are_not_collected() {
        let at = |place: &str| Fault::new("x", "y").inside(place);
        let mut faults = Faults::default();
        faults.add(at("handlers.a"));
        faults.add(at("handlers.a"));
        faults.begin_stage();
        for place in ["handlers.a", "handlers.a.class", "handlers.ab", "handlers"] {
            faults.add(at(place));
        }
        let found = faults.into_result(()).unwrap_err();
        let places: Vec<_> = found.iter().map(Fault::place).collect();
        assert_eq!(places, ["handlers.a", "handlers.a", "handlers.ab", "handlers"]);
    }
}
