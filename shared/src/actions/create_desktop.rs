//! `CreateDesktop`: buys a desktop (document 2.8). This spends money.

use serde::{Deserialize, Serialize};

use crate::{
    Action, Class, Product,
    ids::{ClientToken, DesktopId, ImageId, OrderId, OwnerId, TypeItemId, VSwitchId, VpcId, ZoneId},
    user::ExistingUserName,
    values::{ChargeType, ImageType, Period, UserGroup},
};

/// 购买创建云桌面实例. Whether `period` goes with `charge_type` is checked by [`CreateDesktop::check`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateDesktop {
    /// The account bought for, in reseller mode. Set by the proxy; refused from a browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<OwnerId>,
    /// The desktop type.
    pub type_item_id: TypeItemId,
    /// The billing kind.
    pub charge_type: ChargeType,
    /// The account's network, from `DescribeDesktopOwner`.
    pub vpc_id: VpcId,
    /// The zone.
    pub zone_id: ZoneId,
    /// A vSwitch of that network in that zone.
    pub v_switch_id: VSwitchId,
    /// The image.
    pub image_id: ImageId,
    /// Whose image it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_type: Option<ImageType>,
    /// Who gets the desktop. `userName` in the document, `UserName` on the wire.
    pub user_name: ExistingUserName,
    /// The group in which the user signs in.
    pub user_group: UserGroup,
    /// Months; required with PREPAY and refused with POSTPAY.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Makes the purchase happen at most once; the same on every attempt.
    pub client_token: ClientToken,
}

impl CreateDesktop {
    /// Checks the rule that no single field can: months go with a subscription and with nothing else.
    pub fn check(&self) -> Result<(), crate::parameters::ParameterError> {
        use crate::{Code, parameters::ParameterError};
        match (self.charge_type, self.period) {
            (ChargeType::PrePay, None) => Err(ParameterError::new(Code::PeriodRequired, "Period")),
            (ChargeType::PostPay, Some(_)) => Err(ParameterError::new(Code::PeriodNotAllowed, "Period")),
            _ => Ok(()),
        }
    }
}

/// The answer to [`CreateDesktop`] (document 2.8.3). One with neither identifier is "outcome unknown", not success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct CreatedDesktop {
    /// The order.
    pub order_id: Option<OrderId>,
    /// The desktop.
    pub desktop_id: Option<DesktopId>,
}

impl Action for CreateDesktop {
    const NAME: &'static str = "CreateDesktop";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::WriteWithToken;
    const CHANGES: &'static [&'static str] = &[super::DescribeAvailableResource::NAME, super::DescribeVSwitches::NAME];
    type Response = CreatedDesktop;
}
