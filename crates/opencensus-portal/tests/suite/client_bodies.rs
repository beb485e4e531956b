//! Bodies as other clients of the protocol send them: forms of times, durations, names and values that differ.

use opencensus_portal::{Filter, Item, Portal};

use crate::support::{gzip, hour, post};

/// A body of a client. `@` stands for the current hour, such as `2024-03-05T06:00:00`.
struct Body {
    client: &'static str,
    is_gzip: bool,
    text: &'static str,
    /// Name and duration in microseconds of each item, in order.
    items: &'static [(&'static str, Option<i64>)],
}

const BODIES: &[Body] = &[
    // The SDK for .NET: lines with CR LF, seven decimals, the key without dashes in names, no offset below a day.
    Body {
        client: ".NET 2",
        is_gzip: true,
        text: concat!(
            r#"{"name":"Microsoft.ApplicationInsights.000000000000400080000000000001.Request","time":"@.0000000Z","#,
            r#""iKey":"00000000-0000-4000-8000-000000000001","flags":2097152,"tags":{"ai.application.ver":"1.0.0.0","#,
            r#""ai.operation.id":"4bf92f3577b34da6a3ce929d0e0e4736","ai.internal.sdkVersion":"aspnet5c:2.21.0"},"#,
            r#""data":{"baseType":"RequestData","baseData":{"ver":2,"id":"|4bf92f35.2_","name":"GET Home/Index","#,
            r#""duration":"00:00:00.0130042","success":true,"responseCode":"200","url":"http://localhost/","#,
            r#""properties":{"DeveloperMode":"true"}}}}"#,
            "\r\n",
            r#"{"name":"AppTraces","time":"@.0000000Z","iKey":"k","tags":{"ai.cloud.roleInstance":"pc"},"data":"#,
            r#"{"baseType":"MessageData","baseData":{"ver":2,"message":"started","severityLevel":"Information"}}}"#,
            "\r\n",
            r#"{"name":"AppMetrics","time":"@.0000000Z","iKey":"k","data":{"baseType":"MetricData","baseData":"#,
            r#"{"ver":2,"metrics":[{"ns":"a","name":"load","kind":"Aggregation","value":12.5,"count":3,"min":0,"#,
            r#""max":1E+2,"stdDev":0.1}],"properties":{"_MS.IsAutocollected":"True"}}}}"#,
        ),
        items: &[("GET Home/Index", Some(13_004)), ("started", None), ("load", None)],
    },
    // The agent for Java: lines, two digits of days, six decimals, the sampling rate on every item.
    Body {
        client: "Java 3",
        is_gzip: true,
        text: concat!(
            r#"{"ver":1,"name":"Request","time":"@.000Z","sampleRate":100.0,"iKey":"k","tags":{"ai.internal"#,
            r#".sdkVersion":"java:3.7.1","ai.cloud.role":"shop"},"data":{"baseType":"RequestData","baseData":{"ver":2,"#,
            r#""id":"00f067aa0ba902b7","name":"GET /j","duration":"00.00:00:00.013000","success":true,"#,
            r#""responseCode":"200","properties":{"_MS.ProcessedByMetricExtractors":"True"}}}}"#,
            "\n",
            r#"{"ver":1,"name":"Exception","time":"@Z","sampleRate":null,"iKey":"k","data":{"baseType":"ExceptionData","#,
            r#""baseData":{"ver":2,"exceptions":[{"id":1,"outerId":0,"typeName":"E","message":"m","hasFullStack":true,"#,
            r#""stack":"E: m\n\tat f(F.java:1)"}],"severityLevel":"Error"}}}"#,
        ),
        items: &[("GET /j", Some(13_000)), ("E", None)],
    },
    // The SDK for Go: lines, no decimals for whole seconds, `null` for properties, empty texts, numbers for enumerations.
    Body {
        client: "Go",
        is_gzip: false,
        text: concat!(
            r#"{"ver":1,"name":"Microsoft.ApplicationInsights.0001.Message","time":"@Z","sampleRate":100,"seq":"","#,
            r#""iKey":"k","tags":{"ai.internal.sdkVersion":"go:0.4.4"},"data":{"baseType":"MessageData","baseData":"#,
            r#"{"ver":2,"message":"testing","severityLevel":0,"properties":null}}}"#,
            "\n",
            r#"{"ver":1,"name":"Microsoft.ApplicationInsights.0001.RemoteDependency","time":"@Z","sampleRate":100,"#,
            r#""seq":"","iKey":"k","tags":{},"data":{"baseType":"RemoteDependencyData","baseData":{"ver":2,"name":"db","#,
            r#""id":"","resultCode":"","duration":"1.02:03:04.0000005","success":true,"data":"","target":"","#,
            r#""type":"SQL","properties":null,"measurements":null}}}"#,
            "\n",
        ),
        items: &[("testing", None), ("db", Some(((26 * 60 + 3) * 60 + 4) * 1_000_000))],
    },
    // The SDK for PHP: an offset and `Z` in one time, no days, a code and properties that are numbers.
    Body {
        client: "PHP",
        is_gzip: false,
        text: concat!(
            r#"[{"name":"Microsoft.ApplicationInsights.Request","time":"@+00:00Z","iKey":"k","tags":{"ai.device.id":"","#,
            r#""ai.session.isFirst":true},"data":{"baseType":"RequestData","baseData":{"ver":2,"id":"0A1B2C3D-0000-"#,
            r#"4000-8000-000000000000","name":"index.php","startTime":"@+00:00Z","duration":"00:00:03.754","#,
            r#""responseCode":200,"success":false,"properties":{"InlineProperty":1,"debug":true}}}}]"#,
        ),
        items: &[("index.php", Some(3_754_000))],
    },
    // The SDK for Ruby: an array, an offset, a colon after the days, lines of stack frames as texts.
    Body {
        client: "Ruby",
        is_gzip: true,
        text: concat!(
            r#"[{"ver":1,"name":"Microsoft.ApplicationInsights.Request","time":"@.0000000+00:00","iKey":"k","tags":{},"#,
            r#""data":{"baseType":"RequestData","baseData":{"ver":2,"id":"|1234.","duration":"00.00:00:00.0130000","#,
            r#""responseCode":200,"success":true,"name":"GET /r"}}},"#,
            r#"{"ver":1,"name":"Microsoft.ApplicationInsights.Request","time":"@.0000000+00:00","iKey":"k","data":"#,
            r#"{"baseType":"RequestData","baseData":{"ver":2,"id":"Null","duration":"0:00:00:00.0000000","#,
            r#""responseCode":200,"success":true,"name":"GET /none"}}},"#,
            r#"{"ver":1,"name":"Microsoft.ApplicationInsights.Exception","time":"@.0000000+00:00","iKey":"k","data":"#,
            r#"{"baseType":"ExceptionData","baseData":{"ver":2,"handledAt":"UserCode","exceptions":[{"id":1,"#,
            r#""typeName":"ArgumentError","message":"m","parsedStack":[{"level":0,"method":"f","assembly":"Unknown","#,
            r#""fileName":"a.rb","line":"12"}]}]}}}]"#,
        ),
        items: &[("GET /r", Some(13_000)), ("GET /none", Some(0)), ("ArgumentError", None)],
    },
    // The Collector's exporter, which uses a fork of the SDK for Go.
    Body {
        client: "Collector",
        is_gzip: false,
        text: concat!(
            r#"{"ver":1,"name":"Microsoft.ApplicationInsights.Request","time":"@.000001Z","sampleRate":100,"seq":"","#,
            r#""iKey":"k","tags":{"ai.cloud.role":"ns.svc","ai.operation.parentId":""},"data":{"baseType":"RequestData","#,
            r#""baseData":{"ver":2,"id":"0000000000000001","source":"","name":"/c","duration":"00.00:00:00.000007","#,
            r#""responseCode":"0","success":true,"url":"","properties":{},"measurements":{}}}}"#,
        ),
        items: &[("/c", Some(7))],
    },
    // The exporters of OpenTelemetry for Python, whose times have an offset in some versions, and for Node.
    Body {
        client: "OpenTelemetry",
        is_gzip: false,
        text: concat!(
            r#"[{"ver":1,"name":"Microsoft.ApplicationInsights.Metric","time":"@.000000","iKey":"k","sampleRate":6.25,"#,
            r#""tags":{},"data":{"baseType":"MetricData","baseData":{"ver":2,"duration":12.5,"metrics":[{"name":"#,
            r#""http.server.duration","value":12.5,"ns":null,"kind":null,"count":1}],"properties":null}}},"#,
            r#"{"ver":1,"name":"Microsoft.ApplicationInsights.RemoteDependency","time":"@.000000+0000","iKey":"k","#,
            r#""data":{"baseType":"RemoteDependencyData","baseData":{"name":"call","duration":"PT0.0033S","#,
            r#""success":true}}},"#,
            r#"{"ver":1,"name":"Microsoft.ApplicationInsights.0001.Message","time":"@+00","iKey":"k","data":{"baseType":"#,
            r#""MessageData","baseData":{"message":"warned","severityLevel":"Warning","properties":{"a":{"b":[1]}}}}}]"#,
        ),
        items: &[("http.server.duration", None), ("call", Some(3_300)), ("warned", None)],
    },
    // The SDK for browsers: other letter cases of types, numbers as measurements, `null` for what it does not know.
    Body {
        client: "browser",
        is_gzip: false,
        text: concat!(
            r#"[{"name":"Microsoft.ApplicationInsights.0001.Pageview","time":"@.000Z","iKey":"k","tags":{"ai.user.id":"#,
            r#""a","ai.session.id":"b"},"data":{"baseType":"PageviewData","baseData":{"ver":2,"name":"Home","#,
            r#""url":"http://localhost/","duration":"00:00:00.212","id":"c","properties":{"refUri":""},"#,
            r#""measurements":{}}}},"#,
            r#"{"name":"Microsoft.ApplicationInsights.0001.PageviewPerformance","time":"@.000Z","iKey":"k","tags":{},"#,
            r#""data":{"baseType":"PageviewPerformanceData","baseData":{"ver":2,"name":"Home","url":"http://localhost/","#,
            r#""perfTotal":"00:00:00.212","networkConnect":"00:00:00.000","measurements":{"duration":212}}}},"#,
            r#"{"name":"n","time":"@.000Z","iKey":"k","data":{"baseType":"exceptiondata","baseData":{"ver":2,"#,
            r#""severityLevel":null,"exceptions":[{"typeName":"Error","message":"m","hasFullStack":false,"#,
            r#""stack":null,"parsedStack":null}]}}}]"#,
        ),
        items: &[("Home", Some(212_000)), ("Home", None), ("Error", None)],
    },
];

