//! Links, as they are written and as they arrive.

use proptest::prelude::*;

use super::*;
use crate::{form::any_form, ids::RegionId, values::Period};

#[test]
fn the_documents_own_links() {
    let check = |query: &str, charge_type: ChargeType, region: Option<&str>| {
        let form = parse_query(query);
        assert_eq!(form.charge_type, charge_type, "{query}");
        assert_eq!(form.region.as_ref().map(RegionId::as_str), region, "{query}");
    };
    check(
        "?commodityCode=CloudDesktopPost&request={%22region%22:%22cn-hangzhou%22}",
        ChargeType::PostPay,
        Some("cn-hangzhou"),
    );
    check("?commodityCode=CloudDesktop&request={\"region\":\"cn-beijing\"}", ChargeType::PrePay, Some("cn-beijing"));
    check(
        "commodityCode=CloudDesktop&request=%7B%22region%22%3A%22cn-beijing%22%7D",
        ChargeType::PrePay,
        Some("cn-beijing"),
    );
    check("", ChargeType::PostPay, None);
    check("?commodityCode=Other&request=%7Bbroken", ChargeType::PostPay, None);
    check("?request=[1]&commodityCode=CloudDesktop", ChargeType::PrePay, None);
    check("?request={%22region%22:7,%22period%22:[]}", ChargeType::PostPay, None);
    check("?request={%22region%22:%22evil.example/%22}", ChargeType::PostPay, None);
}

#[test]
fn a_damaged_link_is_read_where_it_has_one_meaning() {
    let meant = parse_query(
        "?commodityCode=CloudDesktop&request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
    );
    for query in [
        "?commoditycode=CloudDesktop&Request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
        "?commodityCode=CloudDesktop&amp;request={&quot;region&quot;:&quot;cn-hangzhou&quot;,&quot;userGroup&quot;:\
         &quot;Administrators&quot;,&quot;period&quot;:12}",
        "?commodityCode%3DCloudDesktop%26request%3D%7B%22region%22%3A%22cn-hangzhou%22%2C%22userGroup%22%3A%22\
         Administrators%22%2C%22period%22%3A12%7D",
        "?commodityCode=clouddesktop&request={\"region\":\"cn-hangzhou\",\"userGroup\":\"administrators\",\"period\":\"12\"}",
        "?commodityCode=CloudDesktop。&request={“region”:“cn-hangzhou”，“userGroup”：“Administrators”,“period”:12}。",
        "?commodityCode=CloudDesktop%E2%80%8B&request={\"Region\":\"cn-hangzhou。\",\"usergroup\":\" ADMINISTRATORS\",\"period\":\"１２\"}",
        "?commodityCode=CloudDesktop;&request=%257B%2522region%2522:%2522cn-hangzhou%2522,%2522userGroup%2522:%2522Administrators%2522,%2522period%2522:12%257D",
        "?commodityCode=CloudDesktop&request=\"{\\\"region\\\":\\\"cn-hangzhou\\\",\\\"userGroup\\\":\\\"Administrators\\\",\\\"period\\\":12}\"",
        "?commodityCode=CloudDesktop&request={'region':'cn-hangzhou','userGroup':'Administrators','period':12.0}",
        "?commodity_code=CloudDesktop&REQUEST={\"region\":\"CN-Hangzhou\",\"userGroup\":\"“Administrators”\",\"period\":1.2e1}",
        "?commodityCode=CloudDesktop&amp;amp;request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
        "?commodityCode=CloudDesktop&#38;request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}#/buy",
        "?commodityCode=CloudDesktop;request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
        "?from=wechat;commodityCode=CloudDesktop;request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
        "?commodityCode%EF%BC%9DCloudDesktop%EF%BC%86request%EF%BC%9D{\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
        "?request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}&commodityCode=CloudDesktop%2520%23/buy",
        "#/buy?commodityCode=CloudDesktop&request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
        "#buy&commodityCode=CloudDesktop&request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
        "?commodityCode=CloudDesktop&commodityCode=CloudDesktop#/buy?request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
    ] {
        assert_eq!(read_query(query), (meant.clone(), Vec::new()), "{query}");
    }
}

#[test]
fn what_it_does_not_say_for_certain_is_named() {
    let check = |query: &str, field: Option<Field>, name: &str, text: &str| {
        let named = Unread { field, name: name.to_owned(), text: text.to_owned() };
        assert_eq!(read_query(query).1, [named], "{query}");
    };
    check("?commodityCode=CloudDesktopPre", Some(Field::ChargeType), "commodityCode", "CloudDesktopPre");
    check("?request={%22period%22:10}", Some(Field::Period), "period", "10");
    check("?request={%22period%22:1.5}", Some(Field::Period), "period", "1.5");
    check("?request={%22userGroup%22:%22admin%22}", Some(Field::UserGroup), "userGroup", "admin");
    check("?request={%22region%22:%22evil.example/%22}", Some(Field::Region), "region", "evil.example/");
    check("?request={%22period%22:12.25}", Some(Field::Period), "period", "12.25");
    check("?request={%22peroid%22:12}", None, "peroid", "12");
    check("?request={%22period%22:12,%22period%22:1}", Some(Field::Period), "period", "12");
    check("?commodity=CloudDesktop", None, "commodity", "CloudDesktop");
    check("?code=CloudDesktop", None, "code", "CloudDesktop");
    check("?comodityCode=prepay", None, "comodityCode", "prepay");
    check("?requests=7", None, "requests", "7");
    check("?reqeust={%22period%22:12}", None, "reqeust", "{\"period\":12}");
    check(
        "?commodityCode=CloudDesktop&commodityCode=CloudDesktopPost",
        Some(Field::ChargeType),
        "commodityCode",
        "CloudDesktopPost",
    );
    check("?request={%22period%22:12}&request={%22period%22:1}", None, "request", "{\"period\":1}");
    check("?request=%7Bbroken", None, "request", "{broken");
    check("?request=[1]", None, "request", "[1]");
    for query in [
        "",
        "?request=",
        "?request={}",
        "?request={%22region%22:null}",
        "?utm_source=x",
        "?from=wechat#/buy?x=1",
        "?a=request=1",
        "?back=https%3A%2F%2Fportal%2F%3Fa%3D1%26commodityCode%3DCloudDesktop",
    ] {
        assert_eq!(read_query(query), (Form::default(), Vec::new()), "{query}");
    }
}

