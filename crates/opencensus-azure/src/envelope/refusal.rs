//! What the service refuses: the only place that knows it.
//!
//! The service refuses an item as a whole, so the encoder makes every item such that no fact about it is refused.

use std::time::{Duration, SystemTime};

use crate::envelope::field::Field;
use crate::envelope::limit::cut;

/// A fact about an item.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fact<'a> {
    /// The text of a field.
    Text(Field, &'a str),
    /// A number; JSON cannot express infinities and NaN.
    Number(f64),
    /// The sampling rate in per cent. The item represents 100 divided by it.
    SampleRate(f64),
    /// When the item was recorded, and the time now.
    Time(SystemTime, SystemTime),
    /// The item's bytes in JSON, and the limit.
    Size(usize, usize),
}

/// Why the service refuses an item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// A required text is missing, or blank.
    Empty,
    TooLong,
    NotANumber,
    TooOld,
    TooFarAhead,
    TooLarge,
}

/// The most bytes of an item in JSON, which Microsoft documents as a limit of Application Insights.
pub(crate) const MAX_ITEM: usize = 64 * 1024;

/// The age at which the service refuses an item (`MinDateOffsetFromNow` of the schema).
const MAX_AGE: Duration = Duration::from_secs(48 * 60 * 60);

/// How far an item's time may be ahead (`MaxDateOffsetFromNow` of the schema).
const MAX_AHEAD: Duration = Duration::from_secs(2 * 60 * 60);

/// The time until the service checks an item that is encoded now, and the difference between the clocks.
const TRANSIT: Duration = Duration::from_secs(10 * 60);

/// The lowest sampling rate in per cent: the item represents a million.
pub(crate) const MIN_SAMPLE_RATE: f64 = 0.0001;

/// Why the service would refuse an item of which this is a fact. `None` if it accepts it.
pub(crate) fn refusal(fact: Fact<'_>) -> Option<Refusal> {
    let refused = |is_refused: bool, refusal| is_refused.then_some(refusal);
    match fact {
        Fact::Text(field, text) if field.is_required && text.trim_start().is_empty() => Some(Refusal::Empty),
        Fact::Text(field, text) => refused(cut(text, field.limit).len() < text.len(), Refusal::TooLong),
        Fact::Number(number) => refused(!number.is_finite(), Refusal::NotANumber),
        Fact::SampleRate(percent) => refused(!(MIN_SAMPLE_RATE..=100.0).contains(&percent), Refusal::NotANumber),
        Fact::Time(time, now) => match now.duration_since(time) {
            Ok(age) => refused(age > MAX_AGE - TRANSIT, Refusal::TooOld),
            Err(ahead) => refused(ahead.duration() > MAX_AHEAD - TRANSIT, Refusal::TooFarAhead),
        },
        Fact::Size(bytes, limit) => refused(bytes > limit, Refusal::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::field::fields;

    #[test]
    fn required_texts_long_texts_old_times_and_large_items_are_refused() {
        use Refusal::{Empty, NotANumber, TooFarAhead, TooLarge, TooLong, TooOld};
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let long = "é".repeat(513);
        for (fact, expected) in [
            (Fact::Text(fields::EVENT_NAME, ""), Some(Empty)),
            (Fact::Text(fields::EVENT_NAME, " \n"), Some(Empty)),
            (Fact::Text(fields::REQUEST_URL, ""), None),
            (Fact::Text(fields::EVENT_NAME, &long[2..]), None),
            (Fact::Text(fields::EVENT_NAME, &long), Some(TooLong)),
            (Fact::Number(f64::NAN), Some(NotANumber)),
            (Fact::Number(-1e308), None),
            (Fact::SampleRate(0.0), Some(NotANumber)),
            (Fact::SampleRate(100.1), Some(NotANumber)),
            (Fact::SampleRate(0.1), None),
            (Fact::Time(now, now), None),
            (Fact::Time(now - minutes(48 * 60), now), Some(TooOld)),
            (Fact::Time(now - minutes(48 * 60 - 11), now), None),
            (Fact::Time(now + minutes(2 * 60), now), Some(TooFarAhead)),
            (Fact::Time(now + minutes(2 * 60 - 11), now), None),
            (Fact::Size(MAX_ITEM, MAX_ITEM), None),
            (Fact::Size(MAX_ITEM + 1, MAX_ITEM), Some(TooLarge)),
        ] {
            assert_eq!(refusal(fact), expected, "{fact:?}");
        }
    }
}
