//! Django's settings in files: logging, mail, debug mode.

use std::collections::BTreeMap;
use std::time::Duration;

use opencensus_logging::Logging;
use opencensus_logging::config::{ConfigFileError, LoggingConfig, Setup};
use opencensus_logging::mail::{MailSettings, MemoryBackend, SmtpServer};
use serde_json::json;

use opencensus_logging::handlers::Stream;
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::smtp::MailServer;

/// A system with these variables.
fn logging<const N: usize>(variables: [(&str, &str); N]) -> (Logging, Captured) {
    let stderr = Captured::default();
    let variables: BTreeMap<_, _> =
        variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let builder = Logging::builder().with_stderr(Stream::new(stderr.clone()));
    (builder.with_variables(move |name| variables.get(name).cloned()).build(), stderr)
}

#[test]
fn mail_settings_are_read_from_a_file_under_djangos_names() {
    let server = MailServer::start();
    let port = server.address.port().to_string();
    let (logging, stderr) = logging([("MAIL_PORT", &port)]);
    logging
        .setup_toml(
            r#"
            ADMINS = [["Ann, the first", "ann@shop.example"], "bob@shop.example"]
            MANAGERS = "eve@shop.example"
            SERVER_EMAIL = "shop@shop.example"
            EMAIL_SUBJECT_PREFIX = "[Shop] "
            EMAIL_HOST = "127.0.0.1"
            EMAIL_PORT = "${MAIL_PORT}"
            EMAIL_TIMEOUT = 20
            trace_link = "https://portal.example/{trace_id}"

            [LOGGING]
            version = 1
            handlers.managers = { class = "mail_admins", recipients = "managers" }
            loggers."shop.stock" = { handlers = ["managers"] }
            "#,
        )
        .unwrap();
    logging.get_logger("django.request").error("no chairs");
    logging.get_logger("shop.stock").error("no wood");
    assert!(logging.shutdown(TIMEOUT));
    let mut received = server.received();
    received.sort_by_key(|mail| mail.to.len());
    let [managers, admins] = &*received else { panic!("{received:?}, {}", stderr.text()) };
    assert_eq!((&*admins.from, &*managers.from), ("shop@shop.example", "shop@shop.example"));
    assert_eq!(
        (&*admins.to, &*managers.to),
        (&["ann@shop.example".to_owned(), "bob@shop.example".to_owned()][..], &["eve@shop.example".to_owned()][..])
    );
    let handlers = logging.stats().handlers;
    assert_eq!(
        (handlers["mail_admins"].mails.delivered, handlers["managers"].mails.delivered),
        (1, 1),
        "the handler of the defaults mails, too"
    );
    let text = String::from_utf8_lossy(&admins.data).into_owned();
    assert!(
        text.contains("Subject: [Shop] ERROR: no chairs")
            && text.contains("=?utf-8?b?QW5uLCB0aGUgZmlyc3Q=?= <ann@shop.example>, bob@"),
        "{text}"
    );
}

#[test]
fn faults_of_a_file_are_reported_at_once_and_without_secrets() {
    let (logging, _) = logging([("PASSWORD", "hunter2")]);
    let faults = logging.setup_toml(
        r#"
        debug = "perhaps"
        admins = ["ann@shop.example", "nobody", 7]
        server_email = "not an address"
        email_port = "${PASSWORD}"
        email_use_tls = true
        email_use_ssl = true
        email_backend = "carrier_pigeon"
        email_hots = "smtp.shop.example"
        defaults = "1.7"
        logging_config = 7
        email_ssl_keyfile = "key.pem"
        internal_ips = { a = 1 }
        "#,
    );
    let Err(ConfigFileError::Invalid(invalid)) = faults else { panic!("{faults:?}") };
    let text = invalid.to_string();
    assert!(!text.contains("hunter2"), "{text}");
    let mut places: Vec<_> = invalid.faults().iter().map(|fault| fault.place().to_owned()).collect();
    places.sort();
    let expected = [
        "admins",
        "debug",
        "defaults",
        "email_backend",
        "email_hots",
        "email_port",
        "email_ssl_certfile",
        "email_use_ssl",
        "internal_ips",
        "logging_config",
        "server_email",
    ];
    assert_eq!(places, expected, "{text}");
    assert!(text.contains("did you mean `email_host`?"), "{text}");
}

