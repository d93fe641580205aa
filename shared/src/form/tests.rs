//! The form's two functions as specifications: what falls away, what is put in its place, what keeps from buying.

use super::*;
use crate::{
    Code,
    stock::StockCell,
    values::{ChargeType, Period},
};

fn rows<T: serde::de::DeserializeOwned>(json: &str) -> Vec<T> {
    serde_json::from_str(json).unwrap()
}

/// A small shop: two types, two zones, vSwitches of zone b, three images, two users.
struct Shop {
    owner: DesktopOwner,
    types: Vec<DesktopTypeItem>,
    zones: Vec<Zone>,
    v_switches: Vec<VSwitch>,
    images: Vec<Image>,
    users: Vec<UserInfo>,
}

impl Shop {
    fn new() -> Self {
        Self {
            owner: serde_json::from_str(r#"{"Status":"Active","OwnerVpcId":"vpc-1"}"#).unwrap(),
            types: rows(r#"[{"TypeItemId":"small"},{"TypeItemId":"large"}]"#),
            zones: rows(r#"[{"ZoneId":"b"},{"ZoneId":"g"}]"#),
            v_switches: rows(
                r#"[{"VSwitchId":"full","ZoneId":"b","VpcId":"vpc-1","AvailableIpAddressCount":0,"Status":"Available"},
                    {"VSwitchId":"some","ZoneId":"b","VpcId":"vpc-1","AvailableIpAddressCount":9,"Status":"Available"},
                    {"VSwitchId":"most","ZoneId":"b","VpcId":"vpc-1","AvailableIpAddressCount":250,"Status":"Available"},
                    {"VSwitchId":"soon","ZoneId":"b","VpcId":"vpc-1","AvailableIpAddressCount":999,"Status":"Pending"}]"#,
            ),
            images: rows(
                r#"[{"ImageId":"old","CreationTime":"2017-01-01 00:00:00","Status":"Available"},
                    {"ImageId":"new","CreationTime":"2018-01-01 00:00:00","Status":"Available"},
                    {"ImageId":"making","CreationTime":"2019-01-01 00:00:00","Status":"Creating"}]"#,
            ),
            users: rows(r#"[{"Name":"zhang.san","Email":"zs@example.com"},{"Name":"li.si"}]"#),
        }
    }

    fn catalog(&self) -> Catalog<'_> {
        Catalog {
            owner: Some(&self.owner),
            type_items: Some(&self.types),
            zones: Some(&self.zones),
            v_switches: Some(&self.v_switches),
            images: Some(&self.images),
            images_complete: true,
            users: Some(&self.users),
            chosen_stock: Stock::Available,
            stock_table: None,
        }
    }
}

/// A table of `(type, zone, stock)`.
fn table(cells: &[(&str, &str, Stock)]) -> StockTable {
    let cell = |(item, zone, stock): &(&str, &str, Stock)| StockCell {
        type_item_id: item.parse().unwrap(),
        zone_id: zone.parse().unwrap(),
        stock: *stock,
        age: None,
    };
    let cells = cells.iter().map(cell).collect();
    StockTable { region: "cn-hangzhou".parse().unwrap(), charge_type: ChargeType::PostPay, cells }
}

fn form(change: impl FnOnce(&mut Form)) -> Form {
    let mut form = Form { region: "cn-hangzhou".parse().ok(), ..Form::default() };
    change(&mut form);
    form
}

#[test]
fn a_first_time_buyer_has_only_the_user_to_pick() {
    let shop = Shop::new();
    let (form, dropped) = normalize(form(|_| ()), &shop.catalog());
    assert_eq!(dropped, []);
    assert_eq!(form.type_item_id.as_ref().unwrap().as_str(), "small");
    assert_eq!(form.zone_id.as_ref().unwrap().as_str(), "b");
    assert_eq!(form.v_switch_id.as_ref().unwrap().as_str(), "most");
    assert_eq!(form.image_id.as_ref().unwrap().as_str(), "new");
    let errors = validate(&form, &shop.catalog(), &"t".parse().unwrap()).unwrap_err();
    assert_eq!(errors, [FieldError { field: Field::User, code: Code::ChoiceMissing }]);
}

#[test]
fn what_no_longer_fits_is_dropped_and_said() {
    let shop = Shop::new();
    let check = |change: fn(&mut Form), field: Field, was: &str, now: Option<&str>| {
        let catalog = shop.catalog();
        let (once, dropped) = normalize(form(change), &catalog);
        let expect = Dropped { field, was: was.to_owned(), now: now.map(str::to_owned) };
        assert_eq!(dropped, [expect]);
        assert_eq!(normalize(once.clone(), &catalog), (once, vec![]), "a second time changes nothing");
    };
    check(|f| f.type_item_id = "gone".parse().ok(), Field::TypeItem, "gone", Some("small"));
    check(|f| f.zone_id = "gone".parse().ok(), Field::Zone, "gone", Some("b"));
    check(|f| f.v_switch_id = "full".parse().ok(), Field::VSwitch, "full", Some("most"));
    check(|f| f.v_switch_id = "soon".parse().ok(), Field::VSwitch, "soon", Some("most"));
    check(|f| f.image_id = "making".parse().ok(), Field::Image, "making", Some("new"));
    check(|f| f.image_id = "gone".parse().ok(), Field::Image, "gone", Some("new"));
    check(|f| f.user_names = vec!["gone".to_owned()], Field::User, "gone", None);
}

#[test]
fn what_is_not_known_yet_drops_nothing() {
    let chosen = form(|f| {
        f.type_item_id = "x".parse().ok();
        f.zone_id = "x".parse().ok();
        f.v_switch_id = "x".parse().ok();
        f.image_id = "x".parse().ok();
        f.user_names = vec!["x".to_owned()];
    });
    assert_eq!(normalize(chosen.clone(), &Catalog::default()), (chosen, vec![]));
}

#[test]
fn an_image_beyond_the_first_page_is_kept() {
    let shop = Shop::new();
    let catalog = Catalog { images_complete: false, ..shop.catalog() };
    let (form, dropped) = normalize(form(|f| f.image_id = "elsewhere".parse().ok()), &catalog);
    assert_eq!((form.image_id.unwrap().as_str(), dropped.len()), ("elsewhere", 0));
}

#[test]
fn what_keeps_from_buying() {
    let mut shop = Shop::new();
    for count in shop.v_switches.iter_mut().filter_map(|v_switch| v_switch.available_ip_address_count.as_mut()) {
        *count *= 1_000;
    }
    let check = |change: fn(&mut Form), look: fn(&mut Catalog<'_>), expect: &[(Field, Code)]| {
        let mut catalog = shop.catalog();
        let (mut form, _) = normalize(form(|f| f.user_names = vec!["zhang.san".to_owned()]), &catalog);
        change(&mut form);
        look(&mut catalog);
        let errors = validate(&form, &catalog, &"t".parse().unwrap()).err().unwrap_or_default();
        let errors: Vec<_> = errors.into_iter().map(|error| (error.field, error.code)).collect();
        assert_eq!(errors, expect);
    };
    check(|_| (), |_| (), &[]);
    check(|f| f.region = None, |_| (), &[(Field::Region, Code::ChoiceMissing)]);
    check(|_| (), |c| c.owner = None, &[(Field::Region, Code::OwnerNotActive)]);
    check(|_| (), |c| c.chosen_stock = Stock::SoldOut, &[(Field::Zone, Code::SoldOut)]);
    check(|_| (), |c| c.chosen_stock = Stock::Unknown, &[]);
    check(|f| f.v_switch_id = "full".parse().ok(), |_| (), &[(Field::VSwitch, Code::VSwitchUnavailable)]);
    check(|f| f.image_id = "making".parse().ok(), |_| (), &[(Field::Image, Code::ImageUnavailable)]);
    check(|f| f.user_names = vec!["li.si".to_owned()], |_| (), &[(Field::User, Code::UserWithoutEmail)]);
    check(|f| f.user_names.push("li.si".to_owned()), |_| (), &[(Field::User, Code::UserWithoutEmail)]);
    check(|f| f.user_names = vec!["zhang.san".to_owned(); 501], |_| (), &[(Field::User, Code::TooManyOrders)]);
    check(
        |f| *f = Form { region: f.region.clone(), ..Form::default() },
        |_| (),
        &[
            (Field::TypeItem, Code::ChoiceMissing),
            (Field::Zone, Code::ChoiceMissing),
            (Field::VSwitch, Code::ChoiceMissing),
            (Field::Image, Code::ChoiceMissing),
            (Field::User, Code::ChoiceMissing),
        ],
    );
}

#[test]
fn nothing_is_bought_from_lists_that_are_not_known() {
    let shop = Shop::new();
    let (form, _) = normalize(form(|f| f.user_names = vec!["zhang.san".to_owned()]), &shop.catalog());
    let check = |look: fn(&mut Catalog<'_>), field: Field| {
        let mut catalog = shop.catalog();
        look(&mut catalog);
        let errors = validate(&form, &catalog, &"t".parse().unwrap()).unwrap_err();
        assert_eq!(errors, [FieldError { field, code: Code::ChoiceMissing }]);
    };
    check(|c| c.type_items = None, Field::TypeItem);
    check(|c| c.zones = None, Field::Zone);
    check(|c| c.v_switches = None, Field::VSwitch);
    check(|c| c.images = None, Field::Image);
    check(|c| c.users = None, Field::User);
}

#[test]
fn months_go_with_a_subscription_only() {
    let shop = Shop::new();
    let period = |charge_type: ChargeType| {
        let (mut form, _) = normalize(form(|f| f.user_names = vec!["zhang.san".to_owned()]), &shop.catalog());
        form.charge_type = charge_type;
        form.period = Period::try_from(12).unwrap();
        let purchases = validate(&form, &shop.catalog(), &"t".parse().unwrap()).unwrap();
        purchases[0].check().unwrap();
        purchases[0].period.map(Period::months)
    };
    assert_eq!(period(ChargeType::PostPay), None);
    assert_eq!(period(ChargeType::PrePay), Some(12));
}

#[test]
fn a_desktop_for_each_user() {
    let mut shop = Shop::new();
    shop.users = rows(r#"[{"Name":"a","Email":"a@b.cn"},{"Name":"b","Email":"b@b.cn"},{"Name":"c","Email":"c@b.cn"}]"#);
    let (mut form, _) = normalize(form(|f| f.user_names = vec!["c".into(), "a".into()]), &shop.catalog());
    let purchases = validate(&form, &shop.catalog(), &"t".parse().unwrap()).unwrap();
    let bought: Vec<_> = purchases.iter().map(|p| (p.user_name.as_str(), p.client_token.as_str())).collect();
    assert_eq!(bought, [("c", "t-001"), ("a", "t-002")]);
    // A vSwitch must have an address for each.
    shop.v_switches[2].available_ip_address_count = Some(1);
    form.v_switch_id = "most".parse().ok();
    let errors = validate(&form, &shop.catalog(), &"t".parse().unwrap()).unwrap_err();
    assert_eq!(errors, [FieldError { field: Field::VSwitch, code: Code::VSwitchUnavailable }]);
    // Where the number is not known, the cloud decides.
    shop.v_switches[2].available_ip_address_count = None;
    assert!(validate(&form, &shop.catalog(), &"t".parse().unwrap()).is_ok());
}

#[test]
fn defaults_are_what_can_be_had() {
    use Stock::{Available, SoldOut, Unknown};
    let shop = Shop::new();
    let check = |cells: &[(&str, &str, Stock)], requested: Option<&str>, expect: [&str; 2]| {
        let table = table(cells);
        let asked = form(|form| form.type_item_id = requested.map(|id| id.parse().unwrap()));
        let (form, dropped) = normalize(asked, &Catalog { stock_table: Some(&table), ..shop.catalog() });
        let found = [form.type_item_id.unwrap().into(), form.zone_id.unwrap().into()] as [String; 2];
        assert_eq!(found, expect, "{cells:?}, {requested:?}");
        assert_eq!(dropped, []);
    };
    check(&[("small", "b", Available)], None, ["small", "b"]);
    check(&[("small", "b", SoldOut), ("small", "g", Available)], None, ["small", "g"]);
    check(&[("small", "b", SoldOut), ("small", "g", SoldOut), ("large", "g", Available)], None, ["large", "g"]);
    // What is not known may be there.
    check(&[("small", "b", SoldOut), ("small", "g", Unknown), ("large", "b", Available)], None, ["small", "g"]);
    check(&[("small", "b", SoldOut), ("small", "g", SoldOut), ("large", "b", SoldOut)], None, ["small", "b"]);
    check(&[], None, ["small", "b"]);
    // What is requested stays; only what was not chosen follows the stock.
    check(&[("small", "b", SoldOut), ("large", "g", Available)], Some("small"), ["small", "g"]);
    check(&[("small", "b", Available), ("large", "g", Available)], Some("large"), ["large", "g"]);
}
