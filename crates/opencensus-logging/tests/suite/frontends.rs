//! Records of `log` and `tracing` arrive once, in every order of installation.

use opencensus_logging::{Level, Logging, frontend};
use serde_json::json;
use tracing_log::LogTracer;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt as _;

use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::process::run_test;

/// Everything from DEBUG on, in this format.
fn logging(format: &str) -> (Logging, Captured) {
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "f": { "format": format } },
        "handlers": { "console": { "class": "console", "formatter": "f" } },
        "root": { "handlers": ["console"], "level": "DEBUG" },
    });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

const ORDER: &str = "LOGGING_ORDER";

/// Runs in a child process, which installs its front ends in this order.
#[test]
fn child() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let (logging, stderr) = logging("%(name)s %(levelname)s %(message)s");
    let foreign = |with_ours: bool| {
        let fmt = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
        let ours = with_ours.then(|| frontend::tracing::layer::<Registry>(&logging));
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(ours).with(fmt)).is_ok()
    };
    let installed = order.split(' ').map(|step| match step {
        "install" => {
            let installed = logging.install();
            format!("global={} log={} tracing={}", installed.global, installed.log, installed.tracing)
        }
        "subscriber" => foreign(false).to_string(),
        "subscriber+layer" => foreign(true).to_string(),
        "log_tracer" => LogTracer::init().is_ok().to_string(),
        other => panic!("{other}"),
    });
    let installed = installed.collect::<Vec<_>>().join(" ");
    tracing::warn!(target: "shop::tracing", "from tracing");
    log::warn!(target: "shop::log", "from log");
    opencensus_logging::get_logger("shop::own").warning("from its own");
    log::trace!(target: "shop::log", "disabled");
    tracing::trace!(target: "shop::tracing", "disabled");
    // Enabled from the next call on.
    let log_late = || {
        log::trace!(target: "shop::late", "late log");
        tracing::trace!(target: "shop::late", "late tracing");
    };
    log_late();
    logging.set_level("shop.late", Level::from_number(1));
    log_late();
    assert!(logging.flush(TIMEOUT));
    let mut lines: Vec<_> = stderr.text().lines().map(str::to_owned).collect();
    lines.sort();
    println!("\n{order}: {installed}: {}", lines.join(", "));
}

fn in_order(order: &str) -> String {
    let text = run_test("frontends::child", &[(ORDER, order)]);
    let reported = text.lines().find_map(|line| line.strip_prefix(order)?.strip_prefix(": "));
    reported.unwrap_or_else(|| panic!("{order}: {text}")).to_owned()
}

#[test]
fn each_call_is_one_record_in_every_order_of_installation() {
    const ALL: &str = "shop.late TRACE late log, shop.late TRACE late tracing, shop.log WARNING from log, \
                       shop.own WARNING from its own, shop.tracing WARNING from tracing";
    const WITHOUT_TRACING: &str = "shop.late TRACE late log, shop.log WARNING from log, shop.own WARNING from its own";
    for (order, installed, records) in [
        ("install", "global=true log=true tracing=true", ALL),
        ("install subscriber", "global=true log=true tracing=true false", ALL),
        ("install log_tracer", "global=true log=true tracing=true false", ALL),
        ("log_tracer install", "true global=true log=false tracing=true", ALL),
        ("subscriber+layer install", "true global=true log=true tracing=false", ALL),
        ("subscriber+layer log_tracer install", "true true global=true log=false tracing=false", ALL),
        ("log_tracer subscriber+layer install", "true true global=true log=false tracing=false", ALL),
        // Another subscriber receives the events, and this system is not a part of it.
        ("subscriber install", "true global=true log=true tracing=false", WITHOUT_TRACING),
        ("install install", "global=true log=true tracing=true global=false log=false tracing=false", ALL),
    ] {
        assert_eq!(in_order(order), format!("{installed}: {records}"), "{order}");
    }
}

#[test]
fn events_keep_their_fields_spans_and_errors() {
    let (logging, stderr) = logging("%(spans)s|%(span)s|%(name)s|%(message)s|%(order)s %(chair)s|%(lineno)d");
    let subscriber = tracing_subscriber::registry().with(frontend::tracing::layer(&logging));
    tracing::subscriber::with_default(subscriber, || {
        let outer = tracing::info_span!("order", order = 7, chair = "red").entered();
        let inner = tracing::info_span!("reserve", chair = tracing::field::Empty);
        inner.record("chair", "blue");
        inner.in_scope(|| {
            let error: &(dyn std::error::Error + 'static) = &std::io::Error::other("no chairs");
            tracing::error!(error, "failed {}", 1);
        });
        drop(outer);
    });
    assert!(logging.flush(TIMEOUT));
    let line = line!() - 5;
    let module = module_path!().replace("::", ".");
    assert_eq!(
        stderr.text(),
        format!("order:reserve|reserve|{module}|failed 1|7 blue|{line}\nstd::io::Error: no chairs\n")
    );
}

#[test]
fn spans_are_known_when_only_errors_are_enabled() {
    let (logging, stderr) = logging("%(spans)s %(message)s");
    logging.set_level("", Level::ERROR);
    let subscriber = tracing_subscriber::registry().with(frontend::tracing::layer(&logging));
    tracing::subscriber::with_default(subscriber, || {
        let _order = tracing::info_span!("order").entered();
        let _detail = tracing::debug_span!("detail").entered();
        tracing::warn!("disabled");
        tracing::error!("no chairs");
    });
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "order no chairs\n");
}

