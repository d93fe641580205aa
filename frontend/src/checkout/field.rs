//! The names of the form's fields: in the document, and for people.

use shared::form::Field;

use crate::language::use_text;

/// Where the error of a field is in the document; the summary links to it.
pub const fn error_id(field: Field) -> &'static str {
    match field {
        Field::Region => "error-region",
        Field::ChargeType => "error-charge-type",
        Field::TypeItem => "error-type",
        Field::Zone => "error-zone",
        Field::VSwitch => "error-v-switch",
        Field::ImageType => "error-image-type",
        Field::Image => "error-image",
        Field::User => "error-user",
        Field::UserGroup => "error-user-group",
        Field::Period => "error-period",
    }
}

/// A field's name in the document: of its group or list.
pub fn field_name(field: Field) -> &'static str {
    error_id(field).strip_prefix("error-").unwrap_or_default()
}

/// A field's name for people.
pub fn field_label(field: Field) -> &'static str {
    let t = use_text();
    match field {
        Field::Region => t.region,
        Field::ChargeType => t.billing,
        Field::TypeItem => t.desktop_type,
        Field::Zone => t.zone,
        Field::VSwitch => t.v_switch,
        Field::ImageType => t.image_type,
        Field::Image => t.image,
        Field::User => t.user,
        Field::UserGroup => t.user_group,
        Field::Period => t.duration,
    }
}
