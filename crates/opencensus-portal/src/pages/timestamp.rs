//! Times on pages.

use maud::{Markup, html};

use crate::clock;
use crate::pages::format;

/// A time in microseconds since 1970, with its date unless it is on the current day, in UTC.
pub(super) fn timestamp(micros: i64) -> Markup {
    let moment = format::moment(micros);
    let text = if is_on_day(micros, clock::now()) { format::clock(micros) } else { moment.clone() };
    html! { time datetime=(format!("{}Z", moment.replace(' ', "T"))) title=(format!("{moment} UTC")) { (text) } }
}

fn is_on_day(micros: i64, now: i64) -> bool {
    const DAY: i64 = 86_400_000_000;
    micros.div_euclid(DAY) == now.div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_other_days_have_a_date() {
        let now = clock::now();
        let other_day = timestamp(1_709_618_828_123_456).into_string();
        assert_eq!(
            other_day,
            "<time datetime=\"2024-03-05T06:07:08Z\" title=\"2024-03-05 06:07:08 UTC\">2024-03-05 06:07:08</time>"
        );
        assert!(timestamp(now).into_string().ends_with(&format!(">{}</time>", format::clock(now))));
        assert!(!is_on_day(86_399_999_999, 86_400_000_000) && is_on_day(-1, -86_400_000_000));
    }
}
