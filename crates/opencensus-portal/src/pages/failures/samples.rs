//! Failures one by one, newest first, each with its message and causes.

use maud::{Markup, html};

use crate::pages::scope::Scope;
use crate::pages::timestamp::timestamp;
use crate::pages::{format, link};
use crate::store::Item;

pub(super) fn samples(items: &[Item], scope: &Scope) -> Markup {
    html! {
        ol.samples data-list {
            @for item in items {
                li data-failed {
                    a href=(link::item(scope, item)) {
                        span.time { (timestamp(item.time)) } " "
                        (format::name(&item.name))
                    }
                    @if let Some(code) = &item.code { " " span.failed { "✗ " (code) } }
                    @if let Some(duration) = item.duration { " " span.soft { (format::duration(duration)) } }
                    @if let Some(role) = &item.role { " " span.soft { (role) } }
                    @if let Some(message) = item.message.as_deref().filter(|message| *message != item.name) {
                        p.message { (message) }
                    }
                    @for cause in &item.causes { p.message.soft { "caused by " (cause) } }
                }
            }
        }
    }
}