#[test]
fn change_of_levels_applies_at_once() {
    let (logging, stderr) = logging("%(message)s");
    let subscriber = tracing_subscriber::registry().with(frontend::tracing::layer(&logging));
    tracing::subscriber::with_default(subscriber, || {
        let log = |text: &str| tracing::info!(target: "shop::cart", "{text}");
        log("enabled");
        logging.set_level("shop", Level::ERROR);
        log("disabled");
        assert!(!tracing::enabled!(target: "shop::cart", tracing::Level::INFO));
        logging.set_level("shop.cart", Level::DEBUG);
        log("enabled again");
        logging.disable(Level::CRITICAL);
        log("disabled");
    });
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "enabled\nenabled again\n");
}

/// Runs in a child process: `log` has one logger.
#[test]
fn child_with_key_values() {
    if std::env::var_os(ORDER).is_none() {
        return;
    }
    let stderr = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "json": { "class": "json" } },
        "handlers": { "console": { "class": "console", "formatter": "json" } },
        "root": { "handlers": ["console"], "level": "DEBUG" },
    });
    logging.configure(&configuration).unwrap();
    logging.install();
    let chair = String::from("4711");
    log::info!(order = 4711, chair = chair.as_str(), price = 1.5, paid = true, list:? = [1, 2]; "order taken");
    let line = line!() - 1;
    assert!(logging.flush(TIMEOUT));
    let record: serde_json::Value = serde_json::from_str(stderr.text().trim()).unwrap();
    println!("\nfields: {}", record["fields"]);
    println!("place: {}", record["line"] == line && record["file"] == file!());
}

#[test]
fn key_values_of_log_are_fields() {
    let text = run_test("frontends::child_with_key_values", &[(ORDER, "")]);
    let expected = r#"fields: {"order":4711,"chair":"4711","price":1.5,"paid":true,"list":"[1, 2]"}"#;
    assert!(text.contains(expected) && text.contains("place: true"), "{text}");
}

/// Runs in a child process: `log` has one logger.
#[test]
fn child_with_many_targets() {
    if std::env::var_os(ORDER).is_none() {
        return;
    }
    let (logging, stderr) = logging("%(name)s %(message)s");
    logging.install();
    for n in 0..5_000 {
        log::info!(target: &format!("tenant.t{n}.orders"), "taken");
    }
    assert!(logging.flush(TIMEOUT));
    let known = (0..5_000).filter(|n| logging.logger_state(&format!("tenant.t{n}.orders")).is_some()).count();
    println!("\nlines: {}, loggers: {known}", stderr.text().lines().count());
    println!("last: {}", stderr.text().lines().last().unwrap());
    logging.set_level("tenant", Level::ERROR);
    log::info!(target: "tenant.late", "taken");
    log::error!(target: "tenant.late", "failed");
    assert!(logging.flush(TIMEOUT));
    println!("late: {}", stderr.text().lines().last().unwrap());
}

#[test]
fn number_of_loggers_for_targets_made_at_run_time_is_bounded_and_no_record_is_lost() {
    let text = run_test("frontends::child_with_many_targets", &[(ORDER, "")]);
    assert!(text.contains("lines: 5000, loggers: 1024"), "{text}");
    assert!(text.contains("last: tenant.t4999.orders taken") && text.contains("late: tenant.late failed"), "{text}");
}

#[test]
fn two_systems_may_share_one_subscriber() {
    let ((one, first), (two, second)) = (logging("1 %(chair)s %(message)s"), logging("2 %(chair)s %(message)s"));
    let subscriber =
        tracing_subscriber::registry().with(frontend::tracing::layer(&one)).with(frontend::tracing::layer(&two));
    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!("order", chair = "red").in_scope(|| tracing::info!("sold"));
    });
    assert!(one.flush(TIMEOUT) && two.flush(TIMEOUT));
    assert_eq!((first.text().as_str(), second.text().as_str()), ("1 red sold\n", "2 red sold\n"));
}
