//! What the table of fields has to fulfil, and what follows from it for errors and changed forms.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// Any form without users, of values that some field can have.
pub fn any_form() -> impl Strategy<Value = Form> {
    let words = [ChargeType::PrePay.as_str(), ImageType::Private.as_str(), UserGroup::Administrators.as_str(), "cn-a"];
    let value = prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        "[!-~]{1,40}".prop_map(Value::from),
        prop::sample::select(Period::ALL).prop_map(|period| Value::from(period.months())),
    ];
    prop::collection::vec(value, Field::ALL.len()).prop_map(|values| {
        let mut form = Form::default();
        for (field, value) in Field::ALL.iter().zip(&values).filter(|(field, _)| **field != Field::User) {
            form.read(*field, value);
        }
        form
    })
}

#[test]
fn each_name_stands_for_one_field() {
    let mut names = HashSet::new();
    for field in Field::ALL {
        for parameter in field.parameters() {
            assert!(names.insert(*parameter), "{parameter}");
        }
        assert!(names.insert(field.id()), "{field:?}");
        assert_eq!(field.error_id(), format!("error-{}", field.id()));
        assert!(field.link_member().is_none_or(|member| names.insert(member) || member == field.id()), "{field:?}");
    }
}

#[test]
fn dependencies_hold_those_of_their_own() {
    for field in Field::ALL {
        assert!(!field.depends_on(*field), "{field:?}");
        for on in field.dependencies() {
            // The type and the kind of billing tell which zones have stock, and not which there are.
            let stock_only = *field == Field::VSwitch && *on == Field::Zone;
            let missing = on.dependencies().iter().find(|deeper| !stock_only && !field.depends_on(**deeper));
            assert_eq!(missing, None, "{field:?} on {on:?}");
        }
    }
}

#[test]
fn values_read_back() {
    for field in Field::ALL {
        let mut other = Form::default();
        let text = if *field == Field::Period { Value::from(12) } else { sample(*field).into() };
        other.read(*field, &text);
        assert_eq!(other.write(*field), Some(text), "{field:?}");
        assert!(!other.same(&Form::default(), *field), "{field:?}");
        other.take(*field, &Form::default());
        assert_eq!(other, Form::default(), "{field:?}");
        other.read(*field, &Value::Bool(true));
        assert_eq!(other, Form::default(), "{field:?}");
    }
}

/// A value that a field does not have by itself.
fn sample(field: Field) -> &'static str {
    match field {
        Field::ChargeType => "PREPAY",
        Field::ImageType => "private",
        Field::UserGroup => "Administrators",
        _ => "x",
    }
}

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

fn chosen() -> Form {
    Form {
        region: "cn-hangzhou".parse().ok(),
        type_item_id: "t".parse().ok(),
        zone_id: "z".parse().ok(),
        v_switch_id: "v".parse().ok(),
        image_id: "i".parse().ok(),
        user_names: vec!["a".to_owned()],
        ..Form::default()
    }
}

#[test]
fn an_error_holds_while_the_field_and_what_it_depends_on_stay() {
    let check = |change: fn(&mut Form), fields: &[Field]| {
        let mut other = chosen();
        change(&mut other);
        let differ: Vec<_> = Field::ALL.iter().copied().filter(|field| !chosen().agrees(&other, *field)).collect();
        assert_eq!(differ, fields);
    };
    check(|_| (), &[]);
    check(|form| form.zone_id = "y".parse().ok(), &[Field::Zone, Field::VSwitch]);
    check(|form| form.type_item_id = "u".parse().ok(), &[Field::TypeItem, Field::Zone, Field::Image]);
    check(|form| form.image_id = None, &[Field::Image]);
    check(|form| form.charge_type = ChargeType::PrePay, &[Field::ChargeType, Field::Zone, Field::Period]);
    // Another user beside the one does not make the one another.
    check(|form| form.user_names.push("b".to_owned()), &[]);
    check(|form| form.user_names = vec!["b".to_owned()], &[Field::User]);
}

#[test]
fn a_changed_choice_outdates_what_depends_on_it_and_was_not_chosen_with_it() {
    let check = |change: fn(&mut Form), fields: &[Field]| {
        let mut now = chosen();
        change(&mut now);
        assert_eq!(chosen().outdated_in(&now), fields);
    };
    check(|form| form.zone_id = "y".parse().ok(), &[Field::VSwitch]);
    check(|form| form.image_type = ImageType::Private, &[Field::Image]);
    check(|form| form.type_item_id = "u".parse().ok(), &[Field::Zone, Field::Image]);
    check(|form| form.user_group = UserGroup::Administrators, &[]);
    let both = |form: &mut Form| {
        form.zone_id = "y".parse().ok();
        form.v_switch_id = "w".parse().ok();
    };
    check(both, &[]);
}
