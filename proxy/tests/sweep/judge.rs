//! The verdict: compares the journal, as the API shows it, with what the simulator knows to have happened.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    ops::AddAssign,
};

use serde_json::Value;
use simulator::{State, Told};

use crate::proxies::Proxies;

/// What came of orders.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) operations: u32,
    pub(crate) placed: u32,
    /// Purchases among those.
    pub(crate) bought: u32,
    pub(crate) rejected: u32,
    pub(crate) unresolved: u32,
    pub(crate) kills: u32,
    /// Carried out more than once.
    pub(crate) doubled: u32,
    /// Accepted, and then not there or never settled; or carried out, and in no journal.
    pub(crate) lost: u32,
    /// Said to be what it is not.
    pub(crate) misreported: u32,
}

/// How orders ended whose answers had one form: placed, rejected, unresolved.
pub(crate) type Forms = BTreeMap<&'static str, [u32; 3]>;

impl Count {
    pub(crate) fn failed(&self) -> u32 {
        self.doubled + self.lost + self.misreported
    }

    pub(crate) fn passed(&self) -> u32 {
        self.operations.saturating_sub(self.failed())
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.operations += other.operations;
        self.placed += other.placed;
        self.bought += other.bought;
        self.rejected += other.rejected;
        self.unresolved += other.unresolved;
        self.kills += other.kills;
        self.doubled += other.doubled;
        self.lost += other.lost;
        self.misreported += other.misreported;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operations, placed, rejected, unresolved, kills, doubled, lost, misreported, .. } = self;
        write!(
            out,
            "{operations:6} {placed:6} {rejected:6} {unresolved:6} {kills:6} {doubled:8} {lost:6} {misreported:12}"
        )
    }
}

/// An answer of the first proxy.
pub(crate) async fn get(proxies: &Proxies, path: &str) -> Option<Value> {
    let response = proxies.http.get(format!("http://{}{path}", proxies.first())).send().await.ok()?;
    if response.status().as_u16() != 200 {
        return None;
    }
    serde_json::from_slice(&response.bytes().await.ok()?).ok()
}

/// Rows of a list, all pages of it, until the page that `enough` is said of.
async fn all(proxies: &Proxies, list: &str, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let Some(mut page) = get(proxies, &format!("/api/{list}?limit=200{cursor}")).await else { return rows };
        if let Some(Value::Array(more)) = page.get_mut(list).map(Value::take) {
            rows.extend(more);
        }
        match page["next"].as_str() {
            Some(next) if !enough(&rows) => cursor = format!("&cursor={next}"),
            _ => return rows,
        }
    }
}

/// Judges the operations of a round. To say "unknown" of an order is no misreport, but it is counted: how many there are
/// depends on what a fault hides, and on how much time the machine leaves before the deadline. But where an answer of the
/// strange cloud has named what was done, and has not denied it at the same time, the order must end placed.
pub(crate) async fn judge(
    operations: &[Value],
    state: &State,
    told: &HashMap<String, Told>,
    proxies: &Proxies,
) -> (Count, Forms, Vec<String>) {
    let tokens: HashSet<_> = operations.iter().filter_map(|operation| operation["ClientToken"].as_str()).collect();
    let known = |row: &Value| row["token"].as_str().is_some_and(|token| tokens.contains(token));
    let rows = all(proxies, "orders", |rows| rows.iter().filter(|row| known(row)).count() >= tokens.len()).await;
    let orders: HashMap<_, _> = rows.iter().filter_map(|row| Some((row["token"].as_str()?, row))).collect();

    let (mut count, mut forms, mut complaints) = (Count::default(), Forms::new(), Vec::new());
    for operation in operations {
        count.operations += 1;
        let token = operation["ClientToken"].as_str().unwrap_or_default();
        let Some(order) = orders.get(token) else {
            count.lost += 1;
            complaints.push(format!("{token} was accepted and is not there"));
            continue;
        };
        let done = Done::of(operation, state);
        if done.times > 1 {
            count.doubled += 1;
            complaints.push(format!("{token} was carried out {} times: {order}", done.times));
        }
        let told = told.get(&subject(operation));
        let mut tally = |ended: usize| {
            if let Some(told) = told {
                forms.entry(told.form).or_default()[ended] += 1;
            }
        };
        let is_true = match order["state"].as_str() {
            Some("placed") => {
                count.placed += 1;
                tally(0);
                count.bought += u32::from(operation["Action"] == "CreateDesktop");
                done.times > 0 && done.is_named_in(order, told.map_or((true, true), |told| told.names))
            }
            Some("rejected") => {
                count.rejected += 1;
                tally(1);
                done.times == 0
            }
            Some("unresolved") => {
                count.unresolved += 1;
                tally(2);
                if let Some(told) = told.filter(|told| told.named > 0 && !told.is_contradictory) {
                    count.lost += 1;
                    complaints.push(format!("{token} was named ({}), and is unresolved: {order}", told.form));
                }
                true
            }
            _ => {
                count.lost += 1;
                complaints.push(format!("{token} is not settled: {order}"));
                true
            }
        };
        if !is_true {
            count.misreported += 1;
            complaints.push(format!("{token} was carried out {} times: {order}", done.times));
        }
    }
    for desktop in state.desktops.iter().filter(|desktop| tokens.contains(desktop.token.as_str())) {
        if !orders.contains_key(desktop.token.as_str()) {
            count.lost += 1;
            complaints.push(format!("{} was bought and is in no journal", desktop.token));
        }
    }
    (count, forms, complaints)
}

