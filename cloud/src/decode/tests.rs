//! One and the same answer in all the ways in which the upstream may write it.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use shared::actions::{
    AvailableResource, CreateDesktop, CreateUser, DescribeActivityDirectoryUsers, DescribeAvailableResource,
    DescribeDesktopTypeItems, DescribeImages, DescribeRegions, DescribeVSwitches, DescribeZones, ModifyUser,
};

use super::*;

mod lists;

fn read<A: Action>(answer: &Value) -> Result<A::Response, DecodeError> {
    decode::<A>(&Json::read(answer.to_string().as_bytes()).unwrap())
}

/// What the answer reads as, in the canonical form; or the error.
fn shown<A: Action>(answer: &Value) -> Result<Value, String> {
    match read::<A>(answer) {
        Ok(value) => Ok(serde_json::to_value(value).unwrap()),
        Err(error) => Err(error.to_string()),
    }
}

#[track_caller]
fn check<A: Action>(answer: Value, expect: Value) {
    assert_eq!(shown::<A>(&answer), Ok(expect), "{answer}");
}

#[track_caller]
fn check_error<A: Action>(answer: Value, expect: &str) {
    assert_eq!(shown::<A>(&answer), Err(expect.to_owned()), "{answer}");
}

/// What the page can do without costs no item when it is odd, and a total costs no list.
#[test]
fn an_odd_member_that_nobody_needs_is_absent() {
    for odd in [json!(""), json!(" "), json!("perhaps"), json!(7), json!([true]), json!(null)] {
        let mut v_switch = json!({ "VSwitchId": "v", "ZoneId": "z", "VpcId": "p" });
        v_switch["IsDefault"] = odd;
        v_switch["Description"] = json!({ "of": "it" });
        for total in [json!(-1), json!("many"), json!(1e30), json!({})] {
            let answer = json!({ "VSwitches": [v_switch], "TotalCount": total });
            let read = read::<DescribeVSwitches>(&answer).unwrap();
            assert_eq!((read.v_switches.len(), read.skipped, read.total_count), (1, 0, 0), "{answer}");
            assert!(!read.v_switches[0].is_default, "{answer}");
        }
    }
}

#[test]
fn quantities_may_be_fractions() {
    let item = json!({ "TypeItemId": "t", "Cpu": "2.0", "Memory": 1.5, "Gpu": 0.5, "SysDiskSize": "50G", "UserDiskSize": "0,5" });
    let read = shown::<DescribeDesktopTypeItems>(&json!({ "DesktopTypeItems": [item] })).unwrap();
    let read = &read["DesktopTypeItems"][0];
    let sizes = ["Cpu", "Memory", "Gpu", "SysDiskSize", "UserDiskSize"].map(|name| read[name].clone());
    assert_eq!(sizes, [json!(2), json!(1.5), json!(0.5), json!(50), json!(0.5)]);
}

#[test]
fn members_by_any_name() {
    let region = json!({ "RegionId": "cn-beijing", "EndPoint": "e", "LocalName": "北京" });
    for name in ["EndPoint", "Endpoint", "endpoint", "RegionEndpoint", "regionEndpoint"] {
        let given = json!({ "RegionId": "cn-beijing", name: "e", "LocalName": "  北京 " });
        check::<DescribeRegions>(json!({ "Regions": { "Region": [given] } }), json!({ "Regions": [region] }));
    }
    for name in ["Name", "name", "UserName", "userName"] {
        let expect = json!({ "UserInfo": { "Name": " zhang san ", "Email": "z@example.com" } });
        // Blanks in a user's name are part of it.
        let given = json!({ "UserInfo": { name: " zhang san ", "email": "z@example.com" } });
        check::<CreateUser>(given, expect);
    }
    // An own name goes before an alias, and null before nothing.
    let given = json!({ "UserInfo": { "UserName": "b", "Name": "a", "Email": null } });
    check::<CreateUser>(given, json!({ "UserInfo": { "Name": "a", "Email": "" } }));
    check::<CreateUser>(
        json!({ "Data": { "userInfo": { "Name": "a" } } }),
        json!({ "UserInfo": { "Name": "a", "Email": "" } }),
    );
    check::<CreateUser>(json!({ "RequestId": "R-1" }), json!({ "UserInfo": null }));
    check::<ModifyUser>(json!({ "RequestId": "R-1", "UserInfo": [] }), json!({}));
}

