//! Searches as filters: each term as a condition in SQL.

use rusqlite::types::Value;

use crate::search::{Clause, Comparison, Field, Query, RESOURCE_METRIC, Test};
use crate::store::filter::{Filter, RAW};

impl Filter {
    /// Matches the items that a search selects. Terms of the search that cannot be understood are ignored.
    #[must_use]
    pub(crate) fn matching(mut self, query: &Query) -> Self {
        for term in &query.terms {
            let (mut alternatives, mut values) = (Vec::new(), Vec::new());
            // With one kind, the index has the items in the order of their ids. With several they would be sorted.
            let one = term.clauses.len() == 1 && !term.excluded;
            for clause in &term.clauses {
                let sql = clause_sql(clause, &mut values);
                alternatives.push(if one { sql } else { sql.replacen("kind = ?", "+kind = ?", 1) });
            }
            let any = alternatives.join(" OR ");
            let sql = if term.excluded { format!("({any}) IS NOT TRUE") } else { format!("({any})") };
            self = self.and_shown(sql, values, &term.text);
        }
        self
    }

    /// Leaves out the metrics that describe resources, unless the query names them.
    #[must_use]
    pub(crate) fn without_resource_metrics(self, query: &Query) -> Self {
        if query.names_resource_metrics() {
            return self;
        }
        self.and("(kind <> 'metric' OR name <> ?)", RESOURCE_METRIC.to_owned())
    }
}

/// The SQL of a clause, whose values are bound.
fn clause_sql(clause: &Clause, values: &mut Vec<Value>) -> String {
    match clause {
        Clause::Text(text) => {
            values.push(Value::Text(text.clone()));
            format!("has_text({RAW}, ?)")
        }
        Clause::Field(Field::Outcome, Test::Equals(outcome)) if outcome == "failed" => {
            "(success = 0 OR +kind = 'exception')".to_owned()
        }
        Clause::Field(Field::Outcome, Test::Equals(_)) => "success = 1".to_owned(),
        Clause::Field(Field::Property(key), test) => property_sql(key, test, values),
        Clause::Field(field, test) => {
            let (column, collation) = column(field);
            let number = if *field == Field::Code { "number" } else { "" };
            test_sql(column, collation, number, test, values)
        }
    }
}

/// The SQL of a test of a custom property.
fn property_sql(key: &str, test: &Test, values: &mut Vec<Value>) -> String {
    // A value that JSON writes in one way only is looked for first: that is faster than to read the properties.
    let is_plain =
        |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_ .".contains(&c));
    let mut first = String::new();
    if let Test::Equals(text) = test
        && is_plain(text)
    {
        values.push(Value::Text(text.clone()));
        first = format!("has_text({RAW}, ?) AND ");
    }
    values.push(Value::Text(key.to_owned()));
    if *test == Test::Present {
        return format!("property({RAW}, ?) IS NOT NULL");
    }
    first + &test_sql(&format!("property({RAW}, ?)"), " COLLATE NOCASE", "number", test, values)
}

/// The column of a field, and how its texts are compared: exactly where an index has the texts.
fn column(field: &Field) -> (&'static str, &'static str) {
    let column = match field {
        Field::Kind => return ("kind", ""),
        Field::Trace => return ("operation_id", ""),
        Field::Operation => "coalesce(operation_name, CASE kind WHEN 'request' THEN name END)",
        Field::Code => "code",
        Field::Duration => "duration",
        Field::Id => "item_id",
        Field::Instance => "role_instance",
        Field::Location => "location",
        Field::Name => "name",
        Field::Parent => "parent_id",
        Field::Problem => "problem_id",
        Field::Role => "role",
        Field::Sdk => "sdk",
        Field::Severity => "severity",
        Field::Success | Field::Outcome => "success",
        Field::Target => "target",
        Field::Type => "type",
        Field::Url => "url",
        Field::User => "user_id",
        Field::Property(_) => "NULL",
    };
    (column, " COLLATE NOCASE")
}

