//! Opens the pages of the portal once a second.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::http::{Connection, get_json};

const INTERVAL: Duration = Duration::from_secs(1);

/// The loads of a page.
#[derive(Default)]
pub(crate) struct Loads {
    pub(crate) times: Vec<Duration>,
    /// The first load that failed.
    pub(crate) fault: Option<String>,
}

/// Opens each page of the navigation, a search, an item and a transaction once a second. Returns the loads by page.
pub(crate) fn visit(address: SocketAddr, ended: &AtomicBool) -> BTreeMap<String, Loads> {
    let mut loads = BTreeMap::<String, Loads>::new();
    while !ended.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let pages = pages(address).unwrap_or_else(|error| vec![("list of pages".into(), error.to_string())]);
        for (name, path) in pages {
            let of_page = loads.entry(name).or_default();
            let begun = Instant::now();
            let loaded = Connection::open(address).and_then(|mut connection| connection.get(&path));
            of_page.times.push(begun.elapsed());
            let fault = match loaded {
                Ok(response) if response.status == 200 => None,
                Ok(response) => Some(format!("{path}: status {}", response.status)),
                Err(error) => Some(format!("{path}: {error}")),
            };
            of_page.fault = of_page.fault.take().or(fault);
        }
        std::thread::sleep(INTERVAL.saturating_sub(begun.elapsed()));
    }
    loads
}

/// The name and the path of each page. The pages of single items are those of the newest failed request.
fn pages(address: SocketAddr) -> io::Result<Vec<(String, String)>> {
    let front = Connection::open(address)?.get("/")?;
    let mut pages: Vec<_> = navigation(&String::from_utf8_lossy(&front.body)).collect();
    pages.push(("/search?q".into(), "/search?q=chairs".into()));
    let newest = get_json(address, "/api/v1/items?kind=request&code=500&limit=1")?;
    if let Some(item) = newest["items"].get(0) {
        pages.push(("/items/{id}".into(), format!("/items/{}", item["id"])));
        let operation = item["operation_id"].as_str().unwrap_or_default();
        pages.push(("/transactions/{id}".into(), format!("/transactions/{operation}")));
    }
    Ok(pages)
}

/// The links of the navigation, without their queries as names.
fn navigation(page: &str) -> impl Iterator<Item = (String, String)> {
    let navigation = page.split_once("<nav").and_then(|(_, rest)| rest.split_once("</nav>")).map_or("", |(nav, _)| nav);
    let links = navigation.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let links: Vec<_> = links.map(|(link, _)| link.replace("&amp;", "&")).collect();
    links.into_iter().map(|link| (link.split('?').next().unwrap_or_default().to_owned(), link))
}