#[test]
fn images_as_the_document_spells_them() {
    let given = json!({
        "Total": "1", "PageCount": 1, "Page": 20,
        "Images": { "ImageAttributes": [{
            "ImageId": "m-1", "ImageName": "Windows", "ImageDesciption": "a description", "Process": 100,
            "Platform": "Windows Server 2016", "CreationTime": "2018-05-08 10:00:00", "Unheard": { "of": [1, 2] },
        }] },
    });
    let expect = json!({
        "Total": 1,
        "Images": [{
            "ImageId": "m-1", "ImageName": "Windows", "ImageDescription": "a description", "Progress": "100",
            "Platform": "Windows Server 2016", "CreationTime": "2018-05-08 10:00:00", "Architecture": "",
            "InstanceType": "", "Status": "",
        }],
    });
    check::<DescribeImages>(given, expect);
}

#[test]
fn scalars_in_other_clothes() {
    let v_switch = |count: Value, default: Value| {
        json!({ "VSwitches": { "VSwitch": [{
            "VSwitchId": "vsw-1", "ZoneId": "z", "VpcId": "vpc-1", "AvailableIpAddressCount": count, "IsDefault": default,
        }] } })
    };
    let read = |count, default| {
        let read = self::read::<DescribeVSwitches>(&v_switch(count, default)).unwrap();
        read.v_switches.first().map(|v_switch| (v_switch.available_ip_address_count, v_switch.is_default))
    };
    assert_eq!(read(json!(251), json!(true)), Some((Some(251), true)));
    assert_eq!(read(json!("251"), json!("true")), Some((Some(251), true)));
    assert_eq!(read(json!(" 251 "), json!("True")), Some((Some(251), true)));
    assert_eq!(read(json!(251.0), json!(1)), Some((Some(251), true)));
    assert_eq!(read(json!("251.00"), json!("0")), Some((Some(251), false)));
    assert_eq!(read(json!(0), json!(false)), Some((Some(0), false)));
    // What is not told is not known.
    assert_eq!(read(json!(""), json!(false)), Some((None, false)));
    assert_eq!(read(json!(null), json!(null)), Some((None, false)));
    for odd in [json!("many"), json!(1.5), json!(-1), json!([1]), json!("251 addresses")] {
        assert_eq!(read(odd, json!(true)), None);
    }

    let id = json!({ "OrderId": "200001", "DesktopId": "d-1" });
    check::<CreateDesktop>(json!({ "OrderId": 200_001, "DesktopId": "d-1" }), id.clone());
    check::<CreateDesktop>(json!({ "orderId": "200001", "desktopId": "d-1" }), id);
    check::<CreateDesktop>(json!({ "OrderId": "", "DesktopId": null }), json!({ "OrderId": null, "DesktopId": null }));
}

#[test]
fn stock_in_a_wrapper() {
    for answer in [
        json!({ "Data": { "Available": true } }),
        json!({ "Result": { "Data": { "available": "True" } } }),
        json!({ "DescribeAvailableResourceResponse": { "Available": 1 } }),
        json!({ "Data": json!({ "Available": true }).to_string() }),
        json!([{ "Available": true }]),
        json!({ "AvailableResource": { "Available": true } }),
    ] {
        check::<DescribeAvailableResource>(answer, json!({ "Available": true }));
    }
    // That of another zone is none of this one's.
    for answer in [
        json!({ "Zones": [{ "ZoneId": "z", "Available": true }] }),
        json!({ "Data": [{ "Available": true }, { "Available": false }] }),
        json!({ "Data": [{ "ZoneId": "z", "Available": false }] }),
        json!({ "Data": true }),
    ] {
        check_error::<DescribeAvailableResource>(answer, "Available: missing");
    }
}

