//! The handler of `CreateDesktop`: all checks of a purchase, then the purchase.

use shared::{
    Action,
    actions::{CreateDesktop, CreatedDesktop},
    values::ImageType,
};

use super::{
    Context, Handle, catalogue, id, network,
    orders::{check_balance, request_text, token_mismatch},
    stock,
};
use crate::{
    error::Error,
    world::{NewDesktop, TokenLookup, World, types::DesktopType},
};

impl Handle<CreateDesktop> for World {
    fn handle(&mut self, request: &CreateDesktop, context: &mut Context<'_>) -> Result<CreatedDesktop, Error> {
        request.check()?;
        let text = request_text(request, context.region);
        match self.desktops.recall(request.client_token.as_str(), CreateDesktop::NAME, &text) {
            TokenLookup::Same(order, desktop) => return answer(order, desktop),
            TokenLookup::Different => return Err(token_mismatch()),
            TokenLookup::New => {}
        }
        check(self, request, context)?;

        // All checks have passed. From here on things change, and nothing fails.
        let new = NewDesktop { region: context.region.id, request, request_text: text };
        let (order, desktop) = self.desktops.create(new);
        self.network.take_address(request.v_switch_id.as_str());
        answer(order, desktop)
    }
}

fn answer(order: String, desktop: String) -> Result<CreatedDesktop, Error> {
    Ok(CreatedDesktop { order_id: Some(id(order)?), desktop_id: Some(id(desktop)?) })
}

/// Checks everything that a purchase needs.
fn check(world: &World, request: &CreateDesktop, context: &Context<'_>) -> Result<(), Error> {
    let region = context.region;
    if !catalogue::owner_is_active(context.script) {
        let message = "The desktop configuration of the account is not completed.";
        return Err(Error::forbidden("OperationDenied.OwnerNotActive", message));
    }
    if request.vpc_id.as_str() != region.vpc() {
        return Err(Error::not_found("VpcId"));
    }
    let item = DesktopType::find(request.type_item_id.as_str()).ok_or_else(|| Error::not_found("TypeItemId"))?;
    let zone = region.zone(request.zone_id.as_str()).ok_or_else(|| Error::not_found("ZoneId"))?;
    check_v_switch(world, request, zone, context)?;
    check_image(world, request, item, context)?;
    check_user(world, request)?;
    if !stock::can_be_bought(world, item, zone, request.charge_type, context) {
        return Err(stock::no_stock());
    }
    check_balance(context.script)
}

fn check_v_switch(world: &World, request: &CreateDesktop, zone: usize, context: &Context<'_>) -> Result<(), Error> {
    let mut all = network::v_switches(world, context);
    let found = all.find(|(v_switch, _)| v_switch.id == request.v_switch_id.as_str());
    let (v_switch, ready) = found.ok_or_else(|| Error::not_found("VSwitchId"))?;
    if v_switch.zone != zone || v_switch.vpc != request.vpc_id.as_str() {
        let message = "The specified VSwitchId is not in the specified zone and VPC.";
        return Err(Error::bad_request("InvalidVSwitchId.Mismatch", message));
    }
    if !ready {
        let message = "The current status of the VSwitch does not support this operation.";
        return Err(Error::bad_request("IncorrectVSwitchStatus", message));
    }
    if v_switch.free == 0 {
        let message = "The IP addresses of the specified VSwitch are not enough.";
        return Err(Error::bad_request("InvalidVSwitchId.IpNotEnough", message));
    }
    Ok(())
}

fn check_image(world: &World, request: &CreateDesktop, item: &DesktopType, context: &Context<'_>) -> Result<(), Error> {
    let found = world.images.find(context.region, request.image_id.as_str());
    let (image, own) = found.ok_or_else(|| Error::not_found("ImageId"))?;
    let kind = if own { ImageType::Private } else { ImageType::Default };
    if request.image_type.is_some_and(|wanted| wanted != kind) {
        let message = "The specified ImageId is not of the specified ImageType.";
        return Err(Error::bad_request("InvalidImageType.Mismatch", message));
    }
    if !item.fits(image.instance_type) {
        let message = "The specified ImageId does not support the specified TypeItemId.";
        return Err(Error::bad_request("InvalidImageId.NotSupported", message));
    }
    if !image.is_usable() {
        let message = "The current status of the image does not support this operation.";
        return Err(Error::bad_request("IncorrectImageStatus", message));
    }
    Ok(())
}

fn check_user(world: &World, request: &CreateDesktop) -> Result<(), Error> {
    let user = world.users.find(request.user_name.as_str()).ok_or_else(|| Error::not_found("UserName"))?;
    if user.email.is_empty() {
        let message = "The specified user has no e-mail address.";
        return Err(Error::bad_request("InvalidUserName.EmailMissing", message));
    }
    Ok(())
}
