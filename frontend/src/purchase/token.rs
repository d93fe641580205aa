//! The token of a purchase: made when the review opens, and the same for the same purchase until the proxy has it.

use shared::{actions::CreateDesktop, ids::ClientToken};

/// A purchase under review, with its token inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// What goes to the proxy.
    pub request: CreateDesktop,
    /// Whether it may have reached the proxy already: it was sent, and no answer came.
    pub maybe_sent: bool,
}

impl Attempt {
    /// The attempt for a purchase. One that may have been sent already keeps its token, so that sending it again
    /// cannot buy twice; anything else is a new purchase.
    pub fn next(previous: Option<Self>, request: CreateDesktop) -> Self {
        match previous {
            Some(previous) if previous.maybe_sent && previous.asks_the_same(&request) => previous,
            _ => Self { request, maybe_sent: false },
        }
    }

    fn asks_the_same(&self, other: &CreateDesktop) -> bool {
        self.request == CreateDesktop { client_token: self.request.client_token.clone(), ..other.clone() }
    }
}

/// A new token: a random UUID. Not `crypto.randomUUID`, which plain http on a company's network does not have.
pub fn new_token() -> Option<ClientToken> {
    let mut bytes = [0_u8; 16];
    leptos::prelude::window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(nibble.into(), 16));
        }
    }
    text.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn purchase(user: &str) -> CreateDesktop {
        let json = serde_json::json!({"TypeItemId":"t","ChargeType":"POSTPAY","VpcId":"v","ZoneId":"z","VSwitchId":"s",
            "ImageId":"i","UserName":user,"UserGroup":"Users","ClientToken":new_token().unwrap()});
        serde_json::from_value(json).unwrap()
    }

    #[wasm_bindgen_test]
    fn tokens_are_random_uuids() {
        let (one, two) = (new_token().unwrap(), new_token().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.as_str().len(), 36);
        assert_eq!(one.as_str().as_bytes()[14], b'4');
    }

    #[wasm_bindgen_test]
    fn only_a_purchase_that_may_have_been_sent_keeps_its_token() {
        let sent = Attempt { request: purchase("a"), maybe_sent: true };
        assert_eq!(Attempt::next(Some(sent.clone()), purchase("a")), sent);
        let other = purchase("b");
        assert_eq!(Attempt::next(Some(sent.clone()), other.clone()).request, other);
        let fresh = purchase("a");
        let unsent = Attempt { maybe_sent: false, ..sent };
        assert_eq!(Attempt::next(Some(unsent), fresh.clone()).request, fresh);
    }
}
