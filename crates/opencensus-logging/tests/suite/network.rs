//! Handlers that send records to other programs, over real sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, UdpSocket};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use opencensus_logging::handlers::Stream;
use opencensus_logging::{Dialect, Level, Logging};
use serde_json::{Value, json};
use test_support::TIMEOUT;
use test_support::captured::Captured;
use test_support::smtp::MailServer;

fn logging(dialect: Dialect, handler: &Value) -> (Logging, Captured) {
    let stderr = Captured::default();
    let logging = Logging::builder().with_dialect(dialect).with_stderr(Stream::new(stderr.clone())).build();
    let configuration = json!({
        "version": 1,
        "handlers": { "net": handler },
        "root": { "handlers": ["net"], "level": "DEBUG" },
    });
    logging.configure(&configuration).unwrap();
    (logging, stderr)
}

fn udp() -> (UdpSocket, u16) {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server.set_read_timeout(Some(TIMEOUT)).unwrap();
    let port = server.local_addr().unwrap().port();
    (server, port)
}

fn datagram(server: &UdpSocket) -> String {
    let mut buffer = [0; 65_536];
    let length = server.recv(&mut buffer).unwrap();
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

#[test]
fn syslog_over_udp_has_priority_time_host_and_program() {
    let (server, port) = udp();
    let handler = json!({
        "class": "logging.handlers.SysLogHandler", "address": ["127.0.0.1", port], "facility": "local0", "app": "shop",
    });
    let (logging, _) = logging(Dialect::Native, &handler);
    for (level, priority) in
        [(Level::DEBUG, 135), (Level::INFO, 134), (Level::WARNING, 132), (Level::ERROR, 131), (Level::CRITICAL, 130)]
    {
        logging.get_logger("shop").log(level, "no chairs\nleft");
        let message = datagram(&server);
        let end = format!(" shop[{}]: no chairs\\nleft", std::process::id());
        assert!(message.starts_with(&format!("<{priority}>")) && message.ends_with(&end), "{message}");
        // `<134>Mar  5 06:07:08 host shop[7]: …`
        assert_eq!(message.split_whitespace().count(), 7, "{message}");
    }
}

#[test]
fn syslog_in_the_form_of_rfc_5424_is_framed_by_length_over_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let handler = json!({
        "class": "syslog", "address": listener.local_addr().unwrap().to_string(), "socktype": "ext://socket.SOCK_STREAM",
        "format": "rfc5424", "app": "shop",
    });
    let (logging, _) = logging(Dialect::Native, &handler);
    logging.get_logger("shop").error("first");
    logging.get_logger("shop").exception("second");
    assert!(logging.flush(TIMEOUT) && logging.shutdown(TIMEOUT));
    let mut text = String::new();
    listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
    let (length, rest) = text.split_once(' ').unwrap();
    let (first, rest) = rest.split_at(length.parse().unwrap());
    assert!(first.starts_with("<11>1 20") && first.ends_with(" - - first"), "{text}");
    assert_eq!(first.split(' ').nth(3), Some("shop"));
    let (length, second) = rest.split_once(' ').unwrap();
    assert_eq!(second.len(), length.parse::<usize>().unwrap());
    assert!(second.ends_with("second\nsecond"), "the lines of an error are one message: {text}");
}

#[cfg(unix)]
#[test]
fn syslog_to_a_local_socket_has_no_host_and_in_pythons_dialect_the_bytes_of_python() {
    let folder = tempfile::tempdir().unwrap();
    for (dialect, is_expected) in [
        (
            Dialect::Native,
            (|text: &str| text.ends_with("]: a chair") && text.split_whitespace().count() == 6) as fn(&str) -> bool,
        ),
        (Dialect::Python, |text| text == "<30>a chair\0"),
    ] {
        let path = folder.path().join(format!("{dialect:?}"));
        let server = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        server.set_read_timeout(Some(TIMEOUT)).unwrap();
        let handler = json!({ "class": "logging.handlers.SysLogHandler", "address": path, "facility": 3 });
        let (logging, _) = logging(dialect, &handler);
        logging.get_logger("shop").info("a chair");
        let mut buffer = [0; 1024];
        let length = server.recv(&mut buffer).unwrap();
        let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
        assert!(is_expected(&text), "{text:?}");
    }
}

