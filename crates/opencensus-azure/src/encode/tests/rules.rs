//! The encoder obeys the rules. `CASES=1000000` runs as many arbitrary items.

use std::time::{Duration, SystemTime};

use opencensus_core::{Attribute, Batch, ExceptionRecord, MessageRecord, Origin, Resource, TelemetryItem};
use serde_json::Value;
use test_support::random::{Random, cases};

use crate::connection_string::InstrumentationKey;
use crate::encode::Encoder;
use crate::encode::tests::any_item::any_item;
use crate::encode::tests::facts::refusals;
use crate::envelope::MAX_ITEM;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn encoder() -> Encoder {
    let key: InstrumentationKey = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    let mut encoder = Encoder::new(&key, &Resource::parse("service.name=shop,team=pay").unwrap());
    encoder.options.clock = Box::new(now);
    encoder
}

fn encoded(encoder: &mut Encoder, item: impl Into<TelemetryItem>) -> Option<Vec<u8>> {
    let mut batch = Batch::default();
    encoder.push(&mut batch, &item.into()).then(|| encoder.with_key(&batch).flatten().copied().collect())
}

fn data(encoder: &mut Encoder, item: impl Into<TelemetryItem>) -> Value {
    let bytes = encoded(encoder, item).unwrap();
    assert!(bytes.len() <= encoder.options.max_item_bytes);
    serde_json::from_slice::<Value>(&bytes).unwrap()["data"]["baseData"].take()
}

#[test]
fn no_item_is_encoded_such_that_the_service_would_refuse_it() {
    let mut encoder = encoder();
    let mut random = Random::new(31);
    let (mut items, mut reduced, mut moved) = (0, 0, 0);
    for case in 0..cases(4000) {
        let item = any_item(&mut random, now());
        if !Encoder::supports(&item) {
            continue;
        }
        let bytes = encoded(&mut encoder, item.clone()).unwrap_or_else(|| panic!("case {case} is dropped: {item:?}"));
        let found = refusals(&bytes, now(), MAX_ITEM);
        assert!(found.is_empty(), "case {case}: {found:?} in {}", String::from_utf8_lossy(&bytes));
        let has = |name: &str| bytes.windows(name.len()).any(|part| part == name.as_bytes());
        items += 1;
        reduced += usize::from(bytes.len() > 60_000 && (has("opencensus.shortened") || has("opencensus.left_out")));
        moved += usize::from(bytes.len() < 2000 && has("opencensus.original_time"));
    }
    assert!(items > 3000 && reduced > 0 && moved > 0, "{items} items, {reduced} reduced, {moved} moved");
}

fn origin() -> Origin {
    Origin::at(now())
}

#[test]
fn longest_texts_of_a_large_item_are_shortened_until_it_fits() {
    let mut error = ExceptionRecord::new(origin());
    error.type_name = Some("shop::NoStock".into());
    // Each character has two bytes in JSON.
    error.message = Some("\"".repeat(32_768).into());
    error.stack = Some("\\".repeat(32_768).into());
    error.attributes.push(Attribute::new("shop.chair", "red"));
    let data = data(&mut encoder(), error);
    let exception = &data["exceptions"][0];
    assert_eq!((&exception["typeName"], &data["properties"]["shop.chair"]), (&"shop::NoStock".into(), &"red".into()));
    assert_eq!(data["properties"]["opencensus.shortened"], "message, stack");
    for text in [&exception["message"], &exception["stack"]].map(|text| text.as_str().unwrap()) {
        assert!(text.ends_with('…') && (16_000..16_384).contains(&text.chars().count()), "{}", text.len());
    }
}

#[test]
fn item_just_within_the_limit_is_not_changed() {
    let mut encoder = encoder();
    let message = |length: usize| MessageRecord::new(origin(), "x".repeat(length));
    let overhead = encoded(&mut encoder, message(10)).unwrap().len() - 10;
    encoder.options.max_item_bytes = overhead + 1000;
    assert_eq!(data(&mut encoder, message(1000))["message"].as_str().unwrap().len(), 1000);
    let shortened = data(&mut encoder, message(1001));
    assert!(shortened["message"].as_str().unwrap().ends_with('…'), "{shortened}");
}

#[test]
fn properties_are_left_out_if_shorter_texts_do_not_suffice() {
    let mut message = MessageRecord::new(origin(), "low stock");
    message.attributes = (0..5000).map(|n| Attribute::new(format!("shop.chair.{n}"), n)).collect();
    let data = data(&mut encoder(), message);
    let properties = data["properties"].as_object().unwrap();
    let left_out: usize = properties["opencensus.left_out"].as_str().unwrap().parse().unwrap();
    // Two are of the resource and of the encoder.
    assert_eq!((data["message"].as_str(), properties.len() - 2 + left_out), (Some("low stock"), 5000));
    assert!(properties.len() > 1500 && properties["shop.chair.0"] == "0");
}

#[test]
fn item_that_cannot_fit_is_dropped() {
    let mut encoder = encoder();
    encoder.options.max_item_bytes = 100;
    assert_eq!(encoded(&mut encoder, MessageRecord::new(origin(), "low stock")), None);
}

#[test]
fn messages_of_language_models_are_limited_by_the_item() {
    let message = || {
        let mut message = MessageRecord::new(origin(), "chat");
        message.attributes.push(Attribute::new("gen_ai.input.messages", "x".repeat(300_000)));
        message
    };
    let length = |data: &Value| data["properties"]["gen_ai.input.messages"].as_str().unwrap().len();
    let mut encoder = encoder();
    assert!((60_000..MAX_ITEM).contains(&length(&data(&mut encoder, message()))));
    encoder.options.max_item_bytes = 1 << 20;
    assert_eq!(length(&data(&mut encoder, message())), 262_144);
}

#[test]
fn time_outside_of_the_window_becomes_the_current_time_and_is_kept_as_a_property() {
    let mut encoder = encoder();
    let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
    for (time, is_moved) in [
        (now(), false),
        (now() - hours(47), false),
        (now() - hours(49), true),
        (SystemTime::UNIX_EPOCH, true),
        (now() + hours(1), false),
        (now() + hours(3), true),
    ] {
        let mut origin = origin();
        origin.time = time;
        let bytes = encoded(&mut encoder, MessageRecord::new(origin, "late")).unwrap();
        let item: Value = serde_json::from_slice(&bytes).unwrap();
        let original = item["data"]["baseData"]["properties"]["opencensus.original_time"].as_str();
        assert_eq!(original.is_some(), is_moved, "{time:?}");
        assert_eq!(item["time"] == "2027-01-15T08:00:00.000000Z", is_moved || time == now(), "{time:?}");
        if time == SystemTime::UNIX_EPOCH {
            assert_eq!(original, Some("1970-01-01T00:00:00.000000Z"));
        }
    }
}
