//! The document at `/` with what the proxy knows by then: for whom, in which language, and how it may be kept.

use std::fs;

use simulator::Config;

use crate::{
    signin::{Desk, person},
    site::{Cloud, Reply, Site},
};

const PAGE: &str = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>购买云桌面 · Deskbuy</title></head><body>\
     <div id=app><main><div class=slow><p>help</p></div>skeleton</main></div><div class=fatal hidden id=fatal></div></body></html>";
const BUY: &str = "/?commodityCode=CloudDesktop&request={%22region%22:%22cn-hangzhou%22}";

fn write_page(cloud: &Cloud) {
    let page = cloud.folder.path().join("page");
    fs::write(page.join("index.html"), PAGE).unwrap();
    // Of the file as it is, so not to be had where there is more to say.
    fs::write(page.join("index.html.gz"), "gzip").unwrap();
}

async fn site_with(flags: &[&str]) -> Site {
    let site = Site::with_flags(&[], flags).await;
    write_page(&site.cloud);
    site
}

/// Has the proxy learn what there is in a region.
async fn learn(site: &Site, region: &str, cookie: &str) {
    for path in ["DescribeDesktopTypeItems?", "stock?ChargeType=PREPAY&"] {
        let path = format!("/api/{path}RegionId={region}");
        assert_eq!(site.ask("GET", &path, &[("cookie", cookie)]).await.status, 200, "{path}");
    }
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

fn has_list(reply: &Reply) -> bool {
    text(reply).contains("value=\"desktop.n1.small\"")
}

/// What the browser is told to fetch.
fn hints(reply: &Reply) -> Vec<&str> {
    text(reply).split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn the_list_is_there_once_it_is_cached_and_nobody_waits_for_it() {
    let site = site_with(&[]).await;
    let cold = site.get(BUY).await;
    assert_eq!(cold.status, 200);
    assert!(!has_list(&cold) && text(&cold).contains("skeleton"));
    assert_eq!(site.state().calls.len(), 0, "the document asks the cloud for nothing");
    // What the module will ask is hinted at all the same.
    let first = [
        "./api/DescribeDesktopTypeItems?RegionId=cn-hangzhou",
        "./api/prices?RegionId=cn-hangzhou",
        "./api/DescribeDesktopOwner?RegionId=cn-hangzhou",
        "./api/DescribeZones?AcceptLanguage=en-us&amp;RegionId=cn-hangzhou",
        "./api/stock?ChargeType=PREPAY&amp;RegionId=cn-hangzhou",
        "./api/DescribeRegions",
    ];
    assert_eq!(hints(&cold), first);

    site.get("/api/DescribeDesktopTypeItems?RegionId=cn-hangzhou").await;
    let without_stock = site.get(BUY).await;
    assert!(has_list(&without_stock));
    assert_eq!(
        text(&without_stock).matches(" checked").count(),
        1,
        "a family, and no type that may yet become another"
    );
    assert!(!text(&without_stock).contains("skeleton"));
    assert!(
        text(&without_stock).contains("<main id=\"main\"><div class=slow><p>help</p></div><h1>"),
        "what helps stays"
    );

    learn(&site, "cn-hangzhou", "").await;
    let calls = site.state().calls;
    let warm = site.get(BUY).await;
    assert!(
        text(&warm)
            .contains("id=\"type-desktop.n1.small\" type=\"radio\" name=\"type\" value=\"desktop.n1.small\" checked")
    );
    assert_eq!(text(&warm).matches(" checked").count(), 2, "a type and a family");
    assert_eq!(hints(&warm), first);
    assert_eq!(site.state().calls, calls);

    // With the network's lists too, what depends on the choices that the page will make is hinted at.
    for path in ["DescribeDesktopOwner?", "DescribeZones?AcceptLanguage=en-us&"] {
        site.get(&format!("/api/{path}RegionId=cn-hangzhou")).await;
    }
    let then = [
        "./api/DescribeVSwitches?PageSize=50&amp;VpcId=vpc-bp1desk0000000000001&amp;ZoneId=cn-hangzhou-b&amp;RegionId=cn-hangzhou&amp;PageNumber=1",
        "./api/DescribeImages?ImageType=default&amp;Page=1&amp;PageSize=100&amp;TypeItemId=desktop.n1.small&amp;RegionId=cn-hangzhou",
        "./api/DescribeAvailableResource?ChargeType=PREPAY&amp;TypeItemId=desktop.n1.small&amp;ZoneId=cn-hangzhou-b&amp;RegionId=cn-hangzhou",
    ];
    assert_eq!(hints(&site.get(BUY).await), [&first[..], &then].concat());
    let large = "/?commodityCode=CloudDesktop&request={%22region%22:%22cn-hangzhou%22,%22typeItemId%22:%22desktop.n1.large%22,\
                 %22zoneId%22:%22cn-hangzhou-e%22}";
    let large = site.get(large).await;
    let hinted = hints(&large)[first.len()..].concat();
    assert!(hinted.contains("ZoneId=cn-hangzhou-e") && hinted.contains("TypeItemId=desktop.n1.large"), "{hinted}");
}

#[tokio::test]
async fn a_directory_of_users_is_hinted_at_once_it_is_known_to_be_small() {
    const USERS: &str = "DescribeActivityDirectoryUsers?RegionId=cn-hangzhou";
    let is_hinted_at = async |site: &Site| hints(&site.get(BUY).await).contains(&&*format!("./api/{USERS}"));
    let site = site_with(&[]).await;
    assert!(!is_hinted_at(&site).await, "how large it is is not known");
    site.get(&format!("/api/{USERS}")).await;
    assert!(is_hinted_at(&site).await);
    let elsewhere = site.get("/?request={%22region%22:%22cn-beijing%22}").await;
    assert!(!text(&elsewhere).contains("DescribeActivityDirectoryUsers"), "of another region it is another one");

    let cloud = Cloud::new(Config { users: 2_000, ..Config::default() }).await;
    write_page(&cloud);
    let site = cloud.open(&[]).await;
    site.get(&format!("/api/{USERS}")).await;
    assert!(!is_hinted_at(&site).await, "it would hold up the module");
}

#[tokio::test]
async fn what_the_address_asks_for_is_chosen_if_it_is_there() {
    let site = site_with(&[]).await;
    learn(&site, "cn-hangzhou", "").await;
    let check = async |request: &str, expect: Option<&str>| {
        let reply = site.get(&format!("/?commodityCode=CloudDesktop&request={request}")).await;
        let chosen = text(&reply)
            .split("<input id=\"type-")
            .skip(1)
            .find(|input| input.split('>').next().is_some_and(|tag| tag.contains(" checked")));
        assert_eq!(chosen.and_then(|input| input.split('"').next()), expect, "{request}");
    };
    check("{%22region%22:%22cn-hangzhou%22,%22typeItemId%22:%22desktop.n1.large%22}", Some("desktop.n1.large")).await;
    check("{%22region%22:%22cn-hangzhou%22,%22typeItemId%22:%22no.such%22}", Some("desktop.n1.small")).await;
    // Nothing of a region that is not served, or of none.
    check("{%22region%22:%22cn-elsewhere%22}", None).await;
    check("{%22region%22:%22cn-beijing%22}", None).await;
    check("broken", None).await;
    let elsewhere = site.get("/?request={%22region%22:%22cn-elsewhere%22}").await;
    assert_eq!(hints(&elsewhere), ["./api/DescribeRegions"]);
}

#[tokio::test]
async fn it_is_in_the_language_of_the_reader() {
    let site = site_with(&[]).await;
    learn(&site, "cn-hangzhou", "").await;
    let check = async |accept: &str, cookie: &str, tag: &str, expect: &[&str]| {
        let reply = site.ask("GET", BUY, &[("accept-language", accept), ("cookie", cookie)]).await;
        assert!(text(&reply).contains(&format!("<html lang=\"{tag}\">")), "{accept} {cookie}");
        for part in expect {
            assert!(text(&reply).contains(part), "{accept} {cookie}: {part}");
        }
        assert_eq!(reply.header("vary"), Some("accept-encoding, accept-language, cookie"));
    };
    let chinese = ["<title>购买云桌面 · Deskbuy</title>", "80 GB 高效云盘", "AcceptLanguage=zh-cn"];
    let english = ["<title>Buy cloud desktops · Deskbuy</title>", "80 GB Ultra", "AcceptLanguage=en-us"];
    check("zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN", &chinese).await;
    check("en-GB,en;q=0.9,zh;q=0.8", "", "en", &english).await;
    check("zh-CN", "deskbuy-language=en", "en", &english).await;
    check("en", "x=y; deskbuy-language=zh-CN", "zh-CN", &chinese).await;
    check("en", "deskbuy-language=\"><script>", "en", &english).await;
}

#[tokio::test]
async fn only_who_may_read_the_lists_gets_them() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    write_page(&cloud);
    let desk = Desk::on(cloud, &["--buyers=groups=buyers", "--viewers=*"]).await;
    let ann = crate::site::changed(person("ann"), &serde_json::json!({ "groups": ["buyers"] }));
    let buyer = desk.cookie(&ann, 0);
    let viewer = desk.cookie(&person("vic"), 0);
    learn(&desk.site, "cn-hangzhou", &buyer).await;
    for stranger in ["", "__Host-deskbuy=sealed-by-nobody"] {
        let reply = desk.get(BUY, stranger).await;
        assert_eq!(text(&reply), PAGE, "{stranger}");
        assert_eq!(reply.header("cache-control"), Some("no-cache"));
        assert_eq!(reply.header("vary"), Some("accept-encoding, accept-language, cookie"));
    }
    let told = "You may look here and not buy.";
    let (buys, looks) = (desk.get(BUY, &buyer).await, desk.get(BUY, &viewer).await);
    assert!(has_list(&buys) && !text(&buys).contains(told) && hints(&buys).len() == 6);
    assert!(has_list(&looks) && text(&looks).contains(told));
    assert_eq!(buys.header("cache-control"), Some("private, no-cache"));
    assert_eq!(buys.header("set-cookie"), None);
    let desk = Desk::on(desk.site.cloud.clone(), &["--buyers=groups=buyers"]).await;
    // A session is one of the rules it began under.
    let (buyer, viewer) = (desk.cookie(&ann, 0), desk.cookie(&person("vic"), 0));
    learn(&desk.site, "cn-hangzhou", &buyer).await;
    assert_eq!(text(&desk.get(BUY, &viewer).await), PAGE, "somebody who may not look");
}

#[tokio::test]
async fn it_is_compressed_and_asked_for_again_only_if_it_has_changed() {
    let site = site_with(&[]).await;
    learn(&site, "cn-hangzhou", "").await;
    let plain = site.get(BUY).await;
    assert_eq!(plain.header("content-type"), Some("text/html"));
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(plain.header("content-length"), Some(plain.body.len().to_string().as_str()));
    assert!(plain.header("content-security-policy").is_some());
    for encoding in ["br", "gzip"] {
        let reply = site.ask("GET", BUY, &[("accept-encoding", encoding)]).await;
        assert_eq!(reply.header("content-encoding"), Some(encoding));
        assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
        assert!(reply.body.len() * 2 < plain.body.len(), "{encoding}: {}", reply.body.len());
        assert_ne!(reply.body, b"gzip");
    }
    let tag = plain.header("etag").unwrap();
    let again = site.ask("GET", BUY, &[("if-none-match", tag)]).await;
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag)));
    assert_eq!(again.header("cache-control"), Some("private, no-cache"));
    assert!(again.header("vary").is_some());
    let other = site.ask("GET", BUY, &[("if-none-match", tag), ("accept-language", "zh")]).await;
    assert_eq!(other.status, 200);
    // The date of the file says nothing of the document.
    let date = site.ask("GET", BUY, &[("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")]).await;
    assert_eq!(date.status, 200);
    let head = site.ask("HEAD", BUY, &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["content-length", "etag", "content-type", "vary"] {
        assert_eq!(head.header(name), plain.header(name), "{name}");
    }
}

