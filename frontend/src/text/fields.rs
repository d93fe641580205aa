//! The labels of the form's fields. Ids, parameters and dependencies of the fields are in [`shared::form::Field`].

use shared::{document::DocumentText, form::Field, language::Language};

/// In Chinese.
pub fn zh(field: Field) -> &'static str {
    match field {
        Field::ChargeType => "付费方式",
        Field::Region => "地域",
        Field::TypeItem => DocumentText::of(Language::Chinese).desktop_type,
        Field::Zone => "可用区",
        Field::VSwitch => "交换机",
        Field::ImageType => "镜像类型",
        Field::Image => "镜像",
        Field::User => "用户",
        Field::UserGroup => "用户组",
        Field::Period => "购买时长",
    }
}

/// In English.
pub fn en(field: Field) -> &'static str {
    match field {
        Field::ChargeType => "Billing",
        Field::Region => "Region",
        Field::TypeItem => DocumentText::of(Language::English).desktop_type,
        Field::Zone => "Zone",
        Field::VSwitch => "VSwitch",
        Field::ImageType => "Image type",
        Field::Image => "Image",
        Field::User => "User",
        Field::UserGroup => "User group",
        Field::Period => "Duration",
    }
}
