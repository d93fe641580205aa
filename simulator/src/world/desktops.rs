//! Desktops, the orders that bought and renewed them, and the table of `ClientToken`s. [`crate::handlers`] decide
//! whether an order may be placed.

use std::collections::HashMap;

use shared::actions::{CreateDesktop, RenewDesktop};

use crate::{
    seed,
    state::{Desktop, Renewal, Token},
};

/// The use of a `ClientToken`.
struct Use {
    action: &'static str,
    /// The canonical text of the request, to compare later ones with.
    request: String,
    order_id: String,
    desktop_id: String,
    uses: u64,
}

/// The lookup of a token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenLookup {
    /// The token is new.
    New,
    /// The same request was carried out before, with this result.
    Same(String, String),
    /// The token was used for another request.
    Different,
}

/// What a new desktop needs besides its request.
pub(crate) struct NewDesktop<'a> {
    pub(crate) region: &'a str,
    pub(crate) request: &'a CreateDesktop,
    pub(crate) request_text: String,
}

/// All desktops ever bought, and the used tokens.
pub(crate) struct Desktops {
    seed: u64,
    orders: u64,
    all: Vec<Desktop>,
    tokens: HashMap<String, Use>,
    /// The tokens in the order of their first use.
    token_order: Vec<String>,
}

impl Desktops {
    /// No desktops. The seed makes the identifiers differ between runs.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, orders: 0, all: Vec::new(), tokens: HashMap::new(), token_order: Vec::new() }
    }

    /// Every desktop, released ones too.
    pub(crate) fn all(&self) -> &[Desktop] {
        &self.all
    }

    /// The desktop of this identifier, unless it has been released.
    pub(crate) fn find(&self, id: &str) -> Option<&Desktop> {
        self.all.iter().find(|desktop| desktop.id == id && !desktop.released)
    }

    /// Looks a token up, and counts the use.
    pub(crate) fn recall(&mut self, token: &str, action: &str, request: &str) -> TokenLookup {
        match self.tokens.get_mut(token) {
            None => TokenLookup::New,
            Some(known) if known.action == action && known.request == request => {
                known.uses += 1;
                TokenLookup::Same(known.order_id.clone(), known.desktop_id.clone())
            }
            Some(_) => TokenLookup::Different,
        }
    }

    /// Buys a desktop. Returns its order and desktop identifiers.
    pub(crate) fn create(&mut self, new: NewDesktop<'_>) -> (String, String) {
        let request = new.request;
        let order_id = self.order_id();
        let id = format!("desk-{:016x}", seed::rng(self.seed, "desktop", self.orders).u64(..));
        self.all.push(Desktop {
            id: id.clone(),
            order_id: order_id.clone(),
            token: request.client_token.to_string(),
            region: new.region.to_owned(),
            zone: request.zone_id.to_string(),
            v_switch: request.v_switch_id.to_string(),
            type_item: request.type_item_id.to_string(),
            image: request.image_id.to_string(),
            user: request.user_name.as_str().to_owned(),
            user_group: request.user_group.as_str().to_owned(),
            charge_type: request.charge_type.as_str().to_owned(),
            period: request.period.map(shared::values::Period::months),
            renewals: Vec::new(),
            released: false,
        });
        self.remember(
            request.client_token.as_str(),
            <CreateDesktop as shared::Action>::NAME,
            new.request_text,
            &order_id,
            &id,
        );
        (order_id, id)
    }

    /// Renews a desktop. Returns the order.
    pub(crate) fn renew(&mut self, request: &RenewDesktop, request_text: String) -> String {
        let order_id = self.order_id();
        let id = request.desktop_id.as_str();
        let token = request.client_token.as_str();
        for desktop in self.all.iter_mut().filter(|desktop| desktop.id == id) {
            desktop.renewals.push(Renewal {
                order_id: order_id.clone(),
                token: token.to_owned(),
                period: request.period.months(),
            });
        }
        self.remember(token, <RenewDesktop as shared::Action>::NAME, request_text, &order_id, id);
        order_id
    }

    /// Releases a desktop. Returns the vSwitch that gets its address back.
    pub(crate) fn release(&mut self, id: &str) -> Option<String> {
        let desktop = self.all.iter_mut().find(|desktop| desktop.id == id && !desktop.released)?;
        desktop.released = true;
        Some(desktop.v_switch.clone())
    }

    /// The table of tokens.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let row = |token: &String| {
            self.tokens.get(token).map(|known| Token {
                token: token.clone(),
                action: known.action.to_owned(),
                order_id: known.order_id.clone(),
                uses: known.uses,
            })
        };
        self.token_order.iter().filter_map(row).collect()
    }

    /// The next order number: fifteen digits, as in the product.
    fn order_id(&mut self) -> String {
        self.orders += 1;
        (200_000_000_000_000 + (self.seed % 1_000) * 1_000_000_000 + self.orders).to_string()
    }

    fn remember(&mut self, token: &str, action: &'static str, request: String, order_id: &str, desktop_id: &str) {
        let known = Use { action, request, order_id: order_id.to_owned(), desktop_id: desktop_id.to_owned(), uses: 1 };
        if self.tokens.insert(token.to_owned(), known).is_none() {
            self.token_order.push(token.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renewal(token: &str, period: &str) -> RenewDesktop {
        let pairs = [("DesktopId", "desk-1"), ("Period", period), ("ClientToken", token)];
        shared::parameters::from_pairs(&pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap()
    }

    #[test]
    fn a_token_stands_for_one_request() {
        let mut desktops = Desktops::new(1);
        let request = renewal("t-1", "3");
        assert_eq!(desktops.recall("t-1", "RenewDesktop", "text"), TokenLookup::New);
        let order = desktops.renew(&request, "text".to_owned());
        assert_eq!(order.len(), 15);
        assert!(order.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(
            desktops.recall("t-1", "RenewDesktop", "text"),
            TokenLookup::Same(order.clone(), "desk-1".to_owned())
        );
        assert_eq!(desktops.recall("t-1", "RenewDesktop", "other text"), TokenLookup::Different);
        assert_eq!(desktops.recall("t-1", "CreateDesktop", "text"), TokenLookup::Different);
        assert_eq!(desktops.recall("t-2", "RenewDesktop", "text"), TokenLookup::New);
        assert_eq!(desktops.tokens().iter().map(|token| token.uses).collect::<Vec<_>>(), [2]);
    }
}
