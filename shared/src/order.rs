//! Orders on the wire: the operations that the page requests, and an order as the proxy shows it. States, history and
//! bought desktops are in the files beside this one.

pub mod approval;
mod desktop;
pub mod events;
pub mod fields;
mod history;
mod price;
mod reorder;
mod sort;
mod state;
mod summary;
mod token;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use desktop::{Desktop, DesktopChoices, DesktopTotals, Desktops, LaterOrder};
pub use history::{HistoryEntry, HistoryEvent};
pub use price::OrderPrice;
pub use sort::{Sort, SortKey};
pub use state::{OrderEvent, OrderState};
pub use summary::{Summary, SummaryBy, SummaryRow};

use crate::{
    Action, Code, Problem,
    actions::{CreateDesktop, DeleteDesktop, RenewDesktop},
    ids::{ClientToken, RegionId},
    parameters::{self, ParameterError},
};
use fields::{FieldValues, ORDER_FIELDS};

/// What an order asks the upstream to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Buy.
    Create(CreateDesktop),
    /// Renew.
    Renew(RenewDesktop),
    /// Release. The upstream takes no token with it, the journal does.
    Delete(DeleteDesktop),
}

/// An order as the page asks for it: in JSON the parameters of its action, and beside them `Action`, `RegionId`,
/// `ClientToken` and `OrderFields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Names the order here, and upstream where the action has it.
    pub token: ClientToken,
    /// The region.
    pub region: RegionId,
    /// What to do.
    pub operation: Operation,
    /// The values of the operator's order fields. They stay here.
    pub fields: FieldValues,
}

const ACTION: &str = "Action";
const CLIENT_TOKEN: &str = "ClientToken";

impl Operation {
    /// The action's name.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Create(_) => CreateDesktop::NAME,
            Self::Renew(_) => RenewDesktop::NAME,
            Self::Delete(_) => DeleteDesktop::NAME,
        }
    }

    /// The action's parameters.
    #[must_use]
    pub fn parameters(&self) -> Map<String, Value> {
        let value = match self {
            Self::Create(request) => serde_json::to_value(request),
            Self::Renew(request) => serde_json::to_value(request),
            Self::Delete(request) => serde_json::to_value(request),
        };
        match value {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        }
    }
}

impl NewOrder {
    /// The order as JSON members.
    #[must_use]
    pub fn to_object(&self) -> Map<String, Value> {
        let mut members = self.operation.parameters();
        members.insert(ACTION.to_owned(), self.operation.action().into());
        members.insert(parameters::REGION_ID.to_owned(), self.region.as_str().into());
        members.insert(CLIENT_TOKEN.to_owned(), self.token.as_str().into());
        if !self.fields.is_empty() {
            members.insert(ORDER_FIELDS.to_owned(), fields::write(&self.fields));
        }
        members
    }

    /// The order that the JSON members ask for.
    pub fn from_object(mut members: Map<String, Value>) -> Result<Self, ParameterError> {
        let mut text = |name: &str, keep: bool| {
            let value = if keep { members.get(name).cloned() } else { members.remove(name) };
            match value {
                Some(Value::String(text)) => Ok(text),
                Some(_) => Err(ParameterError::new(Code::InvalidParameter, name)),
                None => Err(ParameterError::new(Code::MissingParameter, name)),
            }
        };
        let action = text(ACTION, false)?;
        let region = text(parameters::REGION_ID, false)?
            .try_into()
            .map_err(|_| ParameterError::new(Code::UnknownRegion, parameters::REGION_ID))?;
        // A release has no token upstream, so there it is ours alone.
        let token = text(CLIENT_TOKEN, action != DeleteDesktop::NAME)?
            .try_into()
            .map_err(|code| ParameterError::new(code, CLIENT_TOKEN))?;
        let fields = fields::read(members.remove(ORDER_FIELDS).unwrap_or_default())?;
        let operation = match action.as_str() {
            CreateDesktop::NAME => {
                let request: CreateDesktop = parameters::from_object(&members)?;
                request.check()?;
                Operation::Create(request)
            }
            RenewDesktop::NAME => Operation::Renew(parameters::from_object(&members)?),
            DeleteDesktop::NAME => Operation::Delete(parameters::from_object(&members)?),
            _ => return Err(ParameterError::new(Code::UnknownAction, ACTION)),
        };
        Ok(Self { token, region, operation, fields })
    }
}

/// The most operations of one `POST /api/orders`.
pub const LARGEST_BATCH: usize = 500;

