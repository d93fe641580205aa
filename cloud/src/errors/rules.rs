//! The upstream's codes and what each means. The list is closed: a code that it does not have says nothing about whether
//! a write was carried out. Codes are compared without regard to case.

use shared::{
    Action, Code,
    actions::{CreateDesktop, CreateUser, DeleteDesktop, ModifyUser, RenewDesktop},
};

use super::{
    Effect,
    another_try::{is_repeated, is_there_already, is_token_taken, tells_of_another_try},
};

/// What a code means as the answer to an action. The message is asked only where the code alone says too little.
pub(super) fn meaning(
    action: &str,
    code: &str,
    message: &str,
    parameters: &[(String, String)],
) -> Option<(Code, Effect)> {
    // `NO_STOCK` and `NoStock` are one.
    let code: String = code.trim().chars().filter(|letter| !['_', '-', ' '].contains(letter)).collect();
    let code = code.to_ascii_lowercase();
    let first = code.split('.').next().unwrap_or(&code);
    // `Quota.Exceeded` and `QuotaExceeded`, too.
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let has = |words: &[&str]| words.iter().any(|word| letters.contains(word));
    if let Some((_, ours)) = TROUBLE.iter().find(|(word, _)| code == *word || first == *word) {
        return Some((*ours, Effect::Unknown));
    }
    // Before the others: a throttled call may be refused in the words of a quota.
    if code == "429" || code == "busy" || has(THROTTLED) {
        return Some((Code::Throttled, Effect::Busy));
    }
    if is_absent_desktop(&code) {
        return Some((Code::InvalidParameter, Effect::Absent));
    }
    let by_code = || {
        let fits = |rule: &str| match rule.strip_suffix('*') {
            Some(start) => code.starts_with(start),
            None => code == rule || first == rule,
        };
        REFUSALS.iter().find(|(rule, _)| fits(rule)).map(|(_, ours)| *ours)
    };
    let writes_user = [CreateUser::NAME, ModifyUser::NAME].contains(&action);
    let is_of_order = || is_repeated(&letters) && !writes_user && by_code() != Some(Code::UserRefused);
    if has(UNDER_WAY) || is_of_order() || is_token_taken(&letters) {
        return Some((Code::UpstreamUnavailable, Effect::Unknown));
    }
    let by_words = || {
        let bare = |part: &str| FILLERS.iter().fold(part.to_owned(), |part, filler| part.replace(filler, ""));
        let parts: Vec<_> = code.split('.').map(bare).collect();
        let plain = parts.concat();
        let is_it = |words: &[&str], wants: &[Want]| has(words) || wants.iter().any(|want| want.is_in(&parts, &plain));
        let found = WORDS.iter().find(|(words, wants, _)| is_it(words, wants)).map(|(.., ours)| *ours);
        found.filter(|_| !has(OTHER_WANTS))
    };
    let is_user_taken = || (writes_user && is_there_already(&letters)).then_some(Code::UserRefused);
    let refused = by_words().or_else(by_code).or_else(|| by_subject(first, parameters)).or_else(is_user_taken)?;
    let is_order = [CreateDesktop::NAME, RenewDesktop::NAME, DeleteDesktop::NAME].contains(&action);
    // Codes of stock, money or a quota say by themselves what is meant.
    let is_general = [Code::UpstreamRejected, Code::InvalidParameter, Code::Forbidden].contains(&refused);
    if is_order && is_general && tells_of_another_try(message) {
        return Some((Code::UpstreamUnavailable, Effect::Unknown));
    }
    let is_out_of_stock = || {
        let message = message.to_lowercase();
        first == "operationdenied" && OUT_OF_STOCK_MESSAGES.iter().any(|text| message.contains(text))
    };
    let ours = if refused == Code::UpstreamRejected && is_out_of_stock() { Code::SoldOut } else { refused };
    Some((ours, Effect::Refused))
}

/// Trouble: the call may have been carried out.
const TROUBLE: &[(&str, Code)] = &[
    // An attempt of ours with this nonce did arrive, and its answer is not known.
    ("signaturenonceused", Code::UpstreamUnavailable),
    // An earlier attempt with the token is still under way.
    ("idempotentprocessing", Code::UpstreamUnavailable),
    ("orderprocessing", Code::UpstreamUnavailable),
    ("serviceunavailable", Code::UpstreamUnavailable),
    ("serviceunavailabletemporary", Code::UpstreamUnavailable),
    ("internalerror", Code::UpstreamUnavailable),
    ("internalservererror", Code::UpstreamUnavailable),
    ("unknownerror", Code::UpstreamUnavailable),
    ("systemerror", Code::UpstreamUnavailable),
    ("servicetimeout", Code::UpstreamTimeout),
    ("requesttimeout", Code::UpstreamTimeout),
    ("500", Code::UpstreamUnavailable),
    ("408", Code::UpstreamTimeout),
    ("502", Code::UpstreamUnavailable),
    ("503", Code::UpstreamUnavailable),
    ("504", Code::UpstreamTimeout),
];

