//! Admission: the checks that the gateway makes before a product receives a request, in the gateway's order. The
//! signature itself is in [`crate::signature`].

use jiff::Timestamp;
use shared::Product;

use crate::{
    Config,
    clock::{self, LARGEST_SKEW},
    error::Error,
    nonces::Nonces,
    parameters::Parameters,
    signature,
};

/// The longest nonce. Longer than those of all clients, and short enough to keep the table of nonces small.
const LONGEST_NONCE: usize = 128;

/// The action in the parameters, if the version's product has it.
pub(crate) fn action(parameters: &Parameters) -> Result<(&'static str, Product, shared::Class), Error> {
    let unknown_action = || {
        let error = Error::not_found("Action");
        Error { message: "Specified api is not found, please check your url and method.".into(), ..error }
    };
    let name = parameters.need("Action")?;
    let version = parameters.need("Version")?;
    let product = match version {
        "2017-03-01" => Product::CloudDesktop,
        "2016-04-28" => Product::Vpc,
        _ => return Err(Error::bad_request("NoSuchVersion", "Specified version is not valid.")),
    };
    let known = shared::with_action!(
        name,
        A => Some((<A as shared::Action>::NAME, <A as shared::Action>::PRODUCT, <A as shared::Action>::CLASS)),
        _ => None
    );
    known.filter(|(_, home, _)| *home == product).ok_or_else(unknown_action)
}

/// Checks everything but the signature: key, security token, signature method, format and timestamp.
pub(crate) fn identity(parameters: &Parameters, config: &Config, now: Timestamp) -> Result<(), Error> {
    parameters.refuse_repeated()?;
    if parameters.need("AccessKeyId")? != config.access_key_id {
        let error = Error::not_found("AccessKeyId");
        return Err(Error { message: "Specified access key is not found.".into(), ..error });
    }
    security_token(parameters.get("SecurityToken"), config.sts_token.as_deref())?;
    if parameters.need("SignatureMethod")? != "HMAC-SHA1" {
        return Err(Error::invalid_parameter("SignatureMethod"));
    }
    if parameters.need("SignatureVersion")? != "1.0" {
        return Err(Error::invalid_parameter("SignatureVersion"));
    }
    // The real gateway answers XML by default, which this one cannot.
    if !parameters.get("Format").is_some_and(|format| format.eq_ignore_ascii_case("json")) {
        return Err(Error::invalid_parameter("Format"));
    }
    let illegal = || Error::bad_request("IllegalTimestamp", "The input parameter \"Timestamp\" is not in the format.");
    let stamp = clock::parse(parameters.need("Timestamp")?).ok_or_else(illegal)?;
    if now.duration_since(stamp).abs() > LARGEST_SKEW {
        return Err(Error::bad_request("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
    }
    Ok(())
}

fn security_token(sent: Option<&str>, expected: Option<&str>) -> Result<(), Error> {
    match (sent, expected) {
        (None, None) => Ok(()),
        (Some(sent), Some(expected)) if sent == expected => Ok(()),
        (None, Some(_)) => {
            Err(Error::bad_request("MissingSecurityToken", "SecurityToken is mandatory for this action."))
        }
        (Some(_), Some(_)) => {
            Err(Error::bad_request("InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."))
        }
        (Some(_), None) => Err(Error::bad_request(
            "InvalidSecurityToken.MismatchWithAccessKey",
            "Specified SecurityToken mismatch with the AccessKey.",
        )),
    }
}

/// The nonce, if it has not been used.
pub(crate) fn nonce<'a>(parameters: &'a Parameters, nonces: &Nonces) -> Result<&'a str, Error> {
    let nonce = parameters.need("SignatureNonce")?;
    if nonce.len() > LONGEST_NONCE {
        return Err(Error::invalid_parameter("SignatureNonce"));
    }
    if nonces.contains(nonce) { Err(nonce_used()) } else { Ok(nonce) }
}

/// The error of a used nonce.
pub(crate) fn nonce_used() -> Error {
    Error::bad_request("SignatureNonceUsed", "Specified signature nonce was used already.")
}