#[test]
fn socket_and_datagram_handlers_send_json_lines_unless_a_formatter_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let handler = json!({ "class": "logging.handlers.SocketHandler", "host": "127.0.0.1", "port": port });
    let (tcp, _) = logging(Dialect::Native, &handler);
    tcp.get_logger("shop").at(Level::WARNING).field("chairs", 3).log("hardly any chairs left");
    let mut line = String::new();
    BufReader::new(listener.accept().unwrap().0).read_line(&mut line).unwrap();
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&record["message"], &record["fields"]["chairs"]), (&json!("hardly any chairs left"), &json!(3)));
    let (server, port) = udp();
    let stderr = Captured::default();
    let udp = Logging::builder().with_stderr(Stream::new(stderr)).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "f": { "format": "%(levelname)s %(message)s" } },
        "handlers": {
            "json": { "class": "logging.handlers.DatagramHandler", "host": "127.0.0.1", "port": port },
            "text": { "class": "datagram", "host": "127.0.0.1", "port": port, "formatter": "f", "level": "ERROR" },
        },
        "root": { "handlers": ["json", "text"], "level": "INFO" },
    });
    udp.configure(&configuration).unwrap();
    udp.get_logger("shop").info("a chair");
    assert!(datagram(&server).starts_with("{\"timestamp\""));
    udp.get_logger("shop").error("no chairs");
    let mut two = [datagram(&server), datagram(&server)];
    two.sort();
    assert_eq!(two[0], "ERROR no chairs\n");
}

#[test]
fn server_that_restarts_is_found_again_and_lost_records_are_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let handler = json!({ "class": "socket", "host": "127.0.0.1", "port": address.port(), "timeout": 2 });
    let (logging, stderr) = logging(Dialect::Native, &handler);
    let logger = logging.get_logger("shop");
    let line = |listener: &TcpListener| {
        listener.set_nonblocking(true).unwrap();
        let mut accepted = None;
        super::mail_support::until("the handler connects", || {
            accepted = listener.accept().ok();
            accepted.is_some()
        });
        let (stream, _) = accepted.unwrap();
        stream.set_nonblocking(false).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line
    };
    logger.info("first");
    assert!(line(&listener).contains("first"));
    // The server has closed the connection, and listens: the next record is not lost.
    assert!(logging.flush(TIMEOUT));
    logger.info("second");
    assert!(line(&listener).contains("second"));
    drop(listener);
    for n in 0..10 {
        logger.info(format!("lost {n}"));
        assert!(logging.flush(TIMEOUT), "a server that is away delays nothing");
    }
    let stats = logging.stats().handlers["net"];
    assert_eq!((stats.handled, stats.failed), (2, 10));
    assert_eq!(stderr.text().lines().filter(|line| line.contains("lost a record")).count(), 1);
    // After the first pause, of a second, the handler connects again.
    let listener = TcpListener::bind(address).unwrap();
    super::mail_support::until("the handler connects again", || {
        logger.info("again");
        logging.flush(TIMEOUT) && logging.stats().handlers["net"].handled == 3
    });
    assert!(line(&listener).contains("again"));
}

/// A server that responds with this status, and the requests that it receives.
fn http_server(status: &'static str) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, requests) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut request = String::new();
            while reader.read_line(&mut request).unwrap() > 2 {}
            let length = request.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            request.push_str(std::str::from_utf8(&body).unwrap());
            stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
            let _ = sender.send(request);
        }
    });
    (port, requests)
}

