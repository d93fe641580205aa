//! Loads the list of orders or desktops a page at a time.

use shared::{
    Problem,
    order::{Desktops, Orders},
    reads,
};

use super::row::{self, Row};
use crate::{
    api,
    reactive::{by_itself, load::Fetch},
    text::OrderText,
};

/// A page of either list.
pub struct Page {
    /// Its rows.
    pub entries: Vec<Row>,
    /// The cursor of the page after it.
    pub next: Option<String>,
}

/// Loads the first page of a target.
pub fn first(t: &'static OrderText, target: String) -> Fetch<Page> {
    Fetch::new(async move { page(t, &target, None, false).await })
}

/// The page of a target that begins at the cursor. `unasked` marks a request of the page's own. The proxy looks for rows a short
/// time and may have found none yet: it is asked on until there are some.
pub async fn page(t: &'static OrderText, target: &str, cursor: Option<&str>, unasked: bool) -> Result<Page, Problem> {
    let mut cursor = cursor.map(str::to_owned);
    loop {
        let url = match &cursor {
            Some(cursor) => format!("{target}&cursor={}", reads::encode(cursor)),
            None => target.to_owned(),
        };
        let text = by_itself(unasked, || api::fetch(&url)).await?;
        let page = if target.starts_with("desktops") {
            let answer: Desktops = api::read(&text)?;
            Page {
                entries: answer.desktops.iter().map(|desktop| row::of_desktop(t, desktop)).collect(),
                next: answer.next,
            }
        } else {
            let answer: Orders = api::read(&text)?;
            Page { entries: answer.orders.iter().map(|order| row::of_order(t, order)).collect(), next: answer.next }
        };
        if !page.entries.is_empty() || page.next.is_none() {
            return Ok(page);
        }
        cursor = page.next;
    }
}
