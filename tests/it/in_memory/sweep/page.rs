//! The report as a page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fake_lambda::sweep::{Mode, Modes, Persistence, Report};
use fake_lambda::{Fault, FunctionError, ServiceError, sweep};
use insta::assert_snapshot;
use regex::Regex;

use super::{careless, correct, two_functions};

/// The picture of the README.
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/docs/sweep.svg");

/// The same picture as a `data:` URL, because the documentation cannot refer to a file.
const ADDRESS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/docs/sweep.uri");

/// The environment variable that makes the test write the picture instead of comparing it.
const BLESS: &str = "FAKE_LAMBDA_BLESS";

/// A folder that does not exist yet, for the pages of one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn page_of(report: &Report, test: &str) -> String {
    let path = folder(test).join("reports/page.html");
    report.write_html(&path).unwrap();
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_matrix_has_a_link_with_its_verdict_for_each_cell() {
    let modes = Modes::from(Fault::Hang)
        .and(ServiceError::KmsDisabledException)
        .and(Modes::outages());
    let report = sweep(two_functions, careless).modes(modes).run();
    let page = page_of(&report, "matrix");
    let svg = &page[page.find("<svg").unwrap()..];
    let svg = &svg[..svg.find("</svg>").unwrap()];
    assert_snapshot!(svg, @r##"
    <svg xmlns="http://www.w3.org/2000/svg" width="676" height="122" viewBox="0 0 676 122" aria-label="Verdicts by mode and function">
    <text class="head" x="294" y="16">price</text>
    <text class="soft" x="294" y="36">once</text>
    <text class="soft" x="390" y="36">always</text>
    <text class="head" x="486" y="16">pay</text>
    <text class="soft" x="486" y="36">once</text>
    <text class="soft" x="582" y="36">always</text>
    <text x="0" y="64">Hang</text>
    <text x="0" y="88">KMSDisabledException</text>
    <text x="0" y="112">outage for 5s</text>
    <a id="from-0" href="#cell-0" class="problem" aria-label="price, Hang, once: unbounded"><rect class="unbounded" x="290" y="48" width="96" height="24"/><text x="338" y="64" text-anchor="middle">unbounded</text></a>
    <a id="from-1" href="#cell-1" class="problem" aria-label="price, Hang, always: unbounded"><rect class="unbounded" x="386" y="48" width="96" height="24"/><text x="434" y="64" text-anchor="middle">unbounded</text></a>
    <a id="from-2" href="#cell-2" aria-label="price, KMSDisabledException, once: recovers"><rect class="recovers" x="290" y="72" width="96" height="24"/><text x="338" y="88" text-anchor="middle">recovers</text></a>
    <a id="from-3" href="#cell-3" aria-label="price, KMSDisabledException, always: wastes"><rect class="wastes" x="386" y="72" width="96" height="24"/><text x="434" y="88" text-anchor="middle">wastes</text></a>
    <a id="from-4" href="#cell-4" class="problem" aria-label="pay, Hang, once: unbounded"><rect class="unbounded" x="482" y="48" width="96" height="24"/><text x="530" y="64" text-anchor="middle">unbounded</text></a>
    <a id="from-5" href="#cell-5" class="problem" aria-label="pay, Hang, always: unbounded"><rect class="unbounded" x="578" y="48" width="96" height="24"/><text x="626" y="64" text-anchor="middle">unbounded</text></a>
    <a id="from-6" href="#cell-6" aria-label="pay, KMSDisabledException, once: recovers"><rect class="recovers" x="482" y="72" width="96" height="24"/><text x="530" y="88" text-anchor="middle">recovers</text></a>
    <a id="from-7" href="#cell-7" aria-label="pay, KMSDisabledException, always: wastes"><rect class="wastes" x="578" y="72" width="96" height="24"/><text x="626" y="88" text-anchor="middle">wastes</text></a>
    <a id="from-8" href="#cell-8" aria-label="every function, outage, for 5s: fails"><rect class="fails" x="290" y="96" width="384" height="24"/><text x="482" y="112" text-anchor="middle">fails</text></a>
    "##);
}

#[test]
fn a_cell_shows_its_numbers_and_its_journal() {
    let report = sweep(two_functions, correct)
        .modes(Fault::ResetAfter(1))
        .persistence([Persistence::Once])
        .run();
    let page = page_of(&report, "cell");
    let section = &page[page.find("<section class=\"cell\" id=\"cell-1\"").unwrap()..];
    let section = &section[..section.find("</section>").unwrap()];
    assert_snapshot!(section, @r##"
    <section class="cell" id="cell-1" aria-label="pay, ResetAfter, once: repeats">
    <h2>pay, ResetAfter, once: repeats</h2>
    <nav>
    <a href="#cell-0">previous</a><a href="#from-1">close</a></nav>
    <dl>
    <div><dt>result</dt><dd>Ok(&quot;paid 42&quot;)</dd></div>
    <div><dt>nature of the mode</dt><dd>ambiguous</dd></div>
    <div><dt>attempts</dt><dd>2 (1 without a failure)</dd></div>
    <div><dt>executions</dt><dd>2 (1 without a failure)</dd></div>
    <div><dt>calls after the failure</dt><dd>0</dd></div>
    <div><dt>repeated executions</dt><dd>1 of pay</dd></div>
    <div><dt>elapsed</dt><dd>831ms on tokio's clock</dd></div>
    </dl>
    <pre>2 calls, 3 attempts, in 831.0 ms (on tokio's clock)
    1 |#                                       | price RequestResponse null
      0.0 ms + 0.0 ms: attempt 1/3, 4 bytes in, 13 out → 200 {&quot;amount&quot;:42}
    2 |#......................................#| pay RequestResponse {&quot;amount&quot;:42}
      0.0 ms + 0.0 ms: attempt 1/3, 13 bytes in, 13 out → reset after 1 byte of the body (ran, lost 200 {&quot;paid&quot;:true}) (chaos: window 1)
      waited 831.0 ms
      831.0 ms + 0.0 ms: attempt 2/3, 13 bytes in, 13 out → 200 {&quot;paid&quot;:true} (ran twice: attempt 1/3 had run it)</pre>
    "##);
}

#[test]
fn the_page_is_well_formed_and_needs_nothing_else() {
    // A name and a string that would be tags, entities or invalid characters.
    let hostile = Mode::new(
        "<b a='1'>&\"\u{1}\u{7}",
        FunctionError::new("</pre><script>", "&amp; ]]>\u{0}"),
    );
    let modes = Modes::documented().and(hostile);
    let report = sweep(two_functions, careless).modes(modes).run();
    let page = page_of(&report, "whole");
    well_formed(&page);
    assert!(page.contains("&lt;b a='1'&gt;&amp;&quot;\u{fffd}\u{fffd}"));

    // Each link leads to a part of the page, and each part has its own name.
    let ids = values(&page, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    let links = values(&page, "href");
    assert_eq!(links.len(), 4 * report.cells().len() - 2);
    for link in links {
        let target = link.strip_prefix('#').expect("a part of the page");
        assert!(unique.contains(target), "{link}");
    }
    for foreign in ["<script", "<link", "src=", "url(", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let namespace = "xmlns=\"http://www.w3.org/2000/svg\"";
    assert!(!page.replace(namespace, "").contains("http"));
    assert!(page.contains("prefers-color-scheme: dark"));
    // In a flex box, text next to an element loses its spaces.
    assert!(page.contains("<span>The code returns another <code>Ok</code>.</span>"));
    // The verdict is shown as text, not only as a color.
    for cell in report.cells() {
        let text = format!("{}</text></a>", cell.verdict());
        assert!(page.contains(&text), "{text}");
    }
}

#[test]
fn a_page_that_cannot_be_written_is_an_error() {
    let report = sweep(two_functions, correct).modes(Fault::Reset).run();
    let folder = folder("error");
    fs::create_dir_all(&folder).unwrap();
    report.write_html(&folder).unwrap_err();
}

/// The picture has a few modes of most kinds, and a client with mistakes.
#[test]
fn the_picture_of_the_readme_is_the_matrix_of_a_page() {
    let modes = Modes::from(ServiceError::TooManyRequestsException)
        .and(ServiceError::ServiceException)
        .and(ServiceError::KmsDisabledException)
        .and(Mode::new(
            "function error",
            FunctionError::new("Error", "boom"),
        ))
        .and(Fault::Reset)
        .and(Fault::Hang)
        .and(Fault::ResetAfter(1))
        .and(Fault::LengthTooShort(1))
        .and(Duration::from_secs(30))
        .and(Modes::throttles())
        .and(Modes::outages());
    let report = sweep(two_functions, careless).modes(modes).run();
    let picture = picture_of(&page_of(&report, "picture"));
    well_formed(&format!("<!DOCTYPE html>\n{picture}"));
    for (path, text) in [(PICTURE, picture.clone()), (ADDRESS, address_of(&picture))] {
        if std::env::var_os(BLESS).is_some() {
            fs::write(path, text).unwrap();
            continue;
        }
        let written = fs::read_to_string(path).unwrap_or_default();
        let help = "run `FAKE_LAMBDA_BLESS=1 cargo test --features in-memory --test it picture`";
        assert!(written == text, "`{path}` is outdated: {help}");
    }
}

/// The matrix of a page alone, with the colors of the page and without links.
fn picture_of(page: &str) -> String {
    let between = |start: &str, end: &str| {
        let from = &page[page.find(start).unwrap() + start.len()..];
        from[..from.find(end).unwrap()].to_owned()
    };
    let style = between("<style>\n", "</style>");
    let (colors, rules) = style.split_once("body {").unwrap();
    let is_of_matrix = |rule: &&str| {
        let starts = ["svg text", "svg .", "svg rect"];
        starts.iter().any(|start| rule.starts_with(start)) || rule.contains("{ fill: var(--")
    };
    let rules = rules.lines().filter(is_of_matrix);
    let rules: Vec<&str> = rules.collect();
    let matrix = between("<svg", "</svg>");
    let (tag, cells) = matrix.split_once('>').unwrap();
    let size = |name: &str| values(tag, name)[0].parse::<u32>().unwrap();
    let (width, height) = (size("width") + 16, size("height") + 12);
    let link = Regex::new(r#"<a id="[^"]*" href="[^"]*"( class="problem")? aria-label="[^"]*">"#);
    let cells = link.unwrap().replace_all(cells, "<g$1>");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"-8 -4 {width} {height}\">\n\
         <title>Verdicts by mode and function</title>\n<style>\n{colors}{}\n\
         .problem text {{ font-weight: 700; text-decoration: underline; }}\n</style>\n\
         <rect x=\"-8\" y=\"-4\" width=\"{width}\" height=\"{height}\" fill=\"var(--page)\"/>{}</svg>\n",
        rules.join("\n"),
        cells.replace("</a>", "</g>")
    )
}

/// The picture as a `data:` address.
fn address_of(picture: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:;=,/+".contains(&byte);
    let bytes = picture.bytes().map(|byte| match kept(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    format!("data:image/svg+xml,{}", bytes.collect::<String>())
}

/// The values of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    let parts = page.split(&start).skip(1);
    parts.map(|part| part.split('"').next().unwrap()).collect()
}

/// Panics if the page is not XML: a tag that is not closed, an attribute without quotes, a `<` or
/// `&` in text, or an invalid character.
#[track_caller]
fn well_formed(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let page = page.strip_prefix("<!DOCTYPE html>\n").expect("a type");
    let mut parts = page.split('<');
    assert_eq!(parts.next(), Some(""), "text before the first tag");
    for part in parts {
        let (tag, text) = part.split_once('>').expect("a tag has an end");
        assert!(!text.contains('>'), "a `>` in a text: {text}");
        for entity in text.split('&').chain(tag.split('&')).skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;"];
            let is_first = std::ptr::eq(entity, tag.split('&').next().unwrap());
            assert!(
                is_first || known.iter().any(|known| entity.starts_with(known)),
                "a `&` in a text: {entity}"
            );
        }
        let invalid = |c: char| c.is_control() && c != '\n' && c != '\t';
        assert!(!part.contains(invalid), "an invalid character: {part:?}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "an end without its start");
            continue;
        }
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        while !attributes.is_empty() {
            let (attribute, rest) = attributes.split_once("=\"").expect("a quoted value");
            assert!(!attribute.contains([' ', '"']), "an attribute: {attribute}");
            let (_, rest) = rest.split_once('"').expect("the end of a value");
            attributes = rest.strip_prefix(' ').unwrap_or(rest);
        }
        if !is_empty {
            open.push(name);
        }
    }
    assert_eq!(open, [""; 0], "tags that are not closed");
}
