//! The look at the stock before a purchase is sent for the first time.

use std::time::Duration;

use shared::{
    Code, Outcome, Problem,
    actions::{CreateDesktop, DescribeAvailableResource},
    order::{OrderEvent, OrderState},
};

use super::{Driver, Step};
use crate::journal::{Entry, JournalError};

/// What the look came to.
enum Stock {
    Some,
    None(Problem),
    Unknown(Problem, Option<Duration>),
}

impl Driver {
    /// Nothing if the purchase may be sent; otherwise what comes of it instead.
    pub(super) async fn in_stock(&self, entry: &Entry, request: &CreateDesktop) -> Result<Option<Step>, JournalError> {
        // Once it was sent, stock says nothing: this very order may have taken the last one.
        if entry.order.state != OrderState::Accepted {
            return Ok(None);
        }
        Ok(match self.check_stock(entry, request).await {
            Stock::Some => None,
            Stock::None(problem) => {
                Some(Step::Done(self.record(entry, Some(OrderEvent::Refused), problem.into()).await?))
            }
            Stock::Unknown(problem, retry_after) => {
                Some(Step::Retry(self.record(entry, None, problem.into()).await?, retry_after))
            }
        })
    }

    /// Whether the type is in stock now. The upstream is asked each time; nothing here is remembered.
    async fn check_stock(&self, entry: &Entry, request: &CreateDesktop) -> Stock {
        let question = DescribeAvailableResource {
            type_item_id: request.type_item_id.clone(),
            zone_id: request.zone_id.clone(),
            charge_type: Some(request.charge_type),
        };
        match self.upstream.call(&entry.new.region, &question).await {
            Ok(answer) if answer.value.available => Stock::Some,
            Ok(answer) => {
                let mut problem = Problem::new(Code::SoldOut, Outcome::NotSent).at("ZoneId");
                problem.upstream_request_id = answer.request_id;
                Stock::None(problem)
            }
            Err(error) => {
                let problem = Problem { outcome: Outcome::NotSent, ..error.problem() };
                if error.is_transient() { Stock::Unknown(problem, error.retry_after) } else { Stock::None(problem) }
            }
        }
    }
}