/// What the strange cloud knows an operation by.
fn subject(operation: &Value) -> String {
    let text = |name: &str| operation[name].as_str().unwrap_or_default();
    let is_release = text("Action") == "DeleteDesktop";
    format!("{} {}", text("Action"), text(if is_release { "DesktopId" } else { "ClientToken" }))
}

/// What the simulator knows of an operation.
struct Done {
    times: usize,
    order_id: Option<String>,
    desktop_id: Option<String>,
}

impl Done {
    fn of(operation: &Value, state: &State) -> Self {
        let token = operation["ClientToken"].as_str().unwrap_or_default();
        let desktop = state.desktops.iter().find(|desktop| operation["DesktopId"] == *desktop.id);
        match operation["Action"].as_str() {
            Some("CreateDesktop") => {
                let bought: Vec<_> = state.desktops.iter().filter(|desktop| desktop.token == token).collect();
                Self {
                    times: bought.len(),
                    order_id: bought.first().map(|desktop| desktop.order_id.clone()),
                    desktop_id: bought.first().map(|desktop| desktop.id.clone()),
                }
            }
            Some("RenewDesktop") => {
                let all = state.desktops.iter().flat_map(|desktop| &desktop.renewals);
                let renewals: Vec<_> = all.filter(|renewal| renewal.token == token).collect();
                let order_id = renewals.first().map(|renewal| renewal.order_id.clone());
                Self { times: renewals.len(), order_id, desktop_id: None }
            }
            // Each desktop is released by one operation at most.
            _ => Self {
                times: usize::from(desktop.is_some_and(|desktop| desktop.released)),
                order_id: None,
                desktop_id: None,
            },
        }
    }

    /// Whether the order has these identifiers, as far as it was told them, and no others.
    fn is_named_in(&self, order: &Value, told: (bool, bool)) -> bool {
        let same = |name: &str, id: &Option<String>, is_told: bool| match order[name].as_str() {
            None => id.is_none() || !is_told,
            found => found == id.as_deref(),
        };
        same("order_id", &self.order_id, told.0) && same("desktop_id", &self.desktop_id, told.1)
    }
}

/// The states of all orders, by their tokens.
pub(crate) async fn states(proxies: &Proxies) -> HashMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let orders = all(proxies, "orders", |_| false).await;
    orders.iter().map(|order| (text(&order["token"]), text(&order["state"]))).collect()
}

/// Whether the list of desktops has every purchase that was placed.
pub(crate) async fn desktops(proxies: &Proxies, bought: u32) -> Option<String> {
    let listed = all(proxies, "desktops", |_| false).await.len();
    let fits = u32::try_from(listed) == Ok(bought);
    (!fits).then(|| format!("{bought} desktops were bought, and {listed} are listed"))
}