#[test]
fn stock_is_never_guessed() {
    let available =
        |answer| read::<DescribeAvailableResource>(&answer).map(|AvailableResource { available }| available);
    assert_eq!(available(json!({ "Available": true })), Ok(true));
    assert_eq!(available(json!({ "available": "false" })), Ok(false));
    check_error::<DescribeAvailableResource>(json!({ "RequestId": "R-1" }), "Available: missing");
    check_error::<DescribeAvailableResource>(json!({ "Available": "" }), "Available: missing");
    check_error::<DescribeAvailableResource>(json!({ "Available": "perhaps" }), "Available: expected true or false");
    check_error::<DescribeAvailableResource>(json!({ "Available": null }), "Available: missing");
}

#[test]
fn the_owner_here_or_one_level_down() {
    let owner = json!({ "Status": "Active", "OwnerVpcId": "vpc-1", "AdminName": "root", "AdType": "vpc" });
    let expect = json!({
        "Status": "Active", "OwnerVpcId": "vpc-1", "AdType": "vpc", "DomainName": "", "CmUrl": "", "CompanyCode": "",
    });
    check::<DescribeDesktopOwner>(owner.clone(), expect.clone());
    check::<DescribeDesktopOwner>(json!({ "RequestId": "R", "DesktopOwner": owner, "Other": {} }), expect);
    let config = json!({
        "Status": "Config", "OwnerVpcId": null, "AdType": "", "DomainName": "", "CmUrl": "", "CompanyCode": "",
    });
    check::<DescribeDesktopOwner>(json!({ "Status": "Config" }), config.clone());
    check::<DescribeDesktopOwner>(json!({ "Owner": { "Status": "Config", "OwnerVpcId": "" } }), config);
}

#[test]
fn errors_say_where() {
    check_error::<DescribeImages>(json!({ "Images": "none" }), "Images: expected a list");
    check_error::<DescribeImages>(json!({ "Images": { "a": [], "b": [] } }), "Images: expected a list");
    check_error::<DescribeImages>(json!([7]), "Images: missing");
}

/// Any JSON of a moderate size.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z{}\\[\\]\"]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name =
            prop::sample::select(vec!["Zones", "zone", "ZoneId", "Images", "ImageId", "TypeItemId", "Total", "x"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4)
                .prop_map(|list| list.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
                .prop_map(Value::from),
        ]
    })
}

proptest! {
    /// Whatever comes, it is read or refused.
    #[test]
    fn nothing_panics(answer in any_json()) {
        let _ = shown::<DescribeZones>(&answer);
        let _ = shown::<DescribeImages>(&answer);
        let _ = shown::<DescribeDesktopTypeItems>(&answer);
        let _ = shown::<DescribeDesktopOwner>(&answer);
    }

    /// What was read reads the same once more: the canonical form is one of the shapes. What was skipped is gone.
    #[test]
    fn the_canonical_form_is_a_fixed_point(answer in any_json()) {
        let without_skipped = |mut value: Value| {
            value.as_object_mut().unwrap().remove("Skipped");
            value
        };
        if let Ok(canonical) = shown::<DescribeImages>(&answer).map(without_skipped) {
            prop_assert_eq!(shown::<DescribeImages>(&canonical), Ok(canonical.clone()));
        }
        if let Ok(canonical) = shown::<DescribeDesktopTypeItems>(&answer).map(without_skipped) {
            prop_assert_eq!(shown::<DescribeDesktopTypeItems>(&canonical), Ok(canonical.clone()));
        }
    }
}
