//! Where the page's reads are asked for: the part of each address after `/api/`. The page asks by these functions, and
//! the document has what the page asks first fetched by the same ones, so that both are the same to the letter.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Action,
    actions::{
        AcceptLanguage, DescribeAvailableResource, DescribeDesktopOwner, DescribeDesktopTypeItems, DescribeImages,
        DescribeRegions, DescribeVSwitches, DescribeZones,
    },
    form::Form,
    ids::{RegionId, TypeItemId, VpcId, ZoneId},
    language::Language,
    parameters::{self, REGION_ID},
    stock::StockRequest,
    values::{ChargeType, ImageType},
};

/// What stays as it is in a value, as with JavaScript's `encodeURIComponent`.
const LITERAL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A read action, in a region unless it is of none.
#[must_use]
pub fn action<A: Action>(region: Option<&RegionId>, request: &A) -> String {
    target(A::NAME, parameters::to_pairs(request), region)
}

/// The stock of a region, with a billing kind.
#[must_use]
pub fn stock(region: &RegionId, charge_type: ChargeType) -> String {
    target("stock", parameters::to_pairs(&StockRequest { charge_type }), Some(region))
}

/// The operator's prices in a region.
#[must_use]
pub fn prices(region: &RegionId) -> String {
    target("prices", Vec::new(), Some(region))
}

/// The types of a region.
#[must_use]
pub fn types(region: &RegionId) -> String {
    action(Some(region), &DescribeDesktopTypeItems::default())
}

/// The set-up of the account in a region.
#[must_use]
pub fn owner(region: &RegionId) -> String {
    action(Some(region), &DescribeDesktopOwner {})
}

/// The regions.
#[must_use]
pub fn regions() -> String {
    action(None, &DescribeRegions {})
}

/// The zones of a region.
#[must_use]
pub fn zones(region: &RegionId, language: Language) -> String {
    action(Some(region), &zones_request(language))
}

/// What the zones are asked for with. Names of zones come in the language that is asked for.
#[must_use]
pub fn zones_request(language: Language) -> DescribeZones {
    let accept_language = match language {
        Language::Chinese => AcceptLanguage::Chinese,
        Language::English => AcceptLanguage::English,
    };
    DescribeZones { accept_language: Some(accept_language) }
}

/// The vSwitches of a network in a zone, without a page number.
#[must_use]
pub fn v_switches(region: &RegionId, vpc_id: VpcId, zone_id: ZoneId) -> String {
    let request = DescribeVSwitches {
        vpc_id: Some(vpc_id),
        zone_id: Some(zone_id),
        page_number: None,
        page_size: Some(DescribeVSwitches::LARGEST_PAGE),
    };
    action(Some(region), &request)
}

/// A page of them; the first is 1.
#[must_use]
pub fn v_switches_page(v_switches: &str, number: u32) -> String {
    format!("{v_switches}&PageNumber={number}")
}

/// The first page of images of a kind that fit a type and whose names contain a text.
#[must_use]
pub fn images(region: &RegionId, type_item_id: TypeItemId, image_type: ImageType, name: &str) -> String {
    let request = DescribeImages {
        type_item_id: Some(type_item_id),
        image_type: Some(image_type),
        image_name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        page: Some(1),
        page_size: Some(DescribeImages::LARGEST_PAGE),
        ..DescribeImages::default()
    };
    action(Some(region), &request)
}

/// The stock of a type in a zone.
#[must_use]
pub fn available(region: &RegionId, type_item_id: TypeItemId, zone_id: ZoneId, charge_type: ChargeType) -> String {
    let request = DescribeAvailableResource { type_item_id, zone_id, charge_type: Some(charge_type) };
    action(Some(region), &request)
}

/// What the purchase asks first for a form, the most urgent first. The directory of users is not among them: it can be
/// larger than the module, and would hold it up. The document hints at it where it is known to be small.
#[must_use]
pub fn first_reads(form: &Form, language: Language) -> Vec<String> {
    let mut reads = Vec::new();
    if let Some(region) = &form.region {
        reads.extend([types(region), prices(region), owner(region), zones(region, language)]);
        reads.push(stock(region, form.charge_type));
    }
    reads.push(regions());
    reads
}

/// What the purchase asks next, once the lists of the region are there: what depends on the choices of the effective form.
#[must_use]
pub fn next_reads(form: &Form, owner_vpc_id: Option<&VpcId>) -> Vec<String> {
    let Some(region) = &form.region else { return Vec::new() };
    let (type_item, zone) = (form.type_item_id.as_ref(), form.zone_id.as_ref());
    let v_switches =
        owner_vpc_id.zip(zone).map(|(vpc, zone)| v_switches_page(&v_switches(region, vpc.clone(), zone.clone()), 1));
    let images = type_item.map(|item| images(region, item.clone(), form.image_type, ""));
    let available =
        type_item.zip(zone).map(|(item, zone)| available(region, item.clone(), zone.clone(), form.charge_type));
    v_switches.into_iter().chain(images).chain(available).collect()
}

fn target(path: &str, mut pairs: Vec<(String, String)>, region: Option<&RegionId>) -> String {
    pairs.extend(region.map(|region| (REGION_ID.to_owned(), region.as_str().to_owned())));
    let mut target = path.to_owned();
    for (index, (name, value)) in pairs.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.extend(utf8_percent_encode(value, LITERAL));
    }
    target
}

/// A text as a value in a target.
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, LITERAL).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::DescribeActivityDirectoryUsers;

    #[test]
    fn targets_have_the_documented_names() {
        let region: RegionId = "cn-hangzhou".parse().unwrap();
        assert_eq!(stock(&region, ChargeType::PrePay), "stock?ChargeType=PREPAY&RegionId=cn-hangzhou");
        let users = DescribeActivityDirectoryUsers { user_name: Some("张 & '!".to_owned()) };
        let expect = "DescribeActivityDirectoryUsers?UserName=%E5%BC%A0%20%26%20'!&RegionId=cn-hangzhou";
        assert_eq!(action(Some(&region), &users), expect);
    }

    #[test]
    fn what_the_purchase_asks_first() {
        let check = |region: Option<&str>, expect: &[&str]| {
            let form = Form { region: region.map(|region| region.parse().unwrap()), ..Form::default() };
            assert_eq!(first_reads(&form, Language::English), expect);
        };
        check(None, &["DescribeRegions"]);
        check(
            Some("cn-hangzhou"),
            &[
                "DescribeDesktopTypeItems?RegionId=cn-hangzhou",
                "prices?RegionId=cn-hangzhou",
                "DescribeDesktopOwner?RegionId=cn-hangzhou",
                "DescribeZones?AcceptLanguage=en-us&RegionId=cn-hangzhou",
                "stock?ChargeType=POSTPAY&RegionId=cn-hangzhou",
                "DescribeRegions",
            ],
        );
    }
}
