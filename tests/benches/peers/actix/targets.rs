//! What this project's middleware may cost.

use crate::cases::Case;
use crate::measure::Cost;
use crate::results::Results;
use crate::share::Share;
use crate::target::Target;

pub(crate) fn print(costs: &[(Case, Cost)]) {
    let results = Results(costs);
    let mut targets = Vec::new();
    for called in [false, true] {
        for share in [Share::Kept, Share::Tenth, Share::None] {
            let caller = if called { ", with the caller's trace" } else { "" };
            let what = format!("{}, context on{caller}: share of the best peer's time", share.name());
            targets.push(Target::new(what, 0.33, results.ratio(true, share, called)));
        }
    }
    print!("{}", Target::table("actix-web: targets", &targets));
}
