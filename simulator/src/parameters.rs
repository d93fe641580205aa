//! The parameters of a call, from query and form body. [`shared::parameters`] checks the action's own,
//! [`crate::admission`] the common ones.

use std::collections::HashSet;

use crate::error::Error;

/// The common parameters of every action: those of the signature, and those that official clients add.
const COMMON: &[&str] = &[
    "Action",
    "Version",
    "Format",
    "AccessKeyId",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureType",
    "SignatureNonce",
    "Timestamp",
    "SecurityToken",
    "Signature",
    "RegionId",
];

/// All parameters of a call, in the order of the request.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Merges the parameters of query and form body; clients use either or both. The form's value counts for a
    /// parameter in both: the official Python client sends `RegionId` so, and signs it once.
    pub(crate) fn parse(query: &str, form: &[u8]) -> Self {
        let pairs = |text| form_urlencoded::parse(text).into_owned().collect::<Vec<_>>();
        let (mut all, form) = (pairs(query.as_bytes()), pairs(form));
        let in_form: HashSet<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
        all.retain(|(name, _)| !in_form.contains(name.as_str()));
        all.extend(form);
        Self(all)
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[(String, String)] {
        &self.0
    }

    /// The value of a common parameter. An empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A required common parameter.
    pub(crate) fn need(&self, name: &str) -> Result<&str, Error> {
        self.get(name).ok_or_else(|| Error::missing_parameter(name))
    }

    /// Refuses a repeated common parameter, since it is undefined which value counts.
    pub(crate) fn refuse_repeated(&self) -> Result<(), Error> {
        let repeated = |name: &&&str| self.0.iter().filter(|(key, _)| key == **name).count() > 1;
        COMMON.iter().find(repeated).map_or(Ok(()), |name| Err(Error::invalid_parameter(name)))
    }

    /// The action's own parameters.
    pub(crate) fn business(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| !COMMON.contains(&name.as_str())).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_form_count_together() {
        let parameters =
            Parameters::parse("Action=CreateUser&SignatureType=", b"UserName=%E5%BC%A0+%E4%B8%89&Email=a%2Bb@c.cn");
        assert_eq!(parameters.get("Action"), Some("CreateUser"));
        assert_eq!(parameters.get("SignatureType"), None);
        assert_eq!(parameters.all().len(), 4);
        let expect = [("UserName", "张 三"), ("Email", "a+b@c.cn")];
        assert_eq!(parameters.business(), expect.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn in_both_places_the_form_counts() {
        let parameters = Parameters::parse("Action=A&RegionId=cn-hangzhou", b"RegionId=cn-beijing&UserName=u");
        assert_eq!(parameters.get("RegionId"), Some("cn-beijing"));
        assert_eq!(parameters.all().len(), 3);
        assert!(parameters.refuse_repeated().is_ok());
    }

    #[test]
    fn characters_that_a_url_need_not_encode() {
        assert_eq!(Parameters::parse("A=!'()*~", b"").get("A"), Some("!'()*~"));
    }

    #[test]
    fn junk_is_only_junk() {
        for query in ["", "&&&", "=", "%", "%zz=%", "a", "%ff=%fe"] {
            assert!(Parameters::parse(query, b"\xff\xfe=\x00").refuse_repeated().is_ok(), "{query}");
        }
    }

    #[test]
    fn common_parameters_come_once() {
        let error = Parameters::parse("Action=A&Action=B", b"").refuse_repeated().unwrap_err();
        assert_eq!(error.code, "InvalidParameter.Action");
    }
}
