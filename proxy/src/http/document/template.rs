//! `index.html` as the build left it, cut where the document says things of its own: language, title, style sheet, hints and
//! shell. The marks are elements, since the build drops comments and quotes.

use std::ops::Range;

use maud::{Markup, PreEscaped, html};

/// How the elements end that are cut out.
const END: &str = "</div>";

/// The file and its places, in their order.
#[derive(Debug)]
pub(super) struct Template<'a> {
    text: &'a str,
    /// The tag of `html`.
    html: Range<usize>,
    /// The title.
    title: Range<usize>,
    /// The tag of the style sheet. A release has one; a development build has many, which stay as they are.
    sheet: Option<Range<usize>>,
    /// The end of the head.
    head_end: usize,
    /// What is inside the app's element.
    shell: Range<usize>,
    /// In it, the element that says what helps where the page does not open.
    help: Range<usize>,
}

impl<'a> Template<'a> {
    /// The template of a file; nothing if it is not a page of ours.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let html = tag(text, 0, "<html")?;
        let title = text[html.end..].find("<title>")? + html.end + "<title>".len();
        let title = title..text[title..].find("</title>")? + title;
        let head_end = text[title.end..].find("</head>")? + title.end;
        let sheet = the_only(sheets(text, title.end..head_end));
        let app = element(text, head_end, "id", "app")?;
        let after = element(text, app.end, "id", "fatal")?;
        let shell = app.end..text[app.end..after.start].rfind(END)? + app.end;
        // It has paragraphs only.
        let slow = element(text, app.end, "class", "slow").filter(|slow| slow.end <= shell.end);
        let help = slow.and_then(|slow| Some(slow.start..text[slow.end..shell.end].find(END)? + slow.end + END.len()));
        Some(Self { text, html, title, sheet, head_end, help: help.unwrap_or(app.end..app.end), shell })
    }

    /// The element that says what helps where the page does not open: a shell of its own has to say it too.
    pub(super) fn help(&self) -> Markup {
        PreEscaped(self.text[self.help.clone()].to_owned())
    }

    /// The name of the file of the style sheet.
    pub(super) fn sheet(&self) -> Option<&'a str> {
        let name = href(&self.text[self.sheet.clone()?])?;
        Some(name.trim_start_matches("./").trim_start_matches('/'))
    }

    /// The address of the app's module, which the document has the browser fetch ahead, as it is written there.
    pub(super) fn module(&self) -> Option<&'a str> {
        let head = self.title.end..self.head_end;
        links(self.text, head)
            .map(|link| &self.text[link])
            .find(|link| link.contains("application/wasm"))
            .and_then(href)
    }

    /// The document with what it says of its own. Without a style, the link to the sheet stays; without a shell, the template's.
    pub(super) fn fill(
        &self,
        lang: &str,
        title: &str,
        style: Option<&str>,
        hints: &Markup,
        shell: Option<&Markup>,
    ) -> String {
        let of_template = || PreEscaped(self.text[self.shell.clone()].to_owned());
        let shell = shell.cloned().unwrap_or_else(of_template);
        let raw = |range: Range<usize>| PreEscaped(&self.text[range]);
        let (before, after) = match (&self.sheet, style) {
            (Some(sheet), Some(_)) => (self.title.end..sheet.start, sheet.end..self.head_end),
            _ => (self.title.end..self.head_end, self.head_end..self.head_end),
        };
        let html = html! {
            (raw(0..self.html.start))
            (PreEscaped("<html lang=\"")) (lang) (PreEscaped("\">"))
            (raw(self.html.end..self.title.start))
            (title)
            // What the file names, the module first of all, is more urgent than what is hinted at. The style is long, and both
            // can be on their way meanwhile.
            (raw(before)) (raw(after))
            (hints)
            // The file is for where a policy forbids the style (frontend/loader/start.js).
            @if let Some(style) = style { style data-file=[self.sheet()] { (PreEscaped(style)) } }
            (raw(self.head_end..self.shell.start))
            (shell)
            (raw(self.shell.end..self.text.len()))
        };
        html.into_string()
    }
}

/// The tags of links.
fn links(text: &str, within: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let next = move |link: &Range<usize>| tag(text, link.end, "<link").filter(|link| link.end <= within.end);
    std::iter::successors(next(&(within.start..within.start)), next)
}

/// Those of style sheets.
fn sheets(text: &str, within: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let marks = ["rel=stylesheet", "rel=\"stylesheet\""];
    links(text, within).filter(move |link| marks.iter().any(|mark| text[link.clone()].contains(mark)))
}

/// The address in a link's tag.
fn href(link: &str) -> Option<&str> {
    let (_, after) = link.split_once("href=")?;
    after.trim_start_matches('"').split(['"', ' ', '>']).next()
}

/// The only item there is.
fn the_only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
}

