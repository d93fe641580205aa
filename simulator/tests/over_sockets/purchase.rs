//! Users and desktops: refusals, changes, and idempotent tokens.

use crate::support::{Answer, Upstream};

/// A purchase that is in order, but for the parameters given (an empty one is left out).
pub(crate) async fn buy(upstream: &Upstream, token: &str, changes: &[(&str, &str)]) -> Answer {
    purchase(upstream, token, changes).post().await.unwrap()
}

/// The same, not sent yet.
pub(crate) fn purchase<'a>(
    upstream: &'a Upstream,
    token: &str,
    changes: &[(&str, &str)],
) -> crate::support::Request<'a> {
    let usual = [
        ("TypeItemId", "desktop.n1.small"),
        ("ChargeType", "POSTPAY"),
        ("VpcId", "vpc-bp1desk0000000000001"),
        ("ZoneId", "cn-hangzhou-b"),
        ("VSwitchId", "vsw-bp1desk0000000000001"),
        ("ImageId", "m-bp1sys0000000000000001"),
        ("ImageType", "default"),
        ("UserName", "zhang.san"),
        ("UserGroup", "Users"),
        ("ClientToken", token),
    ];
    let request = upstream.request("CreateDesktop", &usual);
    changes.iter().fold(request, |request, (name, value)| request.set(name, Some(*value).filter(|v| !v.is_empty())))
}

