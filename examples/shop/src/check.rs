//! Checks in the portal that every transaction is one tree, with everything that happened.

use opencensus_portal::{Filter, Item, ItemKind, Portal, Transaction};

use crate::error::BoxError;
use crate::traffic::{ORDERS, Order};

const ROLES: [&str; 3] = ["shop-front", "shop-orders", "shop-stock"];

pub(crate) async fn transactions(portal: &Portal) -> Result<(), BoxError> {
    let items = portal.items(Filter::default(), 10_000).await?;
    let mut transactions = Transaction::group(items);
    transactions.retain(|transaction| transaction.items.iter().any(|item| item.kind == ItemKind::Request));
    // In the order of the orders.
    transactions.sort_by_key(|transaction| transaction.items.first().map(|item| item.time));
    if transactions.len() != ORDERS.len() {
        return Err(format!("{} transactions of {} arrived", transactions.len(), ORDERS.len()).into());
    }
    let mut faults = String::new();
    for (order, transaction) in ORDERS.iter().zip(&transactions) {
        for fault in check(order, transaction) {
            faults += &format!("{}: {fault}\n{transaction}\n", order.item);
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    println!("\n{}", transactions[2]);
    println!("All {} transactions are whole.", transactions.len());
    Ok(())
}

/// What is wrong with a transaction.
fn check(order: &Order, transaction: &Transaction) -> Vec<String> {
    let mut faults = Vec::new();
    let mut require = |is_right: bool, fault: String| faults.extend((!is_right).then_some(fault));
    require(transaction.is_whole(), "it is not one tree".to_owned());
    let of_kind = |kind| transaction.items.iter().filter(move |item| item.kind == kind);
    for (role, status) in ROLES.into_iter().zip(order.statuses) {
        let found: Vec<_> = of_kind(ItemKind::Request).filter(|item| item.role.as_deref() == Some(role)).collect();
        let is_right = matches!(found[..], [item] if item.code.as_deref() == Some(&*status.to_string()));
        require(is_right, format!("{role} should have one request with {status}"));
    }
    let mut messages: Vec<_> = of_kind(ItemKind::Exception).filter_map(|item| item.message.as_deref()).collect();
    messages.sort_unstable();
    require(messages == order.exceptions, format!("its exceptions should be {:?}, not {messages:?}", order.exceptions));
    let is_statement = |item: &Item| item.raw.contains("INSERT INTO orders");
    let has_statement = of_kind(ItemKind::Dependency).any(is_statement);
    require(has_statement || !order.has_statement, "it should have an SQL statement".to_owned());
    let calls = of_kind(ItemKind::Dependency).filter(|item| item.name.contains(" /")).count();
    require(calls == 2, format!("it should have two HTTP calls, not {calls}"));
    require(of_kind(ItemKind::Trace).count() >= 1, "it should have log lines".to_owned());
    let front = transaction.roots().next().and_then(|root| root.operation_name.as_deref());
    require(front == Some("POST /buy/{item}"), format!("its root should be the front's request, not {front:?}"));
    let named = |item: &&Item| item.role.as_deref() == Some("shop-orders");
    let own = transaction
        .items
        .iter()
        .filter(named)
        .all(|item| item.operation_name.as_deref() == Some("POST /orders/{item}"));
    require(own, "items of the orders should name their operation".to_owned());
    faults
}