/// Where a tag stands that begins so.
fn tag(text: &str, from: usize, begins: &str) -> Option<Range<usize>> {
    let start = text[from..].find(begins)? + from;
    Some(start..text[start..].find('>')? + start + 1)
}

/// Where the first tag of an element with this attribute stands.
fn element(text: &str, from: usize, name: &str, value: &str) -> Option<Range<usize>> {
    let at = [format!("{name}={value}"), format!("{name}=\"{value}\"")]
        .iter()
        .filter_map(|mark| text[from..].find(&**mark))
        .min()?
        + from;
    let start = text[..at].rfind('<')?;
    tag(text, start, "<")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>购买</title><link rel=stylesheet></head>\
         <body><div id=app><main><div class=a></div></main></div><div class=fatal hidden id=fatal></div></body></html>";
    const WRITTEN: &str = "<!doctype html>\n<html lang=\"zh-CN\"><head><title>购买</title>\n</head><body>\n<div id=\"app\">\n\
         <main></main>\n</div>\n<div id=\"fatal\" hidden></div></body></html>";

    fn fill(text: &str, shell: Option<&Markup>) -> Option<String> {
        let hints = html! { link rel="preload"; };
        Some(Template::of(text)?.fill("en", "Buy & more", None, &hints, shell))
    }

    #[test]
    fn what_the_document_says_is_put_in() {
        let shell = html! { p { "shell" } };
        assert_eq!(
            fill(BUILT, Some(&shell)).unwrap(),
            "<!doctype html><html lang=\"en\"><meta charset=utf-8><title>Buy &amp; more</title><link rel=stylesheet>\
             <link rel=\"preload\"></head><body><div id=app><p>shell</p></div><div class=fatal hidden id=fatal></div></body></html>"
        );
        assert!(
            fill(BUILT, None).unwrap().contains("<div id=app><main><div class=a></div></main></div><div class=fatal")
        );
        let written = fill(WRITTEN, Some(&shell)).unwrap();
        assert!(written.contains("<div id=\"app\"><p>shell</p></div>\n<div id=\"fatal\""), "{written}");
    }

    #[test]
    fn the_only_style_sheet_is_put_in() {
        let hints = html! { link rel="preload"; };
        let check = |link: &str, name: Option<&str>, expect: &str| {
            let text = BUILT.replace("<link rel=stylesheet>", link);
            let template = Template::of(&text).unwrap();
            assert_eq!(template.sheet(), name, "{link}");
            let filled = template.fill("en", "t", name.map(|_| "a>b{}"), &hints, None);
            assert!(filled.contains(expect), "{filled}");
        };
        let put_in = "</title><link rel=\"preload\"><style data-file=\"style-1.css\">a>b{}</style></head>";
        check("<link rel=stylesheet href=style-1.css>", Some("style-1.css"), put_in);
        check("<link integrity=\"x\" rel=\"stylesheet\" href=\"./style-1.css\" />", Some("style-1.css"), put_in);
        let two = "<link rel=stylesheet href=a.css><link rel=stylesheet href=b.css>";
        check(two, None, &format!("</title>{two}<link rel=\"preload\"></head>"));
        check("<link rel=icon href=a.svg>", None, "</title><link rel=icon href=a.svg><link rel=\"preload\"></head>");
    }

    #[test]
    fn the_module_is_found_among_the_links() {
        let module = |link: &str| {
            Template::of(&BUILT.replace("<link rel=stylesheet>", link)).unwrap().module().map(str::to_owned)
        };
        let sheet = "<link rel=stylesheet href=style-1.css>";
        for link in [
            "<link as=fetch crossorigin href=./a_bg.wasm rel=preload type=application/wasm>",
            "<link rel=\"preload\" href=\"./a_bg.wasm\" as=\"fetch\" type=\"application/wasm\" />",
        ] {
            assert_eq!(module(&format!("{sheet}{link}")).as_deref(), Some("./a_bg.wasm"), "{link}");
        }
        assert_eq!(module(sheet), None);
    }

    #[test]
    fn the_help_is_taken_out_of_the_page() {
        let help = |text: &str| Template::of(text).unwrap().help().into_string();
        let slow = "<div class=slow><p lang=zh-CN>重新加载</p><p lang=en>Reload</p></div>";
        assert_eq!(help(&BUILT.replace("<main>", &format!("<main>{slow}"))), slow);
        let page = include_str!("../../../../index.html");
        let found = help(page);
        assert!(found.starts_with("<div class=\"slow\">") && found.ends_with("</div>"), "{found}");
        assert_eq!((found.matches("<p ").count(), found.matches("<div").count()), (2, 1), "{found}");
        assert_eq!(help(BUILT), "");
    }

    #[test]
    fn another_page_is_left_alone() {
        for text in ["", "<!doctype html><title>page</title>", "<html><title></title></head><div id=app></div>"] {
            assert!(fill(text, None).is_none(), "{text}");
        }
    }
}
