//! Random failures in a chain of three services. `CASES=10000` sends 10,000 requests.

use std::collections::{BTreeMap, HashMap};

use opencensus_portal::{Item, ItemKind, Transaction};
use test_support::random::cases;

use super::chain::Chain;
use super::plan::{Expected, Plan, ROLES};

/// Sends the requests, 16 at a time, and returns the transactions by the number of their request.
async fn run(rate: f64, count: usize) -> Vec<Transaction> {
    let chain = Chain::start(rate).await;
    let numbers: Vec<u64> = (0..count as u64).collect();
    for chunk in numbers.chunks(16) {
        let sent = chunk.iter().map(|number| chain.send(*number));
        let statuses = futures_util::future::join_all(sent).await;
        for (number, status) in chunk.iter().zip(statuses) {
            assert_eq!(status.as_u16(), Plan::of(*number).expected("front")[0].code, "request {number}");
        }
    }
    Transaction::group(chain.items().await)
}

fn of_role<'a>(transaction: &'a Transaction, role: &'a str) -> impl Iterator<Item = &'a Item> {
    transaction.items.iter().filter(move |item| item.role.as_deref() == Some(role))
}

/// The number of the chain's request, from a URL such as `http://host/end/17/0`.
fn number(item: &Item) -> u64 {
    let url = item.url.as_deref().unwrap_or_default();
    url.split('/').nth(4).unwrap().parse().unwrap()
}

/// A request, and what is below it in its process.
fn found(transaction: &Transaction, request: &Item) -> Expected {
    let role = request.role.as_deref().unwrap();
    let id = request.item_id.as_deref().unwrap();
    let below: Vec<_> = transaction.children(id).filter(|item| item.role.as_deref() == Some(role)).collect();
    let count = |kind| below.iter().filter(|item| item.kind == kind).count();
    Expected {
        code: request.code.as_deref().unwrap().parse().unwrap(),
        calls: count(ItemKind::Dependency),
        lines: count(ItemKind::Trace),
        exceptions: count(ItemKind::Exception),
    }
}

/// The requests of a role with what is below them, in the order of the attempts.
fn all_found(transaction: &Transaction, role: &str) -> Vec<Expected> {
    let mut requests: Vec<_> = of_role(transaction, role).filter(|item| item.kind == ItemKind::Request).collect();
    requests.sort_by_key(|item| item.url.clone());
    requests.into_iter().map(|request| found(transaction, request)).collect()
}

fn request_number(transaction: &Transaction) -> u64 {
    number(transaction.items.iter().find(|item| item.kind == ItemKind::Request).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transaction_is_one_tree_with_everything_that_happened() {
    let count = cases(300);
    let transactions = run(1.0, count).await;
    assert_eq!(transactions.len(), count);
    for transaction in &transactions {
        assert!(transaction.is_whole(), "{transaction}");
        let plan = Plan::of(request_number(transaction));
        for role in ROLES {
            assert_eq!(all_found(transaction, role), plan.expected(role), "{role}: {transaction}");
        }
        let operation = |item: &Item| match item.role.as_deref() {
            Some("front") => "GET /front/{number}",
            Some("middle") => "GET /middle/{number}",
            _ => "GET /end/{number}/{attempt}",
        };
        let wrong = transaction.items.iter().find(|item| item.operation_name.as_deref() != Some(operation(item)));
        assert!(wrong.is_none(), "{:?}\n{transaction}", wrong.map(|item| &item.raw));
    }
}

/// The sum of weights and of variances of the items that are kept.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    sum: f64,
    variance: f64,
}

impl Weight {
    fn add(&mut self, item: &Item) {
        let rate = item.sample_rate / 100.0;
        self.sum += 1.0 / rate;
        self.variance += (1.0 - rate) / (rate * rate);
    }

    fn is_about(&self, expected: f64, cluster: f64) -> bool {
        // Items of one request are kept together, so their deviations add up.
        (self.sum - expected).abs() <= 4.0 * (self.variance * cluster).sqrt() + 1e-6
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sampled_requests_have_all_their_items_or_none_and_failures_their_story() {
    let count = cases(600);
    let transactions = run(0.2, count).await;
    let mut weights: BTreeMap<(&str, &str), Weight> = BTreeMap::new();
    let mut failures: HashMap<&str, usize> = HashMap::new();
    for transaction in &transactions {
        assert_eq!(transaction.doubles().count(), 0, "{transaction}");
        let plan = Plan::of(request_number(transaction));
        for role in ROLES {
            let (found, mut expected) = (all_found(transaction, role), plan.expected(role));
            *failures.entry(role).or_default() += found.iter().filter(|request| request.code >= 500).count();
            // What is kept is whole, in the order in which it happened.
            for request in &found {
                let at = expected.iter().position(|other| other == request);
                assert!(at.is_some(), "{role} {request:?} of {expected:?}: {transaction}");
                expected.remove(at.unwrap_or_default());
            }
            // Without a request of the role there is nothing of it.
            if found.is_empty() {
                assert_eq!(of_role(transaction, role).count(), 0, "{role}: {transaction}");
            }
            for item in of_role(transaction, role) {
                weights.entry((role, item.kind.as_str())).or_default().add(item);
            }
        }
        // A request whose caller was not kept names the reason.
        assert_eq!(transaction.orphans().count(), 0, "{transaction}");
    }
    for role in ROLES {
        let all: Vec<_> = (0..count as u64).flat_map(|number| Plan::of(number).expected(role)).collect();
        let failed = all.iter().filter(|request| request.code >= 500).count();
        assert_eq!(failures[role], failed, "every failure of {role} is kept");
        let sum = |of: fn(&Expected) -> usize| all.iter().map(of).sum::<usize>() as f64;
        let kinds = [
            ("request", all.len() as f64),
            ("dependency", sum(|request| request.calls)),
            ("trace", sum(|request| request.lines)),
            ("exception", sum(|request| request.exceptions)),
        ];
        for (kind, expected) in kinds {
            let weight = weights.get(&(role, kind)).copied().unwrap_or_default();
            assert!(weight.is_about(expected, 3.0), "{role} {kind}: {weight:?}, expected {expected}");
        }
    }
}