#[test]
fn http_handler_sends_the_attributes_of_a_record_by_get_and_by_post() {
    let (port, requests) = http_server("204 No Content");
    for method in ["GET", "POST"] {
        let handler = json!({
            "class": "logging.handlers.HTTPHandler", "host": format!("127.0.0.1:{port}"), "url": "/log?key=1",
            "method": method, "credentials": ["ann", "x"],
        });
        let (logging, _) = logging(Dialect::Native, &handler);
        logging.get_logger("shop.cart").at(Level::ERROR).args(["red"]).field("chairs", 3).log("no %s chairs");
        let request = requests.recv_timeout(TIMEOUT).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let form = if method == "GET" { head.lines().next().unwrap() } else { body };
        for pair in [
            "name=shop.cart&",
            "msg=no+%25s+chairs&",
            "levelname=ERROR&",
            "levelno=40&",
            "message=no+red+chairs",
            "chairs=3",
        ] {
            assert!(form.contains(pair), "{method} {pair}: {request}");
        }
        assert!(head.starts_with(&format!("{method} /log?key=1")), "{request}");
        assert!(head.contains(&format!("\r\nHost: 127.0.0.1:{port}\r\n")), "{request}");
        assert!(head.contains("\r\nAuthorization: Basic YW5uOng="), "{request}");
        assert!(logging.flush(TIMEOUT));
        assert_eq!(logging.stats().handlers["net"].handled, 1);
    }
}

#[test]
fn http_server_that_refuses_or_never_responds_loses_counted_records_within_the_timeout() {
    let (port, _requests) = http_server("503 Service Unavailable");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for (port, reason) in [(port, "status 503"), (silent.local_addr().unwrap().port(), "")] {
        let handler = json!({
            "class": "http", "host": format!("127.0.0.1:{port}"), "url": "/", "method": "POST", "timeout": 0.1,
        });
        let (logging, stderr) = logging(Dialect::Native, &handler);
        (0..3).for_each(|_| logging.get_logger("shop").info("lost"));
        assert!(logging.flush(TIMEOUT));
        assert_eq!(logging.stats().handlers["net"].failed, 3);
        assert!(stderr.text().contains(reason), "{}", stderr.text());
    }
}

#[test]
fn smtp_handler_mails_the_text_of_each_record() {
    let server = MailServer::start();
    let handler = json!({
        "class": "logging.handlers.SMTPHandler", "mailhost": ["127.0.0.1", server.address.port()],
        "fromaddr": "shop@shop.example", "toaddrs": ["ann@shop.example", "bob@shop.example"],
        "subject": "The shop\r\nBcc: eve@evil.example", "level": "ERROR", "timeout": 5.0,
    });
    for dialect in [Dialect::Native, Dialect::Python] {
        let (logging, _) = logging(dialect, &handler);
        logging.get_logger("shop").info("not mailed");
        logging.get_logger("shop").error("no chairs left");
        assert!(logging.shutdown(Duration::from_secs(20)));
        let received = server.received();
        let mail = received.last().unwrap();
        let data = String::from_utf8(mail.data.clone()).unwrap();
        assert_eq!((mail.from.as_str(), mail.to.len()), ("shop@shop.example", 2));
        assert!(data.contains("Subject: The shop") && !data.contains("\nBcc:"), "{data}");
        assert!(data.contains("no chairs left") && !data.contains("Request"), "{data}");
    }
    assert_eq!(server.received().len(), 2);
}

#[test]
fn arguments_of_network_handlers_that_cannot_work_are_faults_at_once() {
    let logging = Logging::builder().with_stderr(Stream::new(Captured::default())).build();
    let configuration = json!({
        "version": 1,
        "handlers": {
            "a": { "class": "syslog", "address": 7, "facility": "local9", "socktype": "raw", "format": "cef" },
            "b": { "class": "socket", "port": 70_000 },
            "c": { "class": "http", "host": "http://h", "url": "/", "secure": true, "method": "PUT", "timeout": 0 },
            "d": { "class": "smtp", "mailhost": ["h", 0], "fromaddr": "a@b", "subject": "s", "credentials": "hunter2" },
        },
    });
    let faults = logging.configure(&configuration).unwrap_err().to_string();
    for place in [
        "handlers.a.address",
        "handlers.a.facility",
        "handlers.a.socktype",
        "handlers.a.format",
        "handlers.b.host",
        "handlers.b.port",
        "handlers.c.host",
        "handlers.c.secure",
        "handlers.c.method",
        "handlers.c.timeout",
        "handlers.d.mailhost",
        "handlers.d.toaddrs",
        "handlers.d.credentials",
    ] {
        assert!(faults.contains(place), "{place}: {faults}");
    }
    assert!(!faults.contains("hunter2"), "{faults}");
}
