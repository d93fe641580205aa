//! The handlers of the actions, one for each. All checks come before the first change. [`shared::actions`] declares the
//! parameters; an action without a handler does not compile, since [`crate::gateway`] names all actions.

mod catalogue;
mod create_desktop;
mod images;
mod network;
mod orders;
mod stock;
mod users;

use axum::http::StatusCode;
use serde_json::{Map, Value};
use shared::Action;

use crate::{error::Error, script::Script, world::regions::Region};

/// Carries out an action.
pub(crate) trait Handle<A: Action> {
    /// Runs the action. An error means that nothing has changed.
    fn handle(&mut self, request: &A, context: &mut Context<'_>) -> Result<A::Response, Error>;

    /// Members of the answer that the real product sends, and this project does not use.
    fn extra_members(&self, _request: &A, _context: &Context<'_>) -> Map<String, Value> {
        Map::new()
    }
}

/// The region of a call, and the active faults.
pub(crate) struct Context<'a> {
    pub(crate) region: &'static Region,
    pub(crate) script: &'a mut Script,
}

/// Parses an identifier of a built-in table, all of which are valid.
fn id<T: TryFrom<String>>(text: impl Into<String>) -> Result<T, Error> {
    let broken = |_| {
        Error::with_status(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "An identifier of the simulator is broken.",
        )
    };
    T::try_from(text.into()).map_err(broken)
}

/// A page of a list: the number of rows before it, and its size.
struct Page {
    skip: usize,
    take: usize,
}

impl Page {
    /// Parses a page by number and size, each under its own name. The size is `usual` by default, and `largest` at
    /// most.
    fn new(number: (&str, Option<u32>), size: (&str, Option<u32>), usual: u32, largest: u32) -> Result<Self, Error> {
        let (number_name, number) = (number.0, number.1.unwrap_or(1));
        let (size_name, size) = (size.0, size.1.unwrap_or(usual));
        if number == 0 {
            return Err(Error::invalid_parameter(number_name));
        }
        if size == 0 || size > largest {
            return Err(Error::invalid_parameter(size_name));
        }
        let take = size as usize;
        Ok(Self { skip: (number as usize - 1).saturating_mul(take), take })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages() {
        let check = |number: Option<u32>, size: Option<u32>, expect: Result<(usize, usize), &str>| {
            let page = Page::new(("Page", number), ("PageSize", size), 20, 100);
            let page = page.map(|page| (page.skip, page.take)).map_err(|error| error.code.into_owned());
            assert_eq!(page, expect.map_err(str::to_owned), "{number:?} {size:?}");
        };
        check(None, None, Ok((0, 20)));
        check(Some(1), Some(100), Ok((0, 100)));
        check(Some(3), Some(7), Ok((14, 7)));
        check(Some(u32::MAX), Some(100), Ok(((u32::MAX as usize - 1).saturating_mul(100), 100)));
        check(Some(0), None, Err("InvalidParameter.Page"));
        check(None, Some(0), Err("InvalidParameter.PageSize"));
        check(None, Some(101), Err("InvalidParameter.PageSize"));
    }
}
