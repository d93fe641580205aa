//! Lists: where they may stand, and what is an item of them.

use super::*;

#[test]
fn a_list_in_every_shape() {
    let b = json!({ "ZoneId": "cn-hangzhou-b", "LocalName": "杭州 B", "ZoneType": "AvailabilityZone" });
    let e = json!({ "ZoneId": "cn-hangzhou-e", "LocalName": "杭州 E", "ZoneType": "AvailabilityZone" });
    let both = json!({ "Zones": [b, e] });
    check::<DescribeZones>(json!({ "Zones": { "Zone": [b, e] } }), both.clone());
    check::<DescribeZones>(json!({ "Zones": [b, e] }), both.clone());
    check::<DescribeZones>(json!({ "Zones": { "anything": [b, e], "Total": 2 } }), both.clone());
    check::<DescribeZones>(json!({ "Zones": { "Zones": { "Zone": [b, e] } } }), both.clone());
    check::<DescribeZones>(json!({ "zones": { "zone": [b, e] } }), both.clone());
    check::<DescribeZones>(json!({ "Zones": json!([b, e]).to_string() }), both.clone());
    check::<DescribeZones>(json!({ "Zones": json!({ "Zone": [b, e] }).to_string() }), both.clone());
    check::<DescribeZones>(json!({ "Zones": [b.to_string(), e.to_string()] }), both.clone());
    check::<DescribeZones>(json!({ "Zones": [b, null, e] }), both.clone());
    check::<DescribeZones>(json!({ "Zones": [{ "Zone": b }, { "Zone": e }] }), both.clone());
    check::<DescribeZones>(json!({ "Zones": [[b], [e]] }), both.clone());
    check::<DescribeZones>(json!({ "Zones": { "cn-hangzhou-b": b, "cn-hangzhou-e": e, "Total": 2 } }), both.clone());
    let padded = json!({ "ZoneId": " cn-hangzhou-e\n", "LocalName": " 杭州 E", "ZoneType": "AvailabilityZone" });
    check::<DescribeZones>(json!({ "Zones": [b, padded] }), both);

    let one = json!({ "Zones": [b] });
    check::<DescribeZones>(json!({ "Zones": b }), one.clone());
    check::<DescribeZones>(json!({ "Zones": { "Zone": b } }), one.clone());
    check::<DescribeZones>(json!({ "Zones": b.to_string() }), one);

    let none = json!({ "Zones": [] });
    for nothing in
        [json!(null), json!(""), json!({}), json!([]), json!({ "Zone": [] }), json!({ "Zone": null }), json!("[]")]
    {
        check::<DescribeZones>(json!({ "Zones": nothing }), none.clone());
    }
    for nothing in [json!([]), json!({ "Data": [] }), json!({ "Result": { "Zones": null } }), json!({ "Zones": null })]
    {
        check::<DescribeZones>(nothing, none.clone());
    }
    // What is not there may have been overlooked.
    for nothing in
        [json!({}), json!({ "RequestId": "R-1" }), json!({ "Data": { "Total": 0 } }), json!({ "Data": null })]
    {
        check_error::<DescribeZones>(nothing, "Zones: missing");
    }
}

#[test]
fn a_list_in_a_wrapper() {
    let user = json!({ "Name": "zhang.san", "Email": "" });
    let expect = json!({ "Users": [user] });
    for answer in [
        json!({ "Data": { "Users": [user] } }),
        json!({ "Result": { "Users": { "User": [user] } } }),
        json!({ "Data": [user] }),
        json!({ "Data": { "List": [user], "Total": 1 } }),
        json!({ "Data": json!({ "Users": [user] }).to_string() }),
        json!({ "DescribeUsersResponse": { "Result": { "users": [user] } } }),
        json!([user]),
        json!([{ "Users": [user] }]),
    ] {
        check::<DescribeActivityDirectoryUsers>(answer, expect.clone());
    }
    let image = json!({ "Data": { "Total": 3, "Images": [{ "ImageId": "m-1" }] } });
    assert_eq!(read::<DescribeImages>(&image).unwrap().total, 3);
}

