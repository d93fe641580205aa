//! Handlers of `RenewDesktop` and `DeleteDesktop`, and what all orders share.

use serde::Serialize;
use shared::{
    Action,
    actions::{DeleteDesktop, DeletedDesktop, RenewDesktop, RenewedDesktop},
    parameters::to_pairs,
    values::ChargeType,
};

use super::{Context, Handle, id};
use crate::{
    Kind,
    error::Error,
    script::Script,
    world::{TokenLookup, World, regions::Region},
};

/// The canonical text of a request, to compare two requests with the same `ClientToken`.
pub(super) fn request_text(request: &impl Serialize, region: &Region) -> String {
    let pairs: Vec<String> = to_pairs(request).iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{} {}", region.id, pairs.join(" "))
}

/// The error of a `ClientToken` that was used for another request.
pub(super) fn token_mismatch() -> Error {
    Error::bad_request(
        "IdempotentParameterMismatch",
        "The request uses the same client token as a previous, but non-identical request.",
    )
}

/// Checks the account's balance. It is the last check, since the money is taken last.
pub(super) fn check_balance(script: &Script) -> Result<(), Error> {
    if script.is_on(Kind::InsufficientBalance) {
        return Err(Error::bad_request("InsufficientBalance", "Your account does not have enough balance."));
    }
    Ok(())
}

fn wrong_charge_type() -> Error {
    let message = "The operation is not permitted due to the charge type of the desktop.";
    Error::forbidden("OperationDenied.ChargeType", message)
}

impl Handle<RenewDesktop> for World {
    fn handle(&mut self, request: &RenewDesktop, context: &mut Context<'_>) -> Result<RenewedDesktop, Error> {
        let text = request_text(request, context.region);
        match self.desktops.recall(request.client_token.as_str(), RenewDesktop::NAME, &text) {
            TokenLookup::Same(order, _) => return Ok(RenewedDesktop { order_id: Some(id(order)?) }),
            TokenLookup::Different => return Err(token_mismatch()),
            TokenLookup::New => {}
        }
        check(self, request.desktop_id.as_str(), ChargeType::PrePay, context)?;
        check_balance(context.script)?;
        let order = self.desktops.renew(request, text);
        Ok(RenewedDesktop { order_id: Some(id(order)?) })
    }
}

impl Handle<DeleteDesktop> for World {
    fn handle(&mut self, request: &DeleteDesktop, context: &mut Context<'_>) -> Result<DeletedDesktop, Error> {
        check(self, request.desktop_id.as_str(), ChargeType::PostPay, context)?;
        if let Some(v_switch) = self.desktops.release(request.desktop_id.as_str()) {
            self.network.give_address(&v_switch);
        }
        Ok(DeletedDesktop {})
    }
}

/// The desktop, if it exists in this region and has the required billing kind.
fn check(world: &World, desktop_id: &str, charge_type: ChargeType, context: &Context<'_>) -> Result<(), Error> {
    let found = world.desktops.find(desktop_id).filter(|desktop| desktop.region == context.region.id);
    let desktop = found.ok_or_else(|| Error::not_found("DesktopId"))?;
    if desktop.charge_type == charge_type.as_str() { Ok(()) } else { Err(wrong_charge_type()) }
}