#[tokio::test]
async fn its_module_is_in_a_header_too_which_comes_before_the_document_is_read() {
    let site = site_with(&[]).await;
    let page = site.cloud.folder.path().join("page");
    assert_eq!(site.get(BUY).await.header("link"), None, "a page without a module");
    let module = "<link as=fetch crossorigin href=./frontend-1_bg.wasm rel=preload type=application/wasm>";
    fs::write(page.join("index.html"), PAGE.replace("</head>", &format!("{module}</head>"))).unwrap();
    let expect = "<./frontend-1_bg.wasm>; rel=preload; as=fetch; crossorigin; type=\"application/wasm\"";
    assert_eq!(site.get(BUY).await.header("link"), Some(expect));
}

#[tokio::test]
async fn the_style_is_in_it_and_the_policy_names_that_one_alone() {
    let site = site_with(&[]).await;
    let page = site.cloud.folder.path().join("page");
    fs::write(page.join("index.html"), PAGE.replace("</head>", "<link rel=stylesheet href=style-1.css></head>"))
        .unwrap();
    let linked = site.get(BUY).await;
    assert!(text(&linked).contains("href=style-1.css"), "without the file the link stays");
    let policy = |reply: &Reply| reply.header("content-security-policy").unwrap().to_owned();
    assert!(policy(&linked).contains("style-src 'self';"));

    fs::write(page.join("style-1.css"), "p{color:red}").unwrap();
    let reply = site.get(BUY).await;
    assert!(
        text(&reply).contains("<style data-file=\"style-1.css\">p{color:red}</style>")
            && !text(&reply).contains("rel=stylesheet")
    );
    // echo -n 'p{color:red}' | openssl dgst -sha256 -binary | base64
    let expect = policy(&linked)
        .replace("style-src 'self'", "style-src 'self' 'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='");
    assert_eq!(policy(&reply), expect);
    let again = site.ask("GET", BUY, &[("if-none-match", reply.header("etag").unwrap())]).await;
    assert_eq!((again.status, policy(&again)), (304, expect), "the policy of a document that is kept");
    let file = site.get("/index.html").await;
    assert!(text(&file).contains("href=style-1.css") && policy(&file) == policy(&linked));

    fs::write(page.join("style-1.css"), "p{}</style><script>").unwrap();
    assert!(text(&site.get(BUY).await).contains("href=style-1.css"), "what would end the element stays a file");
}

#[tokio::test]
async fn other_files_are_as_they_are() {
    let site = site_with(&[]).await;
    learn(&site, "cn-hangzhou", "").await;
    let file = site.get(&BUY.replace("/?", "/index.html?")).await;
    assert_eq!(text(&file), PAGE);
    assert_eq!(file.header("cache-control"), Some("no-cache"));
    assert_eq!(Reply::of(site.request("POST", BUY)).await.status, 405);
}

#[tokio::test]
async fn without_a_cache_it_only_hints() {
    let site = site_with(&["--cache=0"]).await;
    learn(&site, "cn-hangzhou", "").await;
    let reply = site.get(BUY).await;
    assert!(!has_list(&reply) && hints(&reply).len() == 6);
}