/// The SQL of a test. `number` converts the value to a number.
fn test_sql(value: &str, collation: &str, number: &str, test: &Test, values: &mut Vec<Value>) -> String {
    match test {
        Test::Present => format!("coalesce({value}, '') <> ''"),
        Test::Equals(text) => {
            values.push(Value::Text(text.clone()));
            format!("{value} = ?{collation}")
        }
        Test::Like(pattern) => {
            values.push(Value::Text(pattern.clone()));
            format!("is_like({value}, ?)")
        }
        Test::Number(comparison, bound) => {
            values.push(Value::Real(*bound));
            format!("{number}({value}) {} ?", Comparison::sign(*comparison))
        }
        Test::Between(low, high) => {
            values.extend([Value::Real(*low), Value::Real(*high)]);
            format!("{number}({value}) BETWEEN ? AND ?")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{ItemKind, Limits, NewItem, Store};

    fn item(name: &str) -> NewItem {
        NewItem { name: name.into(), sample_rate: 100.0, ..NewItem::default() }
    }

    fn request(name: &str, code: &str, duration: i64, properties: &str) -> NewItem {
        let base = format!(r#"{{"name":"{name}","properties":{{{properties}}},"measurements":{{"total":3}}}}"#);
        NewItem {
            code: Some(code.into()),
            success: Some(code < "400"),
            duration: Some(duration),
            operation_id: Some("0af7".into()),
            role: Some("shop".into()),
            user_id: Some("7".into()),
            raw: format!(r#"{{"data":{{"baseData":{base}}}}}"#),
            ..item(name)
        }
    }

    async fn store() -> Store {
        let store = Store::open(None, Limits::default(), 1).unwrap();
        let call = NewItem {
            kind: ItemKind::Dependency,
            operation_name: Some("GET /x".into()),
            target: Some("db".into()),
            dependency_type: Some("SQL".into()),
            item_id: Some("span".into()),
            parent_id: Some("root".into()),
            sdk: Some("rust:1".into()),
            raw: r#"{"data":{"baseData":{"name":"SELECT","properties":{"tenant":"acme"}}}}"#.into(),
            ..item("SELECT")
        };
        let log = NewItem { kind: ItemKind::Trace, severity: Some(2), role: Some("cart".into()), ..item("low stock") };
        let exception = NewItem { kind: ItemKind::Exception, severity: Some(3), ..item("OutOfStock") };
        let resource = NewItem { kind: ItemKind::Metric, ..item("_OTELRESOURCE_") };
        let items = vec![
            request("GET /x", "200", 100_000, r#""tenant":"acme","basket":"2""#),
            request("GET /y", "404", 300_000, r#""tenant":"Beta","basket":"12""#),
            request("POST /x", "503", 2_000_000, r#""status":"a, \"b\"""#),
            call,
            log,
            exception,
            resource,
        ];
        store.insert(items).await.unwrap();
        store
    }

    /// Searches, and the number of the seven items that each selects. An invalid one selects all.
    const SEARCHES: [(&str, u64); 51] = [
        ("", 7),
        ("get", 2),
        ("GET /x", 1),
        ("\"get /\"", 2),
        ("tenant", 0),
        ("status:404", 1),
        ("status:4xx,5xx", 2),
        ("status:>=404", 2),
        ("status:200..404", 2),
        ("status:<>", 7),
        ("-status:404", 6),
        ("op:\"GET /x\"", 2),
        ("op:get*", 3),
        ("name:select", 1),
        ("name:*/*", 3),
        ("dur:>200ms", 2),
        ("dur:<=300ms", 2),
        ("dur:200ms..1s", 1),
        ("-dur:>200ms", 5),
        ("dur:*", 3),
        ("kind:exception,trace", 2),
        ("kind:request", 3),
        ("-kind:request,metric", 3),
        ("role:SHOP", 3),
        ("-role:shop", 4),
        ("severity:>=warning", 2),
        ("severity:error", 1),
        ("user:7", 3),
        ("trace:0af7", 3),
        ("id:span", 1),
        ("parent:root", 1),
        ("target:db type:sql", 1),
        ("sdk:rust*", 1),
        ("success:no", 2),
        ("is:failed", 3),
        ("is:ok", 1),
        ("-is:failed", 4),
        ("tenant:acme", 2),
        ("tenant:ACME,beta", 3),
        ("-tenant:acme", 5),
        ("tenant:*", 3),
        ("has:tenant", 3),
        ("has:basket,target", 3),
        ("-has:tenant", 4),
        ("basket:>=10", 1),
        ("total:3", 3),
        ("\"status\":\"a, \\\"b\\\"\"", 1),
        ("tenant:b*", 1),
        ("tenant:acme status:200 get dur:<1s", 1),
        ("op:\"' OR 1=1 --\"", 0),
        ("\"x' OR '1'='1\":\"' OR 1=1 --\"", 0),
    ];

    #[tokio::test]
    async fn each_term_selects_its_items() {
        let store = store().await;
        for (text, expected) in SEARCHES {
            let query = Query::parse(text);
            let found = store.count(Filter::default().matching(&query)).await.unwrap();
            assert_eq!(found.items, expected, "{text}: {:?}", query.hints);
        }
    }

    #[tokio::test]
    async fn resource_metrics_are_left_out_unless_a_query_names_them() {
        let store = store().await;
        for (text, count) in [("", 6), ("kind:metric", 0), ("name:_OTELRESOURCE_", 1), ("-name:_otelresource_", 6)] {
            let query = Query::parse(text);
            let filter = Filter::default().without_resource_metrics(&query).matching(&query);
            assert_eq!(store.count(filter).await.unwrap().items, count, "{text}");
        }
    }

    #[tokio::test]
    async fn any_text_makes_a_statement_whose_values_are_bound() {
        let store = store().await;
        let characters: Vec<char> = "ab1'::\"\\-,*..<>=%;)( \0é🎸xs".chars().collect();
        let keys = ["status", "dur", "kind", "op", "is", "severity", "has", "k", "", "success"];
        let mut state = 3_u64;
        let mut random = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        for _ in 0..2000 {
            let word: String = (0..random(9)).map(|_| characters[random(characters.len())]).collect();
            let text = format!("{}:{word} {word}", keys[random(keys.len())]);
            let filter = Filter::default().matching(&Query::parse(&text));
            assert!(store.count(filter).await.unwrap().items <= 7, "{text:?}");
        }
    }
}
