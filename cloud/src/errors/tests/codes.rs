//! What the upstream's codes mean.

use super::*;

#[test]
fn codes_decide() {
    let refused = |status, code: &str, ours| check(status, code, (ours, Effect::Refused));
    refused(400, "MissingParameter", Code::MissingParameter);
    refused(400, "MissingUserName", Code::MissingParameter);
    refused(400, "InvalidParameter", Code::InvalidParameter);
    refused(404, "InvalidImageId.NotFound", Code::InvalidParameter);
    refused(403, "InvalidResourceType.NotSupported", Code::InvalidParameter);
    refused(404, "InvalidAction.NotFound", Code::UpstreamRejected);
    refused(404, "InvalidApi.NotFound", Code::UpstreamRejected);
    refused(404, "InvalidProduct.NotFound", Code::UpstreamRejected);
    refused(400, "NoSuchVersion", Code::UpstreamRejected);
    refused(404, "InvalidAccessKeyId.NotFound", Code::CredentialsRefused);
    refused(400, "SignatureDoesNotMatch", Code::CredentialsRefused);
    refused(403, "MissingSecurityToken", Code::CredentialsRefused);
    refused(400, "InvalidTimeStamp.Expired", Code::ClockSkew);
    refused(400, "IllegalTimestamp", Code::ClockSkew);
    refused(403, "Forbidden.RAM", Code::Forbidden);
    refused(403, "ForbiddenAction", Code::Forbidden);
    refused(400, "IdempotentParameterMismatch", Code::TokenReused);
    refused(403, "OperationDenied", Code::UpstreamRejected);
    refused(400, "InvalidVSwitchId.IpNotEnough", Code::VSwitchUnavailable);
    check(404, "InvalidDesktopId.NotFound", (Code::InvalidParameter, Effect::Absent));
    check(404, "Desktop.NotExist", (Code::InvalidParameter, Effect::Absent));
    for code in [
        "OperationDenied.NoStock",
        "NoInstanceStock",
        "Zone.NotOnSale",
        "InvalidInstanceType.nostock",
        "Stock.NotEnough",
        "InsufficientInventory",
        "ResourceInsufficient",
        "OperationDenied.ResourceShortage",
        "Desktop.OutOfStock",
        "Desktop.Stock.Insufficient",
    ] {
        refused(400, code, Code::SoldOut);
    }
    for code in [
        "InsufficientBalance",
        "InvalidAccountStatus.NotEnoughBalance",
        "Account.Arrearage",
        "Forbidden.Arrearage",
        "Order.NoEnoughBalance",
        "Insufficient.Account.Balance",
        "BALANCE_NOT_ENOUGH",
        "Account.Overdue",
        "Account.Arrearage.UnpaidBill",
        "CreditLimitExceeded",
    ] {
        refused(403, code, Code::InsufficientBalance);
    }
    for code in [
        "QuotaExceed.AfterpayInstance",
        "QuotaExceeded",
        "InstanceLimitExceeded",
        "Quota.Exceeded",
        "InsufficientQuota",
        "DesktopQuotaFull",
        "OutOfQuota",
    ] {
        refused(403, code, Code::QuotaExceeded);
    }
    for code in ["RealNameAuthenticationError", "Account.NotRealName", "Account.NotVerified"] {
        refused(403, code, Code::RealNameRequired);
    }
    for code in ["Forbidden.RiskControl", "RiskControlError", "Risk.Rejected", "Forbidden.Risk"] {
        refused(403, code, Code::RiskControl);
    }
    refused(403, "NO_STOCK", Code::SoldOut);
    refused(403, "StockExhausted", Code::SoldOut);
    refused(403, "OperationDenied.InventoryNotAvailable", Code::SoldOut);
    refused(403, "InsufficientInstanceCapacity", Code::SoldOut);
    refused(403, "QuotaExhausted", Code::QuotaExceeded);
    refused(403, "operation-denied.no-stock", Code::SoldOut);
    refused(400, "INVALID_PARAMETER", Code::InvalidParameter);
    refused(400, "InvalidClientToken", Code::InvalidParameter);
    refused(400, "InvalidClientToken.Malformed", Code::InvalidParameter);
    refused(400, "MissingClientToken", Code::MissingParameter);
    refused(400, "UserName.AlreadyExists", Code::UserRefused);
    refused(409, "EntityAlreadyExist.User", Code::UserRefused);
    check(400, "SignatureNonceUsed", (Code::UpstreamUnavailable, Effect::Unknown));
    check(403, "IdempotentProcessing", (Code::UpstreamUnavailable, Effect::Unknown));
}