/// One odd item costs that item, wherever it stands, and is counted.
#[test]
fn an_odd_item_costs_itself_only() {
    fn check<A: Action>(list: &str, good: &Value, odd: &Value) {
        let length = |items: &[&Value]| {
            let value = shown::<A>(&json!({ list: { "Item": items } })).unwrap();
            (value[list].as_array().unwrap().len(), value.get("Skipped").and_then(Value::as_u64))
        };
        assert_eq!(length(&[odd, good, good]), (2, Some(1)), "{odd}");
        assert_eq!(length(&[good, odd, good, odd]), (2, Some(2)), "{odd}");
        assert_eq!(length(&[good]), (1, None), "{odd}");
        assert_eq!(length(&[odd]), (0, Some(1)), "{odd}");
        assert_eq!(length(&[odd, odd]), (0, Some(2)), "{odd}");
    }
    let kind = json!({ "TypeItemId": "t", "Memory": 4 });
    for odd in [
        json!({ "TypeItemId": "t", "Gpu": "half" }),
        json!({ "TypeItemId": "t", "Memory": "1,024" }),
        json!({ "TypeItemId": "t", "Cpu": -2 }),
        json!({ "TypeItemId": "t", "Memory": 1e30 }),
        json!({ "Memory": 4 }),
        json!({ "TypeItemId": "", "Cpu": 1 }),
    ] {
        check::<DescribeDesktopTypeItems>("DesktopTypeItems", &kind, &odd);
    }
    let nameless = [json!({ "Email": "z@example.com" }), json!(7)];
    let named = [json!(null), json!(""), json!("  "), json!("\u{200b}"), json!("\u{fffd}\u{fffd}")];
    for odd in nameless.into_iter().chain(named.map(|name| json!({ "Name": name }))) {
        check::<DescribeActivityDirectoryUsers>("Users", &json!({ "Name": "a" }), &odd);
    }
    check::<DescribeImages>("Images", &json!({ "ImageId": "m" }), &json!({ "ImageName": "no id" }));
    let odd = json!({ "RegionId": "CN_OLD", "EndPoint": "e", "LocalName": "x" });
    let region = json!({ "RegionId": "cn-old", "EndPoint": "e", "LocalName": "x" });
    check::<DescribeRegions>("Regions", &region, &odd);
    let v_switch = json!({ "VSwitchId": "v", "ZoneId": "z", "VpcId": "p" });
    let mut odd = v_switch.clone();
    odd["AvailableIpAddressCount"] = json!(-1);
    check::<DescribeVSwitches>("VSwitches", &v_switch, &odd);
}

#[test]
fn an_odd_item_that_stands_alone() {
    for users in [json!({ "Email": "z@example.com" }), json!({ "User": { "Email": "z@example.com" } }), json!([7])] {
        let expect = json!({ "Users": [], "Skipped": 1 });
        check::<DescribeActivityDirectoryUsers>(json!({ "Users": users }), expect);
    }
}

#[test]
fn an_item_with_a_list_of_its_own_is_still_an_item() {
    let user = json!({ "Name": "zhang.san", "Email": "z@example.com", "Groups": ["a", "b"] });
    let expect = json!({ "Users": [{ "Name": "zhang.san", "Email": "z@example.com" }] });
    check::<DescribeActivityDirectoryUsers>(json!({ "Users": user }), expect.clone());
    check::<DescribeActivityDirectoryUsers>(json!({ "Users": { "User": [user] } }), expect);
}

#[test]
fn an_object_beside_the_list_is_none_of_its_items() {
    let user = json!({ "Name": "zhang.san", "Email": "" });
    let users = json!({ "Users": [user, user] });
    check::<DescribeActivityDirectoryUsers>(
        json!({ "Domain": { "Name": "corp" }, "UserList": [user, user] }),
        users.clone(),
    );
    check::<DescribeActivityDirectoryUsers>(json!({ "Name": "corp", "Data": { "Rows": [user, user] } }), users);
    let region = |id: &str| json!({ "RegionId": id, "EndPoint": "e", "LocalName": "x" });
    let both = json!([region("cn-hangzhou"), region("cn-beijing")]);
    check::<DescribeRegions>(json!({ "RegionId": "cn-hangzhou", "Items": both }), json!({ "Regions": both }));
    for nothing in [json!({ "UserList": [] }), json!({ "userInfos": [] })] {
        check::<DescribeActivityDirectoryUsers>(nothing, json!({ "Users": [] }));
    }
    check_error::<DescribeActivityDirectoryUsers>(json!({ "UserGroups": [] }), "Users: missing");
}

#[test]
fn the_list_without_a_name() {
    let item = json!({ "TypeItemId": "desktop.n1.small", "Cpu": "2", "Memory": 4, "UserDiskSize": "50" });
    let expect = json!([{
        "TypeItemId": "desktop.n1.small", "DesktopType": "", "Cpu": 2, "Memory": 4, "Gpu": 0, "GpuSpec": "",
        "SysDiskType": "", "SysDiskSize": 0, "UserDiskType": "", "UserDiskSize": 50,
    }]);
    for answer in [
        json!({ "DesktopTypeItems": { "DesktopTypeItem": [item] } }),
        json!({ "DesktopTypeItems": [item] }),
        json!({ "Whatever": [item] }),
        json!({ "Tags": ["x"], "Data": { "Items": [item], "Total": 1 } }),
        json!({ "TypeItems": json!([item]).to_string() }),
        item.clone(),
        json!({ "TypeItem": item }),
    ] {
        check::<DescribeDesktopTypeItems>(answer, json!({ "DesktopTypeItems": expect }));
    }
    check::<DescribeDesktopTypeItems>(json!({ "A": { "B": { "C": [item] } } }), json!({ "DesktopTypeItems": expect }));
    for answer in
        [json!({ "DesktopTypeItems": [] }), json!({ "Items": { "Item": [] } }), json!({ "desktopTypeItems": "" })]
    {
        check::<DescribeDesktopTypeItems>(answer, json!({ "DesktopTypeItems": [] }));
    }
    for answer in [json!({}), json!({ "A": { "B": { "C": { "D": [item] } } } })] {
        check_error::<DescribeDesktopTypeItems>(answer, "DesktopTypeItems: missing");
    }
}