/// The items of a body, in its order.
async fn received(body: &Body) -> Vec<Item> {
    let portal = Portal::start().unwrap();
    let text = body.text.replace('@', &hour());
    let (headers, bytes) =
        if body.is_gzip { ("content-encoding: gzip\r\n", gzip(text.as_bytes())) } else { ("", text.into_bytes()) };
    let (status, response) = post(&portal, "/v2.1/track", headers, &bytes).await;
    assert_eq!((status, response["errors"].as_array().map(Vec::len)), (200, Some(0)), "{}: {response}", body.client);
    let mut items = portal.items(Filter::default(), 100).await.unwrap();
    items.reverse();
    items
}

#[tokio::test]
async fn every_client_s_names_and_durations_are_read() {
    for body in BODIES {
        let items = received(body).await;
        let found: Vec<_> = items.iter().map(|item| (item.name.as_str(), item.duration)).collect();
        assert_eq!(found, body.items, "{}", body.client);
    }
}

#[tokio::test]
async fn every_client_s_times_are_read() {
    for body in BODIES {
        for item in received(body).await {
            // The bodies contain whole hours, and one of them a microsecond more.
            let past_hour = item.time % 3_600_000_000;
            assert!(past_hour == 0 || body.client == "Collector" && past_hour == 1, "{}: {past_hour}", body.client);
        }
    }
}

#[tokio::test]
async fn values_of_properties_are_texts_whatever_the_client_sends() {
    let properties = |item: &Item| item.envelope()["data"]["baseData"]["properties"].clone();
    let php = BODIES.iter().find(|body| body.client == "PHP").unwrap();
    let expected = serde_json::json!({"InlineProperty": "1", "debug": "true"});
    assert_eq!(properties(&received(php).await[0]), expected);
    let nested = BODIES.iter().find(|body| body.client == "OpenTelemetry").unwrap();
    assert_eq!(properties(&received(nested).await[2]), serde_json::json!({"a": "{\"b\":[1]}"}));
}
