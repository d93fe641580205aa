//! Refusals in whose words an earlier attempt may have been carried out, perhaps one of a gateway on the way: that an order is
//! there already, or its token in use, would be good news.

/// What codes have in them that say so of orders. Of a user they say that there is one of the name.
const REPEATED: &[&str] = &[
    "duplicate",
    "repeat",
    "alreadyexist",
    "alreadyused",
    "alreadyplaced",
    "alreadypaid",
    "orderexist",
    "existorder",
    "existsorder",
    "unpaidorder",
    "orderunpaid",
];

/// What codes about a ClientToken have in them when it is its form that they complain of, so that nothing was done.
const FORM: &[&str] = &["missing", "malformed", "format", "length", "long", "empty", "blank", "illegal"];

/// Whether a code says that a ClientToken is in use, in whatever words. An earlier attempt at the same order may have sent
/// it.
pub(super) fn is_token_taken(letters: &str) -> bool {
    let ends = ["invalidclienttoken", "invalidparameterclienttoken"];
    letters.contains("clienttoken") && !ends.contains(&letters) && !FORM.iter().any(|word| letters.contains(word))
}

/// Whether a code, by its letters, says so of an order.
pub(super) fn is_repeated(letters: &str) -> bool {
    REPEATED.iter().any(|word| letters.contains(word))
}

/// Whether a code says that there is something of this name or address.
pub(super) fn is_there_already(letters: &str) -> bool {
    (letters.contains("exist") && !letters.contains("notexist")) || is_repeated(letters)
}

/// What messages of refusals have in them when they are about an earlier or another try at an order: both a word for the
/// order and a word for what became of it.
const TRIES: &[&str] = &["order", "token", "request", "purchase", "renewal", "订单", "请求", "购买", "续费", "下单"];
const FATES: &[&str] = &[
    "already exist",
    "already processed",
    "already been processed",
    "already placed",
    "already submitted",
    "already been submitted",
    "already created",
    "already been created",
    "already used",
    "already been used",
    "already paid",
    "duplicate",
    "repeated",
    "unpaid",
    "being processed",
    "is processing",
    "in progress",
    "has been used",
    "重复",
    "已存在",
    "未支付",
    "待支付",
    "处理中",
    "正在处理",
];

/// Whether a message says that the order, or one with its token, is there already or under way.
pub(super) fn tells_of_another_try(message: &str) -> bool {
    let message = message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    has(TRIES) && has(FATES)
}

#[cfg(test)]
mod tests {
    use super::super::{Effect, rules::meaning};

    /// A refusal in the words of another try at the order says nothing of that one.
    #[test]
    fn messages_of_another_try() {
        let check = |action: &str, code: &str, message: &str, expect: Effect| {
            let found = meaning(action, code, message, &[]).map(|(_, effect)| effect);
            assert_eq!(found, Some(expect), "{action} {code} {message}");
        };
        for message in [
            "The order is being processed.",
            "The specified ClientToken is duplicate",
            "The request is repeated",
            "An unpaid order exists",
            "订单正在处理中",
            "请求重复，请勿重复下单",
        ] {
            for action in ["CreateDesktop", "RenewDesktop", "DeleteDesktop"] {
                for code in ["InvalidParameter", "Forbidden", "OperationDenied"] {
                    check(action, code, message, Effect::Unknown);
                }
            }
            check("CreateUser", "InvalidParameter", message, Effect::Refused);
            check("CreateDesktop", "Account.Arrearage", message, Effect::Refused);
            check("CreateDesktop", "Throttling", message, Effect::Busy);
        }
        for message in [
            "The vSwitch is in progress of creation",
            "The user already has a desktop",
            "The order is refused",
            "You have reached your quota already",
        ] {
            check("CreateDesktop", "OperationDenied", message, Effect::Refused);
        }
    }
}