/// The body of `POST /api/orders`: one to five hundred of [`NewOrder`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrders {
    /// The operations, each as [`NewOrder::to_object`] writes it.
    pub operations: Vec<Map<String, Value>>,
}

/// The answer of `POST /api/orders`, and of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Orders {
    /// The orders: of a POST in the order of its operations, of the list newest first.
    pub orders: Vec<Order>,
    /// Of the list: what to ask for as `cursor` to get the rows that follow. Absent on the last page. A page has fewer rows than
    /// `limit`, or none, where the rows that fit are far apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Of a list `within` a time: the proxy's clock, in milliseconds since 1970 UTC, so that an age needs no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<i64>,
}

/// An order as the proxy shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Order {
    /// Its name.
    pub token: ClientToken,
    /// `CreateDesktop`, `RenewDesktop` or `DeleteDesktop`.
    pub action: String,
    /// The region.
    pub region: RegionId,
    /// Where it stands.
    pub state: OrderState,
    /// The action's parameters as they were accepted.
    pub request: Map<String, Value>,
    /// The values of the operator's order fields, as they are now.
    #[serde(default, skip_serializing_if = "FieldValues::is_empty")]
    pub fields: FieldValues,
    /// Who asked for it, where people sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// The upstream's order, once placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The desktop, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desktop_id: Option<String>,
    /// The `RequestId` of the upstream's last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_request_id: Option<String>,
    /// What it cost by the operator's prices when it was accepted. Absent where there was no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<OrderPrice>,
    /// Why it was rejected, or what stands in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was accepted, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it last changed, in milliseconds since 1970 UTC.
    pub updated_at: i64,
    /// While it awaits approval: until when an approver can decide, in milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve_until: Option<i64>,
    /// Whether the caller may approve or decline it now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decidable: bool,
    /// Whether the caller may change the values of its order fields. Only `GET /api/orders/{token}` tells.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fields_editable: bool,
    /// What happened to it, oldest first. Only `GET /api/orders/{token}` tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryEntry>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    const PURCHASE: &str = r#"{"Action":"CreateDesktop","RegionId":"cn-hangzhou","ClientToken":"t-1",
        "TypeItemId":"desktop.n1.small","ChargeType":"POSTPAY","VpcId":"vpc-1","ZoneId":"cn-hangzhou-b",
        "VSwitchId":"vsw-1","ImageId":"img-1","UserName":"zhang.san","UserGroup":"Users"}"#;

    #[test]
    fn orders_read_back() {
        let renewal =
            r#"{"Action":"RenewDesktop","RegionId":"cn-beijing","ClientToken":"t-2","DesktopId":"d-1","Period":3}"#;
        let release = r#"{"Action":"DeleteDesktop","RegionId":"cn-beijing","ClientToken":"t-3","DesktopId":"d-1"}"#;
        let with_fields = PURCHASE.replacen('{', r#"{"OrderFields":{"cost_centre":"4711"},"#, 1);
        for json in [PURCHASE, renewal, release, &with_fields] {
            let order = NewOrder::from_object(members(json)).unwrap();
            assert_eq!(order.to_object(), members(json));
        }
    }

    #[test]
    fn errors_name_the_parameter() {
        let check = |change: &str, code: Code, parameter: &str| {
            let mut order = members(PURCHASE);
            for (name, value) in members(change) {
                if value.is_null() {
                    order.remove(&name)
                } else {
                    order.insert(name, value)
                };
            }
            assert_eq!(NewOrder::from_object(order), Err(ParameterError::new(code, parameter)), "{change}");
        };
        check(r#"{"Action":null}"#, Code::MissingParameter, "Action");
        check(r#"{"Action":"DescribeImages"}"#, Code::UnknownAction, "Action");
        check(r#"{"RegionId":"a.b"}"#, Code::UnknownRegion, "RegionId");
        check(r#"{"ClientToken":null}"#, Code::MissingParameter, "ClientToken");
        check(r#"{"ClientToken":""}"#, Code::InvalidParameter, "ClientToken");
        check(r#"{"Period":1}"#, Code::PeriodNotAllowed, "Period");
        check(r#"{"ChargeType":"PREPAY"}"#, Code::PeriodRequired, "Period");
        check(r#"{"ChargeType":"PREPAY","Period":10}"#, Code::PeriodInvalid, "Period");
        check(r#"{"UserName":""}"#, Code::UserNameEmpty, "UserName");
        check(r#"{"Discount":1}"#, Code::UnknownParameter, "Discount");
        check(r#"{"OrderFields":{"ticket":7}}"#, Code::InvalidParameter, "OrderFields.ticket");
    }
}
