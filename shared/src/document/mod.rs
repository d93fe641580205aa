//! What the document carries before the module has arrived, and the page shows after: the list of desktop types as texts
//! and facts in both languages. The proxy writes it as HTML, the page as a Leptos view; only the markup exists twice.

mod choice;
mod text;
pub mod type_list;

pub use choice::{Choice, Fact};
pub use text::DocumentText;
