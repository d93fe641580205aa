//! Which field of the form an error is about, and what chosen elsewhere the error hangs on.

use super::{Field, FieldError, Form};
use crate::Code;

impl FieldError {
    /// What an error says of the form: by the parameter that it names, else by its code. Nothing if it is about no field.
    #[must_use]
    pub fn of(parameter: Option<&str>, code: Code) -> Option<Self> {
        let field = parameter.and_then(of_parameter).or_else(|| of_code(code))?;
        Some(Self { field, code })
    }
}

impl Form {
    /// Whether both forms have the same choice in a field, and in those that an error of the field hangs on: stock is of
    /// a type and a billing kind, and an image is for types. Users count one by one, since each has an order.
    #[must_use]
    pub fn agrees(&self, other: &Self, field: Field) -> bool {
        let same_type = self.type_item_id == other.type_item_id;
        let same_billing = self.charge_type == other.charge_type;
        self.region == other.region
            && match field {
                Field::Region => true,
                Field::ChargeType => same_billing,
                Field::TypeItem => same_type,
                Field::Zone => same_type && same_billing && self.zone_id == other.zone_id,
                Field::VSwitch => self.v_switch_id == other.v_switch_id,
                Field::ImageType => self.image_type == other.image_type,
                Field::Image => same_type && self.image_id == other.image_id,
                Field::User => self.user_names.iter().all(|name| other.user_names.contains(name)),
                Field::UserGroup => self.user_group == other.user_group,
                Field::Period => same_billing && self.period == other.period,
            }
    }
}

/// The field that a parameter of the wire comes from, also where it stands as one of several orders'.
fn of_parameter(name: &str) -> Option<Field> {
    let name = name.rsplit('.').next()?;
    Some(match name {
        "RegionId" | "VpcId" => Field::Region,
        "ChargeType" => Field::ChargeType,
        "TypeItemId" => Field::TypeItem,
        "ZoneId" => Field::Zone,
        "VSwitchId" => Field::VSwitch,
        "ImageType" => Field::ImageType,
        "ImageId" => Field::Image,
        "UserName" => Field::User,
        "UserGroup" => Field::UserGroup,
        "Period" => Field::Period,
        _ => return None,
    })
}

/// The field that a code is about by itself, as [`super::validate`] has it. The cloud seldom names a parameter.
const fn of_code(code: Code) -> Option<Field> {
    Some(match code {
        Code::OwnerNotActive => Field::Region,
        Code::SoldOut => Field::Zone,
        Code::VSwitchUnavailable => Field::VSwitch,
        Code::ImageUnavailable => Field::Image,
        Code::UserWithoutEmail | Code::TooManyOrders => Field::User,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_belongs_to_the_field_that_it_names_or_is_about() {
        let check = |parameter: Option<&str>, code: Code, expect: Option<Field>| {
            let found = FieldError::of(parameter, code);
            assert_eq!(found, expect.map(|field| FieldError { field, code }), "{parameter:?} {code}");
        };
        check(Some("ImageId"), Code::InvalidParameter, Some(Field::Image));
        check(Some("operations[3].Period"), Code::PeriodRequired, Some(Field::Period));
        // A parameter says more than a code.
        check(Some("TypeItemId"), Code::SoldOut, Some(Field::TypeItem));
        check(None, Code::SoldOut, Some(Field::Zone));
        check(None, Code::VSwitchUnavailable, Some(Field::VSwitch));
        check(None, Code::ImageUnavailable, Some(Field::Image));
        check(None, Code::UserWithoutEmail, Some(Field::User));
        check(None, Code::OwnerNotActive, Some(Field::Region));
        // The form knows neither.
        check(Some("ClientToken"), Code::TokenReused, None);
        check(None, Code::InsufficientBalance, None);
    }

    #[test]
    fn an_error_hangs_on_the_choice_and_on_what_decides_it() {
        let form = Form {
            region: "cn-hangzhou".parse().ok(),
            type_item_id: "t".parse().ok(),
            zone_id: "z".parse().ok(),
            image_id: "i".parse().ok(),
            user_names: vec!["a".to_owned()],
            ..Form::default()
        };
        let check = |change: fn(&mut Form), fields: &[Field]| {
            let mut other = form.clone();
            change(&mut other);
            let all = [Field::TypeItem, Field::Zone, Field::VSwitch, Field::Image, Field::User, Field::Period];
            let differ: Vec<_> = all.into_iter().filter(|field| !form.agrees(&other, *field)).collect();
            assert_eq!(differ, fields);
        };
        check(|_| (), &[]);
        check(|form| form.zone_id = "y".parse().ok(), &[Field::Zone]);
        check(|form| form.type_item_id = "u".parse().ok(), &[Field::TypeItem, Field::Zone, Field::Image]);
        check(|form| form.image_id = None, &[Field::Image]);
        // Another user beside the one does not make the one another.
        check(|form| form.user_names.push("b".to_owned()), &[]);
        check(|form| form.user_names = vec!["b".to_owned()], &[Field::User]);
    }
}
