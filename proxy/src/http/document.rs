//! The document at `/`: `index.html`, and in it what the proxy knows already. The list of desktop types comes from the
//! response cache, in the reader's language, so that it can be read and chosen from before the module has arrived; and the
//! browser is told what the module will ask first. The style sheet is in it too: nothing is painted without it, and a file would
//! come a round trip later, beside the module. Nobody waits for the cloud here: what is not cached is not in the document.
//!
//! Who may not read it through the API gets the file as it is, and so does everybody where there is nothing to add.

mod template;
mod view;

use axum::{
    body::HttpBody,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;
use shared::{
    actions::{
        DescribeActivityDirectoryUsers, DescribeDesktopOwner, DescribeDesktopTypeItems, DesktopOwner, DesktopTypeItem,
        DesktopTypeItems, Zones,
    },
    document::DocumentText,
    form::{Catalog, Form, normalize},
    ids::TypeItemId,
    language::Language,
    link,
    prices::PriceBook,
    reads,
    stock::StockTable,
};

use super::{
    App, PageSource,
    middleware::{
        authorize::{Reader, reader},
        compress::compress,
    },
    reader_language::reader_language,
    security_headers::policy_with_style,
};
use template::Template;

/// A directory of users that is hinted at has at most so many bytes, before compression: a tenth of the module with it.
const SMALL_DIRECTORY: usize = 64 * 1024;

/// What a reader's document says.
#[derive(Debug)]
struct Content {
    language: Language,
    /// What the address asks for.
    form: Form,
    demo: bool,
    only_looks: bool,
    /// What the module will ask first.
    reads: Vec<String>,
    list: Option<List>,
}

/// The list of types as far as it is cached.
#[derive(Debug)]
struct List {
    types: Vec<DesktopTypeItem>,
    /// The whole table, or none.
    stock: Option<StockTable>,
    prices: PriceBook,
    /// The type that the module will show as chosen, if that is certain.
    chosen: Option<TypeItemId>,
}

/// The answer to a request for `/`; nothing where the file says all there is to say.
pub(super) async fn answer(app: &App, source: &PageSource, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let content = content(app, uri, headers)?;
    let file = source.document().await?;
    let template = Template::of(&file)?;
    let style = match template.sheet() {
        Some(name) => source.text(name).await.filter(|style| !style.contains("</")),
        None => None,
    };
    let html = render(&template, style.as_deref(), &content);
    let mut response = respond(html, headers).await;
    if let Some(style) = style {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy_with_style(&style));
    }
    // A header is read before the document is: the module, which all waits for, is asked for some milliseconds sooner.
    if let Some(link) = template.module().and_then(preload) {
        response.headers_mut().insert(header::LINK, link);
    }
    Some(response)
}

/// Has the browser fetch a module ahead, in the same way as the document's own link, so that it is fetched once.
fn preload(module: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("<{module}>; rel=preload; as=fetch; crossorigin; type=\"application/wasm\"")).ok()
}

fn content(app: &App, uri: &Uri, headers: &HeaderMap) -> Option<Content> {
    let Reader { buys } = reader(&app.guard, headers)?;
    let language = reader_language(headers);
    let mut form = link::parse_query(uri.query().unwrap_or_default());
    // Of a region that is not served there is nothing to say but that it is not.
    form.region = form.region.filter(|region| app.regions.contains(region));
    let mut reads = reads::first_reads(&form, language);
    let list = list(app, &form);
    if let Some(List { types, stock: Some(stock), .. }) = &list {
        reads.extend(next_reads(app, &form, language, types, stock).unwrap_or_default());
    }
    reads.extend(small_directory(app, &form));
    Some(Content { language, form, demo: app.demo, only_looks: !buys, reads, list })
}

fn list(app: &App, form: &Form) -> Option<List> {
    let region = form.region.as_ref()?;
    let types = app.upstream.cached(region, &DescribeDesktopTypeItems::default())?;
    let types = types.value::<DesktopTypeItems>()?.desktop_type_items;
    if types.is_empty() {
        return None;
    }
    let stock = app.stock.cached(region, form.charge_type);
    let catalog = Catalog { type_items: Some(&types), stock_table: stock.as_ref(), ..Catalog::default() };
    let (effective, _) = normalize(form.clone(), &catalog);
    // Without the stock, the default may yet become another.
    let is_certain = stock.is_some() || effective.type_item_id == form.type_item_id;
    let chosen = effective.type_item_id.filter(|_| is_certain);
    Some(List { types, stock, prices: app.prices.of_region(region), chosen })
}

/// What the module asks once it has the first answers, where these are cached, so that it will make the same choices.
fn next_reads(
    app: &App,
    form: &Form,
    language: Language,
    types: &[DesktopTypeItem],
    stock: &StockTable,
) -> Option<Vec<String>> {
    let region = form.region.as_ref()?;
    let zones = app.upstream.cached(region, &reads::zones_request(language))?.value::<Zones>()?.zones;
    let owner = app.upstream.cached(region, &DescribeDesktopOwner {})?.value::<DesktopOwner>()?;
    let catalog =
        Catalog { type_items: Some(types), zones: Some(&zones), stock_table: Some(stock), ..Catalog::default() };
    let (effective, _) = normalize(form.clone(), &catalog);
    Some(reads::next_reads(&effective, owner.owner_vpc_id.as_ref()))
}

