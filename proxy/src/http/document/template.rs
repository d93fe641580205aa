//! `index.html` as the build left it, cut where the document says things of its own: language, title, hints and shell. The
//! marks are elements, since the build drops comments and quotes.

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
    /// The end of the head, after the style sheet, which is more urgent than what is hinted at.
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
        let app = element(text, head_end, "id", "app")?;
        let after = element(text, app.end, "id", "fatal")?;
        let shell = app.end..text[app.end..after.start].rfind(END)? + app.end;
        // It has paragraphs only.
        let slow = element(text, app.end, "class", "slow").filter(|slow| slow.end <= shell.end);
        let help = slow.and_then(|slow| Some(slow.start..text[slow.end..shell.end].find(END)? + slow.end + END.len()));
        Some(Self { text, html, title, head_end, help: help.unwrap_or(app.end..app.end), shell })
    }

    /// The element that says what helps where the page does not open: a shell of its own has to say it too.
    pub(super) fn help(&self) -> Markup {
        PreEscaped(self.text[self.help.clone()].to_owned())
    }

    /// The document with what it says of its own. Without a shell, the template's stays.
    pub(super) fn fill(&self, lang: &str, title: &str, hints: &Markup, shell: Option<&Markup>) -> String {
        let of_template = || PreEscaped(self.text[self.shell.clone()].to_owned());
        let shell = shell.cloned().unwrap_or_else(of_template);
        let raw = |range: Range<usize>| PreEscaped(&self.text[range]);
        let html = html! {
            (raw(0..self.html.start))
            (PreEscaped("<html lang=\"")) (lang) (PreEscaped("\">"))
            (raw(self.html.end..self.title.start))
            (title)
            (raw(self.title.end..self.head_end))
            (hints)
            (raw(self.head_end..self.shell.start))
            (shell)
            (raw(self.shell.end..self.text.len()))
        };
        html.into_string()
    }
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
        Some(Template::of(text)?.fill("en", "Buy & more", &hints, shell))
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
