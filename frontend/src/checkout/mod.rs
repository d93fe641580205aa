//! Shared by the purchase page and the orders page: placing an order exactly once, field errors from the server,
//! labels, the chosen users.

mod attempt;
mod before_sending;
mod browser;
mod labels;
mod late;
mod limits;
pub mod order_fields;
mod recent;
mod refusal;
mod users;

pub use attempt::{Attempt, Unanswered, forget, is_sent_here, is_unanswered, unanswered};
pub use before_sending::BeforeSending;
pub use labels::{billing_name, group_name, period_name, region_name};
pub use late::{Answer, LateAnswers, LateNotices};
pub use limits::limit_text;
pub use recent::{Recent, note_again, recent, renewals, renewed};
pub use refusal::{Refusal, is_latest_purchase, keep_refusals, kept_refusals, note_placed};
pub use users::{drop_kept_users, keep_users, kept_users};