#[test]
fn parameters_of_other_pages_change_nothing() {
    let meant = "?commodityCode=CloudDesktop&request={\"period\":12}";
    for other in
        ["back=https%3A%2F%2Fportal%2F%3Fa%3D1%26commodityCode%3DCloudDesktopPost", "requestId=7f3a", "state={}"]
    {
        assert_eq!(read_query(&format!("{meant}&{other}")), read_query(meant), "{other}");
        assert_eq!(read_query(&format!("?{other}&{}", &meant[1..])), read_query(meant), "{other}");
    }
    let named = read_query("?commodityCode=CloudDesktop&requestId=7f3a").1;
    assert_eq!(named.len(), 1, "{named:?}");
}

#[test]
fn one_readable_billing_kind_is_the_one() {
    let check = |codes: &[&str], kind: ChargeType, unread: &[&str]| {
        let query = codes.iter().map(|code| format!("commodityCode={code}")).collect::<Vec<_>>().join("&");
        let (form, named) = read_query(&query);
        let named: Vec<_> = named.iter().map(|unread| unread.text.as_str()).collect();
        assert_eq!((form.charge_type, &*named), (kind, unread), "{query}");
    };
    let (pre, post) = ("CloudDesktop", "CloudDesktopPost");
    check(&["", pre], ChargeType::PrePay, &[""]);
    check(&["x", pre], ChargeType::PrePay, &["x"]);
    check(&[pre, "x"], ChargeType::PrePay, &["x"]);
    check(&[pre, "clouddesktop"], ChargeType::PrePay, &[]);
    check(&[pre, post], ChargeType::PostPay, &[post]);
    check(&[pre, post, pre], ChargeType::PostPay, &[post]);
    check(&[post, pre, post], ChargeType::PostPay, &[pre]);
}

#[test]
fn a_member_counts_once_where_its_values_agree() {
    let check = |request: &str, region: Option<&str>, months: u8, unread: &[&str]| {
        let (form, named) = read_query(&format!("?request={request}"));
        assert_eq!(form.region.as_ref().map(RegionId::as_str), region, "{request}");
        assert_eq!(form.period.months(), months, "{request}");
        let named: Vec<_> = named.iter().map(|unread| unread.name.as_str()).collect();
        assert_eq!(named, unread, "{request}");
    };
    check("{\"region\":\"cn-hangzhou\",\"period\":12,\"period\":12}", Some("cn-hangzhou"), 12, &[]);
    check("{\"region\":\"cn-hangzhou\",\"meta\":{\"region\":\"cn-beijing\"}}", Some("cn-hangzhou"), 1, &["meta"]);
    check("{\"period\":12,\"Period\":1}", None, 1, &["period"]);
    check("{\"period\":null,\"period\":12}", None, 1, &["period"]);
    check("{\"period\":10,\"period\":10}", None, 1, &["period"]);
}

#[test]
fn writes_as_the_document_does() {
    let query = "?commodityCode=CloudDesktopPost&request={%22region%22:%22cn-hangzhou%22}";
    assert_eq!(write_query(&parse_query(query)), query);
}

#[test]
fn period_as_number_or_text() {
    for period in ["12", "%2212%22"] {
        assert_eq!(parse_query(&format!("?request={{%22period%22:{period}}}")).period.months(), 12);
    }
    assert_eq!(parse_query("?request={%22period%22:10}").period, Period::ONE_MONTH);
}

proptest! {
    #[test]
    fn writing_and_parsing_are_inverse(form in any_form()) {
        prop_assert_eq!(read_query(&write_query(&form)), (form, Vec::new()));
    }

    #[test]
    fn junk_is_passed_over(query in "\\PC{0,200}") {
        let _ = parse_query(&query);
        let _ = parse_query(&format!("?request={query}"));
    }
}

#[test]
fn semicolons_separate_parameters_of_ours_in_any_case() {
    for query in [
        r#"utm_source=x;CommodityCode=CloudDesktop;Request={"region":"cn-beijing"}"#,
        r#"commodityCode=CloudDesktop;request={"region":"cn-beijing"}"#,
    ] {
        let (form, unread) = read_query(query);
        assert_eq!(form.charge_type, ChargeType::PrePay, "{query}");
        assert_eq!(form.region.as_ref().map(RegionId::as_str), Some("cn-beijing"), "{query}");
        assert_eq!(unread, [], "{query}");
    }
    let (form, _) = read_query(r#"request={"region":"cn-beijing","x":";request=y"}"#);
    assert_eq!(form.region.as_ref().map(RegionId::as_str), Some("cn-beijing"));
}
