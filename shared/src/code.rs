//! The codes of the errors of the proxy's interface, with their HTTP status and title.

use serde::{Deserialize, Serialize};

/// Declares the codes with their spelling, HTTP status and English title.
macro_rules! codes {
    ($($(#[$doc:meta])* $Variant:ident = $text:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong, as a code that never changes its meaning. The page has a text for each in each language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $Variant,)+ }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$Variant),+];

            /// The code's spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Variant => $text),+ }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$Variant => $status),+ }
            }

            /// A short English title, for people who read the raw answer. The page has texts of its own, and none of these in it.
            #[must_use]
            pub const fn title(self) -> &'static str {
                if cfg!(target_family = "wasm") {
                    return "";
                }
                match self { $(Self::$Variant => $title),+ }
            }
        }

        impl std::str::FromStr for Code {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$Variant),)+ _ => Err(()) }
            }
        }
    };
}

codes! {
    // --- the request ---
    /// A parameter that must be there is not.
    MissingParameter = "missing_parameter", 400, "A parameter is missing";
    /// A parameter that the action does not have.
    UnknownParameter = "unknown_parameter", 400, "The action has no such parameter";
    /// A parameter that is there twice.
    DuplicateParameter = "duplicate_parameter", 400, "A parameter is there twice";
    /// A value that the parameter cannot have.
    InvalidParameter = "invalid_parameter", 400, "A parameter has a value that it cannot have";
    /// No user name.
    UserNameEmpty = "user_name_empty", 400, "The user name is empty";
    /// A user name of more characters than the upstream takes.
    UserNameTooLong = "user_name_too_long", 400, "The user name is too long";
    /// A user name with control characters or blanks at its ends.
    UserNameInvalid = "user_name_invalid", 400, "The user name has characters that it cannot have";
    /// Not an e-mail address.
    EmailInvalid = "email_invalid", 400, "Not an e-mail address";
    /// A number of months that is not sold.
    PeriodInvalid = "period_invalid", 400, "Not a period on sale";
    /// A subscription without a number of months.
    PeriodRequired = "period_required", 400, "A subscription needs a period";
    /// A number of months with pay as you go.
    PeriodNotAllowed = "period_not_allowed", 400, "Pay as you go takes no period";
    /// A region that this proxy does not serve.
    UnknownRegion = "unknown_region", 400, "This proxy does not serve the region";
    /// An action that is not on the closed list, or not callable this way.
    UnknownAction = "unknown_action", 404, "There is no such action here";
    /// There is no such address.
    NotFound = "not_found", 404, "Nothing is here";
    /// The address is right, the method is not.
    MethodNotAllowed = "method_not_allowed", 405, "The method is not allowed here";
    /// The body exceeds its limit.
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    /// The body is not declared as JSON.
    UnsupportedMediaType = "unsupported_media_type", 415, "The body must be application/json";
    /// The body is not the JSON that is expected.
    MalformedBody = "malformed_body", 400, "The body is not the JSON that is expected here";
    /// The body did not arrive within its deadline.
    BodyTooSlow = "body_too_slow", 408, "The body did not arrive in time";
    /// The address with its query exceeds its limit.
    AddressTooLong = "address_too_long", 414, "The address is too long";
    /// The request is of a version of HTTP in which an answer that breaks off passes for a whole one.
    HttpVersionTooOld = "http_version_too_old", 505, "This needs HTTP/1.1 or later";
    /// The headers exceed their limit.
    HeadersTooLarge = "headers_too_large", 431, "The headers are too large";
    /// The request is for a host by a name that is not this proxy's.
    UnknownHost = "unknown_host", 421, "This proxy does not go by that name";

    // --- the person ---
    /// There is no session, or it has ended.
    SignInRequired = "sign_in_required", 401, "Somebody has to sign in first";
    /// The person may not do this.
    NotAllowed = "not_allowed", 403, "This person may not do this";
    /// More desktops than the person may buy, at once or in a day.
    BuyerLimit = "buyer_limit", 403, "More desktops than this person may buy";
    /// More than everybody together may buy in a day or a month.
    OverallLimit = "overall_limit", 403, "More than everybody together may buy";
    /// More money than the person may spend with one order, in a day or in a month.
    AmountLimit = "amount_limit", 403, "More money than this person may spend";
    /// A longer period than one order may have.
    PeriodLimit = "period_limit", 403, "A longer period than is allowed";
    /// A type that may not be bought.
    TypeNotAllowed = "type_not_allowed", 403, "This type may not be bought";
    /// Spending is limited, and there is no price for what is ordered.
    PriceUnknown = "price_unknown", 403, "Spending is limited, and this has no price";
    /// An approver declined the order, so it was not sent.
    ApprovalDeclined = "approval_declined", 403, "An approver declined the order";
    /// No approver decided in time, so the order was not sent.
    ApprovalExpired = "approval_expired", 409, "No approver decided about the order in time";
    /// Somebody approves or declines an order of their own.
    OwnOrder = "own_order", 403, "Nobody decides about an order of their own";
    /// The order does not await approval any more.
    NotAwaitingApproval = "not_awaiting_approval", 409, "The order does not await approval any more";
    /// A page of another site asks for something to be done.
    CrossSite = "cross_site", 403, "The request comes from another site";
    /// The caller exceeds its rate limit.
    TooManyRequests = "too_many_requests", 429, "Too many requests";

    // --- the purchase ---
    /// A required field of the form is empty.
    ChoiceMissing = "choice_missing", 400, "A choice has not been made";
    /// The user has no e-mail address.
    UserWithoutEmail = "user_without_email", 409, "The user has no e-mail address";
    /// The account is not set up in this region.
    OwnerNotActive = "owner_not_active", 409, "Cloud desktops are not set up in this region";
    /// The vSwitch has no free address, or is still being made.
    VSwitchUnavailable = "v_switch_unavailable", 409, "The vSwitch has no room";
    /// The image is not ready, or gone.
    ImageUnavailable = "image_unavailable", 409, "The image cannot be used";
    /// The type is not in stock in the zone.
    SoldOut = "sold_out", 409, "Sold out";
    /// A `ClientToken` that was used for something else.
    TokenReused = "token_reused", 422, "The token was used for another order";
    /// The outcome of the order is in doubt and its deadline has passed: a person must look.
    OutcomeUnknown = "outcome_unknown", 504, "Whether the order was carried out is not known";
    /// The order's deadline passed before it could be sent, so it was not.
    OrderExpired = "order_expired", 503, "The order could not be sent before its deadline";
    /// The order cannot be put on disk, so it is not sent.
    JournalUnavailable = "journal_unavailable", 503, "The order cannot be recorded, so it was not sent";

    /// More orders at once than are accepted.
    TooManyOrders = "too_many_orders", 400, "Too many orders at once";

    // --- users ---
    /// The account has no directory yet.
    DirectoryNotSet = "directory_not_set", 409, "No directory is set up for the account";
    /// The directory cannot be reached.
    DirectoryUnreachable = "directory_unreachable", 502, "The directory cannot be reached";
    /// The directory refused the user.
    UserRefused = "user_refused", 409, "The directory refused the user";

    // --- the upstream ---
    /// Refused by the upstream for a reason without a code of ours.
    UpstreamRejected = "upstream_rejected", 502, "The cloud refused the call";
    /// The account may not do this.
    Forbidden = "forbidden", 403, "The account may not do this";
    /// The balance of the account is insufficient.
    InsufficientBalance = "insufficient_balance", 402, "The account's balance does not suffice";
    /// The account may have no more of what was asked for.
    QuotaExceeded = "quota_exceeded", 403, "The account's quota is used up";
    /// The account's holder is not verified by name.
    RealNameRequired = "real_name_required", 403, "The account needs real-name verification";
    /// The vendor's risk control holds the account's purchases back.
    RiskControl = "risk_control", 403, "The cloud's risk control refused the purchase";
    /// The proxy has no credentials that are valid now, so nothing was sent; for its operator.
    CredentialsUnavailable = "credentials_unavailable", 503, "The proxy has no valid credentials at the moment";
    /// The proxy's credentials are not accepted; for its operator.
    CredentialsRefused = "credentials_refused", 502, "The proxy's credentials are not accepted";
    /// The proxy's clock is wrong; for its operator.
    ClockSkew = "clock_skew", 502, "The proxy's clock is wrong";
    /// Too many calls.
    Throttled = "throttled", 503, "Too many calls at the moment";
    /// The upstream is unavailable.
    UpstreamUnavailable = "upstream_unavailable", 502, "The cloud has trouble answering";
    /// No answer in time.
    UpstreamTimeout = "upstream_timeout", 504, "The cloud did not answer in time";
    /// An answer that cannot be understood.
    UpstreamUnintelligible = "upstream_unintelligible", 502, "The cloud's answer cannot be understood";

    // --- here ---
    /// The page cannot reach the proxy.
    ProxyUnreachable = "proxy_unreachable", 503, "The proxy cannot be reached";
    /// A fault of the proxy.
    Internal = "internal", 500, "The proxy made a mistake";
}

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A code that is not known here, because the other side is newer, reads as [`Code::Internal`].
impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(text.parse().unwrap_or(Self::Internal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_spelt_once_and_read_back() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert!((400..600).contains(&code.status()), "{code}");
        }
        assert_eq!(serde_json::from_str::<Code>("\"from_the_future\"").unwrap(), Code::Internal);
    }
}