/// What codes have in them, in whatever words for a refusal, when the call may be under way or have been cut short.
const UNDER_WAY: &[&str] = &[
    "timeout",
    "timedout",
    "timelimit",
    "processing",
    "inprocess",
    "inprogress",
    "internalerror",
    "unknownerror",
    "internalfail",
    "badgateway",
    "orderpending",
    "pendingorder",
    "pendingpay",
    "paypending",
    "paymentpending",
    "renewing",
    "lasttoken",
    "lastorder",
    "previousorder",
];

/// What codes for too many calls have in them.
const THROTTLED: &[&str] = &[
    "throttl",
    "servicebusy",
    "systembusy",
    "serverbusy",
    "flowcontrol",
    "flowlimit",
    "ratelimit",
    "rateexceed",
    "qpslimit",
    "qpsexceed",
    "exceedqps",
    "speedlimit",
    "toofrequent",
    "frequencylimit",
    "exceedfrequency",
    "toomanyrequest",
    "toomanycall",
    "requeststoomany",
    "requestlimitexceeded",
];

/// Words for a want of what stands beside them.
const LACKS: &[&str] =
    &["notenough", "noenough", "insufficient", "notsufficient", "lackof", "lack", "outof", "shortage", "usedup"];
/// The same of what is counted. Of anything else they say that a service has too much to do.
const SOFT_LACKS: &[&str] = &["exhausted", "notavailable", "unavailable"];

