//! Manual resolution: an operator records the outcome of an unresolved order.

use shared::{
    Code, Outcome, Problem,
    ids::{ClientToken, DesktopId, OrderId},
    order::{Order, OrderEvent, OrderState},
};

use super::journal::{Change, Journal, JournalError};

/// The outcome that the operator found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The order was carried out.
    Placed {
        /// The upstream's order, if known.
        order_id: Option<OrderId>,
        /// The desktop, if known.
        desktop_id: Option<DesktopId>,
    },
    /// The order was not carried out.
    Rejected,
}

/// Why an order cannot be resolved manually.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// There is no such order.
    #[error("there is no order {0}")]
    NotFound(ClientToken),
    /// It is settled, or still being driven.
    #[error("the order is {}, and only an unresolved one can be resolved", .0.as_str())]
    NotUnresolved(OrderState),
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Journal {
    /// Resolves an unresolved order. The note says how the outcome was found, and stays in the order's history.
    pub async fn resolve(&self, token: &ClientToken, finding: Finding, note: &str) -> Result<Order, ResolveError> {
        let entry = self.entry(token).await?.ok_or_else(|| ResolveError::NotFound(token.clone()))?;
        if entry.order.state != OrderState::Unresolved {
            return Err(ResolveError::NotUnresolved(entry.order.state));
        }
        let note = Some(note.to_owned());
        let (event, change) = match finding {
            Finding::Placed { order_id, desktop_id } => {
                (OrderEvent::Confirmed, Change { order_id, desktop_id, note, ..Change::default() })
            }
            Finding::Rejected => {
                let problem = Problem::new(Code::UpstreamRejected, Outcome::Rejected);
                let problem = problem.because("A person looked and found that it was not carried out.");
                (OrderEvent::Refused, Change { note, problem: Some(problem), ..Change::default() })
            }
        };
        Ok(self.record(&entry, Some(event), change).await?.order)
    }
}