/// The question for the directory of users, where it is known to be small. A large one would hold up the module.
fn small_directory(app: &App, form: &Form) -> Option<String> {
    let region = form.region.as_ref()?;
    let request = DescribeActivityDirectoryUsers::default();
    let known = app.upstream.cached(region, &request)?;
    (known.body.len() <= SMALL_DIRECTORY).then(|| reads::action(Some(region), &request))
}

fn render(template: &Template<'_>, style: Option<&str>, content: &Content) -> String {
    let t = DocumentText::of(content.language);
    let hints = view::hints(&content.reads);
    let shell = content.list.as_ref().map(|list| view::shell(t, content, list, &template.help()));
    template.fill(t.language.tag(), &format!("{} · Deskbuy", t.title), style, &hints, shell.as_ref())
}

/// The document as an answer: for this reader only, and to be asked for each time, which costs little where it has not
/// changed.
async fn respond(html: String, asked: &HeaderMap) -> Response {
    let tag = entity_tag(&html);
    let is_known = asked.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().is_ok_and(|known| known.split(',').any(|known| known.trim() == tag || known.trim() == "*"))
    });
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { compressed(html, asked).await };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Weak, since it is the same for all encodings.
fn entity_tag(html: &str) -> String {
    let digest = digest::digest(&digest::SHA256, html.as_bytes());
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&digest.as_ref()[..12]))
}

/// The document in the best encoding that the browser takes, with its length.
async fn compressed(html: String, asked: &HeaderMap) -> Response {
    let accepted = asked.get_all(header::ACCEPT_ENCODING).iter();
    let accepted = accepted.map(|value| (header::ACCEPT_ENCODING, value.clone())).collect();
    let html = ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html"))], html).into_response();
    let mut response = compress(html, accepted).await;
    if let Some(length) = response.body().size_hint().exact() {
        // Of a HEAD too, which has no body to tell it.
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "<html lang=zh-CN><title></title></head><body><div id=app></div><div id=fatal></div></body></html>";

    fn item(id: &str, text: &str) -> DesktopTypeItem {
        DesktopTypeItem {
            type_item_id: id.parse().unwrap(),
            desktop_type: text.to_owned(),
            cpu: 2.into(),
            memory: 4.into(),
            gpu: 1.into(),
            gpu_spec: text.to_owned(),
            sys_disk_type: text.to_owned(),
            sys_disk_size: 80.into(),
            user_disk_type: text.to_owned(),
            user_disk_size: 50.into(),
        }
    }

    fn html(types: Vec<DesktopTypeItem>, prices: &str) -> String {
        let chosen = types.first().map(|item| item.type_item_id.clone());
        let prices = serde_json::from_str(prices).unwrap();
        let content = Content {
            language: Language::English,
            form: Form::default(),
            demo: false,
            only_looks: false,
            reads: vec!["DescribeZones?a=\"'><script>&b".to_owned()],
            list: Some(List { types, stock: None, prices, chosen }),
        };
        render(&Template::of(PAGE).unwrap(), None, &content)
    }

    /// What stands between tags, or in an attribute, as a browser reads it.
    fn read(html: &str) -> String {
        html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    #[test]
    fn what_the_cloud_says_is_text_whatever_it_is() {
        let check = |id: &str, text: &str| {
            let html = html(vec![item(id, text)], "{}");
            let (before, after) = html.split_once("<input id=\"type-").unwrap();
            let (attributes, after) = after.split_once('>').unwrap();
            assert_eq!(
                read(attributes),
                format!("{id}\" type=\"radio\" name=\"type\" value=\"{id}\" checked autocomplete=\"off\"")
            );
            assert!(read(before).contains(&format!("for=\"type-{id}\"")), "{id}");
            let (title, facts) = after.split_once("</span>").unwrap();
            assert_eq!(read(title.rsplit('>').next().unwrap()), id);
            assert!(read(facts).contains(&format!("1 × {text}</span>")), "{text}");
            // No tag but those that are there with a plain name.
            let plain = self::html(vec![item("plain", "plain")], "{}");
            assert_eq!(html.matches('<').count(), plain.matches('<').count(), "{id} {text}");
            assert_eq!(html.matches('"').count(), plain.matches('"').count(), "{id} {text}");
        };
        check("<script>alert(1)</script>", "<script>alert(1)</script>");
        check("\"onload=\"alert(1)\"", "\" onfocus=\"alert(1)");
        check("'><img/src=x>", "--><!-- ' </span></label>");
        check("&lt;&amp;&quot;", "&#x3C;script&#x3E;");
        check(&"x".repeat(128), &"very long ".repeat(2_000));
        check("a", "\u{202e}kcehc\u{2066}\u{0}\r\n");
    }

    #[test]
    fn prices_are_a_column_where_there_are_any() {
        let prices = r#"{"prices":[{"region":"cn-hangzhou","type_item_id":"a","charge_type":"POSTPAY","currency":"KWD","amount":"0.5"}]}"#;
        let with = html(vec![item("a", "g"), item("b", "g")], prices);
        let without = html(vec![item("a", "g")], "{}");
        assert!(with.contains("KWD\u{a0}0.500") && with.contains("<span>Price / hour</span>"));
        assert!(!without.contains("Price / hour"));
    }

    #[test]
    fn hints_are_attributes_whatever_they_are() {
        assert!(
            html(vec![item("a", "b")], "{}")
                .contains("href=\"./api/DescribeZones?a=&quot;'&gt;&lt;script&gt;&amp;b\">")
        );
    }
}