#[test]
fn fault_of_a_file_names_its_place_and_a_remedy() {
    let (logging, _) = logging([]);
    let fault = |toml: &str| logging.setup_toml(toml).unwrap_err().to_string();
    let address = fault("managers = [\"ann@shop.example\", \"nobody\"]");
    assert!(address.starts_with("`managers[1]`: found `nobody`; write an address"), "{address}");
    assert_eq!(fault("email_host_password = 90210733"), "`email_host_password`: found a number; write a text");
    let unset = fault("email_host_password = \"${NOWHERE}\"");
    assert!(unset.contains("`email_host_password`") && unset.contains("NOWHERE"), "{unset}");
    let twice = fault("ADMINS = []\nadmins = []");
    assert!(twice.contains("a second value"), "{twice}");
    let spelled = fault("EMAIL_PORT = 70000\n[LOGGING]\nversion = 1\nroot.level = 'LOUD'");
    assert!(spelled.contains("`EMAIL_PORT`: found an invalid port"), "{spelled}");
    let inside = fault("[logging]\nversion = 1\nroot.handlers = [\"nowhere\"]");
    assert!(inside.contains("`logging.root.handlers[0]`"), "{inside}");
    let whole = fault("version = 1\nroot.handlers = [\"nowhere\"]");
    assert!(whole.contains("`root.handlers[0]`") && !whole.contains("logging.root"), "{whole}");
}

#[test]
fn absent_settings_keep_their_current_value() {
    let (stdout, outbox) = (Captured::default(), MemoryBackend::default());
    let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_backend(outbox.clone());
    let logging = Logging::builder()
        .with_stderr(Stream::new(Captured::default()))
        .with_stdout(Stream::new(stdout.clone()))
        .with_mail(mail)
        .build();
    logging.set_debug(true);
    logging.setup_toml("version = 1\nhandlers.m.class = \"mail_admins\"\nloggers.shop.handlers = [\"m\"]").unwrap();
    assert!(logging.is_debug());
    logging.setup_toml("debug = false\nemail_subject_prefix = \"[Shop] \"").unwrap();
    logging.get_logger("django.request").error("no chairs");
    assert!(!logging.is_debug() && logging.flush(TIMEOUT));
    let mail = outbox.mails().remove(0);
    assert_eq!((&*mail.subject, &*mail.to), ("[Shop] ERROR: no chairs", &["ann@shop.example".to_owned()][..]));

    logging.setup_toml("email_timeout = 5\nemail_host = \"nowhere.example\"").unwrap();
    logging.get_logger("django.request").error("no glue");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(outbox.mails().len(), 2, "the backend that was set in code still sends");

    logging.setup_toml("email_backend = \"console\"").unwrap();
    logging.get_logger("django.request").error("no wood");
    // A mail that still waits would go to the next backend.
    assert!(logging.flush(TIMEOUT));
    logging.setup_toml("email_backend = \"memory\"").unwrap();
    logging.get_logger("django.request").error("no nails");
    assert!(logging.flush(TIMEOUT));
    assert!(stdout.text().contains("Subject: [Shop] ERROR: no wood"), "{}", stdout.text());
    assert_eq!(logging.outbox().mails()[0].subject, "[Shop] ERROR: no nails");
}

#[test]
fn server_settings_can_change_in_part() {
    let server = MailServer::start();
    let code = SmtpServer::new("127.0.0.1").with_port(server.address.port()).with_timeout(Duration::from_secs(20));
    // An invalid address that is set in code is not a fault of the file.
    let mail = MailSettings::default().with_admins(["ann@shop.example"]).with_smtp(&code).unwrap();
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).with_mail(mail).build();
    logging.setup_toml("EMAIL_TIMEOUT = 15\nEMAIL_HOST_USER = \"\"\nLOGGING_CONFIG = false").unwrap();
    let configuration = "version = 1\nhandlers.m.class = \"mail_admins\"\nroot.handlers = [\"m\"]";
    logging.configure_toml(configuration).unwrap();
    logging.get_logger("shop").error("no chairs");
    assert!(logging.shutdown(TIMEOUT));
    assert_eq!(server.received().len(), 1);

    let invalid = Logging::builder().with_mail(MailSettings::default().with_server_email("shop")).build();
    invalid.setup_toml("debug = true\nLOGGING_CONFIG = false\nADMINS = [\"ann@shop.example\"]").unwrap();
    assert!(invalid.mails_reports(), "the administrators of a file count even if nothing is configured");
}