/// What there may be too little of.
enum Want {
    /// What is counted: stock, a quota.
    Counted(&'static str),
    Money(&'static str),
    /// What a service needs too to work at all, so that a word before it makes it another thing.
    Shared(&'static str),
}

impl Want {
    /// Whether a code, in its parts and as a whole, is about a want of it.
    fn is_in(&self, parts: &[String], plain: &str) -> bool {
        let (Self::Counted(subject) | Self::Money(subject) | Self::Shared(subject)) = self;
        let soft = if matches!(self, Self::Counted(_)) { SOFT_LACKS } else { &[] };
        LACKS.iter().chain(soft).flat_map(|lack| [format!("{lack}{subject}"), format!("{subject}{lack}")]).any(
            |words| match self {
                Self::Shared(_) => parts.iter().any(|part| part.starts_with(&words)),
                Self::Counted(_) | Self::Money(_) => plain.contains(&words),
            },
        )
    }
}

/// What codes have in them that are about something else than what there is to buy and the money for it.
const OTHER_WANTS: &[&str] = &["permission", "refund"];

/// Words that stand between the two.
const FILLERS: &[&str] = &["account", "cash", "desktop", "instance", "zone"];

/// What codes of one meaning have in them, products differ in where; and what there is too little of. The first match
/// wins.
const WORDS: &[(&[&str], &[Want], Code)] = &[
    (
        &["arrear", "overduepayment", "overduebill", "accountoverdue", "billoverdue", "creditlimit"],
        &[Want::Money("balance"), Want::Money("fund"), Want::Money("money"), Want::Money("credit")],
        Code::InsufficientBalance,
    ),
    (
        &[
            "quotaexceed",
            "exceedquota",
            "exceededquota",
            "quotalimit",
            "quotafull",
            "overquota",
            "limitexceed",
            "exceedlimit",
            "exceededlimit",
        ],
        &[Want::Counted("quota")],
        Code::QuotaExceeded,
    ),
    (
        &["nostock", "soldout", "noinstancestock", "notonsale", "noresource", "noavailableresource", "noinventory"],
        &[Want::Counted("stock"), Want::Counted("inventory"), Want::Shared("resource"), Want::Shared("capacity")],
        Code::SoldOut,
    ),
    (
        &["realname", "notcertified", "uncertified", "identityverification", "accountnotverified", "accountunverified"],
        &[],
        Code::RealNameRequired,
    ),
    (
        &[
            "riskcontrol",
            "riskcheck",
            "riskdeni",
            "riskreject",
            "riskblock",
            "riskforbid",
            "riskfail",
            "inrisk",
            "highrisk",
            "securityrisk",
            "accountrisk",
            "forbiddenrisk",
            "blacklist",
        ],
        &[],
        Code::RiskControl,
    ),
];

/// What the message of `OperationDenied` has in it when there is nothing left to sell.
const OUT_OF_STOCK_MESSAGES: &[&str] = &[
    "out of usage",
    "out of stock",
    "sold out",
    "no stock",
    "insufficient resource",
    "resource is insufficient",
    "resource is not enough",
    "resource is not available",
    "resource is unavailable",
    "库存",
    "售罄",
];

/// Refusals, first match wins. A rule's text is a code, or the part of it before the first full stop, or with a `*` at
/// its end the beginning of one.
const REFUSALS: &[(&str, Code)] = &[
    ("invalidaccesskeyid", Code::CredentialsRefused),
    ("signaturedoesnotmatch", Code::CredentialsRefused),
    ("incompletesignature", Code::CredentialsRefused),
    ("invalidsecuritytoken", Code::CredentialsRefused),
    ("missingsecuritytoken", Code::CredentialsRefused),
    ("invalidtimestamp", Code::ClockSkew),
    ("illegaltimestamp", Code::ClockSkew),
    ("forbidden*", Code::Forbidden),
    ("nopermission*", Code::Forbidden),
    ("unauthorized", Code::Forbidden),
    ("idempotentparametermismatch", Code::TokenReused),
    ("invalidaction", Code::UpstreamRejected),
    ("invalidapi", Code::UpstreamRejected),
    ("invalidproduct", Code::UpstreamRejected),
    ("invalidversion", Code::UpstreamRejected),
    ("nosuchversion", Code::UpstreamRejected),
    ("unsupportedoperation", Code::UpstreamRejected),
    ("unsupportedhttpmethod", Code::UpstreamRejected),
    ("unsupportedparameter", Code::UpstreamRejected),
    // As ECS words these; CloudDesktop's own words are not known.
    ("operationdenied.ownernotactive", Code::OwnerNotActive),
    ("operationdenied", Code::UpstreamRejected),
    ("incorrectvswitchstatus", Code::VSwitchUnavailable),
    ("invalidvswitchid.ipnotenough", Code::VSwitchUnavailable),
    ("incorrectimagestatus", Code::ImageUnavailable),
    ("incorrectinstancestatus", Code::UpstreamRejected),
    ("incorrectdesktopstatus", Code::UpstreamRejected),
    ("invaliddesktopstatus", Code::UpstreamRejected),
    ("invalidinstancestatus", Code::UpstreamRejected),
    ("invalidaccountstatus", Code::UpstreamRejected),
    ("invalidusername.emailmissing", Code::UserWithoutEmail),
    // Of a user only: that an order exists already would be good news.
    ("user.alreadyexist*", Code::UserRefused),
    ("useralreadyexist*", Code::UserRefused),
    ("username.alreadyexist*", Code::UserRefused),
    ("usernamealreadyexist*", Code::UserRefused),
    ("entityalreadyexist.user*", Code::UserRefused),
    ("entityalreadyexists.user*", Code::UserRefused),
];

/// What a code may call missing or invalid, beside the parameters that were sent.
const SUBJECTS: &[&str] = &[
    "parameter",
    "parameters",
    "parametervalue",
    "parametercombination",
    "argument",
    "region",
    "regionid",
    "zone",
    "zoneid",
    "vpc",
    "vpcid",
    "vswitch",
    "vswitchid",
    "image",
    "imageid",
    "imagetype",
    "instancetype",
    "resourcetype",
    "typeitem",
    "typeitemid",
    "desktop",
    "desktopid",
    "desktoptype",
    "user",
    "username",
    "usergroup",
    "email",
    "period",
    "periodunit",
    "chargetype",
    "instancechargetype",
    "paymethod",
    "paymentmethod",
    "ownerid",
    "owneraccount",
    "clienttoken",
    "securitygroup",
    "securitygroupid",
    "disk",
    "diskcategory",
    "domain",
    "format",
    "name",
];

/// `InvalidZoneId`, `MissingParameter`: a refusal if what it is about is known. `InvalidOrderState` may well be about an
/// order that exists.
fn by_subject(first: &str, parameters: &[(String, String)]) -> Option<Code> {
    let (code, subject) = match (first.strip_prefix("missing"), first.strip_prefix("invalid")) {
        (Some(subject), _) => (Code::MissingParameter, subject),
        (_, Some(subject)) => (Code::InvalidParameter, subject),
        _ => return None,
    };
    let is_known = SUBJECTS.contains(&subject) || parameters.iter().any(|(name, _)| name.eq_ignore_ascii_case(subject));
    is_known.then_some(code)
}

/// Only of a desktop is it known what its absence means; an absent image is a refusal like any other.
fn is_absent_desktop(code: &str) -> bool {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let subject = ["notfound", "notexist", "notexists"].iter().find_map(|end| letters.strip_suffix(end));
    subject.is_some_and(|subject| ["desktop", "desktopid"].contains(&subject.trim_start_matches("invalid")))
}
