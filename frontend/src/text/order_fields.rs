//! The texts of order fields, in both languages. What the operator calls them is the operator's.

/// The texts.
pub struct OrderFieldText {
    pub title: &'static str,
    pub not_chosen: &'static str,
    pub filter: &'static str,
    pub filter_none: &'static str,
    pub filter_exact: &'static str,
    pub wrong: &'static str,
    pub edit: &'static str,
    pub edit_title: &'static str,
    pub edit_hint: &'static str,
    pub save: &'static str,
}

/// Chinese.
pub static ORDER_FIELDS_ZH: OrderFieldText = OrderFieldText {
    title: "订单字段",
    not_chosen: "请选择",
    filter: "按订单字段筛选",
    filter_none: "不限订单字段",
    filter_exact: "完整的值",
    wrong: "格式不正确，请检查。",
    edit: "修改订单字段",
    edit_title: "修改订单字段",
    edit_hint: "只修改本站的记录，不影响云桌面。修改会记入订单历史。",
    save: "保存",
};

/// English.
pub static ORDER_FIELDS_EN: OrderFieldText = OrderFieldText {
    title: "Order fields",
    not_chosen: "Choose",
    filter: "Filter by order field",
    filter_none: "Any order fields",
    filter_exact: "The exact value",
    wrong: "This is not in the right form.",
    edit: "Edit order fields",
    edit_title: "Edit order fields",
    edit_hint: "Only the record here is changed, nothing about the desktop. The change is in the order's history.",
    save: "Save",
};