#[test]
fn file_with_a_version_is_a_logging_table() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("logging.json");
    std::fs::write(&file, r#"{"version": 1, "handlers": {"c": {"class": "console"}}, "root": {"handlers": ["c"]}}"#)
        .unwrap();
    let (logging, stderr) = logging([]);
    logging.setup_file(&file).unwrap();
    logging.get_logger("shop").warning("hardly any chairs left");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "hardly any chairs left\n");
    std::fs::write(&file, r#"{"debgu": true}"#).unwrap();
    let error = logging.setup_file(&file).unwrap_err().to_string();
    assert_eq!(error, "logging.json: `debgu`: found an unknown setting; did you mean `debug`?");
}

#[test]
fn settings_of_a_whole_django_project_are_one_file() {
    let (logging, stderr) = logging([]);
    let settings = json!({
        "DEBUG": false,
        "SECRET_KEY": "django-insecure-1",
        "ALLOWED_HOSTS": [".shop.example"],
        "INSTALLED_APPS": ["django.contrib.admin", "shop"],
        "DATABASES": { "default": { "ENGINE": "django.db.backends.sqlite3", "PASSWORD": "${DB_PASSWORD}" } },
        "SESSION_COOKIE_NAME": "shop",
        "SESSION_COOKIE_AGE": 1209600,
        "SHOP_CHAIRS_PER_PAGE": 25,
        "STRIPE_KEY": "${STRIPE_KEY}",
        "OPENCENSUS": { "TRACE": { "SAMPLER": "${SAMPLER}" } },
        "ADMINS": [["Ann", "ann@shop.example"]],
        "LOGGING": {
            "version": 1,
            "handlers": { "console": { "class": "logging.StreamHandler" } },
            "loggers": { "shop": { "handlers": ["console"] } },
        },
    });
    logging.setup_settings(&settings).unwrap();
    logging.get_logger("shop").warning("hardly any chairs left");
    assert!(logging.flush(TIMEOUT));
    assert_eq!(stderr.text(), "hardly any chairs left\n");

    let toml =
        "ALLOWED_HOSTS = ['*']\nuse_tz = true\n[OPENCENSUS.trace]\nsampler = '${SAMPLER}'\n[LOGGING]\nversion = 1";
    logging.setup_toml(toml).unwrap();
}

#[test]
fn typing_errors_among_the_settings_of_a_project_are_faults() {
    let (logging, _) = logging([]);
    let error =
        logging.setup_toml("SHOP_CHAIRS = 7\nEMAIL_HOTS = 'x'\nLOGGIN = {}\nADMIN = []\nchairs = 7").unwrap_err();
    for fault in [
        "`email_hots`: found an unknown setting; did you mean `email_host`?",
        "`loggin`: found an unknown setting; did you mean `logging`?",
        "`admin`: found an unknown setting; did you mean `admins`?",
        "`chairs`: found an unknown setting",
    ] {
        assert!(error.to_string().to_lowercase().contains(fault), "{error}");
    }
    assert!(!error.to_string().contains("SHOP_CHAIRS"), "{error}");
}

#[test]
fn logging_config_none_means_no_configuration() {
    for none in ["\"None\"", "\"none\"", "\"\"", "false", "\"${NONE:-None}\""] {
        let (logging, _) = logging([]);
        let settings = format!("LOGGING_CONFIG = {none}\n[LOGGING]\nversion = 1\nloggers.shop.level = \"DEBUG\"");
        logging.setup_toml(&settings).unwrap();
        assert!(logging.logger_state("shop").is_none() && logging.logger_state("django").is_none(), "{none}");
    }
    let (logging, _) = logging([]);
    logging.setup_settings(&json!({ "LOGGING_CONFIG": null, "LOGGING": { "version": 2 } })).unwrap();
    assert!(logging.logger_state("django").is_none());
}

