//! Orders with known ends.

use crate::error::BoxError;

/// An order, and what its transaction must have.
pub(crate) struct Order {
    pub(crate) item: &'static str,
    /// The statuses of front, orders and stock.
    pub(crate) statuses: [u16; 3],
    pub(crate) exceptions: &'static [&'static str],
    /// Statements that must be among the calls.
    pub(crate) has_statement: bool,
}

const fn order(
    item: &'static str,
    statuses: [u16; 3],
    exceptions: &'static [&'static str],
    has_statement: bool,
) -> Order {
    Order { item, statuses, exceptions, has_statement }
}

/// The second signed book violates a constraint of the database.
pub(crate) const ORDERS: [Order; 7] = [
    order("chair", [200, 200, 200], &[], true),
    order("unicorn", [404, 404, 404], &[], false),
    order(
        "lamp",
        [502, 502, 500],
        &[
            "the service `orders` responded with 502 Bad Gateway",
            "the service `stock` responded with 500 Internal Server Error",
            "the warehouse does not respond",
        ],
        false,
    ),
    order(
        "mirror",
        [502, 502, 500],
        &[
            "the mirror broke",
            "the service `orders` responded with 502 Bad Gateway",
            "the service `stock` cannot be reached",
        ],
        false,
    ),
    order("signed-book", [200, 200, 200], &[], true),
    order(
        "signed-book",
        [502, 500, 200],
        &["the order cannot be stored", "the service `orders` responded with 500 Internal Server Error"],
        false,
    ),
    order("table", [200, 200, 200], &[], true),
];

/// Places an order. The client is a customer: it has no telemetry.
pub(crate) async fn place(front: &str, order: &Order) -> Result<(), BoxError> {
    let response = reqwest::Client::new().post(format!("{front}/buy/{}", order.item)).send().await;
    // A connection that actix closes after a panic is known to the front alone.
    let status = response?.status().as_u16();
    println!("buy {}: {status}", order.item);
    Ok(())
}
