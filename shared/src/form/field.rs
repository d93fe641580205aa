//! The fields of the purchase form, each declared once. The table at the end of this file has all that the page, the
//! address and the proxy's errors need to know of a field; [`Form`] and [`Field`] are generated from it.

use serde_json::Value;

use super::value::FieldValue;
use crate::{
    Code,
    ids::{ImageId, RegionId, TypeItemId, VSwitchId, ZoneId},
    values::{ChargeType, ImageType, Period, UserGroup},
};

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Which field.
    pub field: Field,
    /// What is wrong.
    pub code: Code,
}

impl FieldError {
    /// The field error in a problem: by the parameter that it names, else by its code, since the cloud seldom names a
    /// parameter. `None` if the problem is about no field.
    #[must_use]
    pub fn of(parameter: Option<&str>, code: Code) -> Option<Self> {
        let named = |parameter: &str| {
            // Of several orders one names its parameter as `operations[3].Period`.
            let name = parameter.rsplit('.').next()?;
            Field::ALL.iter().find(|field| field.parameters().contains(&name))
        };
        let field =
            parameter.and_then(named).or_else(|| Field::ALL.iter().find(|field| field.codes().contains(&code)))?;
        Some(Self { field: *field, code })
    }
}

impl Field {
    /// Whether the field's options, or an error about it, depend on another field.
    #[must_use]
    pub fn depends_on(self, other: Self) -> bool {
        self.dependencies().contains(&other)
    }
}

impl Form {
    /// Whether both forms have the same value in a field and in all that it depends on.
    #[must_use]
    pub fn agrees(&self, other: &Self, field: Field) -> bool {
        self.same(other, field) && field.dependencies().iter().all(|on| self.same(other, *on))
    }

    /// The fields that keep their value from this form to another while something that they depend on changes, so that
    /// the value may not be among the options any more.
    #[must_use]
    pub fn outdated_in(&self, other: &Self) -> Vec<Field> {
        Field::ALL.iter().copied().filter(|field| self.same(other, *field) && !self.agrees(other, *field)).collect()
    }
}

/// Makes [`Field`] and [`Form`] from the table.
macro_rules! fields {
    ($(
        $(#[$doc:meta])*
        $Variant:ident {
            $member:ident: $Type:ty = $default:expr,
            parameters: $parameters:expr,
            link: $link:expr,
            id: $id:literal,
            depends_on: [$($on:ident),*],
            codes: $codes:expr,
        }
    )+) => {
        /// A field of the form, in the order of the page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $Variant,)+ }

        /// The values of a purchase form: what is requested, or, once normalised, what is in effect.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Form { $($(#[$doc])* pub $member: $Type,)+ }

        impl Default for Form {
            fn default() -> Self {
                Self { $($member: $default,)+ }
            }
        }

        impl Field {
            /// All fields.
            pub const ALL: &[Self] = &[$(Self::$Variant),+];

            /// The parameters of `CreateDesktop` that it fills; the first one holds its value.
            #[must_use]
            pub const fn parameters(self) -> &'static [&'static str] {
                match self { $(Self::$Variant => $parameters),+ }
            }

            /// The member of `request` in the page's address that holds it. `None` if none does.
            #[must_use]
            pub const fn link_member(self) -> Option<&'static str> {
                match self { $(Self::$Variant => $link),+ }
            }

            /// The id of its control in the document, and the name of its radio buttons.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$Variant => $id),+ }
            }

            /// The id of the element in the document that says what is wrong with it.
            #[must_use]
            pub const fn error_id(self) -> &'static str {
                match self { $(Self::$Variant => concat!("error-", $id)),+ }
            }

            /// The fields that its options, or an error about it, depend on, directly or not.
            #[must_use]
            pub const fn dependencies(self) -> &'static [Self] {
                match self { $(Self::$Variant => &[$(Self::$on),*]),+ }
            }

            /// The codes that are about it where no parameter is named.
            #[must_use]
            pub const fn codes(self) -> &'static [Code] {
                match self { $(Self::$Variant => $codes),+ }
            }
        }

        impl Form {
            /// Whether both forms have the same value in a field. Users count one by one, since each has an order.
            #[must_use]
            pub fn same(&self, other: &Self, field: Field) -> bool {
                match field { $(Field::$Variant => self.$member.agrees(&other.$member)),+ }
            }

            /// Takes the value of a field from another form.
            pub fn take(&mut self, field: Field, from: &Self) {
                match field { $(Field::$Variant => self.$member.clone_from(&from.$member)),+ }
            }

            /// Sets a field from JSON; what cannot be read leaves it as it is. Whether it could be read.
            pub fn read(&mut self, field: Field, value: &Value) -> bool {
                match field { $(Field::$Variant => FieldValue::from_json(value).map(|value| self.$member = value).is_some()),+ }
            }

            /// A field's value as JSON; `None` where nothing is chosen.
            #[must_use]
            pub fn write(&self, field: Field) -> Option<Value> {
                match field { $(Field::$Variant => self.$member.to_json()),+ }
            }
        }
    };
}