#[test]
fn dict_config_under_pythons_name_is_the_default_function() {
    let (logging, _) = logging([]);
    let mut setup = Setup::default();
    setup.logging = json!({ "version": 1, "loggers": { "shop": { "level": "DEBUG" } } });
    setup.logging_config = LoggingConfig::Named("logging.config.dictConfig".to_owned());
    logging.setup(&setup).unwrap();
    assert_eq!(logging.logger_state("shop").unwrap().level.number(), 10);
}

#[test]
fn mail_server_that_no_mail_could_reach_is_a_fault_at_start() {
    let (logging, _) = logging([("ZERO", "0")]);
    let toml = "EMAIL_TIMEOUT = 0\nEMAIL_PORT = \"${ZERO}\"\nEMAIL_HOST = \"smtp.shop.example:25\"";
    let error = logging.setup_toml(toml).unwrap_err().to_string();
    for fault in [
        "`EMAIL_TIMEOUT`: found `${ZERO}`; write seconds above 0, or leave it out for 30 seconds",
        "`EMAIL_PORT`: found `${ZERO}`; write a port from 1 to 65535",
        "`EMAIL_HOST`: found `smtp.shop.example:25`; write the host's name or address alone; its port is `email_port`",
    ] {
        assert!(error.contains(fault), "{fault}\n{error}");
    }
    for host in ["localhost", "127.0.0.1", "::1", "2001:db8::1"] {
        logging.setup_toml(&format!("EMAIL_HOST = \"{host}\"")).unwrap();
    }
    assert!(logging.setup_toml("EMAIL_HOST = \"[::1]:25\"").is_err());

    let in_code = |server: SmtpServer| MailSettings::default().with_smtp(&server).unwrap_err().to_string();
    assert_eq!(in_code(SmtpServer::new("h:25")), "the mail server's host is empty or contains a port");
    assert_eq!(in_code(SmtpServer::new("h").with_port(0)), "the mail server's port is 0");
    assert_eq!(in_code(SmtpServer::new("h").with_timeout(Duration::ZERO)), "the mail server's timeout is 0");
}

#[test]
fn file_that_is_no_toml_or_json_has_its_kind_and_the_way_in_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let (logging, _) = logging([]);
    let error = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let errors = [logging.setup_file(&file).unwrap_err(), logging.configure_file(&file).unwrap_err()];
        let [setup, configure] = errors.map(|error| error.to_string());
        assert_eq!(setup, configure);
        setup
    };
    for (name, text, expected) in [
        ("logging.yaml", "version: 1\nhandlers:\n  c: {class: console}\n", "it is a YAML file; convert it to JSON"),
        (
            "logging.conf",
            "[loggers]\nkeys=root\n\n[logger_root]\nlevel=INFO\n",
            "it is a file for Python's `fileConfig`",
        ),
        ("settings.py", "DEBUG = True\nLOGGING = {\n    'version': 1,\n}\n", "it is a Python file; convert it to JSON"),
        ("settings", "import os\n\nDEBUG = True\n", "it is a Python file; convert it to JSON"),
    ] {
        let error = error(name, text);
        assert!(error.contains(name) && error.contains(expected), "{error}");
    }
    let toml = format!("version = 1\n{}\n[root]\nlevel = \n", "\n".repeat(37));
    let error_of_toml = error("logging.toml", &toml);
    assert!(error_of_toml.contains("invalid TOML at line 41, column 9"), "{error_of_toml}");
    let error_of_json = error("logging.json", "{\n  \"version\": 1,\n  \"root\": }\n");
    assert!(error_of_json.contains("invalid JSON at line 3, column 11"), "{error_of_json}");
}

#[test]
fn byte_order_mark_and_other_names_of_files_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let (logging, _) = logging([]);
    for (name, text) in [
        ("bom.json", "\u{feff}{\"version\": 1}"),
        ("bom.toml", "\u{feff}version = 1"),
        ("bom", "\u{feff} {\"version\": 1}"),
        ("logging.conf", "version = 1"),
        ("logging.yaml", "{\"version\": 1}"),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        logging.setup_file(&file).unwrap();
        logging.configure_file(&file).unwrap();
    }
}
