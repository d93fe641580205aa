//! Orders: one as it goes on, and the list of them.

mod list;
mod progress;

pub use list::OrdersPage;
pub use progress::OrderPage;

use shared::order::OrderState;

use crate::text::Text;

/// A state's name.
fn state_name(t: &Text, state: OrderState) -> &'static str {
    match state {
        OrderState::Accepted => t.order_accepted,
        OrderState::Sending => t.order_sending,
        OrderState::Placed => t.order_placed,
        OrderState::Rejected => t.order_rejected,
        OrderState::Unresolved => t.order_unresolved,
    }
}

/// The class that colours a state.
fn state_class(state: OrderState) -> &'static str {
    match state {
        OrderState::Accepted | OrderState::Sending => "state working",
        OrderState::Placed => "state good",
        OrderState::Rejected => "state bad",
        OrderState::Unresolved => "state doubt",
    }
}

/// A parameter of the order's request.
fn parameter(order: &shared::order::Order, name: &str) -> Option<String> {
    order.request.get(name).and_then(|value| value.as_str().map(str::to_owned).or_else(|| Some(value.to_string())))
}