#[tokio::test]
async fn a_desktop_is_bought() {
    let upstream = Upstream::with(&[]).await;
    let answer = buy(&upstream, "t-1", &[]).await.good();
    let state = upstream.simulator.state();
    let [desktop] = &state.desktops[..] else { panic!("{state:?}") };
    assert_eq!(answer["DesktopId"], desktop.id);
    assert_eq!(answer["OrderId"], desktop.order_id);
    assert!(desktop.order_id.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!((desktop.user.as_str(), desktop.token.as_str(), desktop.period), ("zhang.san", "t-1", None));
    let v_switches = upstream.call("DescribeVSwitches", &[("ZoneId", "cn-hangzhou-b")]).await.good();
    assert_eq!(v_switches["VSwitches"]["VSwitch"][0]["AvailableIpAddressCount"], 250, "one address is taken");
}

#[tokio::test]
async fn what_is_checked_before_a_purchase() {
    let upstream = Upstream::with(&[]).await;
    let check = async |changes: &[(&str, &str)], status: u16, code: &str| {
        let answer = buy(&upstream, "t-1", changes).await;
        assert_eq!(answer.error(), (status, code.to_owned()), "{changes:?}");
    };
    let subscription = ("ChargeType", "PREPAY");
    check(&[("ClientToken", "")], 400, "MissingParameter").await;
    check(&[("UserGroup", "Guests")], 400, "InvalidParameter.UserGroup").await;
    check(&[subscription], 400, "MissingParameter").await;
    check(&[subscription, ("Period", "10")], 400, "InvalidParameter.Period").await;
    check(&[("Period", "1")], 400, "InvalidParameter.Period").await;
    check(&[("VpcId", "vpc-bp1other00000000001")], 404, "InvalidVpcId.NotFound").await;
    check(&[("TypeItemId", "desktop.n1.huge")], 404, "InvalidTypeItemId.NotFound").await;
    check(&[("ZoneId", "cn-beijing-a")], 404, "InvalidZoneId.NotFound").await;
    check(&[("VSwitchId", "vsw-none")], 404, "InvalidVSwitchId.NotFound").await;
    check(&[("ZoneId", "cn-hangzhou-e")], 400, "InvalidVSwitchId.Mismatch").await;
    check(&[("VSwitchId", "vsw-bp1other00000000001")], 400, "InvalidVSwitchId.Mismatch").await;
    check(&[("VSwitchId", "vsw-bp1desk0000000000004")], 400, "InvalidVSwitchId.IpNotEnough").await;
    check(&[("ImageId", "m-2zesys0000000000000001")], 404, "InvalidImageId.NotFound").await;
    check(&[("ImageType", "private")], 400, "InvalidImageType.Mismatch").await;
    check(&[("ImageId", "m-bp1sys0000000000000004")], 400, "InvalidImageId.NotSupported").await;
    check(&[("ImageId", "m-bp1own0000000000000007"), ("ImageType", "")], 400, "IncorrectImageStatus").await;
    check(&[("UserName", "nobody")], 404, "InvalidUserName.NotFound").await;
    check(&[("UserName", "wang.wu")], 400, "InvalidUserName.EmailMissing").await;
    let scarce =
        [("TypeItemId", "desktop.ga1.8xlarge"), ("ZoneId", "cn-hangzhou-g"), ("VSwitchId", "vsw-bp1desk0000000000010")];
    check(&scarce, 403, "OperationDenied.NoStock").await;
    let state = upstream.simulator.state();
    assert!(state.desktops.is_empty() && state.tokens.is_empty(), "{state:?}");
    assert_eq!(state.calls["CreateDesktop"], 19, "attempts count");
    buy(&upstream, "t-1", &[]).await.good();
}

#[tokio::test]
async fn a_token_buys_once() {
    let upstream = Upstream::with(&[]).await;
    let first = buy(&upstream, "t-1", &[]).await.good();
    let again = buy(&upstream, "t-1", &[]).await.good();
    assert_eq!((&first["OrderId"], &first["DesktopId"]), (&again["OrderId"], &again["DesktopId"]));
    assert_ne!(first["RequestId"], again["RequestId"]);
    let other = buy(&upstream, "t-1", &[("UserName", "li.si")]).await;
    assert_eq!(other.error(), (400, "IdempotentParameterMismatch".to_owned()));
    let second = buy(&upstream, "t-2", &[]).await.good();
    assert_ne!(first["DesktopId"], second["DesktopId"]);
    let state = upstream.simulator.state();
    assert_eq!((state.desktops.len(), state.calls["CreateDesktop"]), (2, 4));
    assert_eq!(
        state.tokens.iter().map(|token| (token.token.as_str(), token.uses)).collect::<Vec<_>>(),
        [("t-1", 2), ("t-2", 1)]
    );
}

#[tokio::test]
async fn many_attempts_at_once_buy_once() {
    let upstream = Upstream::with(&[]).await;
    let attempt = || buy(&upstream, "t-1", &[]);
    tokio::join!(attempt(), attempt(), attempt(), attempt(), attempt(), attempt(), attempt(), attempt());
    assert_eq!(upstream.simulator.state().desktops.len(), 1);
}

#[tokio::test]
async fn renewing_and_releasing() {
    let upstream = Upstream::with(&[]).await;
    let daily = buy(&upstream, "t-1", &[]).await.good()["DesktopId"].as_str().unwrap().to_owned();
    let prepaid = [("ChargeType", "PREPAY"), ("Period", "12")];
    let monthly = buy(&upstream, "t-2", &prepaid).await.good()["DesktopId"].as_str().unwrap().to_owned();
    let renew = async |id: &str, token: &str, period: &str| {
        upstream.call("RenewDesktop", &[("DesktopId", id), ("Period", period), ("ClientToken", token)]).await
    };
    let release = async |id: &str| upstream.call("DeleteDesktop", &[("DesktopId", id)]).await;
    let denied = (403, "OperationDenied.ChargeType".to_owned());
    let unknown = (404, "InvalidDesktopId.NotFound".to_owned());

    let order = renew(&monthly, "t-3", "3").await.good();
    assert_eq!(renew(&monthly, "t-3", "3").await.good()["OrderId"], order["OrderId"]);
    assert_eq!(renew(&monthly, "t-3", "6").await.error().1, "IdempotentParameterMismatch");
    assert_eq!(renew(&monthly, "t-2", "3").await.error().1, "IdempotentParameterMismatch", "a purchase's token");
    assert_eq!(renew(&daily, "t-4", "3").await.error(), denied);
    assert_eq!(renew("desk-none", "t-5", "3").await.error(), unknown);

    assert_eq!(release(&monthly).await.error(), denied);
    assert_eq!(release("desk-none").await.error(), unknown);
    release(&daily).await.good();
    assert_eq!(release(&daily).await.error(), unknown, "a second time");

    let state = upstream.simulator.state();
    assert_eq!(state.desktops.iter().map(|desktop| desktop.released).collect::<Vec<_>>(), [true, false]);
    assert_eq!(state.desktops[1].renewals.iter().map(|renewal| renewal.period).collect::<Vec<_>>(), [3]);
}

#[tokio::test]
async fn users_are_made_and_changed() {
    let upstream = Upstream::with(&[]).await;
    let create =
        async |name: &str| upstream.call("CreateUser", &[("UserName", name), ("Email", "n@example.com")]).await;
    assert_eq!(create("new").await.good()["UserInfo"]["Email"], "n@example.com");
    let again = create("new").await;
    assert_eq!((again.status, again.json()["Code"].as_str()), (200, Some("Create user new failed!")));
    assert_eq!(create("fail-always").await.json()["Message"], "Create user fail-always failed!");
    buy(&upstream, "t-1", &[("UserName", "new")]).await.good();

    let modify =
        async |name: &str| upstream.call("ModifyUser", &[("UserName", name), ("Email", "w@example.com")]).await;
    modify("wang.wu").await.good();
    assert_eq!(modify("nobody").await.error(), (404, "InvalidUserName.NotFound".to_owned()));
    buy(&upstream, "t-2", &[("UserName", "wang.wu")]).await.good();
    let state = upstream.simulator.state();
    assert_eq!((state.users_created.len(), state.users_modified.len()), (1, 1));
}