#[test]
fn codes_of_a_service_that_is_busy() {
    for code in [
        "Throttling",
        "Throttling.User",
        "Rejected.Throttling",
        "ServiceBusy",
        "SystemBusy",
        "FlowControl",
        "RequestLimitExceeded",
        "System.Busy",
        "Flow_Control",
        "TooFrequent",
        "Rate.Limit.Exceeded",
    ] {
        check(400, code, (Code::Throttled, Effect::Busy));
        check(429, code, (Code::Throttled, Effect::Busy));
        check(503, code, (Code::Throttled, Effect::Unknown));
    }
    check(429, "InvalidParameter", (Code::Throttled, Effect::Busy));
    check(200, "429", (Code::Throttled, Effect::Busy));
}

/// Of an order, that there is one already would be good news.
#[test]
fn what_is_there_already() {
    let effect = |action: &str, code: &str| rules::meaning(action, code, "", &sent()).map(|(_, effect)| effect);
    for code in ["Forbidden.UserOrderAlreadyExists", "OperationDenied.UserDuplicateOrder", "InvalidUserName.Duplicate"]
    {
        for action in ["CreateDesktop", "RenewDesktop", "DeleteDesktop"] {
            assert_eq!(effect(action, code), Some(Effect::Unknown), "{action} {code}");
        }
    }
    for code in [
        "InvalidEmail.Duplicate",
        "InvalidName.AlreadyExists",
        "User.AlreadyExists",
        "UserName.Duplicate",
        "ExistedEndUserId",
    ] {
        for action in ["CreateUser", "ModifyUser"] {
            assert_eq!(effect(action, code), Some(Effect::Refused), "{action} {code}");
        }
    }
}

#[test]
fn an_operation_denied_for_lack_of_stock() {
    let check = |message: &str, expect: Code| {
        let body = serde_json::json!({ "Code": "OperationDenied", "Message": message }).to_string();
        assert_eq!(of(Class::WriteWithToken, 403, &body).unwrap().code, expect, "{message}");
    };
    check("The resource is out of usage.", Code::SoldOut);
    check("The specified type is sold out in this zone", Code::SoldOut);
    check("库存不足", Code::SoldOut);
    check("The operation is not allowed.", Code::UpstreamRejected);
    check("The resource is locked by another operation.", Code::UpstreamRejected);
}

/// Whatever the body, HTTP 429 is a call too many, and the pause that it asks for is kept.
#[test]
fn too_many_calls() {
    let headers = [(http::header::RETRY_AFTER, http::HeaderValue::from_static("7"))].into_iter().collect();
    for body in ["<html>", "", r#"{"Code":"TooManyRequests"}"#, r#"{"message":"slow down"}"#] {
        for class in [Class::Read, Class::WriteOnce, Class::WriteWithToken] {
            let answer = RawAnswer::new(429, &headers, body.to_owned().into(), Timestamp::UNIX_EPOCH);
            let error = classify("CreateUser", class, &answer.open(), &sent()).unwrap();
            assert_eq!((error.code, error.effect), (Code::Throttled, Effect::Busy), "{body}");
            assert_eq!(error.retry_after, Some(Duration::from_secs(7)), "{body}");
        }
    }
}