/// Checks the signature. Like the gateway's, the error contains the string to sign, and so the whole request: a client
/// that passes the message on has a leak.
pub(crate) fn signed(method: &str, parameters: &Parameters, secret: &str) -> Result<(), Error> {
    let incomplete = || {
        Error::bad_request("IncompleteSignature", "The request signature does not conform to the gateway's standards.")
    };
    let signature = parameters.get("Signature").ok_or_else(incomplete)?;
    let text = signature::string_to_sign(method, parameters.all());
    if signature::is_valid(signature, &text, secret) {
        return Ok(());
    }
    let message = format!("Specified signature is not matched with our calculation. server string to sign is:{text}");
    Err(Error::bad_request("SignatureDoesNotMatch", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2018-06-01T08:00:00Z";
    const GOOD: &str = "Action=DescribeRegions&Version=2017-03-01&Format=json&AccessKeyId=demo-id&SignatureMethod=HMAC-SHA1\
                        &SignatureVersion=1.0&SignatureNonce=n&Timestamp=2018-06-01T08:00:00Z&SignatureType=";

    fn refusal(query: &str, config: &Config) -> Option<String> {
        let parameters = Parameters::parse(query, b"");
        let result = action(&parameters).and_then(|_| identity(&parameters, config, clock::parse(NOW).unwrap()));
        result.err().map(|error| format!("{} {}", error.status.as_u16(), error.code))
    }

    #[test]
    fn errors_have_the_gateways_texts() {
        let check = |from: &str, to: &str, expect: Option<&str>| {
            assert!(GOOD.contains(from), "{from}");
            assert_eq!(refusal(&GOOD.replacen(from, to, 1), &Config::default()).as_deref(), expect, "{from} -> {to}");
        };
        check("", "", None);
        check("Format=json", "Format=JSON", None);
        check("Action=DescribeRegions", "", Some("400 MissingParameter"));
        check("DescribeRegions", "DescribeDesktops", Some("404 InvalidAction.NotFound"));
        check("DescribeRegions", "DescribeZones", Some("404 InvalidAction.NotFound"));
        check("2017-03-01", "2016-04-28", Some("404 InvalidAction.NotFound"));
        check("2017-03-01", "2014-05-26", Some("400 NoSuchVersion"));
        check("demo-id", "other-id", Some("404 InvalidAccessKeyId.NotFound"));
        check("Version=2017-03-01", "Version=2017-03-01&Format=XML", Some("400 InvalidParameter.Format"));
        check("Format=json&", "", Some("400 InvalidParameter.Format"));
        check("HMAC-SHA1", "HMAC-SHA256", Some("400 InvalidParameter.SignatureMethod"));
        check("SignatureVersion=1.0", "SignatureVersion=2.0", Some("400 InvalidParameter.SignatureVersion"));
        check("08:00:00Z", "08:00:00.000Z", Some("400 IllegalTimestamp"));
        check("08:00:00Z", "08:15:00Z", None);
        check("08:00:00Z", "07:45:00Z", None);
        check("08:00:00Z", "08:15:01Z", Some("400 InvalidTimeStamp.Expired"));
        check("08:00:00Z", "07:44:59Z", Some("400 InvalidTimeStamp.Expired"));
        check("SignatureType=", "SecurityToken=t", Some("400 InvalidSecurityToken.MismatchWithAccessKey"));
    }

    #[test]
    fn a_temporary_key_needs_its_token() {
        let config = Config { sts_token: Some("CAIS+tok/en==".to_owned()), ..Config::default() };
        let check = |more: &str, expect: Option<&str>| {
            assert_eq!(refusal(&format!("{GOOD}{more}"), &config).as_deref(), expect, "{more}");
        };
        check("", Some("400 MissingSecurityToken"));
        check("&SecurityToken=", Some("400 MissingSecurityToken"));
        check("&SecurityToken=other", Some("400 InvalidSecurityToken.Malformed"));
        check("&SecurityToken=CAIS%2Btok/en%3D%3D", None);
    }
}
