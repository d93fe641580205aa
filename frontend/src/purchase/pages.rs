//! Paged reads: vSwitches, all pages at once; images, page by page.

use shared::{
    Problem,
    actions::{DescribeImages, DescribeVSwitches, Image, Images, VSwitches},
    reads,
};

use crate::{api, reactive::load::Fetch};

/// Loads all pages of vSwitches, one after the other.
pub fn v_switches(target: String) -> Fetch<VSwitches> {
    Fetch::new(all_v_switches(target))
}

/// More pages than any network has. Without it, an upstream that tells no total and knows no pages would be asked for ever.
const MOST_PAGES: u32 = 20;

async fn all_v_switches(target: String) -> Result<VSwitches, Problem> {
    let mut all = VSwitches::default();
    for number in 1..=MOST_PAGES {
        let page: VSwitches = api::read(&api::fetch(&reads::v_switches_page(&target, number)).await?)?;
        let count = page.v_switches.len() + page.skipped as usize;
        let total = page.total_count;
        let is_same = !add(&mut all, page);
        let so_far = all.v_switches.len() + all.skipped as usize;
        // With a total, a page may be shorter than was asked for, and not the last.
        if is_same || count == 0 || is_last(total, so_far, count, DescribeVSwitches::LARGEST_PAGE) {
            break;
        }
    }
    Ok(all)
}

/// Adds what a page has of vSwitches that are not there yet: one that was made meanwhile moves others to the next page. False
/// where all are there, which is the same page again.
fn add(all: &mut VSwitches, mut page: VSwitches) -> bool {
    let had_rows = !page.v_switches.is_empty();
    page.v_switches.retain(|row| all.v_switches.iter().all(|there| there.v_switch_id != row.v_switch_id));
    if had_rows && page.v_switches.is_empty() {
        return false;
    }
    all.v_switches.extend(page.v_switches);
    all.skipped += page.skipped;
    true
}

/// Whether a page of `count` is the last one, with `so_far` of `total` there. Nothing is known of a total of zero beside
/// rows: then only a page that is not full is the last.
fn is_last(total: u32, so_far: usize, count: usize, largest: u32) -> bool {
    if total == 0 { count < largest as usize } else { so_far >= total as usize }
}

/// Loads a page of images. The paging of the upstream is not reliable, so duplicates are dropped.
pub fn images(target: String) -> Fetch<Images> {
    Fetch::reading(api::fetch(&target), |text| {
        let mut images: Images = api::read(text)?;
        // A page has at most a hundred, so a linear search is less code than a set.
        let mut seen = Vec::new();
        images.images.retain(|image| {
            let new = !seen.contains(&image.image_id);
            seen.push(image.image_id.clone());
            new
        });
        Ok(images)
    })
}

/// Images beyond the first page of a list.
#[derive(Clone, Default, PartialEq)]
pub struct MoreImages {
    /// The target of the first page.
    pub target: Option<String>,
    /// How many later pages there are.
    pages: usize,
    /// Their images.
    pub images: Vec<Image>,
    /// Images of later pages that the proxy could not read.
    pub skipped: u32,
    /// Whether the last page has been loaded.
    pub ended: bool,
}

/// Loads the next page, after a first page and the images of later ones.
pub async fn next_page(target: String, first: &Images, before: MoreImages) -> Result<MoreImages, Problem> {
    let MoreImages { pages, mut images, mut skipped, .. } = before;
    // By its number: an image that was made meanwhile moves others to the next page, where they are known already.
    let (pages, page) = (pages + 1, pages + 2);
    let next: Images = api::read(&api::fetch(&target.replace("&Page=1&", &format!("&Page={page}&"))).await?)?;
    let rows = count(&next);
    let known = |image: &Image, images: &[Image]| images.iter().any(|there| there.image_id == image.image_id);
    let added = next.images.into_iter().filter(|image| !known(image, &first.images) && !known(image, &images));
    let added: Vec<_> = added.collect();
    let is_empty = added.is_empty() && next.skipped == 0;
    images.extend(added);
    skipped += next.skipped;
    let so_far = count(first) + images.len() + skipped as usize;
    let ended = is_empty || is_last(first.total, so_far, rows, DescribeImages::LARGEST_PAGE);
    Ok(MoreImages { target: Some(target), pages, images, skipped, ended })
}

/// Whether the first page is the only one.
pub fn is_complete(images: &Images) -> bool {
    is_last(images.total, count(images), count(images), DescribeImages::LARGEST_PAGE)
}

/// The images of a page, those included that the proxy could not read.
fn count(images: &Images) -> usize {
    images.images.len() + images.skipped as usize
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_row_that_moved_to_the_next_page_does_not_end_the_list() {
        let page = |names: &[&str]| VSwitches {
            v_switches: names
                .iter()
                .map(|name| serde_json::json!({ "VSwitchId": name, "ZoneId": "z", "VpcId": "vpc-1" }))
                .map(|row| serde_json::from_value(row).unwrap())
                .collect(),
            ..VSwitches::default()
        };
        let mut all = VSwitches::default();
        let mut adds = |names: &[&str]| add(&mut all, page(names));
        assert!(adds(&["vsw-1", "vsw-2"]));
        assert!(adds(&["vsw-2", "vsw-3"]));
        assert!(!adds(&["vsw-2", "vsw-3"]));
        assert!(adds(&[]));
        let ids: Vec<_> = all.v_switches.iter().map(|row| row.v_switch_id.as_str()).collect();
        assert_eq!(ids, ["vsw-1", "vsw-2", "vsw-3"]);
    }

    #[wasm_bindgen_test]
    fn without_a_total_only_a_page_that_is_not_full_is_the_last() {
        let check =
            |total, so_far, count, expect| assert_eq!(is_last(total, so_far, count, 50), expect, "{total} {so_far}");
        check(0, 0, 0, true);
        check(0, 49, 49, true);
        check(0, 50, 50, false);
        check(0, 130, 30, true);
        check(120, 100, 50, false);
        check(120, 120, 20, true);
        check(1, 50, 50, true);
    }
}