// parameters  The parameters of `CreateDesktop` that the field fills. The first one holds its value.
// link        The member of `request` in the page's address (document 1.1).
// id          The id of the control in the document; tests, styles and `#/buy/{id}` know it.
// depends_on  The fields that the options, or an error about the field, depend on, directly or not.
// codes       The errors that are about the field where no parameter is named.
// Each label is in `text/fields.rs` of the page.
fields! {
    /// 付费方式, the billing kind.
    ChargeType {
        charge_type: ChargeType = ChargeType::PostPay,
        parameters: &["ChargeType"],
        // The address has it as `commodityCode`.
        link: None,
        id: "charge-type",
        depends_on: [Region],
        codes: &[Code::QuotaExceeded],
    }
    /// 地域.
    Region {
        region: Option<RegionId> = None,
        // The network is the region's own, by the account's set-up.
        parameters: &["RegionId", "VpcId"],
        link: Some("region"),
        id: "region",
        depends_on: [],
        codes: &[Code::OwnerNotActive],
    }
    /// 桌面规格.
    TypeItem {
        type_item_id: Option<TypeItemId> = None,
        parameters: &["TypeItemId"],
        link: Some("typeItemId"),
        id: "type",
        depends_on: [Region],
        codes: &[],
    }
    /// 可用区.
    Zone {
        zone_id: Option<ZoneId> = None,
        parameters: &["ZoneId"],
        link: Some("zoneId"),
        id: "zone",
        // Zones are the region's; stock is of a type and a billing kind.
        depends_on: [Region, TypeItem, ChargeType],
        codes: &[Code::SoldOut],
    }
    /// 交换机.
    VSwitch {
        v_switch_id: Option<VSwitchId> = None,
        parameters: &["VSwitchId"],
        link: Some("vSwitchId"),
        id: "v-switch",
        depends_on: [Region, Zone],
        codes: &[Code::VSwitchUnavailable],
    }
    /// 镜像类型.
    ImageType {
        image_type: ImageType = ImageType::Default,
        parameters: &["ImageType"],
        link: Some("imageType"),
        id: "image-type",
        depends_on: [Region],
        codes: &[],
    }
    /// 镜像.
    Image {
        image_id: Option<ImageId> = None,
        parameters: &["ImageId"],
        link: Some("imageId"),
        id: "image",
        depends_on: [Region, TypeItem, ImageType],
        codes: &[Code::ImageUnavailable],
    }
    /// 用户, by name. Each gets a desktop of this configuration.
    User {
        user_names: Vec<String> = Vec::new(),
        parameters: &["UserName"],
        // An address is no place for personal data.
        link: None,
        id: "user",
        depends_on: [Region],
        codes: &[Code::UserWithoutEmail, Code::TooManyOrders],
    }
    /// 用户组.
    UserGroup {
        user_group: UserGroup = UserGroup::Users,
        parameters: &["UserGroup"],
        link: Some("userGroup"),
        id: "user-group",
        depends_on: [Region],
        codes: &[],
    }
    /// 购买时长. Kept while pay as you go is chosen, and counts only with a subscription.
    Period {
        period: Period = Period::ONE_MONTH,
        parameters: &["Period"],
        link: Some("period"),
        id: "period",
        depends_on: [Region, ChargeType],
        codes: &[],
    }
}

#[cfg(test)]
pub mod tests;
